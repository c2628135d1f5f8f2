"""Answers, pages and conversations in an emergency: marked, recorded, cut at its end, and kept readable for nobody."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.access.scope import Scope
from appliance.answering.ask import Desk, Outcome
from appliance.answering.conversation import Dialogue
from appliance.answering.reading import PageReader
from appliance.errors import NotFound
from appliance.models.local import Waiting
from appliance.records import Answer, Document, Event, Page, Passage, Principal, Reason, Refusal, Sentence
from appliance.settings import load
from appliance.store.archive import Archive
from appliance.store.conversations import Conversations
from appliance.store.registry import Registry
from tests.access.emergency_house import DOCTOR, MINUTE, RECORD, House
from tests.answering.test_ask import QUESTION, VISITS, Shelf
from tests.contracts.chat_models import ScriptedModel

REPLY = "Visits end at 20:00 [1]. Only two visitors may stay [1]."
NOTE = replace(VISITS, access=RECORD)


class Register(Shelf):
    """Decides again by the rules, as the search over the registry does."""

    def __init__(self, house: House, *passages: Passage) -> None:
        super().__init__(*passages)
        self._rules = house.reading

    def standing(self, passages: Sequence[Passage], scope: Scope) -> list[Passage]:
        held = {one.document: one.access for one in passages}
        readable = self._rules.readable(scope.principal, held)
        return [one for one in passages if one.document in readable]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(f"sqlite:///{tmp_path / 'registry.sqlite'}")


def desk(house: House, *passages: Passage) -> Desk:
    return Desk(
        search=Register(house, *passages), model=ScriptedModel(reply=REPLY), journal=house.journal, settings=load(),
        rules=house.reading,
    )  # fmt: skip


def told(found: Desk, who: Principal = DOCTOR, *, after_one: Callable[[], None] | None = None) -> tuple[int, Outcome]:
    """How many sentences left, and the last of the story; `after_one` happens after the first sentence."""
    said, last = 0, Waiting()
    for last in found.answer(who, QUESTION):  # type: ignore[assignment]
        if isinstance(last, Sentence):
            said += 1
            if after_one is not None and said == 1:
                after_one()
    return said, last


def test_an_answer_in_an_emergency_is_marked_and_recorded_before_it_leaves(house: House) -> None:
    """Guards `release.emergency = self._rules.opened(…)` in `Desk._hopeful`."""
    said, last = told(desk(house, NOTE))
    assert isinstance(last, Refusal)
    assert said == 0
    opened = house.open()
    said, last = told(desk(house, NOTE))
    assert isinstance(last, Answer)
    assert (said, last.emergency) == (2, opened.id)
    assert house.events()[-5:] == [Event.ASKED, Event.RETRIEVED, Event.BROKE_GLASS, Event.OPENED, Event.CLOSED]
    house.journal.fails_at = len(house.journal.entries) + 3  # the entry of the broken glass
    model = ScriptedModel(reply=REPLY)
    found = desk(house, NOTE)
    found._model = model
    with pytest.raises(Exception, match="ledger"):
        told(found)
    assert model.asked == []


def test_what_one_reads_anyhow_is_not_marked(house: House) -> None:
    house.open()
    _, last = told(desk(house, VISITS))
    assert isinstance(last, Answer)
    assert last.emergency == ""
    assert Event.BROKE_GLASS not in house.events()


def test_an_answer_is_cut_when_the_emergency_ends(house: House) -> None:
    """Guards that `Running.running` is asked at each decision: a box that was remembered would go on."""
    opened = house.open()
    said, last = told(desk(house, NOTE), after_one=lambda: house.urgent.end(DOCTOR, opened.id))
    assert said == 1
    assert isinstance(last, Refusal)
    assert last.reason is Reason.WITHDRAWN
    house.open(minutes=5)
    said, last = told(desk(house, NOTE), after_one=lambda: house.clock.go(5 * MINUTE))
    assert said == 1
    assert isinstance(last, Refusal)
    assert last.reason is Reason.WITHDRAWN


def test_a_search_is_recorded_before_it_is_shown_and_decided_after(house: House) -> None:
    """Guards `self._rules.opened(principal, accesses(found), …)` in `Desk.search`."""
    found = desk(house, NOTE)
    assert found.search(DOCTOR, QUESTION, limit=5) == []
    house.open()
    assert found.search(DOCTOR, QUESTION, limit=5) == [NOTE]
    assert house.events()[-2:] == [Event.SEARCHED, Event.BROKE_GLASS]


class _Index:
    """Holds one passage."""

    def passage(self, passage_id: str, scope: Scope) -> Passage:
        if passage_id != NOTE.id or not scope.admits(NOTE.access):
            raise NotFound
        return NOTE


def _registered(house: House, tmp_path: Path) -> tuple[Registry, PageReader]:
    registry = Registry(house.engine)
    note = Document(NOTE.document, "icu/bed-4.txt", NOTE.version, "Bed 4", "text/plain", "en", 1, RECORD)
    registry.register(note, [Page(NOTE.page, NOTE.text)])
    reader = PageReader(
        passages=_Index(), documents=registry, originals=Archive(tmp_path / "archive"), journal=house.journal,
        rules=house.reading,
    )  # fmt: skip
    return registry, reader


def test_a_page_opens_while_it_runs_on_record(house: House, tmp_path: Path) -> None:
    """Guards `self._rules.opened(…)` in `PageReader._record`, and the second `self._cited` in `page`."""
    _, reader = _registered(house, tmp_path)
    with pytest.raises(NotFound):
        reader.page(DOCTOR, NOTE.id)
    opened = house.open()
    assert reader.page(DOCTOR, NOTE.id).title == "Bed 4"
    assert house.events()[-2:] == [Event.PAGE_OPENED, Event.BROKE_GLASS]

    append = house.journal.append

    def ends_meanwhile(entry):  # type: ignore[no-untyped-def]
        if entry.event is Event.BROKE_GLASS:
            house.kept.end("aldermoor", opened.id, house.clock.now)
        return append(entry)

    house.journal.append = ends_meanwhile  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        reader.page(DOCTOR, NOTE.id)


def test_a_conversation_shows_it_while_it_runs_and_no_file_ever_does(house: House, tmp_path: Path) -> None:
    """Guards `rules.plain()` in `Dialogue`: a file outlasts the emergency. Blanked at its end, in history too."""
    registry, _ = _registered(house, tmp_path)
    talk = Dialogue(
        desk=desk(house, NOTE), model=ScriptedModel(reply=REPLY), kept=Conversations(house.engine, days=90),
        documents=registry, journal=house.journal, settings=load(), rules=house.reading,
    )  # fmt: skip
    opened = house.open()
    *_, last = talk.ask(DOCTOR, QUESTION)
    assert isinstance(last, Answer)
    assert last.emergency == opened.id
    assert talk.open(DOCTOR, last.conversation).sentences() == 2
    assert talk.export(DOCTOR, last.conversation).sentences() == 0
    house.urgent.end(DOCTOR, opened.id)
    assert talk.open(DOCTOR, last.conversation).sentences() == 0
