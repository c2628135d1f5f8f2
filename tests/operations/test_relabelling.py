"""New labels for what is in the house: shown first, written then, and never opening what a list has closed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import DetectorUnavailable, NotScannable
from appliance.operations.relabelling import Relabelling
from appliance.privacy.labelling.labels import UNSCANNED, raised
from appliance.privacy.labelling.marking import Finder, Marking, marks_of
from appliance.records import Access, Document, Level, Page
from appliance.records.privacy import Finding
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.rules import marking

LISTED = Access("aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset(), ("nursing",))
TEXT = "Record 4471-X of the ward.\nCONFIDENTIAL"


class Names:
    """Finds one word as a patient's record; or fails as told."""

    version = "names 1"

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:
        assert language
        if self._fault is not None:
            raise self._fault
        return [[Finding(7, 13, "MRN", 0.9, "names")] if "4471-X" in text else [] for text in texts]


class Payloads:
    """What would be written onto passages in the index."""

    def __init__(self) -> None:
        self.written: dict[str, Access] = {}

    def change_access(self, document: str, access: Access, *, superseded: bool) -> None:
        assert not superseded
        self.written[document] = access


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}"))


def keep(registry: Registry, by: Marking, text: str = TEXT, *, labelled: bool = True) -> Document:
    """A document as ingest leaves it."""
    document = Document("d1", "nursing/a.md", "v1", "A note", "text/markdown", "en", 1, LISTED)
    labels = by.labels(document, LISTED, [text], [(0, 1, 0, len(text), text, "en")])
    stored = replace(document, access=raised(LISTED, marks_of(labels)))
    registry.register(stored, [Page(1, text)], labels if labelled else None)
    return stored


def work(registry: Registry, index: Payloads, finder: Finder | None) -> Relabelling:
    return Relabelling(registry, index, marking(finder), tenant="aldermoor")  # type: ignore[arg-type]  # the one call


def test_without_a_finder_everything_is_unscanned_and_afterwards_no_longer(registry: Registry) -> None:
    stored = keep(registry, marking())
    assert stored.access.labels == {UNSCANNED}
    index = Payloads()
    relabelling = work(registry, index, Names())
    (change,) = relabelling.changes()
    assert (change.differs, change.narrower, index.written) == (True, False, {})
    assert registry.document("d1") == stored  # shown, not written
    assert relabelling.apply(change)
    assert index.written["d1"].labels == {"patient"}
    now, kept = registry.document("d1"), registry.labels("d1")
    assert now is not None
    assert kept is not None
    assert now.access == index.written["d1"] == replace(LISTED, level=Level.CONFIDENTIAL, labels=frozenset({"patient"}))
    assert (kept.listed, kept.entities, kept.retention) == (LISTED, {"MRN": 1}, "medical")
    assert list(relabelling.changes(only_old=True)) == []
    assert not next(relabelling.changes()).differs


def test_a_document_from_before_is_only_raised(registry: Registry) -> None:
    keep(registry, marking(), labelled=False)
    (change,) = work(registry, Payloads(), Names()).changes()
    assert change.access.labels == {UNSCANNED, "patient"}


def test_a_list_that_is_another_one_now_opens_nothing(registry: Registry) -> None:
    """Guards the comparison in `relabelling._listed`."""
    stored = keep(registry, marking())
    labels = registry.labels("d1")
    narrowed = replace(stored.access, readers=frozenset({"hr"}), level=Level.RESTRICTED)
    registry.amend("d1", access=narrowed, labels=labels)
    (change,) = work(registry, Payloads(), Names()).changes()
    assert change.access == replace(narrowed, labels=narrowed.labels | {"patient"})


def test_a_changed_list_forgets_what_was_said_beside_the_old_one(registry: Registry) -> None:
    """Guards `_label(session, document_id, labels)` in `Registry.amend`."""
    stored = keep(registry, marking())
    registry.amend("d1", access=replace(stored.access, readers=frozenset({"hr"})))
    assert registry.labels("d1") is None


def test_a_document_that_changed_meanwhile_is_left(registry: Registry) -> None:
    """Guards `now != document` in `Relabelling.apply`."""
    stored = keep(registry, marking())
    index = Payloads()
    relabelling = work(registry, index, Names())
    (change,) = relabelling.changes()
    registry.amend("d1", access=replace(stored.access, level=Level.RESTRICTED))
    assert not relabelling.apply(change)
    assert index.written == {}


def test_what_cannot_be_looked_through_is_unscanned_and_a_dead_detector_is_an_error(registry: Registry) -> None:
    """Guards `looked` in `Marking.labels`."""
    assert UNSCANNED in keep(registry, marking(Names(NotScannable("a line too long")))).access.labels
    with pytest.raises(DetectorUnavailable):
        keep(registry, marking(Names(DetectorUnavailable("late"))))
    quarantined = {"document": "d1", "tenant": "aldermoor", "uri": "nursing/a.md", "version": "v1", "reason": "x"}
    registry.quarantine(**quarantined)
    assert registry.labels("d1") is None
