"""A house with a way out on this machine: invented people and documents, all parts real, and the other side apart."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from appliance import wiring
from appliance.escalation import door_socket
from appliance.operations import parts
from appliance.privacy.known import loading
from appliance.privacy.known.naming import Person
from appliance.privacy.known.parts import known_key, known_lists
from appliance.records.escalations import OVER
from appliance.settings import ROOT, Settings
from ingest.pipeline import Pipeline, gather
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.escalation.authority import Authority
from tests.journeys.outside_other import Engine, Other
from tests.journeys.outside_parts import TOLD, settings_of

HOST: Final = "models.example.org"
DESTINATION: Final = "specialist-eu"
PATIENT: Final = Person("Corvin", "Aldersby", (), (("MRN", "MRN-4471902"),))
KEEPER: Final = Person("Edda", "Marlowe-Quist")
CANARY: Final = "Qx730118245zj"
CANARIES: Final = ("Corvin", "Aldersby", "4471902", "Edda", "Marlowe", "Quist", CANARY)
"""What must never stand at the other side, in any case of letters."""
PEOPLE: Final = """
- {id: mara, name: Mara Lindqvist, department: nursing, groups: [icu], treats: [bed-4], clearance: internal}
- {id: tobias, name: Tobias Renner, department: pharmacy, groups: [pharmacy], clearance: internal}
- {id: priya, name: Priya Raman, department: compliance, groups: [compliance], roles: [security-officer], clearance: internal}
- {id: otto, name: Otto Brandt, department: it, groups: [it], roles: [operator], clearance: internal}
"""  # noqa: E501  # one person a line
DOCUMENTS: Final = {
    "icu/patients/bed-4.md": (
        "# Bed 4\n\nPatient: Corvin Aldersby\nMRN: MRN-4471902\nDiagnosis: pneumonia\nAllergies: penicillin\n\n"
        f"Corvin Aldersby in bed 4 must not be given penicillin because of case {CANARY}.\n"
    ),
    "icu/plasma.md": (
        "# Thawed plasma\n\nThawed plasma is used within five days if Edda Marlowe-Quist agrees in writing.\n"
    ),
    "icu/cells.md": "# Red cells\n\nA bag of red cells must have run through within four hours.\n",
    "pharmacy/heparin.md": "# Opened vials\n\nAn opened vial of heparin stays in the fridge of the pharmacy.\n",
}
DESTINATIONS: Final = """
[[destination]]
name = "{name}"
url = "https://{host}:{port}/v1/chat/completions"
model = "muniment-chat"
region = "EU"
contract = "DPA-2026-014"
ways = "external"
classes = ["public", "internal"]
retention_days = 0
price_in = 3.00
price_out = 15.00
approval = "policy"

[budget]
currency = "EUR"
person = 500
department = 900
house = 900
"""
START_S: Final = 120.0


@dataclass
class House:
    """A running house. `folder` goes with it."""

    folder: Path
    settings: Settings
    other: Other
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    # --- Its processes ----------------------------------------------------------------------------------------------

    def start(self, part: str, *, wait: bool = True) -> None:
        """Start `part`, "api" or "door", and wait until it answers."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
        with (self.folder / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.outside_parts", part, str(self.folder)],
                env=environment, cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        if wait:
            self.answering(part)

    def answering(self, part: str) -> None:
        """Wait until `part` answers."""
        until = time.monotonic() + START_S
        while not (self._healthy() if part == "api" else door_socket.listens(self.folder / "way" / "door.sock")):
            told = (self.folder / f"{part}.log").read_text()[-2_000:]
            assert self.running[part].poll() is None, told
            assert time.monotonic() < until, told
            time.sleep(0.05)

    def kill(self, part: str) -> None:
        """End `part` as a power cut would."""
        self.running[part].kill()
        self.running[part].wait()

    def stop(self) -> None:
        """End what lives."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _healthy(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.settings.api_url}/healthz", trust_env=False, timeout=5).status_code == 200
        return False

    # --- Its people -------------------------------------------------------------------------------------------------

    def client(self, persona: str) -> httpx.Client:
        """One of its people, who speaks to its API."""
        made = httpx.Client(base_url=self.settings.api_url, trust_env=False, timeout=120)
        token = made.post("/v1/demo/token", json={"persona": persona}).json()["access_token"]
        made.headers["Authorization"] = f"Bearer {token}"
        return made

    def over(self, client: httpx.Client, identifier: str, *, seconds: float = START_S) -> dict[str, Any]:
        """An escalation once it is over."""
        until, pause = time.monotonic() + seconds, 0.1
        while True:
            told: dict[str, Any] = client.get(f"/v1/escalations/{identifier}").json()
            if told["state"] in {*OVER}:
                return told
            assert time.monotonic() < until, f"it is {told['state']} still"
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    # --- What it recorded -------------------------------------------------------------------------------------------

    def entries(self, about: str) -> list[dict[str, Any]]:
        """The ledger's entries about one escalation, in order."""
        return [json.loads(body) for _, body, _ in wiring.ledger_reader(self.settings).rows(holding=about)]


@contextmanager
def outside_house(
    folder: Path,
    engine: Engine,
    *,
    documents: Mapping[str, str] = DOCUMENTS,
    patients: Sequence[Person] = (PATIENT,),
    seconds: float = 240,
) -> Iterator[House]:
    """The house in `folder`, ready: documents brought in by the real pipeline, with detection. `seconds` is what the
    door waits for an answer."""
    from appliance.settings import load

    folder.mkdir(exist_ok=True)
    other = Other(Authority(folder).certificate(HOST), engine)
    _written(folder, other.port, documents)
    told = {"port": _free_port(), "models": str(load().models_folder), "seconds": seconds}
    (folder / TOLD).write_text(json.dumps(told))
    settings = settings_of(folder)
    house = House(folder, settings, other)
    with ExitStack() as stack:
        stack.callback(other.close)
        stack.callback(house.stop)
        wiring.promises(settings)  # the database is made once, before two processes open it
        for name, people in (("patients", patients), ("keepers", (KEEPER,))):
            loading.load(name, people, known_lists(settings), known_key(settings))
        store = parts.stack(settings)
        list(store.up(parts.parts(settings)[:1]))
        stack.callback(_down, store)
        embedder = HashingEmbedder()
        tools = wiring.ingest_parts(settings, wiring.Instead(embedder=embedder))
        stack.callback(tools.index.close)
        tools.index.ensure(embedder)
        wiring.rules(settings).version  # noqa: B018  # the officers sign, once
        for part in ("api", "door"):
            house.start(part, wait=False)
        marking = wiring.marking(settings)
        pipeline = Pipeline(tools.registry, tools.archive, tools.index, embedder, settings, marking=marking)
        run = gather(pipeline.ingest(pipeline.source(settings.demo_corpus)))
        assert not run.quarantined, run
        for part in ("api", "door"):
            house.answering(part)
        yield house


def _written(folder: Path, port: int, documents: Mapping[str, str]) -> None:
    """People, documents with who may read them, rules with one destination, and the door's key for it."""
    root = folder / "people" / "documents"
    for path, text in documents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root.parent / "personas.yaml").write_text(PEOPLE)
    for top in {path.split("/")[0] for path in documents}:
        (root / top / ".access.yaml").write_text(f"readers: [{top}]\nlevel: internal\ndepartment: {top}\n")
    shutil.copytree(ROOT / "policies", folder / "rules")
    rules = DESTINATIONS.format(name=DESTINATION, host=HOST, port=port)
    (folder / "rules" / "destinations.toml").write_text(rules)
    credentials = folder / "door" / "credentials"
    credentials.mkdir(mode=0o700, parents=True)
    (folder / "door").chmod(0o700)
    key = credentials / f"{DESTINATION}.key"
    key.touch(mode=0o600)
    key.write_text("sk-invented-1\n")


def _down(store: Any) -> None:
    from appliance.errors import NotRunning

    with suppress(NotRunning):
        store.down()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
