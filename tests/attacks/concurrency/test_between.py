"""Something changes between two steps of one question: what was decided before the change gives nothing after it."""

from dataclasses import replace

import pytest

from appliance.answering.ask import Outcome
from appliance.errors import NotAllowed, NotFound
from appliance.records import Answer, Event, Refusal, Sentence
from tests.attacks.concurrency.conftest import CHANGES, MARA, QUESTION, House


def said(told: list[Outcome]) -> list[str]:
    """All that came of an answer's text, in whatever form."""
    return [one.text for one in told if isinstance(one, Sentence | Answer)]


def test_without_a_change_all_of_it_is_said(house: House) -> None:
    """The control: it is the change that silences the others, not a house where nothing is ever said."""
    *sentences, answer = house.desk.answer(MARA, QUESTION)
    assert len(said(sentences)) == 2
    assert isinstance(answer, Answer)
    assert [one.document for one in house.desk.search(MARA, QUESTION, limit=3)] == ["d1"]
    assert house.reader.page(MARA, house.passage.id).text == house.passage.text
    assert house.reader.picture(MARA, house.passage.id)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("at", [Event.ASKED, Event.RETRIEVED, Event.OPENED, Event.CLOSED])
def test_a_right_that_goes_while_it_is_recorded(house: House, at: Event, change: str) -> None:
    """Guards `if not vigil.holds()` before the model is asked, and `stands = vigil.holds()` in `Desk._last`.

    The change comes while the ledger writes an entry: between scope and search, between search and the model, between
    the last sentence and the whole answer.
    """
    house.journal.at, house.journal.happens = at, house.changes()[change]
    try:
        *before, last = house.desk.answer(MARA, QUESTION)
    except NotAllowed:  # the new rules let nobody ask at all
        before, last = [], None
    assert not isinstance(last, Answer)
    if at is not Event.CLOSED:
        assert said(before) == []
        assert [*house.model.asked, *house.model.read] == [], "the model was shown what was taken away before"
    if isinstance(last, Refusal):
        assert "cupboard is counted" not in f"{last}"


@pytest.mark.parametrize("change", CHANGES)
def test_a_right_that_goes_between_two_sentences(house: House, change: str) -> None:
    """Guards `if not vigil.holds()` in `Desk._weighed`."""
    story = house.desk.answer(MARA, QUESTION)
    first = next(one for one in story if isinstance(one, Sentence))
    assert first.text
    house.changes()[change]()
    rest = list(story)
    assert said(rest) == []
    assert isinstance(rest[-1], Refusal)


@pytest.mark.parametrize("change", CHANGES)
def test_a_right_that_goes_while_a_search_is_recorded(house: House, change: str) -> None:
    """Guards `self._search.standing` in `Desk.search`."""
    house.journal.at, house.journal.happens = Event.SEARCHED, house.changes()[change]
    assert house.desk.search(MARA, QUESTION, limit=3) == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("event", [Event.PAGE_OPENED, Event.PICTURE_OPENED])
def test_a_right_that_goes_while_an_opened_page_is_recorded(house: House, event: Event, change: str) -> None:
    """Guards the decision after the entry in `PageReader.page` and `picture`: between the decision and the showing."""
    house.journal.at, house.journal.happens = event, house.changes()[change]
    opened = house.reader.page if event is Event.PAGE_OPENED else house.reader.picture
    with pytest.raises((NotFound, NotAllowed)):
        opened(MARA, house.passage.id)


@pytest.mark.parametrize("change", CHANGES)
def test_a_right_that_goes_between_page_and_picture(house: House, change: str) -> None:
    """Guards `self._rules.may` in `PageReader._cited`, asked anew for each: an opened page is no ticket."""
    house.reader.page(MARA, house.passage.id)
    house.changes()[change]()
    for opened in (house.reader.page, house.reader.picture):
        with pytest.raises((NotFound, NotAllowed)):
            opened(MARA, house.passage.id)


def test_rules_that_come_into_force_between_scope_and_decision_decide(house: House) -> None:
    """Guards that `Search` asks the rules of now: a Scope made by the rules of before admits no document by itself."""
    scope = house.rules().scope(MARA)
    found = house.search.find(QUESTION, scope, limit=3)
    assert [one.document for one in found] == ["d1"]
    house.activate()
    assert scope.admits(found[0].access)
    assert house.search.find(QUESTION, scope, limit=3) == []
    assert house.search.standing(found, scope) == []


def test_wider_rules_in_between_open_nothing_that_the_scope_closed(house: House) -> None:
    """Guards `_inside(scope` in `Index.query`: the old Scope binds too; a question begins with one set of rights."""
    house.register(replace(house.passage.access, readers=frozenset({"hr", "nursing"})))
    scope = house.rules().scope(replace(MARA, groups=frozenset({"hr"})))
    assert house.search.find(QUESTION, scope, limit=3) == []
