"""The routes of emergencies over a real database, as the personas of the demonstration use them."""

import socketserver
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from appliance.access.emergencies import Bounds, Emergencies
from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.api.app import create_app
from appliance.operations.post import Post, letter
from appliance.records import Mailed
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.emergencies import EmergencyTable
from tests.access.emergency_house import FOUND, REASON
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS
from tests.contracts.journals import ListJournal
from tests.rules import ruleset

ASKED = {"reason": REASON, "minutes": 10}
SECONDS = 20


class House:
    def __init__(self, data: Path) -> None:
        self.settings = load(data=data)
        self.identity = DemoIdentity(PERSONAS, "aldermoor")
        self.kept = EmergencyTable(open_database(self.settings.database))
        rules = Rules(ruleset, self.identity)
        bounds = Bounds.of(self.settings)
        urgent = Emergencies(kept=self.kept, journal=ListJournal(), rules=rules, bounds=bounds)
        self.app = create_app(
            settings=self.settings, identity=self.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            urgent=urgent,
        )  # fmt: skip

    def client(self, persona: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self.identity.token(persona)}"}
        return TestClient(self.app, base_url="http://localhost", headers=headers)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def kinds(client: TestClient) -> list[str]:
    return [one["kind"] for one in client.get("/v1/notices").json()["notices"]]


def test_from_opening_to_review(house: House) -> None:
    tobias, priya, mara = (house.client(who) for who in ("tobias", "priya", "mara"))
    opened = tobias.post("/v1/emergencies", json=ASKED)
    assert opened.status_code == 201
    told = opened.json()
    assert (told["person"], told["running"], told["documents"], told["mail"]) == ("tobias", True, 0, "none")
    path = f"/v1/emergencies/{told['id']}"
    assert (kinds(tobias), kinds(priya), kinds(mara)) == (["yours-runs"], ["runs"], [])
    assert tobias.post("/v1/emergencies", json=ASKED).status_code == 409
    assert mara.delete(path).status_code == mara.delete("/v1/emergencies/none").status_code == 404
    assert tobias.delete(path).status_code == 204
    verdict = {"verdict": "not-justified", "note": FOUND}
    assert tobias.post(f"{path}/review", json=verdict).status_code == 403
    assert priya.get("/v1/emergencies/reviews").json()["emergencies"][0]["id"] == told["id"]
    assert priya.post(f"{path}/review", json=verdict).json()["reviewer"] == "priya"
    assert priya.post(f"{path}/review", json=verdict).status_code == 409
    assert tobias.post("/v1/emergencies", json=ASKED).status_code == 403
    assert priya.post(f"{path}/lift").status_code == 204
    assert tobias.post("/v1/emergencies", json=ASKED).status_code == 201
    assert len(tobias.get("/v1/emergencies").json()["emergencies"]) == 2


@pytest.mark.parametrize(
    ("who", "longest", "purposes", "reviews"),
    [("tobias", 30, ["emergency"], False), ("priya", 0, [], True), ("helen", 0, [], False), ("mara", 0, [], False)],
)
def test_everybody_is_told_what_he_may_do(
    house: House, who: str, longest: int, purposes: list[str], reviews: bool
) -> None:
    """Guards `breaks_glass` and `_officer` in `Emergencies.offer`: a purpose alone is no emergency's."""
    told = house.client(who).get("/v1/notices").json()
    assert (told["longest"], told["purposes"], told["reviews"]) == (longest, purposes, reviews)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"reason": ""}, 400), ({"reason": "x" * 5_000}, 422), ({"minutes": 0}, 422), ({"minutes": -5}, 422),
        ({"minutes": 61}, 422), ({"minutes": 31}, 400), ({"minutes": "10"}, 422), ({"minutes": 10**30}, 422),
        ({"purpose": "research"}, 403), ({"purpose": ""}, 422), ({"person": "mara"}, 422),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_quotes_nothing(house: House, changed: dict[str, object], status: int) -> None:
    answer = house.client("tobias").post("/v1/emergencies", json=ASKED | changed)
    assert answer.status_code == status
    assert "xxxx" not in answer.text
    assert kinds(house.client("tobias")) == []


# --- The mail -------------------------------------------------------------------------------------------------------


class _Mailbox(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it gets."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Talk)
        self.got: list[str] = []


class _Talk(socketserver.StreamRequestHandler):
    server: _Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.got.append(body.decode())
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


def posted(house: House, server: str) -> Mailed:
    """What is kept of the mail, once it is decided."""
    done = threading.Event()

    def told(tenant: str, emergency_id: str, state: Mailed) -> None:
        house.kept.mailed(tenant, emergency_id, state)
        if state is not Mailed.WAITING:
            done.set()

    opened = house.client("tobias").post("/v1/emergencies", json=ASKED).json()
    found = house.kept.find("aldermoor", opened["id"])
    assert found is not None
    settings = load(notice_smtp=server, notice_from="muniment@house.invalid", notice_to="duty@house.invalid")
    Post(settings, told, pause=0.01).tell(found)
    assert done.wait(SECONDS)
    kept = house.kept.find("aldermoor", opened["id"])
    assert kept is not None
    return kept.mailed


def test_the_officers_get_a_mail_with_who_when_and_why(house: House) -> None:
    with _Mailbox() as box:
        serving = threading.Thread(target=box.serve_forever, daemon=True)
        serving.start()
        assert posted(house, f"smtp://127.0.0.1:{box.server_address[1]}") is Mailed.SENT
        box.shutdown()
        serving.join()
    (mail,) = box.got
    assert "Subject: Muniment: an emergency was opened" in mail
    assert "Tobias Renner (tobias)" in mail
    assert REASON in mail


def test_a_mail_that_does_not_go_blocks_nothing_and_is_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Guards `self._note(emergency, Mailed.FAILED)` in `Post._deliver`."""
    assert posted(house, "smtp://127.0.0.1:1") is Mailed.FAILED
    assert "could not be sent" in caplog.text
    assert REASON not in caplog.text
    assert kinds(house.client("tobias")) == ["yours-runs"]


def test_no_name_and_no_reason_crosses_a_wire_in_clear(house: House) -> None:
    """Guards `line.starttls` in `Post._send`: a server elsewhere that cannot encrypt gets nothing, and that is told.

    127.0.0.2 stands for elsewhere: this machine too, but none of its names.
    """
    with _Mailbox("127.0.0.2") as box:
        serving = threading.Thread(target=box.serve_forever, daemon=True)
        serving.start()
        assert posted(house, f"smtp://127.0.0.2:{box.server_address[1]}") is Mailed.FAILED
        box.shutdown()
        serving.join()
    assert box.got == []


def test_a_name_writes_no_head_of_a_mail(house: House) -> None:
    house.client("tobias").post("/v1/emergencies", json=ASKED)
    (one,) = house.kept.unreviewed("aldermoor")
    mail = letter(one, sender="muniment@house.invalid", to="duty@house.invalid")
    assert sorted(mail.keys()) == sorted(
        ["Subject", "From", "To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    )
