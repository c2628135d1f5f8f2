"""What an operator is told is counted where it is kept, and a part that cannot say hides none of the others."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.access.uploading import document_id
from appliance.errors import ModelMissing, NotAllowed, RegistryUnavailable
from appliance.operations.overseeing import Overseeing, Sources
from appliance.operations.storage import AGAIN_S, StorageCount, places
from appliance.records import Access, Document, Level, Principal
from appliance.records.operating import Operating, Storage, Stored, Waiting
from appliance.settings import load
from appliance.store.conversations import Conversations
from appliance.store.conversations_told import Owner, Turn
from appliance.store.counting import Counting
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from appliance.wiring.overseeing import models
from tests.audit.houses import House
from tests.rules import rules

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OTTO = Principal(
    "otto", "Otto Brandt", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "portal", "it",
    roles=frozenset({"operator"}),
)  # fmt: skip
ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


def silent() -> Any:
    raise RegistryUnavailable("It does not answer.")


def sources(**told: Callable[[], Any]) -> Sources:
    """Nobody can say anything, but for `told`."""
    return Sources(**{one.name: silent for one in fields(Sources)} | told)


def test_a_part_that_cannot_say_hides_none_of_the_others() -> None:
    """Guards the `except` in `overseeing._told`: an operator looks just when something is broken."""

    def missing() -> Any:
        raise ModelMissing("It is not there.")

    def unreadable() -> Any:
        raise PermissionError

    known = Overseeing(rules(), sources(conversations=lambda: 3, models=missing, storage=unreadable), {})
    empty: dict[str, Any] = {one.name: None for one in fields(Operating)}
    assert known.look(OTTO) == Operating(**empty | {"conversations": 3})


@pytest.mark.parametrize("roles", [(), ("security-officer",), ("trainer",), ("emergency",), ("curator",)])
def test_nobody_but_an_operator_is_told(roles: tuple[str, ...]) -> None:
    """Guards `demand` in `Overseeing.look`."""
    known = Overseeing(rules(), sources(), {})
    with pytest.raises(NotAllowed):
        known.look(replace(OTTO, roles=frozenset(roles)))
    with pytest.raises(NotAllowed):
        known.look(replace(OTTO, tenant=""))


def test_rows_are_counted_by_their_state_and_of_one_tenant(database: str) -> None:
    engine = open_database(database)
    registry, uploads = Registry(engine), Uploads(engine)
    for number in range(3):
        name = f"nursing/{number}.md"
        found = Document(document_id("aldermoor", name), name, "v", "T", "text/markdown", "en", 1, ACCESS)
        registry.register(found, [])
    registry.quarantine(document="q", tenant="aldermoor", uri="nursing/q.md", version="v", reason="encrypted")
    registry.quarantine(document="o", tenant="weir", uri="nursing/q.md", version="v", reason="encrypted")
    for number, state in enumerate((State.STORED, State.QUEUED, State.QUEUED, State.RUNNING)):
        at = NOON + timedelta(minutes=number)
        one = Upload(str(number), "aldermoor", "mara", f"u/{number}", "a", "t", "d", 1, ACCESS, state, "", 0, at)
        uploads.accept(one)
        uploads.finish(one, state)
    talk = Conversations(engine, days=30)
    turn = Turn("t", "How long?", None, "NO_EVIDENCE", (), 0, datetime.now(UTC))
    talk.begin(Owner("aldermoor", "mara"), "c", turn, title="x")
    counting = Counting(engine, "aldermoor")
    assert counting.documents() == Waiting({"stored": 3, "quarantined": 1})
    assert counting.uploads() == Waiting({"stored": 1, "queued": 2, "running": 1}, NOON + timedelta(minutes=1))
    assert counting.escalations() == Waiting({})
    assert counting.conversations() == 1
    assert Counting(engine, "weir").documents() == Waiting({"quarantined": 1})
    assert Counting(engine, "weir").uploads() == Waiting({})


def test_how_far_checkpoints_go(database: str, tmp_path: Path) -> None:
    house = House(database, tmp_path)
    assert (house.ledger.covered().number, house.ledger.covered().at) == (0, None)
    house.fill(3)
    house.notary.round()
    house.fill(2)
    found = house.ledger.covered()
    assert (found.entries, found.number, found.covers, found.waiting) == (5, 1, 3, 0)
    assert found.at is not None
    assert found.at.tzinfo is not None


def test_storage_is_counted_by_part_and_remembered_for_a_minute(tmp_path: Path) -> None:
    (tmp_path / "archive" / "ab").mkdir(parents=True)
    (tmp_path / "archive" / "ab" / "one").write_bytes(b"x" * 10)
    (tmp_path / "elsewhere").write_bytes(b"x" * 1_000)
    (tmp_path / "archive" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "registry.sqlite").write_bytes(b"x" * 7)
    (tmp_path / "registry.sqlite-wal").write_bytes(b"x" * 2)
    now = [0.0]
    count = StorageCount(places(load(data=tmp_path)), tmp_path, clock=lambda: now[0])
    found = count()
    assert isinstance(found, Storage)
    assert found.parts == [Stored("documents", 10, 1), Stored("database", 9, 2)]
    assert 0 < found.free <= found.total
    (tmp_path / "archive" / "two").write_bytes(b"x")
    assert count().parts == found.parts
    now[0] = AGAIN_S
    assert count().parts[0] == Stored("documents", 11, 2)


def test_the_second_place_of_the_ledger_is_counted_where_it_is(tmp_path: Path) -> None:
    """Fails if the folder of the demonstration's is counted whatever `ledger_witness` says."""
    (tmp_path / "second").write_bytes(b"x" * 3)
    (tmp_path / "data" / "ledger-witness").mkdir(parents=True)
    (tmp_path / "data" / "ledger-witness" / "checkpoints").write_bytes(b"x" * 4)

    def counted(**told: str) -> list[Stored]:
        found = StorageCount(places(load(data=tmp_path / "data", **told)), tmp_path)().parts
        return [one for one in found if one.part == "ledger's second place"]

    assert counted(ledger_witness=f"file:{tmp_path / 'second'}") == [Stored("ledger's second place", 3, 1)]
    assert counted() == [Stored("ledger's second place", 4, 1)]
    assert counted(ledger_witness="syslog:/dev/log") == []


def test_models_are_told_by_name_and_digest_and_one_elsewhere_without() -> None:
    told = {one.role: one for one in models(load())}
    assert set(told) == {"chat", "embedding", "ocr", "names", "personal-data"}
    assert len(told["chat"].digest) == 16
    elsewhere = {one.role: one for one in models(load().model_copy(update={"model_url": "http://127.0.0.1:9/v1"}))}
    assert (elsewhere["chat"].name, elsewhere["chat"].digest) == ("elsewhere", "")
