import dataclasses
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from appliance.answering.ask import Outcome, always
from appliance.answering.conversation import Dialogue
from appliance.errors import BadRequest, LedgerUnavailable, NotAllowed, NotFound
from appliance.models.local import ChatModel, OpenAIChatModel, Waiting
from appliance.records import (
    Access,
    Answer,
    Citation,
    Document,
    Event,
    Level,
    Principal,
    Reason,
    Refusal,
    Sentence,
    Usage,
)
from appliance.selftest.repeating import RepeatingModel
from appliance.settings import load
from appliance.store.conversations import TURNS, Conversations
from appliance.store.conversations_told import Feedback, Owner
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.contracts.chat_models import ScriptedModel, running_engine
from tests.contracts.journals import ListJournal
from tests.rules import rules

MARA = Principal("mara", "Mara", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "portal")
TOM = dataclasses.replace(MARA, id="tom")
WEEKDAYS, SUNDAYS = "When does the pharmacy open on weekdays?", "When does the pharmacy open on Sundays?"
LOAN, MEETS = "Who approves a large loan?", "How often does the credit committee meet?"
COMMITTEE = "The credit committee approves it."


class OneSentence:
    """A desk that answers everything with one sentence of one document, refuses what is about helicopters."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = 0
        self.cites = "d1"
        self.so_long_as: Callable[[], bool] = always

    def answer(
        self, _principal: Principal, text: str, *, so_long_as: Callable[[], bool] = always, **_filters: object
    ) -> Iterator[Outcome]:
        self.asked.append(text)
        self.so_long_as = so_long_as
        number = str(uuid.uuid4())
        try:
            if "helicopter" in text:
                yield Refusal(number, Reason.NO_EVIDENCE, (), Usage())
                return
            cited = Citation(1, "p1", self.cites, "Title", "a.md", "", 1, COMMITTEE, version="v1")
            sentence = Sentence(COMMITTEE, (cited,))
            yield sentence
            yield Answer(number, (sentence,), (cited,), "local", 0, Usage())
        finally:
            self.closed += 1


class House:
    """A dialogue over a real database and registry; `model` rewrites."""

    def __init__(self, engine: Engine, model: ChatModel, *, days: int = 90) -> None:
        self.desk, self.journal, self.registry = OneSentence(), ListJournal(), Registry(engine)
        self.kept = Conversations(engine, days=days)
        self.talk = Dialogue(
            desk=self.desk,
            model=model,
            kept=self.kept,
            documents=self.registry,
            journal=self.journal,
            settings=load(),
            rules=rules(),
        )
        self.register(readers={"staff"})

    def register(
        self, *, readers: set[str], version: str = "v1", tenant: str = "aldermoor", document: str = "d1"
    ) -> None:
        access = Access(tenant, Level.INTERNAL, frozenset(readers), "bank", frozenset(), ())
        uri = {"d1": "a.md"}.get(document, f"{document}.md")
        self.registry.register(Document(document, uri, version, "Title", "text/markdown", "en", 1, access), [])

    def ask(self, text: str, conversation: str = "", *, who: Principal = MARA) -> Answer | Refusal:
        *_, last = self.talk.ask(who, text, conversation=conversation)
        assert isinstance(last, Answer | Refusal)
        return last


@pytest.fixture
def engine(database: str) -> Engine:
    return open_database(database)


def test_a_follow_up_is_asked_whole_and_said_so(engine: Engine) -> None:
    model = ScriptedModel(reply=SUNDAYS)
    house = House(engine, model)
    first = house.ask(WEEKDAYS)
    second = house.ask("And on Sundays?", first.conversation)
    third = house.ask("Where may a helicopter park at night?", first.conversation)
    assert house.desk.asked == [WEEKDAYS, SUNDAYS, "Where may a helicopter park at night?"]
    assert [first.understood, second.understood, third.understood] == ["", SUNDAYS, ""]
    assert first.conversation == second.conversation == third.conversation
    assert len(model.asked) == 1
    opened = house.talk.open(MARA, first.conversation)
    assert opened.heading.title == WEEKDAYS
    assert [shown.turn.question for shown in opened.turns] == [WEEKDAYS, "And on Sundays?", house.desk.asked[2]]
    assert [shown.turn.outcome for shown in opened.turns] == ["ANSWERED", "ANSWERED", "NO_EVIDENCE"]
    understood = opened.turns[1].turn.understood
    assert understood is not None
    assert understood.text == SUNDAYS


def test_the_model_s_own_words_are_never_asked(engine: Engine) -> None:
    """Guards `accepted`: what a model adds of its own, or repeats of its prompt, is joined plainly instead."""
    for model in (ScriptedModel(reply="When does the bakery open on Sundays?"), RepeatingModel()):
        house = House(engine, model)
        first = house.ask(WEEKDAYS)
        assert house.ask("And on Sundays?", first.conversation).understood == "pharmacy open weekdays: And on Sundays?"


def test_what_may_no_longer_be_read_feeds_no_question_and_is_not_shown(engine: Engine) -> None:
    """Guards `_all_in(one, readable)` for sentences and `rules.readable` in `_decided`, each way a right is lost."""
    for change in ("readers", "gone", "quarantined", "tenant"):
        model = ScriptedModel(reply=MEETS)
        house = House(engine, model)
        first = house.ask(LOAN)
        assert house.ask("How often does it meet?", first.conversation).understood == MEETS
        match change:
            case "readers":
                house.register(readers={"board"})
            case "tenant":
                house.register(readers={"staff"}, tenant="bank")
            case "gone":
                house.registry.forget("d1")
            case "quarantined":
                house.registry.quarantine(document="d1", tenant="aldermoor", uri="a.md", version="v1", reason="x")
        for shown in house.talk.open(MARA, first.conversation).turns:
            assert (shown.turn.sentences, shown.turn.understood, shown.withdrawn) == ((), None, 1)
        again = house.ask("How often does it meet?", first.conversation)
        assert "committee" not in again.understood
        assert "committee" not in "".join(message.text for message in model.asked[-1])
        assert house.talk.open(TOM, house.ask(LOAN, who=TOM).conversation).heading.turns == 1


def test_words_of_an_answer_keep_their_document_through_every_turn(engine: Engine) -> None:
    """Guards `inherited` in `_turn` and `History.sources`: a question made of d1's words is d1's for ever."""
    sundays = "When does the credit committee meet on Sundays?"
    house = House(engine, ScriptedModel(replies={"it meet?": MEETS}, reply=sundays))
    first = house.ask(LOAN)
    house.register(readers={"staff"}, document="d2")
    house.desk.cites = "d2"
    house.ask("How often does it meet?", first.conversation)
    last = house.ask("And on Sundays?", first.conversation)
    assert "credit" in last.understood
    turns = house.kept.open(Owner("aldermoor", "mara"), first.conversation).turns
    assert [{s.document for s in turn.understood.sources} for turn in turns if turn.understood] == [
        {"d1"},
        {"d1", "d2"},
    ]
    assert [{s.document for s in turn.sentences[0].sources} for turn in turns] == [{"d1"}, {"d1", "d2"}, {"d1", "d2"}]


class Taking(ScriptedModel):
    """Rewrites a follow-up, and in that time the document behind the words is taken away."""

    house: "House"

    def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
        yield from super().stream(*arguments, **options)
        self.house.register(readers={"hr"})


def test_words_that_were_taken_away_while_the_model_rewrote_are_not_used(engine: Engine) -> None:
    """Guards `if self._stands(principal, whole)` in `Dialogue._whole`: the follow-up is asked as it stands."""
    model = Taking(reply=MEETS)
    house = model.house = House(engine, model)
    first = house.ask(LOAN)
    house.ask("How often does it meet?", first.conversation)
    assert house.desk.asked[-1] == "How often does it meet?"


def test_an_answer_holds_only_so_long_as_the_words_of_its_question_may_be_read(engine: Engine) -> None:
    """Guards `so_long_as` in `Dialogue._answered`: what made the follow-up whole may be in every sentence."""
    house = House(engine, ScriptedModel(reply=MEETS))
    first = house.ask(LOAN)
    assert house.ask("How often does it meet?", first.conversation).understood == MEETS
    assert house.desk.so_long_as()
    house.register(readers={"hr"})
    assert not house.desk.so_long_as()


def test_what_is_taken_away_while_the_turn_is_kept_is_not_handed_out(engine: Engine) -> None:
    """Guards `self._given` in `Dialogue.ask`: keeping may wait for the database, and the answer leaves after it."""
    house = House(engine, ScriptedModel())

    class Slow(Conversations):
        def begin(self, *arguments, **named):  # type: ignore[no-untyped-def]
            held = super().begin(*arguments, **named)
            house.register(readers={"hr"})
            return held

    house.talk._kept = Slow(engine, days=90)
    last = house.ask(LOAN)
    assert isinstance(last, Refusal)
    assert last.reason is Reason.WITHDRAWN
    assert COMMITTEE not in repr(last)
    assert house.journal.entries[-1].event is Event.WITHDRAWN
    opened = house.talk.open(MARA, last.conversation)
    assert (opened.turns[0].withdrawn, opened.turns[0].turn.sentences) == (1, ())


def test_a_sentence_without_a_source_is_nobody_s(engine: Engine) -> None:
    """Guards `one.sources and` in `_shown`: empty means no."""
    house = House(engine, ScriptedModel())
    first = house.ask(LOAN)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM turn_sources")
    assert house.talk.open(MARA, first.conversation).turns[0].turn.sentences == ()


def test_a_new_version_is_told(engine: Engine) -> None:
    house = House(engine, ScriptedModel())
    first = house.ask(LOAN)
    assert house.talk.open(MARA, first.conversation).turns[0].changed == (False,)
    house.register(readers={"staff"}, version="v2")
    assert house.talk.open(MARA, first.conversation).turns[0].changed == (True,)


def test_another_s_conversation_feeds_nothing(engine: Engine) -> None:
    house = House(engine, model := ScriptedModel())
    mine = house.ask(LOAN).conversation
    for conversation in (mine, "none"):
        with pytest.raises(NotFound):
            house.ask("And on Sundays?", conversation, who=TOM)
    assert model.asked == []
    assert house.desk.asked == [LOAN]
    nobody = dataclasses.replace(MARA, groups=frozenset())
    with pytest.raises(NotAllowed):
        house.ask("And on Sundays?", mine, who=nobody)


def test_deleted_while_it_is_asked_it_does_not_come_back(engine: Engine) -> None:
    house = House(engine, ScriptedModel())
    mine = house.ask(LOAN).conversation
    story = house.talk.ask(MARA, LOAN, conversation=mine)
    next(story)
    house.talk.delete(MARA, mine)
    last = list(story)[-1]
    assert isinstance(last, Answer)
    assert last.conversation == ""
    assert house.talk.page(MARA) == []


def test_who_leaves_stops_the_desk_and_the_rewriting(engine: Engine) -> None:
    """Guards both `closing`; while the model rewrites, Waiting gives the chance to leave."""
    house = House(engine, ScriptedModel(reply=SUNDAYS))
    first = house.ask(WEEKDAYS)
    story = house.talk.ask(MARA, "And on Sundays?", conversation=first.conversation)
    assert isinstance(next(story), Waiting)
    while isinstance(next(story), Waiting):
        pass
    before = house.desk.closed
    story.close()  # type: ignore[attr-defined]
    assert house.desk.closed == before + 1
    assert house.talk.open(MARA, first.conversation).heading.turns == 1


def test_a_caller_s_history_is_his_own_questions(engine: Engine) -> None:
    house = House(engine, ScriptedModel(reply=SUNDAYS))
    *_, last = house.talk.follow(MARA, "And on Sundays?", earlier=["\x00", WEEKDAYS])
    assert isinstance(last, Answer)
    assert (last.understood, last.conversation) == (SUNDAYS, "")
    *_, last = house.talk.follow(MARA, "And on Sundays?", earlier=[])
    assert house.desk.asked == [SUNDAYS, "And on Sundays?"]
    assert house.talk.page(MARA) == []


def test_with_nothing_kept_there_is_nothing_to_follow_or_to_rate(engine: Engine) -> None:
    house = House(engine, ScriptedModel(), days=0)
    first = house.ask(LOAN)
    assert first.conversation == ""
    with pytest.raises(NotFound):
        house.talk.rate(MARA, first.id, Feedback("up", "right"))


def test_feedback_is_for_who_got_the_answer_and_the_ledger_sees_no_note(engine: Engine) -> None:
    """Guards `self._kept.rate` before the entry: a stranger's word leaves neither row nor entry."""
    house = House(engine, ScriptedModel())
    first = house.ask(LOAN)
    with pytest.raises(NotFound):
        house.talk.rate(TOM, first.id, Feedback("down", "wrong", "note"))
    for verdict, reason in (("up", "wrong"), ("down", "right")):
        with pytest.raises(BadRequest):
            house.talk.rate(MARA, first.id, Feedback(verdict, reason))
    assert house.journal.entries == []
    house.talk.rate(MARA, first.id, Feedback("down", "outdated", "secret note"))
    (entry,) = house.journal.entries
    assert (entry.event, entry.subject, entry.about, entry.reason) == (
        Event.FEEDBACK, "mara", first.id, "down: outdated",
    )  # fmt: skip


def test_opening_and_deleting_are_recorded_with_the_documents_behind_what_was_shown(engine: Engine) -> None:
    """Guards `self._journal.append` in `Dialogue.open`."""
    house = House(engine, ScriptedModel())
    mine = house.ask(LOAN).conversation
    with pytest.raises(NotFound):
        house.talk.open(TOM, mine)
    assert house.journal.entries == []
    shown = house.talk.open(MARA, mine)
    house.talk.delete(MARA, mine)
    house.talk.delete_all(MARA)
    opened, deleted, all_deleted = house.journal.entries
    behind = {one.document for turn in shown.turns for said in turn.turn.sentences for one in said.sources}
    assert behind
    assert (opened.event, opened.about, set(opened.documents)) == (Event.CONVERSATION_OPENED, mine, behind)
    assert [deleted.about, all_deleted.about] == [mine, ""]
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.talk.open(MARA, house.ask(LOAN).conversation)


SCRIPT = dataclasses.replace(MARA, client="a-script")
OPERATOR = dataclasses.replace(MARA, roles=frozenset({"operator"}))
UNCLEARED = dataclasses.replace(SCRIPT, clearance=Level.PUBLIC)


@pytest.mark.parametrize("who", [SCRIPT, OPERATOR, UNCLEARED, dataclasses.replace(MARA, groups=frozenset())])
def test_what_a_person_asked_is_not_shown_to_a_program_that_nobody_knows(engine: Engine, who: Principal) -> None:
    """Guards `admitting.own` in `Dialogue._owner`: a question is content, whatever becomes of the sentences."""
    house = House(engine, model := ScriptedModel(reply=SUNDAYS))
    mine = house.ask(LOAN)
    for attempt in (
        lambda: house.talk.page(who),
        lambda: house.talk.open(who, mine.conversation),
        lambda: house.ask("And on Sundays?", mine.conversation, who=who),
        lambda: house.talk.delete(who, mine.conversation),
        lambda: house.talk.delete_all(who),
        lambda: house.talk.rate(who, mine.id, Feedback("up", "right")),
    ):
        with pytest.raises(NotAllowed):
            attempt()
        assert house.journal.entries.pop().event == Event.REFUSED
        assert house.journal.entries == []
    assert model.asked == []
    assert len(house.talk.page(MARA)) == 1


def test_who_may_not_ask_is_turned_away_on_record(engine: Engine) -> None:
    """Guards `_record` in `admitting.scope`: questions come through the dialogue, before the desk sees them."""
    house = House(engine, ScriptedModel())
    for attempt in (
        lambda: next(house.talk.ask(OPERATOR, LOAN)),
        lambda: next(house.talk.follow(OPERATOR, LOAN, earlier=[])),
    ):
        with pytest.raises(NotAllowed):
            attempt()
        (entry,) = house.journal.entries
        assert (entry.event, entry.subject, entry.reason) == (Event.REFUSED, "mara", NotAllowed.code)
        assert entry.policy
        house.journal.entries.clear()


def test_a_deletion_that_cannot_be_recorded_does_not_happen(engine: Engine) -> None:
    """Guards that `self._journal.append` stands before the deletion in `Dialogue.delete` and `delete_all`."""
    house = House(engine, ScriptedModel())
    mine = house.ask(LOAN).conversation
    with pytest.raises(NotFound):
        house.talk.delete(TOM, mine)
    assert house.journal.entries == []
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.talk.delete(MARA, mine)
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.talk.delete_all(MARA)
    assert len(house.talk.page(MARA)) == 1


def test_a_full_conversation_asks_no_model(engine: Engine) -> None:
    house = House(engine, model := ScriptedModel())
    mine = house.ask(LOAN).conversation
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {TURNS}) "  # noqa: S608  # a number
            "INSERT INTO turns SELECT 't' || i, conversation, i, outcome, 0, sealed, at FROM turns, n"
        )
    with pytest.raises(BadRequest, match="takes no more"):
        house.ask("How often does it meet?", mine)
    assert model.asked == []


@pytest.mark.model
def test_the_real_model_makes_follow_ups_whole(engine: Engine, tmp_path: Path) -> None:
    with running_engine(tmp_path) as (where, _, _):
        house = House(engine, OpenAIChatModel(where, seconds=120))
        english = house.ask(WEEKDAYS)
        german = house.ask("Wann öffnet die Apotheke werktags?")
        for conversation, asked, needed in (
            (english.conversation, "And on Sundays?", {"pharmacy", "sundays"}),
            (german.conversation, "Und sonntags?", {"apotheke", "sonntags"}),
        ):
            understood = house.ask(asked, conversation).understood.lower()
            assert needed <= set(understood.rstrip("?").replace(":", "").split()), understood
