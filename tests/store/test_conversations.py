import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from appliance.errors import BadRequest, NotFound, RegistryUnavailable
from appliance.records import Citation
from appliance.store import conversations
from appliance.store.conversations import Conversations
from appliance.store.conversations_told import ANSWERED, Feedback, Owner, Source, Spoken, Turn
from appliance.store.database import open_database, writing
from appliance.store.registry import Registry
from appliance.store.tables import Base
from tests.store.test_registry import document

MARA, TOM, STRANGER = Owner("aldermoor", "mara"), Owner("aldermoor", "tom"), Owner("bank", "mara")
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
TABLES = ("conversations", "turns", "turn_sentences", "turn_sources", "feedback")
CITED = Citation(1, "p1", "d1", "Title-canary", "a.md", "Hours", 2, "Quote-canary", date(2026, 3, 1), "v1")


def spoken(words: str, *documents: str) -> Spoken:
    return Spoken(words, (CITED,), frozenset(Source(one, "v1") for one in documents))


def turn(number: int = 1, *sentences: Spoken, at: datetime = MONDAY, understood: Spoken | None = None) -> Turn:
    return Turn(f"a{number}", "Question-canary?", understood, ANSWERED, sentences, len(sentences), at)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "registry.sqlite"


@pytest.fixture
def engine(database: str) -> Engine:
    return open_database(database)


@pytest.fixture
def on_sqlite(file: Path) -> Engine:
    """For what is read in the database's own files."""
    return open_database(f"sqlite:///{file}")


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def keeping(engine: Engine, *, days: int = 90, now: datetime = MONDAY) -> Conversations:
    return Conversations(engine, days=days, clock=at(now))


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        counts = {name: select(func.count()).select_from(Base.metadata.tables[name]) for name in TABLES}
        return {name: connection.execute(count).scalar_one() for name, count in counts.items()}


def bytes_of(file: Path) -> bytes:
    """Everything that the database has on the disk."""
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))


def test_a_conversation_comes_back_whole(engine: Engine) -> None:
    kept = keeping(engine)
    first = turn(1, spoken("One.", "d1"), spoken("Two.", "d1", "d2"))
    second = turn(2, spoken("Three.", "d2"), at=MONDAY + timedelta(hours=1), understood=spoken("Whole?", "d1"))
    assert kept.begin(MARA, "c1", first, title="Question")
    assert kept.add(MARA, "c1", second)
    opened = keeping(engine).open(MARA, "c1")
    assert opened.turns == (first, second)
    assert (opened.heading.title, opened.heading.turns, opened.heading.updated) == ("Question", 2, second.at)
    assert kept.open(MARA, "c1", last=1).turns == (second,)
    assert "canary" not in repr(opened)


def test_another_s_conversation_and_none_are_the_same(engine: Engine) -> None:
    """Guards the first two lines of the `where` in `Conversations._own`: without either somebody reads another's."""
    kept = keeping(engine)
    kept.begin(MARA, "c1", turn(1, spoken("One.", "d1")), title="Question")
    for owner, conversation in ((TOM, "c1"), (STRANGER, "c1"), (MARA, "c2")):
        with pytest.raises(NotFound):
            kept.open(owner, conversation)
        with pytest.raises(NotFound):
            kept.delete(owner, conversation)
        assert not kept.add(owner, conversation, turn(2))
        assert kept.page(owner, before=None, limit=9) == kept.page(MARA, before=None, limit=9)[: int(owner == MARA)]
    for owner, answer in ((TOM, "a1"), (STRANGER, "a1"), (MARA, "a2")):
        with pytest.raises(NotFound):
            kept.rate(owner, answer, Feedback("up", "right"))
    assert kept.delete_all(TOM) == kept.delete_all(STRANGER) == 0
    assert rows(engine)["turns"] == 1


def test_pages_are_the_newest_first(engine: Engine) -> None:
    kept = keeping(engine)
    moments = [MONDAY + timedelta(minutes=minute) for minute in (0, 1, 1, 2)]
    for number, moment in enumerate(moments):
        kept.begin(MARA, f"c{number}", turn(number, at=moment), title=f"T{number}")
    kept.add(MARA, "c0", turn(9, at=MONDAY + timedelta(hours=1)))
    seen: list[str] = []
    before = None
    while page := kept.page(MARA, before=before, limit=3):
        seen += [heading.id for heading in page]
        before = (page[-1].updated, page[-1].id)
    assert seen == ["c0", "c3", "c2", "c1"]


def test_what_is_deleted_is_gone_from_the_disk(on_sqlite: Engine, file: Path) -> None:
    """Guards `PRAGMA secure_delete=ON` and `empty_log`: without either the words stay in the files."""
    kept = keeping(on_sqlite)
    kept.begin(MARA, "c1", turn(1, spoken("Sentence-canary.", "d1")), title="Title")
    kept.rate(MARA, "a1", Feedback("down", "wrong", "Note-canary"))
    kept.begin(TOM, "c2", turn(2, spoken("Other.", "d1")), title="Title")
    assert b"Sentence-canary" in bytes_of(file)
    kept.delete(MARA, "c1")
    assert rows(on_sqlite) == dict.fromkeys(TABLES, 1) | {"feedback": 0}
    for words in (b"Sentence-canary", b"Note-canary"):
        assert words not in bytes_of(file)
    assert kept.delete_all(TOM) == 1
    assert rows(on_sqlite) == dict.fromkeys(TABLES, 0)
    assert b"canary" not in bytes_of(file)


def test_forgetting_a_document_takes_every_quote_of_it(engine: Engine) -> None:
    """Guards `unquote(session, document_id)` in `Registry.forget`."""
    kept, registry = keeping(engine), Registry(engine)
    registry.register(document("d1"), [])
    both = turn(1, spoken("One.", "d1"), spoken("Two.", "d2"), spoken("Three.", "d1", "d2"))
    kept.begin(MARA, "c1", both, title="T")
    kept.begin(TOM, "c2", turn(2, spoken("Four.", "d2"), understood=spoken("Whole?", "d1")), title="T")
    registry.forget("d1")
    (mine,), (his,) = kept.open(MARA, "c1").turns, kept.open(TOM, "c2").turns
    assert ([one.text for one in mine.sentences], mine.released) == (["Two."], 3)
    assert (his.understood, len(his.sentences)) == (None, 1)
    kept.forget("d2")
    assert kept.open(MARA, "c1").turns[0].sentences == ()
    assert rows(engine)["turn_sources"] == 0


def test_what_is_too_old_is_gone_at_once_and_deleted_on_the_next_access(engine: Engine) -> None:
    """Guards the last line of the `where` in `Conversations._own`, and `_tidy`."""
    kept = keeping(engine, days=7)
    kept.begin(MARA, "c1", turn(1, spoken("One.", "d1")), title="T")
    late = keeping(engine, days=7, now=MONDAY + timedelta(days=7, seconds=1))
    with pytest.raises(NotFound):
        late.rate(MARA, "a1", Feedback("up", "right"))
    assert rows(engine)["turns"] == 1
    assert late.page(MARA, before=None, limit=9) == []
    assert rows(engine) == dict.fromkeys(TABLES, 0)
    assert keeping(engine, days=7).purge() == 0


def test_with_no_days_nothing_is_ever_written(on_sqlite: Engine, file: Path) -> None:
    """Guards `if not self.keeps` in `Conversations.begin`."""
    keeping(on_sqlite).begin(MARA, "c0", turn(1, spoken("One.", "d1")), title="T")
    nothing = keeping(on_sqlite, days=0)
    assert not nothing.begin(MARA, "c1", turn(2, spoken("One.", "d1")), title="T")
    assert rows(on_sqlite) == dict.fromkeys(TABLES, 0)
    with pytest.raises(NotFound):
        nothing.open(MARA, "c0")
    assert b"canary" not in bytes_of(file)


def test_the_last_feedback_counts(engine: Engine) -> None:
    kept = keeping(engine)
    kept.begin(MARA, "c1", turn(1, spoken("One.", "d1")), title="T")
    kept.rate(MARA, "a1", Feedback("up", "right"))
    kept.rate(MARA, "a1", Feedback("down", "outdated", "Since March."))
    assert kept.open(MARA, "c1").turns[0].feedback == Feedback("down", "outdated", "Since March.")
    assert rows(engine)["feedback"] == 1


def test_a_conversation_ends_somewhere_and_does_not_come_back(engine: Engine) -> None:
    kept = keeping(engine)
    kept.begin(MARA, "c1", turn(0), title="T")
    with writing(engine) as connection:
        connection.execute(text("UPDATE turns SET number = :n"), {"n": conversations.TURNS})
    with pytest.raises(BadRequest, match="takes no more"):
        kept.add(MARA, "c1", turn(1))
    kept.delete(MARA, "c1")
    assert not kept.add(MARA, "c1", turn(2))
    assert rows(engine)["turns"] == 0


class Turned:
    """A codec that no plain word gets through, with the owner in every blob."""

    def seal(self, said: str, owner: Owner, /) -> bytes:
        return base64.b85encode(f"{owner.person}{said}".encode())

    def open(self, sealed: bytes, owner: Owner, /) -> dict[str, Any]:
        said = base64.b85decode(sealed).decode()
        if not said.startswith(owner.person):
            raise ValueError("another's")
        opened: dict[str, Any] = json.loads(said.removeprefix(owner.person))
        return opened


def test_everything_said_goes_through_the_codec(on_sqlite: Engine, file: Path) -> None:
    """Guards each `self._codec.seal`: with a codec that hides, no word of a conversation stands in the files."""
    kept = Conversations(on_sqlite, days=90, codec=Turned(), clock=at(MONDAY))
    told = turn(1, spoken("Sentence-canary.", "d1"), understood=spoken("Understood-canary?", "d1"))
    kept.begin(MARA, "c1", told, title="Title-canary")
    kept.rate(MARA, "a1", Feedback("up", "right", "Note-canary"))
    assert kept.open(MARA, "c1").turns[0].sentences == told.sentences
    assert b"canary" not in bytes_of(file)


@pytest.mark.parametrize("damage", ["[]", "{", '{"other": 1}', '{"text": "x", "citations": [{"nr": 1}]}'])
def test_a_damaged_row_is_told_and_not_shown(engine: Engine, damage: str) -> None:
    kept = keeping(engine)
    kept.begin(MARA, "c1", turn(1, spoken("One.", "d1")), title="T")
    with writing(engine) as connection:
        connection.execute(text("UPDATE turn_sentences SET sealed = :sealed"), {"sealed": damage.encode()})
    with pytest.raises(RegistryUnavailable, match="damaged"):
        kept.open(MARA, "c1")
