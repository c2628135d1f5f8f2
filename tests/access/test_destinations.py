"""Where questions may go outside, and what that may cost: what a file says, and every file that says too little."""

from decimal import Decimal

import pytest

from appliance.access.destinations import FILE, Destinations
from appliance.access.policy_set import PolicySet
from appliance.access.ruleset import compiled
from appliance.errors import PolicyRefused
from appliance.records.escalations import Budgets
from tests.rules import ruleset

BUDGET = '[budget]\ncurrency = "EUR"\nperson = 1.5\ndepartment = 5\nhouse = 10\n'
ONE = """
[[destination]]
name = "large"
url = "https://models.example.org:8443/v1/chat/completions"
model = "large-1"
region = "EU"
contract = "DPA-1"
ways = "external"
classes = ["public", "internal"]
retention_days = 0
price_in = 3.00
price_out = 15.00
approval = "always"
"""


def test_what_stands_there_is_what_counts() -> None:
    told = Destinations.parsed(ONE + BUDGET)
    assert told.budgets == Budgets(1_500_000, 5_000_000, 10_000_000)
    (one,) = told.named.values()
    assert (one.name, one.price_in, one.always_approved) == ("large", Decimal("3.00"), True)
    assert one.price(1_000, 100) == 4_500
    assert one.price(1, 0) == 3


def test_money_that_is_left_is_the_scantiest() -> None:
    """Guards each of the three in `Budgets.left`."""
    full = Budgets(10, 20, 30)
    assert [full.left(spent) for spent in (Budgets(), Budgets(9), Budgets(0, 18), Budgets(0, 0, 29))] == [10, 1, 2, 1]
    assert Budgets().left(Budgets(1, 1, 1)) < 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://", "http://"),
        ("https://", "https://user@"),
        ("models.example.org", "MODELS.example.org"),
        ("/v1/chat/completions", ""),
        ("completions", "completions?key=1"),
        ('classes = ["public", "internal"]', "classes = []"),
        ('"public", "internal"', '"confidential"'),
        ('approval = "always"', ""),
        ('approval = "always"', 'approval = "never"'),
        ("price_in = 3.00", "price_in = -3.00"),
        ("retention_days = 0", 'retention_days = "0"'),
        ('contract = "DPA-1"', ""),
        ("[[destination]]", 'more = "x"\n[[destination]]'),
        ("person = 1.5", "person = -1"),
        ("person = 1.5", "person = 0.0000001"),
        ("person = 1.5", ""),
        ('currency = "EUR"', ""),
        (BUDGET, ""),
        (BUDGET, ONE + BUDGET),
        ('name = "large"', 'name = "large"\npins = ["x"]'),
        ("[budget]", "[budget"),
    ],
)
def test_a_file_that_says_too_little_too_much_or_nonsense_is_refused_whole(old: str, new: str) -> None:
    """Guards the bounds of `_File`, `_URL.fullmatch`, and that no name stands twice."""
    text = ONE + BUDGET
    assert old in text
    with pytest.raises(PolicyRefused, match=r"destinations\.toml") as refused:
        Destinations.parsed(text.replace(old, new))
    assert refused.value.faults


def test_a_set_without_the_file_leads_nowhere_and_a_broken_one_is_never_activated() -> None:
    """Guards `else Destinations()` in `compiled`: empty means no."""
    files = dict(ruleset().source.files)
    shipped = compiled(PolicySet(files)).destinations
    assert (dict(shipped.named), shipped.budgets) == ({}, Budgets())
    del files[FILE]
    none = compiled(PolicySet(files)).destinations
    assert (dict(none.named), none.budgets) == ({}, Budgets())
    with pytest.raises(PolicyRefused):
        compiled(PolicySet(files | {FILE: b"[[destination]]"}))
