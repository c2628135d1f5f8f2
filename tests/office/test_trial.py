"""A policy set that nobody signed is tried in a process of its own, which it may end, and which ends in time."""

from appliance.access.policy_set import PolicySet
from appliance.office.trial import Trial
from tests.office.test_sets import NEXT, SHIPPED, zipped

PROGRAM = ("-m", "appliance.office.trying")
SPINNING = """
from appliance.office import trying

def spin(content):
    while True:
        pass

trying.tried = spin
trying.main()
"""


def test_a_sound_set_and_one_that_contradicts_its_table() -> None:
    sound = Trial(PROGRAM).tried(zipped(SHIPPED))
    assert (sound.compiles, sound.faults) == (True, ())
    assert sound.rows > 100
    contradicting = Trial(PROGRAM).tried(zipped(NEXT))
    assert contradicting.compiles
    assert "row 8, lead read standard: denied, no-salaries" in contradicting.faults
    broken = PolicySet({**SHIPPED.files, "strict.cedar": b"permit (principal, action, resource);"})
    assert not Trial(PROGRAM).tried(zipped(broken)).compiles


def test_a_set_that_takes_too_long_is_given_up() -> None:
    """Guards `bound(int(sys.argv[1]), int(sys.argv[2]))`: the process ends by itself after so many seconds of work."""
    found = Trial(("-c", SPINNING), seconds=1).tried(zipped(SHIPPED))
    assert (found.compiles, found.rows) == (False, 0)
    assert found.faults == ("It took more than 1 seconds of computing to be examined, and was given up.",)


def test_a_set_that_ends_its_process_ends_nothing_else() -> None:
    """Guards `except ValidationError`: what dies, or says half of it, is a fault and never a sound set."""
    for program in ("import os; os.abort()", "print('{\"compiles\":true')", "pass"):
        found = Trial(("-c", program)).tried(b"")
        assert not found.compiles
        assert found.faults == ("It ended the process in which it was tried, and was given up.",)
