"""The language of a text, and who may read under two lists."""

from dataclasses import replace

from appliance.records import Access, Level
from ingest.labelling import language, of_both

PUBLIC = Access("aldermoor", Level.PUBLIC, frozenset({"staff"}), "nursing", frozenset({"x"}), ())


def test_language_and_its_default() -> None:
    assert language("Der Antrag wird mit dem Formular gestellt.") == "de"
    assert language("The form is handed in at the desk.") == "en"
    assert language("Heparin 5,000 IU", "de") == "de"
    assert language("") == "en"


def test_of_both_is_never_wider_than_either() -> None:
    """Delete the `&` or the `max` of `labelling.of_both` and this fails."""
    new = replace(PUBLIC, readers=frozenset({"staff", "icu"}), level=Level.CONFIDENTIAL, labels=frozenset({"y"}))
    both = replace(PUBLIC, level=Level.CONFIDENTIAL, labels=frozenset({"x", "y"}))
    assert of_both(PUBLIC, new) == of_both(new, PUBLIC) == both
    assert of_both(PUBLIC, replace(PUBLIC, readers=frozenset({"hr"}))) is None
    for name in ("department", "wall", "patient", "purpose"):  # between two walls nobody stands
        assert of_both(PUBLIC, replace(PUBLIC, **{name: "hr"})) is None
    held = of_both(replace(PUBLIC, owner="a", hold=True), replace(PUBLIC, owner="b"))
    assert held is not None
    assert (held.owner, held.hold) == ("", True)
