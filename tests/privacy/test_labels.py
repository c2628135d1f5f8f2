"""Labels only add; the rules are read strictly; and the shipped table notices every rule that is missing."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.policy_set import PolicySet, read
from appliance.errors import PolicyRefused
from appliance.privacy.labelling import label_tables
from appliance.privacy.labelling.injection import suspicion
from appliance.privacy.labelling.label_tables import TABLE, Row, examine, faults
from appliance.privacy.labelling.labels import FILE, LabelRules, Marks, Said, raised
from appliance.records import Access, Level
from appliance.settings import ROOT

SHIPPED = read(ROOT / "policies")
RULES = LabelRules.of(SHIPPED)
ROWS = label_tables.rows(SHIPPED.text(TABLE))
BLOCKS = SHIPPED.text(FILE).split("[[rule]]")
LISTED = Access("aldermoor", Level.CONFIDENTIAL, frozenset({"icu"}), "nursing", frozenset({"patient", "x"}), ("a",))
ONE = """
[labels]
a = "an example"
[retention]
short = 1
long = 9
"""


@pytest.mark.parametrize("row", ROWS, ids=[row.case for row in ROWS])
def test_every_row_of_the_shipped_table_comes_out_as_it_should(row: Row) -> None:
    assert row.fault(RULES) == ""


@pytest.mark.parametrize("number", range(1, len(BLOCKS)))
def test_a_rule_that_is_missing_is_noticed(number: int) -> None:
    """Guards every shipped rule: without it a row comes out otherwise."""
    text = "[[rule]]".join(BLOCKS[:number] + BLOCKS[number + 1 :])
    assert faults(PolicySet({**SHIPPED.files, FILE: text.encode()}))


def test_a_set_whose_labels_say_something_else_is_refused() -> None:
    """Guards `if wrong := faults(found)` in `label_tables.examine`."""
    changed = SHIPPED.text(FILE).replace('"streng vertraulich",', "")
    with pytest.raises(PolicyRefused, match="rows of the labels' table") as refused:
        examine(PolicySet({**SHIPPED.files, FILE: changed.encode()}))
    assert refused.value.faults == ("labels, the same in German: public, no label, no retention",)
    for missing in (FILE, TABLE):
        with pytest.raises(PolicyRefused, match="has no"):
            examine(PolicySet({path: content for path, content in SHIPPED.files.items() if path != missing}))


def test_marks_never_take_away() -> None:
    """Delete the `max` or the `access.labels |` in `labels.raised` and this fails."""
    assert raised(LISTED, Marks()) == LISTED
    assert raised(LISTED, Marks(Level.INTERNAL, frozenset({"deal"}))) == replace(
        LISTED, labels=LISTED.labels | {"deal"}
    )
    assert raised(LISTED, Marks(Level.RESTRICTED)).level is Level.RESTRICTED


PIECES = st.sampled_from(
    [row.text for row in ROWS] + ["PUBLIC", "not confidential", "declassified", "no label: patient", "level: public"]
)


@given(st.lists(PIECES | st.text(max_size=80), max_size=6), st.sampled_from(list(Level)), st.sampled_from(ROWS))
def test_whatever_a_text_says_nothing_is_lowered_and_more_text_adds(pieces: list[str], level: Level, row: Row) -> None:
    listed = replace(LISTED, level=level)
    page = "\n".join(pieces)
    marks = RULES.marks(Said([page], suspicion=suspicion(page).score))
    access = raised(listed, marks)
    assert access.level >= level
    assert access.labels >= listed.labels
    assert replace(access, level=level, labels=listed.labels) == listed
    both = RULES.marks(Said([row.text, page], row.uri, row.title, row.entities, suspicion(row.text).score))
    assert both.level >= row.level
    assert both.labels >= row.labels


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[[rule", "not valid TOML"),
        ("x = " + "[" * 5_000 + "]" * 5_000, "not"),
        (ONE, "rule"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nlabels = ["a"]', "rule.0"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]', "rule.0"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = []\nlabels = ["a"]', "rule.0.words"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["x"]\nlabels = ["a"]', "rule.0.words"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]\nlabels = ["b"]', "what is not listed"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]\nretention = "never"', "what is not listed"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]\nlevel = "secret"', "rule.0.level"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]\nlower = "public"', "rule.0.lower"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nsuspicion = 2.0\nlabels = ["a"]', "rule.0.suspicion"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nentities = {PERSON = 0}\nlabels = ["a"]', "rule.0.entities"),
        (ONE + '[[rule]]\nid = "r"\nreason = "because"\nwords = ["xy"]\nlabels = ["a"]\n' * 2, "two rules have one id"),
    ],
    ids=range(14),
)
def test_rules_that_are_not_understood_are_refused(text: str, where: str) -> None:
    with pytest.raises(PolicyRefused, match=where):
        LabelRules.parsed(text)


def test_every_condition_of_a_rule_must_hold_and_the_longest_retention_counts() -> None:
    rules = LabelRules.parsed(
        ONE
        + """
        [[rule]]
        id = "both"
        reason = "because"
        folder = ["Drawer"]
        name = [".eml"]
        language = ["de"]
        suspicion = 0.4
        labels = ["a"]
        retention = "short"
        [[rule]]
        id = "other"
        reason = "because"
        words = ["New York"]
        retention = "long"
        """
    )
    whole = Said(["in New\nYork"], "x/drawer/a.EML", suspicion=0.4, language="de")
    assert rules.marks(whole) == Marks(Level.PUBLIC, frozenset({"a"}), "long", ("both", "other"))
    for less in (
        replace(whole, uri="x/drawers/a.eml"),
        replace(whole, uri="x/drawer/eml"),
        replace(whole, language="en"),
        replace(whole, suspicion=0.39),
    ):
        assert rules.marks(less) == Marks(Level.PUBLIC, frozenset(), "long", ("other",))
    assert rules.labels == {"a"}


def test_rules_take_time_in_proportion_to_the_text() -> None:
    """A hostile page of 50 kB is over in the time that a benign one takes, many times over."""
    chance = random.Random(4)  # noqa: S311  # the same page each time
    for page in (
        "patient " * 6_000,
        "\n" * 50_000,
        "-" * 50_000,
        "confidential" + " " * 50_000,
        ":" * 50_000,
        "\t" * 200_000,
        "a " * 100_000,
        "\n>" * 100_000,
    ):
        assert RULES.marks(Said([page])).level in Level
    assert RULES.marks(Said(["".join(chance.choices("pati ent:\n", k=50_000))])) is not None


@pytest.mark.parametrize(
    "text",
    [
        "CONFI\u200bDENTIAL\n\nPay.",
        "\uff23ONFIDENTIAL\n\nPay.",
        "Private\u2009and\u00a0confidential\n\nPay.",
        '"Confidential"\n\nPay.',
        "»Confidential«\n\nPay.",
        "HR/Confidential/2026\n\nPay.",
        "<<CONFIDENTIAL>>\n\nPay.",
        "C O N F I D E N T I A L\n\nPay.",
        "P R I V A T E   A N D   C O N F I D E N T I A L\n\nPay.",
    ],
    ids=range(9),
)
def test_what_is_read_as_a_mark_is_one(text: str) -> None:
    """Guards each step of `labels._as_read`, and the signs around a mark in `labels._standing`."""
    assert RULES.marks(Said([text])).level is Level.CONFIDENTIAL


@pytest.mark.parametrize("before", ["> ", "\u2022 ", "__", "--- ", "[ ] "])
def test_whatever_signs_stand_before_a_field_it_is_one(before: str) -> None:
    """Guards the run before a field in `labels._opening`."""
    fields = ("Patient: A", "Ward: 4", "Diagnosis: pneumonia", "Allergies: none")
    assert RULES.marks(Said(["\n".join(before + one for one in fields)])).labels == {"patient"}
