"""The routes of the quarantine on a real database, queue and intake, with the shipped rules and personas."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from appliance.access.curating import Curation
from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.api.app import create_app
from appliance.errors import NotAllowed
from appliance.records import Access, Event, Level, Principal
from appliance.store.database import open_database
from appliance.store.quarantine import Quarantine
from appliance.store.uploads import State
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS
from tests.api.test_documents import ASKED, MISSING, House
from tests.rules import rules

WHY = "It is the locked copy of a plan that is here already."
CARLA = Principal(
    "carla", "", "aldermoor", frozenset({"staff"}), Level.CONFIDENTIAL, "demo", "records", roles=frozenset({"curator"})
)
LISTED = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


class Held(House):
    """The house of documents, with a quarantine."""

    def __init__(self, data: Path, url: str, decides: Rules | None = None) -> None:
        super().__init__(data, url)
        self.curation = Curation(
            quarantine=Quarantine(open_database(url)), intake=self.intake, bell=self.bell, journal=self.journal,
            rules=decides or rules(),
        )  # fmt: skip
        self.identity = DemoIdentity(PERSONAS, "aldermoor")
        self.app = create_app(
            settings=self.settings, identity=self.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            shelf=self.shelf, curation=self.curation,
        )  # fmt: skip

    def upload(self, persona: str, name: str = "night.pdf", readers: str = "icu") -> str:
        """Put in by a persona, and held back by the worker."""
        asked = ASKED | {"name": name, "readers": readers}
        told = self.client(persona).post("/v1/documents", params=asked, content=b"# Night")
        document = str(told.json()["id"])
        upload = self.uploads.get(document)
        assert upload is not None
        self.registry.quarantine(
            document=document, tenant="aldermoor", uri=upload.uri, version=upload.digest, reason="it is encrypted",
            listed=upload.access,
        )  # fmt: skip
        self.uploads.finish(upload, State.QUARANTINED, "it is encrypted")
        self.journal.entries.clear()
        return document

    def file(self, name: str, listed: Access | None = LISTED) -> str:
        self.registry.quarantine(
            document=name, tenant="aldermoor", uri=f"nursing/{name}.docx", version="v", reason="no text found",
            listed=listed,
        )  # fmt: skip
        return name

    def told(self) -> list[tuple[Event, str, tuple[str, ...]]]:
        return [(one.event, one.subject, one.documents) for one in self.journal.entries]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Held]:
    """On SQLite: that both databases hold the same is shown in `tests/store`."""
    built = Held(tmp_path, f"sqlite:///{tmp_path}/registry.sqlite")
    yield built
    built.bell.close()


@pytest.fixture
def carla(house: Held) -> TestClient:
    return house.client("carla")


def test_a_curator_sees_facts_and_names_only_of_what_she_could_read(house: Held, carla: TestClient) -> None:
    """Guards `named` in `HeldView.of`, and `readable` in `_inspected`."""
    hidden, open_ = house.upload("mara"), house.upload("mara", "visits.pdf", "staff")
    file, unlisted = house.file("f1"), house.file("f2", None)
    answer = carla.get("/v1/quarantine")
    first, second, third, fourth = answer.json()["held"]
    assert [one["id"] for one in (first, second, third, fourth)] == [hidden, open_, file, unlisted]
    assert (first["reason"], first["ending"], first["bytes"], first["level"], first["department"]) == (
        "it is encrypted", "pdf", 7, "internal", "nursing",
    )  # fmt: skip
    for nameless in (first, fourth):
        assert (nameless["name"], nameless["uri"], nameless["uploader"], nameless["readers"]) == ("", "", "", [])
    assert (second["name"], second["uploader"], second["readers"]) == ("visits.pdf", "mara", ["staff"])
    assert (third["name"], third["uploaded"], third["bytes"]) == ("f1.docx", False, None)
    assert (fourth["level"], fourth["department"]) == ("", "")
    assert "night" not in answer.text
    assert house.told() == [(Event.QUARANTINE_VIEWED, "carla", (hidden, open_, file, unlisted))]


def test_the_list_is_paged(house: Held, carla: TestClient) -> None:
    names = [house.file(f"f{number}") for number in range(3)]
    first = carla.get("/v1/quarantine", params={"limit": 2}).json()
    assert ([one["id"] for one in first["held"]], first["next"]) == (names[:2], names[1])
    rest = carla.get("/v1/quarantine", params={"limit": 2, "after": first["next"]}).json()
    assert ([one["id"] for one in rest["held"]], rest["next"]) == (names[2:], None)


@pytest.mark.parametrize("who", ["mara", "helen", "ines", "otto"])
def test_nobody_but_curators_sees_or_decides(house: Held, who: str) -> None:
    """Guards both `demand` in `Curation`."""
    document = house.upload("tobias", readers="staff")
    client = house.client(who)
    assert client.get("/v1/quarantine").status_code == 403
    assert client.post(f"/v1/quarantine/{document}/release").status_code == 403
    assert client.post(f"/v1/quarantine/{document}/discard", json={"reason": WHY}).status_code == 403
    assert (house.uploads.left(), house.told()) == ([], [])


def test_nobody_decides_about_what_he_put_in_himself_or_answers_for(house: Held, carla: TestClient) -> None:
    """Guards `_own` in `Curation._his`."""
    own = house.upload("carla", readers="staff")
    file = house.file("f1", replace(LISTED, owner="carla"))
    assert carla.get("/v1/quarantine").json()["held"] == []
    for document in (own, file):
        for answer in (
            carla.post(f"/v1/quarantine/{document}/release"),
            carla.post(f"/v1/quarantine/{document}/discard", json={"reason": WHY}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert (house.uploads.left(), house.told()) == ([], [])
    assert len(house.kept()) == 1


def test_a_release_puts_it_back_and_rings(house: Held, carla: TestClient) -> None:
    document = house.upload("mara")
    assert carla.post(f"/v1/quarantine/{document}/release").status_code == 202
    (queued,) = house.uploads.left()
    assert (queued.state, queued.ticket in house.bell.rung()) == (State.QUEUED, True)
    assert house.told() == [(Event.QUARANTINE_RELEASED, "carla", (document,))]
    assert house.client("mara").get(f"/v1/documents/{document}").json()["status"] == "queued"
    assert carla.post(f"/v1/quarantine/{document}/release").status_code == 404, "it waits no more"


def test_a_discarded_upload_is_gone_and_its_owner_is_told_why(house: Held, carla: TestClient) -> None:
    document = house.upload("mara")
    assert carla.post(f"/v1/quarantine/{document}/discard", json={"reason": "no"}).status_code == 400
    assert len(house.kept()) == 1
    assert carla.post(f"/v1/quarantine/{document}/discard", json={"reason": WHY}).status_code == 202
    assert house.kept() == []
    assert house.told() == [(Event.QUARANTINE_DISCARDED, "carla", (document,))]
    assert house.journal.entries[0].question == WHY, "as a digest, once it is in the ledger"
    assert house.journal.entries[0].reason == ""
    mara = house.client("mara")
    shown = mara.get(f"/v1/documents/{document}").json()
    assert (shown["status"], shown["reason"], shown["readable"]) == ("discarded", WHY, False)
    assert mara.delete(f"/v1/documents/{document}").status_code == 202
    assert mara.get(f"/v1/documents/{document}").status_code == 404


def test_missing_stored_and_of_another_tenant_are_the_same(house: Held, carla: TestClient) -> None:
    stored = house.register("nursing/falls.md")
    house.registry.quarantine(
        document="weir-1", tenant="weir", uri="a.pdf", version="v", reason="it is encrypted", listed=None
    )
    bodies = []
    for document in (MISSING, stored, "weir-1"):
        for answer in (
            carla.post(f"/v1/quarantine/{document}/release"),
            carla.post(f"/v1/quarantine/{document}/discard", json={"reason": WHY}),
        ):
            assert answer.status_code == 404
            bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
    assert bodies == [bodies[0]] * 6


def test_what_cannot_be_recorded_is_neither_shown_nor_done(house: Held, carla: TestClient) -> None:
    """Guards each `self._record` in `Curation`, and that it comes first."""
    document = house.upload("mara")
    house.journal.fails_at = 1
    assert carla.get("/v1/quarantine").status_code == 503
    assert carla.post(f"/v1/quarantine/{document}/release").status_code == 503
    assert carla.post(f"/v1/quarantine/{document}/discard", json={"reason": WHY}).status_code == 503
    assert (house.uploads.left(), len(house.kept())) == ([], 1)


def test_not_through_a_program_that_nobody_registered(house: Held) -> None:
    document = house.upload("mara")
    with pytest.raises(NotAllowed):
        house.curation.release(replace(CARLA, client="a-script"), document)
    with pytest.raises(NotAllowed):
        house.curation.page(replace(CARLA, roles=frozenset({"curator", "operator"})), after="", limit=9)
