"""The language of a text, who may read under two lists, and what a stored text says once more."""

from dataclasses import replace
from pathlib import Path

from appliance.records import Access, Document, Level, Page
from appliance.store.database import open_database
from appliance.store.registry import Registry
from ingest import entries
from ingest.labelling import language, of_both
from tests.rules import marking

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


def test_a_title_speaks_again(tmp_path: Path) -> None:
    """Guards `registry.document` in `entries.labels`: the title's labels were lost when the kept ones were."""
    registry = Registry(open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}"))
    title = "Term sheet of the works"
    registry.register(
        Document("d1", "a.txt", "v1", title, "text/plain", "en", 1, PUBLIC), [Page(1, "The bell is checked.")]
    )
    record = registry.record("d1")
    assert record is not None
    made = entries.labels(record, PUBLIC, registry, marking())
    assert "deal" in made.labels
    assert made.made_by == marking().version
    registry.quarantine(document="d1", tenant="aldermoor", uri="a.txt", version="v1", reason="x")
    assert entries.labels(record, PUBLIC, registry, marking()).made_by == "", "made anew by the next relabelling"
