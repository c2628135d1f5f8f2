"""Suggestions are decided like hits: inside the Scope, by the registry, without an emergency, and cheaply."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering.suggesting import LOOKED_AT, TOPICS, Suggestions
from appliance.errors import NotAllowed
from appliance.records import Access, Action, Document, Event, Level, Passage, Principal
from tests.access.emergency_house import DOCTOR, LEAFLET, RECORD, House
from tests.contracts.journals import ListJournal
from tests.rules import rules

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"nursing"}), "nursing", frozenset(), ("nursing",))
HIDDEN = replace(ACCESS, readers=frozenset({"hr"}), department="hr", level=Level.RESTRICTED)
NURSE = Principal("n", "N", "aldermoor", frozenset({"nursing"}), Level.INTERNAL, "test", language="en")


def passage(document: str, heading: str, access: Access = ACCESS, language: str = "en") -> Passage:
    return Passage(
        f"{document}#0", document, "v1", 0, f"Guide {document}", f"{document}.md", heading, "text", 1, 0, 4, (),
        language, access,
    )  # fmt: skip


class Shelf:
    """An index and a registry, in two lists."""

    def __init__(self, *passages: Passage, registered: Mapping[str, Access] | None = None) -> None:
        self.passages = passages
        self.registered = registered or {one.document: one.access for one in passages}
        self.limits: list[int] = []
        self.starts: set[str] = set()

    def some(self, scope: Scope, *, start: str, limit: int) -> list[Passage]:
        self.limits.append(limit)
        self.starts.add(start)
        return [one for one in self.passages if scope.admits(one.access)][:limit]

    def current(self, names: Collection[str]) -> Mapping[str, Document]:
        return {
            name: Document(name, f"{name}.md", "v1", f"Guide {name}", "", "en", 1, access)
            for name, access in self.registered.items()
            if name in names
        }


def suggesting(shelf: Shelf, journal: ListJournal | None = None, decides: Rules | None = None) -> Suggestions:
    return Suggestions(
        passages=shelf, current=shelf.current, journal=journal or ListJournal(), rules=decides or rules()
    )


def test_topics_are_of_what_he_may_read() -> None:
    shelf = Shelf(passage("a", "Care > Time limits"), passage("b", "Salaries of all", HIDDEN))
    found = suggesting(shelf).of(NURSE)
    assert [(one.document, one.title, one.heading) for one in found.topics] == [("a", "Guide a", "Time limits")]
    assert found.topics[0].question == "What does “Guide a” say about “Time limits”?"
    assert found.departments == ("nursing",)
    assert shelf.limits == [LOOKED_AT]


@pytest.mark.parametrize("now", [HIDDEN, None], ids=["hidden by now", "gone"])
def test_the_registry_decides_again(now: Access | None) -> None:
    """Guards `_readable` in `Suggestions.of`: the index lags behind."""
    shelf = Shelf(passage("a", "Time limits"), registered={"a": now} if now else {"other": ACCESS})
    found = suggesting(shelf).of(NURSE)
    assert (found.topics, found.departments) == ((), ())


def test_no_emergency_suggests_anything(database: str) -> None:
    """Guards `rules.plain()` in `Suggestions`: nobody asked for what a suggestion shows."""
    house = House(database)
    house.open(DOCTOR)
    record = replace(RECORD, department="icu")
    shelf = Shelf(passage("a", "Time limits", record), passage("b", "Opening hours", LEAFLET))
    assert house.reads(record)
    found = suggesting(shelf, decides=house.reading).of(DOCTOR)
    assert [one.document for one in found.topics] == ["b"]
    assert found.departments == ("nursing",)


def test_where_it_begins_to_look_follows_from_person_and_turn() -> None:
    """The same turn gives the same topics, so that they can be asked for with each drawing of a page."""
    starts = []
    for person, turn in ((NURSE, 1), (NURSE, 1), (NURSE, 2), (replace(NURSE, id="m"), 1)):
        shelf = Shelf()
        suggesting(shelf).of(person, turn=turn)
        starts += shelf.starts
    assert starts[0] == starts[1]
    assert len(set(starts)) == 3


def test_who_may_not_search_is_turned_away_on_record() -> None:
    journal = ListJournal()
    with pytest.raises(NotAllowed):
        suggesting(Shelf(), journal).of(replace(NURSE, groups=frozenset()))
    assert [one.event for one in journal.entries] == [Event.REFUSED]


def test_one_topic_of_each_document_in_ones_own_language_first_and_few() -> None:
    several = [
        passage("de", "Grenzen der Zeit", language="de"),
        *(passage(f"d{n}", f"Topic number {n}") for n in range(9)),
    ]
    found = suggesting(Shelf(*several, *several)).of(replace(NURSE, language="de"))
    assert len(found.topics) == TOPICS
    assert found.topics[0].question == "Was steht in „Guide de“ zu „Grenzen der Zeit“?"
    assert len({one.document for one in found.topics}) == TOPICS


@pytest.mark.parametrize(
    "sensitive",
    [replace(ACCESS, labels=frozenset({"patient"})), replace(ACCESS, level=Level.CONFIDENTIAL)],
    ids=["labelled", "confidential"],
)
def test_nothing_sensitive_is_suggested_although_he_may_read_it(sensitive: Access) -> None:
    """Guards `_harmless` in `_topics`: a heading may be a patient's name, and nobody asked."""
    cleared = replace(NURSE, clearance=Level.RESTRICTED)
    assert rules().may(cleared, Action.READ, sensitive)
    shelf = Shelf(passage("a", "Bed 7 - somebody", sensitive), passage("b", "4.3 Opening hours"))
    assert [one.heading for one in suggesting(shelf).of(cleared).topics] == ["Opening hours"]


def test_a_heading_that_is_a_link_is_none_any_more() -> None:
    shelf = Shelf(passage("a", "[Read on](https://evil.invalid/x)"), passage("b", "§ 1"), passage("c", "x" * 200))
    for topic in suggesting(shelf).of(NURSE).topics:
        assert "https:" not in topic.question
        assert "](" not in topic.question


@pytest.mark.parametrize("heading", ["Contents", "OTHER", "4.3 Scope", "Guide > Annex 3", "§ 7 Definitions"])
def test_a_heading_of_a_single_word_is_no_topic(heading: str) -> None:
    """Guards `_of_words` in `_topics`."""
    shelf = Shelf(passage("a", heading), passage("b", "Time limits"))
    assert [one.document for one in suggesting(shelf).of(NURSE).topics] == ["b"]
