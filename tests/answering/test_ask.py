import dataclasses
import time
from collections.abc import Iterator, Sequence

import pytest

from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.access.scope import Scope
from appliance.answering.ask import Desk, Outcome
from appliance.answering.pointwise import READ
from appliance.errors import (
    BadRequest,
    LedgerUnavailable,
    ModelUnavailable,
    NotAllowed,
    PolicyUnavailable,
    StoreUnavailable,
)
from appliance.models.local import ChatModel, Waiting
from appliance.records import Answer, Entry, Event, Level, Passage, Principal, Reason, Refusal, Sentence
from appliance.selftest.repeating import RepeatingModel
from appliance.settings import load
from tests.answering.test_prompts import passage
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.journals import ListJournal
from tests.rules import rules

MARA = Principal("mara", "Mara", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "portal")
VISITS = dataclasses.replace(
    passage("Visits on general wards end at 20:00. At most two visitors may stay at the bed."), similarity=0.84
)
QUESTION = "Until when can family visit a general ward?"


class Shelf:
    """A search over a fixed shelf of passages: what the Scope does not admit is not found."""

    def __init__(self, *passages: Passage, fault: Exception | None = None) -> None:
        self.passages = passages
        self.fault = fault

    def find(self, _question: str, scope: Scope, *, limit: int, **_filters: object) -> list[Passage]:
        if self.fault:
            raise self.fault
        return [found for found in self.passages if scope.admits(found.access)][:limit]

    def standing(self, passages: Sequence[Passage], scope: Scope) -> list[Passage]:
        return [one for one in passages if one in self.passages and scope.admits(one.access)]

    def nearness(self, question: str, texts: Sequence[str]) -> list[float]:
        asked = set(question.lower().split())
        return [len(asked & set(text.lower().split())) / len(asked) for text in texts]


class FailingModel(ScriptedModel):
    """Says one sentence and breaks."""

    def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
        yield from list(super().stream(*arguments, **options))[:-1]
        raise ModelUnavailable("The engine stopped.")


class SlowShelf(Shelf):
    """Takes a tenth of a second to find."""

    def find(self, question: str, scope: Scope, *, limit: int, **_filters: object) -> list[Passage]:
        time.sleep(0.1)
        return super().find(question, scope, limit=limit)


class HesitantModel(ScriptedModel):
    """Waits before each piece of its answer; `stopped` tells whether it was closed or came to its end."""

    stopped = False

    def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
        try:
            for piece in super().stream(*arguments, **options):
                yield Waiting()
                yield piece
        finally:
            self.stopped = True


def desk(
    *, model: ChatModel | None = None, shelf: Shelf | None = None, journal: ListJournal | None = None
) -> tuple[Desk, ListJournal]:
    journal = journal or ListJournal()
    model = model or ScriptedModel(
        reply="Visits end at 20:00 [1]. Parking is free on Mars [1]. Only two visitors may stay."
    )
    return Desk(search=shelf or Shelf(VISITS), model=model, journal=journal, settings=load(), rules=rules()), journal


BEGUN = [Event.ASKED, Event.RETRIEVED]


def events(journal: ListJournal) -> list[Event]:
    return [entry.event for entry in journal.entries]


def test_sentences_are_released_one_by_one_and_the_false_one_is_withheld() -> None:
    """Guards `yield from release.weigh(draft)`: only what `judge` released is ever yielded."""
    found, journal = desk()
    *sentences, answer = found.answer(MARA, QUESTION)
    assert [sentence.text for sentence in sentences if isinstance(sentence, Sentence)] == [
        "Visits end at 20:00.",
        "Only two visitors may stay.",
    ]
    assert isinstance(answer, Answer)
    assert answer.text == "Visits end at 20:00. [1] Only two visitors may stay. [1]"
    assert (answer.withheld, answer.origin, answer.citations[0].passage) == (1, "scripted", "p1")
    assert answer.citations[0].quote.startswith("Visits on general wards")
    assert events(journal) == [*BEGUN, Event.OPENED, Event.CLOSED]


def spoken(stream: Iterator[Outcome]) -> Outcome:
    """The next step that is more than Waiting."""
    return next(step for step in stream if step != Waiting())


def test_opened_is_recorded_before_the_first_sentence_leaves() -> None:
    found, journal = desk()
    stream = found.answer(MARA, QUESTION)
    next(stream)
    assert events(journal) == [*BEGUN, Event.OPENED]


def test_a_ledger_that_fails_stops_the_answer() -> None:
    """Guards both `self._journal.append` around the answer: nothing leaves without OPENED, no end without CLOSED."""
    model = ScriptedModel(reply="Visits end at 20:00 [1].")
    for first in (1, 2, 3):
        found, _ = desk(model=model, journal=ListJournal(fails_at=first))
        with pytest.raises(LedgerUnavailable):
            list(found.answer(MARA, QUESTION))
        assert model.asked == []
    found, _ = desk(model=model, journal=ListJournal(fails_at=4))
    stream = found.answer(MARA, QUESTION)
    assert isinstance(spoken(stream), Sentence)
    with pytest.raises(LedgerUnavailable):
        spoken(stream)


def test_nothing_found_is_refused_without_asking_the_model() -> None:
    model = ScriptedModel()
    found, journal = desk(model=model, shelf=Shelf())
    (refusal,) = found.answer(MARA, QUESTION)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.NO_EVIDENCE
    assert refusal.looked_for == ("family", "visit", "general", "ward")
    assert model.asked == []
    assert events(journal) == [*BEGUN, Event.REFUSED]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("NOT STATED", Reason.NOT_ANSWERED),
        ("Not stated.", Reason.NOT_ANSWERED),
        ("", Reason.NOT_ANSWERED),
        ("Visits end at 23:15 [1].", Reason.NOT_VERIFIED),
        ("Ask the porter at the Harbour Gate [4].", Reason.NOT_VERIFIED),
    ],
)
def test_silence_and_inventions_become_refusals(reply: str, reason: Reason) -> None:
    found, journal = desk(model=ScriptedModel(reply=reply))
    *before, refusal = found.answer(MARA, QUESTION)
    assert set(before) <= {Waiting()}
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason
    assert events(journal) == [*BEGUN, Event.OPENED, Event.REFUSED]


def test_a_question_that_asks_two_things_is_answered_in_two_parts() -> None:
    model = ScriptedModel(
        reply="NOT STATED",
        replies={"Question: Until": "Visits end at 20:00 [1].", "Question: Where": "At the gate [1]."},
    )
    shelf = Shelf(VISITS, passage("A visitor leaves the bicycle at the gate.", number=2))
    found, journal = desk(model=model, shelf=shelf)
    *_, answer = found.answer(
        MARA, "Until when can family visit a general ward, and where does a visitor leave the bicycle?"
    )
    assert isinstance(answer, Answer)
    assert answer.text == "Visits end at 20:00. [1] At the gate. [2]"
    assert len(model.asked) == 2
    assert events(journal) == [*BEGUN, Event.OPENED, Event.CLOSED]
    assert answer.usage.prompt_tokens > len(model.asked[0][-1].text.split())


def test_the_model_sees_the_lines_that_are_near_the_question() -> None:
    far = "Rooms are cleaned daily. " * 40
    model = ScriptedModel(reply="Visits end at 20:00 [1].")
    shelf = Shelf(VISITS, *(passage(f"{far}Bed {n} has one lamp.", number=n) for n in range(2, 9)))
    found, _ = desk(model=model, shelf=shelf)
    list(found.answer(MARA, QUESTION))
    ((*_, asked),) = model.asked
    assert VISITS.text.splitlines()[0].split(". ")[0] in asked.text
    assert asked.text.count("Rooms are cleaned") + asked.text.count("lamp") == 0
    assert len(model.read) <= READ


def test_engines_share_no_cached_passage_between_scopes() -> None:
    """Guards `salt` in `Desk.answer`: right after the constant beginning stands a line that differs by Scope."""
    model = ScriptedModel(reply="Visits end at 20:00 [1].")
    found, _ = desk(model=model)
    nurse = dataclasses.replace(MARA, groups=frozenset({"staff", "nursing"}))
    for person in (MARA, nurse, MARA):
        list(found.answer(person, QUESTION))
    one, other, same = (messages[-1].text.splitlines()[0] for messages in model.asked)
    assert one == same != other


def test_a_sentence_cut_off_by_the_token_limit_is_not_released() -> None:
    """Guards `release.complete and`."""
    found, _ = desk(model=ScriptedModel(reply="Visits end at 20:00 [1]. At most two visitors may " + "stay " * 400))
    *_, answer = found.answer(MARA, QUESTION)
    assert isinstance(answer, Answer)
    assert answer.text == "Visits end at 20:00. [1]"


@pytest.mark.parametrize("fault", [StoreUnavailable("The vector store does not answer.")])
def test_a_dead_store_is_an_error_never_an_empty_result(fault: Exception) -> None:
    found, journal = desk(shelf=Shelf(VISITS, fault=fault))
    with pytest.raises(StoreUnavailable):
        list(found.answer(MARA, QUESTION))
    assert events(journal) == [Event.ASKED, Event.BROKEN]


def test_a_model_that_breaks_is_an_error_and_recorded() -> None:
    found, journal = desk(model=FailingModel(reply="Visits end at 20:00 [1]. Only two visitors"))
    stream = found.answer(MARA, QUESTION)
    assert isinstance(spoken(stream), Sentence)
    with pytest.raises(ModelUnavailable):
        list(stream)
    assert events(journal) == [*BEGUN, Event.OPENED, Event.BROKEN]


def test_a_fault_of_our_own_is_recorded_too() -> None:
    """Guards `except Exception` in `Desk._recorded`: no answer stays open in the ledger."""

    class Faulty(ScriptedModel):
        def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
            yield from list(super().stream(*arguments, **options))[:1]
            raise ZeroDivisionError

    found, journal = desk(model=Faulty())
    with pytest.raises(ZeroDivisionError):
        list(found.answer(MARA, QUESTION))
    assert events(journal) == [*BEGUN, Event.OPENED, Event.BROKEN]
    assert journal.entries[-1].reason == "internal"


def test_leaving_early_is_recorded() -> None:
    found, journal = desk()
    stream = found.answer(MARA, QUESTION)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator, as every caller relies on
    assert events(journal) == [*BEGUN, Event.OPENED, Event.LEFT]


def test_leaving_while_the_model_has_said_nothing_stops_it_and_is_recorded() -> None:
    """Guards `yield piece` for Waiting in `_sentences`: without it there is no moment at which to leave."""
    model = HesitantModel(reply="Visits end at 20:00 [1].")
    found, journal = desk(model=model)
    stream = found.answer(MARA, QUESTION)
    while not model.asked:
        assert next(stream) == Waiting()
    assert not model.stopped
    stream.close()  # type: ignore[attr-defined]  # a generator, as every caller relies on
    assert model.stopped
    assert events(journal) == [*BEGUN, Event.OPENED, Event.LEFT]
    assert journal.entries[-1].released == 0


def test_waiting_is_passed_on_and_changes_nothing() -> None:
    reply = "Visits end at 20:00 [1]. Parking is free on Mars [1]. Only two visitors may stay."
    plain, plainly = desk(model=ScriptedModel(reply=reply))
    model = HesitantModel(reply=reply)
    found, journal = desk(model=model)
    steps = list(found.answer(MARA, QUESTION))
    words = len(reply.split())
    assert steps.count(Waiting()) == len(model.read) + words + 1  # after each line, before each word and before the end
    *said, whole = (step for step in steps if step != Waiting())
    *expected, answer = (step for step in plain.answer(MARA, QUESTION) if step != Waiting())
    assert said == expected
    assert isinstance(whole, Answer)
    assert isinstance(answer, Answer)
    assert (whole.text, whole.withheld) == (answer.text, answer.withheld)
    assert [(entry.event, entry.released, entry.withheld) for entry in journal.entries] == [
        (entry.event, entry.released, entry.withheld) for entry in plainly.entries
    ]


def test_what_an_answer_took_includes_the_search() -> None:
    """Guards that `started` is taken before `self._search.find` in `answer`."""
    found, _ = desk(shelf=SlowShelf(VISITS))
    *_, answer = found.answer(MARA, QUESTION)
    assert isinstance(answer, Answer)
    assert 0.1 <= answer.usage.first_sentence_s <= answer.usage.total_s
    found, _ = desk(shelf=SlowShelf())
    (refusal,) = found.answer(MARA, QUESTION)
    assert isinstance(refusal, Refusal)
    assert refusal.usage.total_s >= 0.1


@pytest.mark.parametrize(
    "nobody", [dataclasses.replace(MARA, groups=frozenset()), dataclasses.replace(MARA, tenant="")]
)
def test_a_person_without_groups_is_refused_before_anything_is_searched(nobody: Principal) -> None:
    found, journal = desk(shelf=Shelf(VISITS, fault=AssertionError("searched")))
    with pytest.raises(NotAllowed):
        list(found.answer(nobody, QUESTION))
    with pytest.raises(NotAllowed):
        found.search(nobody, QUESTION, limit=3)
    assert [(entry.event, entry.reason) for entry in journal.entries] == [(Event.REFUSED, "not-allowed")] * 2


def test_a_bad_question_is_refused_before_anything_is_searched() -> None:
    found, _ = desk(shelf=Shelf(VISITS, fault=AssertionError("searched")))
    with pytest.raises(BadRequest):
        list(found.answer(MARA, "   "))


def test_what_a_person_may_not_read_is_not_in_the_prompt() -> None:
    """The harshest oracle: a model that repeats its whole prompt finds nothing of a document outside the Scope."""
    secret = dataclasses.replace(
        passage("Visits: the code word of the vault is CANARY-4711.", number=2),
        access=dataclasses.replace(VISITS.access, level=Level.RESTRICTED),
    )
    spoken: list[str] = []

    class Listening(RepeatingModel):
        def stream(self, messages: Sequence, **options):  # type: ignore[no-untyped-def, type-arg]
            spoken.extend(message.text for message in messages)
            return super().stream(messages, **options)

    found, _ = desk(model=Listening(), shelf=Shelf(secret, VISITS))
    outcome = list(found.answer(MARA, QUESTION))
    assert spoken
    assert "CANARY" not in "".join(spoken) + repr(outcome)


def test_every_answer_refusal_and_entry_says_by_which_rules() -> None:
    """Guards `policy=` wherever `Release` and `Desk.search` tell of what they did."""
    for held in (Shelf(VISITS), Shelf()):
        found, journal = desk(shelf=held)
        *_, last = found.answer(MARA, QUESTION)
        assert isinstance(last, Answer | Refusal)
        found.search(MARA, QUESTION, limit=1)
        assert {last.policy, *(entry.policy for entry in journal.entries)} == {rules().version}


def test_who_may_not_ask_is_turned_away_before_anything_is_searched() -> None:
    """Guards `rules.demand` in `Desk._scope`: the operator sees no content, whatever groups he has."""
    found, journal = desk(shelf=Shelf(VISITS, fault=AssertionError("searched")))
    operator = dataclasses.replace(MARA, roles=frozenset({"operator"}))
    for ask in (lambda: list(found.answer(operator, QUESTION)), lambda: found.search(operator, QUESTION, limit=1)):
        with pytest.raises(NotAllowed):
            ask()
    assert [(entry.event, entry.policy) for entry in journal.entries] == [(Event.REFUSED, rules().version)] * 2


def test_without_rules_nothing_is_searched() -> None:
    def none() -> Ruleset:
        raise PolicyUnavailable("No policy set is in force.")

    journal = ListJournal()
    shelf = Shelf(VISITS, fault=AssertionError("searched"))
    found = Desk(search=shelf, model=ScriptedModel(), journal=journal, settings=load(), rules=Rules(none))
    with pytest.raises(PolicyUnavailable):
        list(found.answer(MARA, QUESTION))
    with pytest.raises(PolicyUnavailable):
        found.search(MARA, QUESTION, limit=1)


def test_the_ledger_holds_ids_and_counts_only() -> None:
    found, journal = desk()
    list(found.answer(MARA, QUESTION))
    kept = repr(journal.entries)
    assert all(word not in kept for word in ("20:00", "Visiting", "nursing", "family"))
    assert isinstance(journal.entries[0], Entry)
    assert (journal.entries[-1].released, journal.entries[-1].withheld, journal.entries[-1].passages) == (2, 1, 1)


def test_the_ledger_learns_what_was_asked_found_and_shown_to_be_digested() -> None:
    found, journal = desk()
    list(found.answer(MARA, QUESTION))
    found.search(MARA, QUESTION, limit=3)
    asked, retrieved, *_, searched = journal.entries
    assert (asked.question, asked.documents, asked.client) == (QUESTION, (), "portal")
    assert (retrieved.documents, retrieved.shown, retrieved.about) == ((VISITS.document,), ("p1",), asked.about)
    assert (searched.event, searched.question, searched.shown) == (Event.SEARCHED, QUESTION, ("p1",))


def test_a_search_that_cannot_be_recorded_shows_nothing() -> None:
    """Guards `self._journal.append` in `Desk.search`."""
    found, _ = desk(journal=ListJournal(fails_at=1))
    with pytest.raises(LedgerUnavailable):
        found.search(MARA, QUESTION, limit=3)


def test_a_sentence_that_only_points_at_a_line_near_the_question_becomes_that_line() -> None:
    class Near(Shelf):
        def nearness(self, _question: str, texts: Sequence[str]) -> list[float]:
            return [0.9 if "20:00" in text else 0.1 for text in texts]

    found, _ = desk(model=ScriptedModel(reply="20:00."), shelf=Near(VISITS))
    *_, answer = found.answer(MARA, "When do guests have to leave the sick in the evening?")
    assert isinstance(answer, Answer)
    assert answer.text == "Visits on general wards end at 20:00. [1]"
    found, _ = desk(model=ScriptedModel(reply="20:30."), shelf=Near(VISITS))
    *_, refusal = found.answer(MARA, "When do guests have to leave the sick in the evening?")
    assert isinstance(refusal, Refusal)


HANGING = dataclasses.replace(
    passage("Red cells: begin within 30 minutes, end after 4 hours. Platelets: 20 minutes."), similarity=0.84
)


def test_after_a_short_sentence_the_line_that_it_is_from_is_told_in_full() -> None:
    model = ScriptedModel(reply="Red cells end after 4 hours [1].")
    found, journal = desk(model=model, shelf=Shelf(HANGING))
    *_, answer = found.answer(MARA, "After what time must red cells end?")
    assert isinstance(answer, Answer)
    assert answer.text == (
        "Red cells end after 4 hours. [1] Red cells: begin within 30 minutes, end after 4 hours. [1]"
    )
    assert (answer.withheld, journal.entries[-1].released) == (0, 2)


def test_a_line_that_may_not_be_read_any_more_is_not_told_in_full() -> None:
    """Guards `if not holds():` in `Release.leaving`."""
    shelf = Shelf(HANGING)
    found, _ = desk(model=ScriptedModel(reply="Red cells end after 4 hours [1]."), shelf=shelf)
    said = []
    for step in found.answer(MARA, "After what time must red cells end?"):
        said.append(step)
        if isinstance(step, Sentence):
            shelf.passages = ()
    assert [step.text for step in said if isinstance(step, Sentence)] == ["Red cells end after 4 hours."]
    assert isinstance(said[-1], Refusal)
    assert said[-1].reason is Reason.WITHDRAWN


def test_a_line_of_a_document_that_gives_orders_is_never_quoted() -> None:
    """Guards `INSTRUCTIONS in passage.access.labels` in `Release.quote`."""

    class Near(Shelf):
        def nearness(self, _question: str, texts: Sequence[str]) -> list[float]:
            return [0.9 if "20:00" in text else 0.1 for text in texts]

    ordering = dataclasses.replace(
        VISITS, access=dataclasses.replace(VISITS.access, labels=frozenset({"instructions"}))
    )
    found, journal = desk(model=ScriptedModel(reply="20:00."), shelf=Near(ordering))
    *_, refusal = found.answer(MARA, "When do guests have to leave the sick in the evening?")
    assert isinstance(refusal, Refusal)
    assert journal.entries[-1].withheld == 1
