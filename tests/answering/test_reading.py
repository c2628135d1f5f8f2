from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.access.scope import Scope
from appliance.answering.in_vain import InVain
from appliance.answering.reading import PageReader
from appliance.errors import LedgerUnavailable, NotAllowed, NotFound, RegistryUnavailable
from appliance.records import Access, Box, Document, Entry, Event, Level, Page, Passage, Principal
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.access.emergency_house import DOCTOR, LEAFLET, RECORD, House
from tests.contracts.journals import ListJournal
from tests.rules import rules

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"nursing"}), "nursing", frozenset(), ("nursing",))
DOCUMENT = Document("d", "nursing/t.pdf", "v1", "Giving blood", "application/pdf", "en", 2, ACCESS)
BOXES = (Box(1, 0, 0, 1, 1), Box(2, 0, 0, 1, 1))
PASSAGE = Passage("p", "d", "v1", 0, "old", "old", "Limits", "four", 2, 3, 7, BOXES, "en", ACCESS)
NURSE = Principal("n", "N", "aldermoor", frozenset({"nursing"}), Level.INTERNAL, "test")


class OnePassage:
    """An index that lags behind: it still holds one passage with the attributes it was written with."""

    def __init__(self, held: Passage = PASSAGE) -> None:
        self.held = held

    def passage(self, passage_id: str, scope: Scope) -> Passage:
        if passage_id != self.held.id or not scope.admits(self.held.access):
            raise NotFound
        return self.held


@pytest.fixture
def registry(database: str) -> Registry:
    return Registry(open_database(database))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def journal() -> ListJournal:
    return ListJournal()


@pytest.fixture
def reader(registry: Registry, archive: Archive, journal: ListJournal) -> PageReader:
    pages = [Page(1, "first"), Page(2, "in four hours", archive.put(b"picture"))]
    registry.register(DOCUMENT, pages)
    return PageReader(passages=OnePassage(), documents=registry, originals=archive, journal=journal, rules=rules())


def test_a_page_with_its_passage(reader: PageReader) -> None:
    cited = reader.page(NURSE, "p")
    assert (cited.title, cited.uri, cited.page, cited.pages) == ("Giving blood", "nursing/t.pdf", 2, 2)
    assert cited.text[cited.start : cited.end] == "four"
    assert cited.boxes == (BOXES[1],)
    assert reader.picture(NURSE, "p") == b"picture"


def test_what_is_opened_is_recorded_before_it_is_shown(reader: PageReader, journal: ListJournal) -> None:
    """Guards both `self._record` in `PageReader`."""
    reader.page(NURSE, "p")
    reader.picture(NURSE, "p")
    assert [(one.event, one.subject, one.documents, one.shown) for one in journal.entries] == [
        (Event.PAGE_OPENED, "n", ("d",), ("p",)),
        (Event.PICTURE_OPENED, "n", ("d",), ("p",)),
    ]
    journal.fails_at = 1
    for open_ in (reader.page, reader.picture):
        with pytest.raises(LedgerUnavailable):
            open_(NURSE, "p")


Change = Callable[[Registry], object]
GONE: dict[str, Change] = {
    "another group may read it now": lambda r: r.amend("d", access=replace(ACCESS, readers=frozenset({"hr"}))),
    "its level was raised": lambda r: r.amend("d", access=replace(ACCESS, level=Level.RESTRICTED)),
    "it was forgotten": lambda r: r.forget("d"),
    "it was quarantined": lambda r: r.quarantine(document="d", tenant="aldermoor", uri="u", version="v1", reason="x"),
    "it has another version": lambda r: r.register(replace(DOCUMENT, version="v2"), [Page(1, "a"), Page(2, "b")]),
    "the page is gone": lambda r: r.register(DOCUMENT, [Page(1, "a")]),
}


@pytest.mark.parametrize("change", GONE)
def test_what_was_cited_once_is_decided_again(reader: PageReader, registry: Registry, change: str) -> None:
    """Fails if `rules.may`, the comparison of versions or the test for the page is deleted from `PageReader.page`."""
    reader.page(NURSE, "p")
    GONE[change](registry)
    with pytest.raises(NotFound):
        reader.page(NURSE, "p")
    with pytest.raises(NotFound):
        reader.picture(NURSE, "p")


@pytest.mark.parametrize("change", [{"clearance": Level.PUBLIC}, {"tenant": "bank"}, {"groups": frozenset({"hr"})}])
def test_forbidden_is_missing(reader: PageReader, change: dict[str, object]) -> None:
    with pytest.raises(NotFound) as forbidden:
        reader.page(replace(NURSE, **change), "p")
    with pytest.raises(NotFound) as missing:
        reader.page(NURSE, "q")
    assert str(forbidden.value) == str(missing.value)


def test_nobody_without_groups_reads(reader: PageReader) -> None:
    with pytest.raises(NotAllowed):
        reader.page(replace(NURSE, groups=frozenset()), "p")


def test_a_page_without_a_picture_has_none(reader: PageReader, registry: Registry) -> None:
    registry.register(DOCUMENT, [Page(2, "in four hours")])
    with pytest.raises(NotFound):
        reader.picture(NURSE, "p")


def test_a_lost_picture_is_an_error_and_not_an_absence(
    reader: PageReader, registry: Registry, archive: Archive
) -> None:
    archive.remove(reader.page(NURSE, "p").picture)
    with pytest.raises(RegistryUnavailable):
        reader.picture(NURSE, "p")


def test_openings_in_vain_are_on_record_the_hidden_ones_like_the_missing_ones(
    reader: PageReader, journal: ListJournal
) -> None:
    """Guards `self._in_vain.record` in `PageReader`."""
    stranger = replace(NURSE, groups=frozenset({"hr"}))
    for open_ in (reader.page, reader.picture):
        for passage in ("p", "never-written"):
            with pytest.raises(NotFound):
                open_(stranger, passage)
    assert [(one.event, one.subject, one.withheld) for one in journal.entries] == [(Event.PAGE_REFUSED, "n", 1)] * 4
    assert not [one for one in journal.entries if one.documents or one.shown or one.about]


def test_openings_in_vain_do_not_fill_the_ledger(journal: ListJournal) -> None:
    """Guards the doubling in `InVain`: a thousand in a minute are a dozen entries, and every one of them is counted."""
    watch = [0.0]
    in_vain = InVain(journal, clock=lambda: watch[0])
    for _ in range(1000):
        in_vain.record(NURSE)
    in_vain.record(replace(NURSE, id="another"))
    assert len(journal.entries) == 5 + 7 + 1  # 1 to 5, then 8, 16 … 512
    watch[0] = 60.0
    in_vain.record(NURSE)
    assert sum(one.withheld for one in journal.entries if one.subject == "n") == 1001


def test_pages_are_turned_within_the_document_and_only_the_passage_s_own_has_its_mark(
    reader: PageReader, journal: ListJournal
) -> None:
    other = reader.page(NURSE, "p", number=1)
    assert (other.page, other.pages, other.text, other.start, other.end) == (1, 2, "first", 0, 0)
    assert other.boxes == (BOXES[0],)
    assert reader.page(NURSE, "p", number=2) == reader.page(NURSE, "p")
    assert [one.event for one in journal.entries] == [Event.PAGE_OPENED] * 3
    with pytest.raises(NotFound):
        reader.page(NURSE, "p", number=3)
    assert journal.entries[-1].event is Event.PAGE_REFUSED


@pytest.mark.parametrize("change", GONE)
def test_a_turned_page_is_decided_like_the_first(reader: PageReader, registry: Registry, change: str) -> None:
    """Guards that `_found` decides about the document whichever page is asked for."""
    GONE[change](registry)
    with pytest.raises(NotFound):
        reader.page(NURSE, "p", number=2)


@pytest.fixture
def original(registry: Registry, archive: Archive) -> str:
    registry.register(replace(DOCUMENT, version=archive.put(b"%PDF- of old")), [Page(1, "a"), Page(2, "b")])
    return "d"


def test_the_original_is_taken_away_on_record(reader: PageReader, journal: ListJournal, original: str) -> None:
    """Guards `self._journal.append` in `PageReader.original`."""
    found = reader.original(NURSE, original)
    assert (found.name, found.content) == ("t.pdf", b"%PDF- of old")
    assert [(one.event, one.documents) for one in journal.entries] == [(Event.DOCUMENT_OPENED, ("d",))]
    journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        reader.original(NURSE, original)


@pytest.mark.parametrize("change", sorted(set(GONE) - {"it has another version", "the page is gone"}))
def test_an_original_that_may_not_be_read_is_missing(
    reader: PageReader, registry: Registry, journal: ListJournal, original: str, change: str
) -> None:
    """Guards `self._taken_away.may` in `_takes_away`."""
    GONE[change](registry)
    for name in (original, "nothing"):
        with pytest.raises(NotFound):
            reader.original(NURSE, name)
    assert [one.event for one in journal.entries] == [Event.PAGE_REFUSED] * 2


class ChangesWhileRecording(ListJournal):
    """Between the entry and the bytes something happens."""

    def __init__(self, change: Callable[[], object]) -> None:
        super().__init__()
        self.change = change

    def append(self, entry: Entry) -> None:
        super().append(entry)
        self.change()


@pytest.mark.parametrize("change", ["another group may read it now", "it has another version", "it was forgotten"])
def test_a_right_that_goes_while_an_original_is_recorded(
    registry: Registry, archive: Archive, original: str, change: str
) -> None:
    """Guards the second `self._takes_away` in `PageReader.original`."""
    journal = ChangesWhileRecording(lambda: GONE[change](registry))
    slow = PageReader(passages=OnePassage(), documents=registry, originals=archive, journal=journal, rules=rules())
    with pytest.raises(NotFound):
        slow.original(NURSE, original)


def test_what_only_an_emergency_opens_is_shown_and_not_to_be_taken_away(archive: Archive, database: str) -> None:
    """Guards `self._taken_away` in `PageReader._found`: the page offers what `original` gives, and nothing else."""
    house = House(database)
    house.open(DOCTOR)
    registry = Registry(house.engine)
    for access, takeable in ((RECORD, False), (LEAFLET, True)):
        version = archive.put(access.department.encode())
        registry.register(replace(DOCUMENT, version=version, access=access), [Page(1, "a"), Page(2, "in four hours")])
        passages = OnePassage(replace(PASSAGE, version=version, access=access))
        reader = PageReader(
            passages=passages, documents=registry, originals=archive, journal=ListJournal(), rules=house.reading
        )
        assert reader.page(DOCTOR, "p").takeable is takeable
        if takeable:
            assert reader.original(DOCTOR, "d").name == "t.pdf"
        else:
            with pytest.raises(NotFound):
                reader.original(DOCTOR, "d")
