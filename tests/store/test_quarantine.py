"""The quarantine's table: what waits, and a word that counts once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from appliance.records import Access, Document, Level
from appliance.store.database import open_database
from appliance.store.quarantine import DISCARDED, RELEASED, STORING, Quarantine
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from ingest.records import OF_THE_BYTES, Fault

TENANT = "aldermoor"
ICU = Access(TENANT, Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset(), ("nursing",), owner="")


class House:
    """What is held back: uploads as the worker leaves them, and files of folders."""

    def __init__(self, engine: Engine) -> None:
        self.registry, self.uploads, self.quarantine = Registry(engine), Uploads(engine), Quarantine(engine)

    def file(self, name: str, reason: str = Fault.DAMAGED, listed: Access | None = ICU, tenant: str = TENANT) -> str:
        self.registry.quarantine(
            document=name, tenant=tenant, uri=f"nursing/{name}.pdf", version="v", reason=reason, listed=listed
        )
        return name

    def upload(self, name: str, person: str, state: State = State.QUARANTINED) -> Upload:
        given = Upload(
            document=name, tenant=TENANT, person=person, uri=f"/uploads/{person}/{name}.pdf", name=f"{name}.pdf",
            ticket=f"t-{name}", digest="v", size=7, access=ICU, state=State.QUEUED, reason="", attempts=0,
            received=datetime.now(UTC),
        )  # fmt: skip
        self.uploads.accept(given)
        self.file(name, Fault.ENCRYPTED)
        self.uploads.finish(given, state, Fault.ENCRYPTED)
        return given

    def waiting(self, besides: str = "carla", after: str = "", limit: int = 9) -> list[str]:
        found = self.quarantine.waiting(TENANT, besides=besides, after=after, limit=limit)
        return [one.document for one in found]


@pytest.fixture
def house(database: str) -> House:
    return House(open_database(database))


def test_what_waits_is_listed_the_oldest_first_in_pages(house: House) -> None:
    names = [house.file(name) for name in ("d3", "d1", "d2")]
    house.file("elsewhere", tenant="weir")
    house.registry.register(Document("d9", "nursing/d9.md", "v", "T", "text/markdown", "en", 1, ICU), [])
    assert house.waiting() == names
    assert (house.waiting(limit=2), house.waiting(after="d1")) == (["d3", "d1"], ["d2"])
    assert house.waiting(after="elsewhere") == [], "nobody looks from a place of another tenant"
    assert house.waiting(after="d9") == [], "nor from a document that does not wait: that would tell that it is there"
    assert house.waiting(after="nothing") == []


def test_what_somebody_put_in_or_answers_for_is_not_listed_for_him(house: House) -> None:
    """Guards both halves of `_not_of`."""
    house.upload("u1", "carla")
    house.upload("u2", "mara")
    house.file("f1", listed=Access(TENANT, Level.INTERNAL, frozenset({"icu"}), "n", frozenset(), (), owner="carla"))
    house.file("f2", listed=None)
    assert house.waiting() == ["u2", "f2"]
    assert house.waiting(besides="mara") == ["u1", "f1", "f2"]


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.REMOVING, State.DISCARDED])
def test_an_upload_that_is_on_its_way_or_gone_does_not_wait(house: House, state: State) -> None:
    """Guards the last line of `_waiting`."""
    house.upload("u1", "mara", state)
    assert house.waiting() == []
    assert house.quarantine.one(TENANT, "u1") is None


def test_what_is_being_stored_does_not_wait(house: House) -> None:
    """Guards `STORING` in `_SETTLED`: a word would come in between."""
    assert STORING == Fault.INTERRUPTED
    house.file("f1", Fault.INTERRUPTED)
    assert house.waiting() == []


def test_a_released_upload_is_queued_and_tried_from_the_beginning(house: House) -> None:
    house.upload("u1", "mara")
    held = house.quarantine.one(TENANT, "u1")
    assert held is not None
    assert held.upload is not None
    assert (held.reason, held.listed, held.upload.size) == (Fault.ENCRYPTED, held.upload.access, 7)
    assert house.quarantine.release(held)
    (queued,) = house.uploads.left()
    assert (queued.state, queued.attempts, queued.reason, queued.ticket) == (State.QUEUED, 0, "", "t-u1")
    record = house.registry.record("u1")
    assert record is not None
    assert record.reason == RELEASED
    assert RELEASED not in OF_THE_BYTES, "the pipeline would not look at it again"
    assert house.waiting() == []


def test_of_two_words_one_counts(house: House) -> None:
    """Guards the state and the reason in `_stands`."""
    house.upload("u1", "mara")
    house.file("f1")
    for name in ("u1", "f1"):
        held = house.quarantine.one(TENANT, name)
        assert held is not None
        assert house.quarantine.discard(held, "It is the locked copy.")
        assert not house.quarantine.release(held)
        assert not house.quarantine.discard(held, "It is the locked copy.")
    assert house.waiting() == []


def test_a_word_about_a_version_that_has_been_replaced_counts_for_nothing(house: House) -> None:
    """Guards the version in `_stands`."""
    house.upload("u1", "mara")
    house.file("f1")
    old = [house.quarantine.one(TENANT, name) for name in ("u1", "f1")]
    again = house.upload("u1", "mara")
    house.uploads.accept(Upload(**{**{n: getattr(again, n) for n in Upload.__slots__}, "ticket": "t-new"}))
    house.registry.quarantine(
        document="f1", tenant=TENANT, uri="nursing/f1.pdf", version="v2", reason=Fault.DAMAGED, listed=ICU
    )
    for held in old:
        assert held is not None
        assert not house.quarantine.release(held)
        assert not house.quarantine.discard(held, "It is the locked copy.")
    assert [upload.ticket for upload in house.uploads.left()] == ["t-new"]


@pytest.mark.parametrize("state", [State.QUEUED, State.REMOVING])
def test_an_upload_that_is_given_or_taken_away_again_is_nobody_s_to_decide(house: House, state: State) -> None:
    """Guards the state in the first question of `_stands`: its row of files is still the old one."""
    given = house.upload("u1", "mara")
    held = house.quarantine.one(TENANT, "u1")
    assert held is not None
    if state == State.QUEUED:
        house.uploads.accept(given)
    else:
        assert house.uploads.withdraw("u1", "mara", "t-u1")
    assert not house.quarantine.release(held)
    assert not house.quarantine.discard(held, "It is the locked copy.")
    left = house.uploads.get("u1")
    assert left is not None
    assert (left.state, house.registry.record("u1") is None) == (state, False)


def test_what_failed_again_for_another_reason_is_looked_at_again_first(house: House) -> None:
    """Guards the reason in `_stands`: nothing is changed by halves."""
    given = house.upload("u1", "mara")
    held = house.quarantine.one(TENANT, "u1")
    assert held is not None
    house.file("u1", Fault.CRASHED)
    assert not house.quarantine.release(held)
    assert not house.quarantine.discard(held, "It is the locked copy.")
    left = house.uploads.get("u1")
    assert left is not None
    assert (left.state, left.ticket) == (State.QUARANTINED, given.ticket)


def test_a_version_that_is_held_back_under_the_same_reason_is_another_one(house: House) -> None:
    """Guards the ticket in `_stands`: the same bytes, given again."""
    given = house.upload("u1", "mara")
    held = house.quarantine.one(TENANT, "u1")
    assert held is not None
    again = Upload(**{**{name: getattr(given, name) for name in Upload.__slots__}, "ticket": "t-new"})
    house.uploads.accept(again)
    house.uploads.finish(again, State.QUARANTINED, Fault.ENCRYPTED)
    assert not house.quarantine.release(held)
    assert house.uploads.left() == []


def test_what_is_discarded_leaves_its_word_and_nothing_else(house: House) -> None:
    house.upload("u1", "mara")
    house.file("f1")
    for name in ("u1", "f1"):
        held = house.quarantine.one(TENANT, name)
        assert held is not None
        assert house.quarantine.discard(held, "It is the locked copy.")
    upload, record = house.uploads.get("u1"), house.registry.record("f1")
    assert upload is not None
    assert (upload.state, upload.reason) == (State.DISCARDED, "It is the locked copy.")
    assert house.registry.record("u1") is None
    assert house.uploads.holding(["t-u1"]) == set(), "its bytes are swept"
    assert record is not None
    assert record.reason == DISCARDED
    assert house.uploads.withdraw("u1", "mara", "t-2"), "its owner takes the word away"


def test_who_would_read_it_is_known_of_what_is_held_back_and_of_nothing_else(house: House) -> None:
    house.file("d1")
    record = house.registry.record("d1")
    assert record is not None
    assert (record.access, record.listed) == (None, ICU)
    assert house.registry.document("d1") is None
    house.registry.register(Document("d1", "nursing/d1.pdf", "v", "T", "application/pdf", "en", 1, ICU), [])
    record = house.registry.record("d1")
    assert record is not None
    assert (record.access, record.listed) == (ICU, None)


def test_what_a_document_replaces(house: House) -> None:
    old = Document("d1", "a.md", "v", "A", "text/markdown", "en", 1, ICU, None, "d2")
    house.registry.register(old, [])
    house.registry.register(Document("d2", "b.md", "v", "B", "text/markdown", "en", 1, ICU), [])
    assert (house.registry.replaced_by("d2"), house.registry.replaced_by("d1")) == ([old], [])
