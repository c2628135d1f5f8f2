"""What officers look at as HTML: what was put is marked, what would turn a decision is said, hostile text is text."""

from datetime import UTC

import pytest

from ui.office import markup
from ui.office.client import Decided, Entry, Explanation, Matter, Place, Rule, Sighting
from ui.office.comparing import difference
from ui.office.playground import marked
from ui.office.results import _target
from ui.office.sets import Figure, Replacement
from ui.office.turning import turned
from ui.shell import notices

HOSTILE = "<img src=x onerror=alert(1)> **b** \u202e`x`"


def put(word: str, at: int) -> Replacement:
    return Replacement(entity="PERSON", start=0, end=1, way="token", put=word, at=at, source="rule")


def figure(unit: str, target: float | None, frozen: float | None = None) -> Figure:
    return Figure(name="Wholly right", meaning="", unit=unit, target=target, frozen_target=frozen)


def test_what_would_turn_a_decision_is_of_a_known_form_or_stands_as_it_came() -> None:
    assert "he belonged to the group <bdi" in turned("he belonged to the group icu")
    assert ">restricted<" in turned("he were cleared for restricted")
    assert ">something new<" in turned("something new")


def test_what_was_put_is_marked_and_nothing_is_lost() -> None:
    made = marked("Person_A asks Person_B.", [put("Person_A", 0), put("Person_B", 14)])
    assert made.count('<span class="mun-put">') == 2
    assert [made.index(word) for word in ("Person_A", " asks ", "Person_B", ".")] == sorted(
        made.index(word) for word in ("Person_A", " asks ", "Person_B", ".")
    )


def test_a_difference_says_by_signs_what_is_new_and_what_is_gone() -> None:
    made = difference(["--- a", "+++ b", " same", "-gone", "+new"])
    assert made.count("<ins>") == made.count("<del>") == 1
    assert ">-gone<" in made
    assert ">+new<" in made
    assert "--- a" not in made


@pytest.mark.parametrize(
    ("one", "value", "frozen", "told"),
    [
        (figure("share", 0.9), 0.95, False, "✓ 90.0 %"),
        (figure("share", 0.9), 0.89, False, "✗ 90.0 %"),
        (figure("share", 0.9, 0.8), 0.85, True, "✓ 80.0 %"),
        (figure("share", 0.9, 0.8), 0.85, False, "✗ 90.0 %"),
        (figure("count", 0.0), 0.0, False, "✓ 0"),
        (figure("count", 0.0), 1.0, False, "✗ 0"),
        (figure("seconds", None), 1.0, False, ""),
        (figure("share", 0.9), None, False, ""),
    ],
    ids=["reached", "missed", "frozen", "not frozen", "none", "one too many", "no target", "no value"],
)
def test_a_target_is_reached_from_its_own_side(one: Figure, value: float | None, frozen: bool, told: str) -> None:
    assert _target(one, value, frozen=frozen) == told


RULE = Rule(rule=HOSTILE, reason=HOSTILE)
MATTER = Matter(
    id="d1", uri=HOSTILE, level=HOSTILE, readers=[HOSTILE], labels=[HOSTILE], department=HOSTILE, owner=HOSTILE,
    wall=HOSTILE, purpose=HOSTILE, hold=True,
)  # fmt: skip
ENTRY = Entry(
    number=1, at=HOSTILE, event=HOSTILE, about=HOSTILE, client=HOSTILE, policy=HOSTILE, model=HOSTILE, reason=HOSTILE,
    passages=1, released=1, withheld=1,
)  # fmt: skip
SIGHTING = Sighting(
    number=1, at=HOSTILE, event=HOSTILE, reason=HOSTILE, documents=[HOSTILE], unknown=1, client=HOSTILE, policy=HOSTILE
)
EXPLANATION = Explanation(allowed=False, rules=[RULE], errors=[HOSTILE], changes=[[HOSTILE], [HOSTILE]])
MADE = {
    "matter": markup.matter(MATTER),
    "matters": markup.matters([MATTER]),
    "readers": markup.readers([Decided(person=HOSTILE, name=HOSTILE, allowed=True, rules=[RULE])]),
    "explanation": markup.explanation(EXPLANATION),
    "entries": markup.entries([ENTRY], UTC),
    "sightings": markup.sightings([SIGHTING], UTC),
    "places": markup.places([Place(folder=HOSTILE, level=HOSTILE, documents=1)]),
    "difference": difference([f"+{HOSTILE}", f"-{HOSTILE}", HOSTILE]),
    "marked": marked(HOSTILE, [put(HOSTILE[:4], 0)]),
    "turned": turned(f"he belonged to the group {HOSTILE}"),
    "note": notices.note(HOSTILE, HOSTILE),
    "problem": notices.problem(HOSTILE, HOSTILE, HOSTILE),
}


@pytest.mark.parametrize("name", MADE)
def test_hostile_text_is_text_everywhere(name: str) -> None:
    """Fails if `said` is deleted from any of them."""
    assert "<img" not in MADE[name]
    assert "&lt;img" in MADE[name]
    assert "\u202e" not in MADE[name]


def test_what_is_to_be_typed_stands_as_code_in_notes_and_problems_alike() -> None:
    for made in (notices.note("Run `muniment eval`", "or `x`"), notices.problem("Run `muniment eval`", "or `x`", "")):
        assert "<code>muniment eval</code>" in made
        assert "<code>x</code>" in made
