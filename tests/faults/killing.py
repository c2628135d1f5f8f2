"""A whole stack whose parts are killed at random moments while a client uploads and asks; then what is left of it."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from appliance import wiring
from appliance.audit.verification import verify
from appliance.models import engines
from appliance.operations.parts import worker_lock
from appliance.operations.stack import held
from appliance.retrieval import launch as store
from appliance.retrieval.index import COLLECTION, Index
from appliance.settings import ROOT, Settings
from appliance.store.uploads import State
from ingest.worker import Limits, Parsers
from tests.contracts.fake_engine import fake_launch
from tests.ingest.uploading import jobs_of

PARTS = ("store", "model", "worker", "api")
ENDS = ("closed", "refused", "broken", "left")
START_S = 120
QUESTION = "Night shift: when is the drug cupboard on ward seven counted in the evening by two nurses?"
"""Near enough to its passage for a model that counts letters; otherwise every answer would be an early refusal."""
REPLY = "The drug cupboard on ward seven is counted at ten in the evening by two nurses [1]."


@dataclass
class House:
    """The stack's processes, each of which can be killed and is started again."""

    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str) -> None:
        """Start `part` and wait until it is ready."""
        model, vectors = fake_launch(self.settings, "--reply", REPLY), store.launch(self.settings)
        ours = [sys.executable, "-m", "tests.faults.parts", part]
        arguments = {"store": vectors.arguments, "model": model.arguments}.get(part, ours)
        told = {"DATA": self.settings.data, "API_PORT": self.settings.api_port, "STORE_SECONDS": 3, "MODEL_SECONDS": 5}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **{f"MUNIMENT_{n}": str(v) for n, v in told.items()}}
        with (self.settings.data / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(list(arguments), env=environment, cwd=ROOT, stdout=log, stderr=log)
        ready: dict[str, Callable[[], bool]] = {
            "store": lambda: store.ready(vectors.endpoint),
            "model": lambda: engines.ready(model.endpoint),
            "worker": lambda: held(worker_lock(self.settings)),
            "api": self.answers,
        }
        until = time.monotonic() + START_S
        while not ready[part]():
            assert self.running[part].poll() is None, (self.settings.data / f"{part}.log").read_text()[-2_000:]
            assert time.monotonic() < until, f"{part} was not ready in time"
            time.sleep(0.05)

    def kill(self, part: str) -> None:
        """End `part` as a power cut would."""
        self.running[part].kill()
        self.running[part].wait()

    def answers(self) -> bool:
        """Whether the API answers."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.settings.api_url}/healthz", trust_env=False, timeout=5).status_code == 200
        return False

    def stop(self) -> None:
        """Kill what lives."""
        for part in self.running:
            self.kill(part)


@dataclass
class Client:
    """Uploads and asks until it is told to stop; nothing that happens to the stack may surprise it."""

    settings: Settings
    over: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def upload(self) -> None:
        """A new document each time; tried once, so what was not acknowledged is never sent again."""
        number = 0
        while not self.over.wait(0.1):
            number += 1
            content = f"# Night shift {number}\n\n{REPLY[:-5]} ({number}).\n\n# Keys\n\nThe keys of cupboard {number} lie at the desk.\n"  # noqa: E501  # one document, as it is written
            asked = {"name": f"night-{number}.md", "level": "internal", "readers": "icu"}
            answer = self._post("/v1/documents", params=asked, content=content.encode())
            if answer is not None and answer.status_code == 202:
                self.acknowledged[answer.json()["id"]] = content.encode()

    def ask(self) -> None:
        """The same question again and again."""
        while not self.over.wait(0.05):
            self._post("/v1/ask", json={"question": QUESTION})

    def answered(self) -> None:
        """Wait, with every part up again, until a question was answered at least once."""
        until = time.monotonic() + START_S
        while not self.told["/v1/ask 200 answer"] and time.monotonic() < until:
            time.sleep(0.1)

    def _post(self, path: str, **what: object) -> httpx.Response | None:
        try:
            with httpx.Client(base_url=self.settings.api_url, trust_env=False, timeout=30) as api:
                token = api.post("/v1/demo/token", json={"persona": "mara"}).json()["access_token"]
                answer = api.post(path, headers={"Authorization": f"Bearer {token}"}, **what)  # type: ignore[arg-type]
        except httpx.TransportError:
            self.told[f"{path} cut off"] += 1
            return None
        body = answer.json()
        self.told[f"{path} {answer.status_code} {body.get('code', body.get('kind', ''))}"] += 1
        return answer


@dataclass(frozen=True)
class Remains:
    """What was found afterwards. `faults` is empty if nothing was lost, doubled or left behind."""

    acknowledged: int
    kills: Counter[str]
    told: Counter[str]
    unended: int
    faults: list[str]


def run(settings: Settings, *, times: int, seed: int) -> Remains:
    """Kill `times` parts at random moments under load, start each again, and look at what is left."""
    chance, house, client, kills = random.Random(seed), House(settings), Client(settings), Counter[str]()  # noqa: S311  # moments of a test, to be repeated by their seed
    threads = [threading.Thread(target=work, daemon=True) for work in (client.upload, client.ask, client.ask)]
    try:
        for part in PARTS:
            house.start(part)
        for thread in threads:
            thread.start()
        for turn in range(times):
            time.sleep(chance.uniform(0.2, 2.0))
            part = PARTS[turn % 4] if turn < 4 else chance.choice(PARTS)
            house.kill(part)
            kills[part] += 1
            time.sleep(chance.uniform(0.0, 1.0))
            house.start(part)
        client.answered()
        client.over.set()
        for thread in threads:
            thread.join(60)
        house.kill("worker")
        return _remains(house, client, kills)
    finally:
        client.over.set()
        house.stop()


def _remains(house: House, client: Client, kills: Counter[str]) -> Remains:
    settings = house.settings
    uploads, registry, _ = wiring.promises(settings)
    index = Index(store.endpoint(settings), seconds=30)
    with Parsers(Limits(memory_mib=1_024, seconds=60, pages=100), hidden=(settings.data,)) as parsers:
        jobs = jobs_of(settings, index, parsers)  # the next worker
        jobs.resume()
        for job in list(jobs.missing(set())):
            jobs.do(*job)
        for file in (settings.data / "archive" / "incoming").iterdir():
            os.utime(file, (0, 0))
        jobs.sweep()
    index.close()
    faults = [f"upload {u.document} is {u.state}" for u in uploads.left()]
    known = {document.id: document for document in registry.documents()}
    for identifier in client.acknowledged:
        found = uploads.get(identifier)
        if found is None or found.state != State.STORED or identifier not in known:
            faults.append(f"acknowledged {identifier} is {found and found.state}: {found and found.reason}")
    faults += _passages(settings, {identifier: document.version for identifier, document in known.items()})
    archive = {path.name for path in (settings.data / "archive").rglob("*") if path.is_file()}
    needed = registry.needed(archive)
    faults += [f"orphan in the archive: {name}" for name in archive - needed]
    faults += [f"bytes missing of {i}" for i, document in known.items() if document.version not in archive]
    unended, more = _ledger(settings, allowed=2 * kills["api"])
    surprises = [told for told in client.told if " 5" in told and " 503 " not in told]
    return Remains(len(client.acknowledged), kills, client.told, unended, faults + more + surprises)


def _passages(settings: Settings, known: dict[str, str]) -> list[str]:
    """Every registered document has the same two passages, once each, of its registered version; nobody else has."""
    where, found = store.endpoint(settings), Counter[tuple[str, int]]()
    faults = []
    with where.client(30) as client:
        offset = None
        while True:
            asked = {"limit": 500, "offset": offset, "with_payload": True}
            page = client.post(f"/collections/{COLLECTION}/points/scroll", json=asked).json()["result"]
            for point in page["points"]:
                payload = point["payload"]
                found[payload["document"], payload["position"]] += 1
                if known.get(payload["document"]) != payload["version"]:
                    faults.append(f"orphan passage of {payload['document']}")
            offset = page.get("next_page_offset")
            if offset is None:
                break
    faults += [f"passage {place} stands {count} times" for place, count in found.items() if count > 1]
    each = Counter(document for document, _ in found)
    usual = max(each.values(), default=0)
    return faults + [
        f"{document} has {each[document]} of {usual} passages" for document in known if each[document] != usual
    ]


def _ledger(settings: Settings, *, allowed: int) -> tuple[int, list[str]]:
    """How many answers were opened and never ended, and what is wrong with the chain."""
    rows = list(wiring.ledger_of(settings).ledger.rows())
    opened, ended = Counter[str](), Counter[str]()
    for _, body, _ in rows:
        entry = json.loads(body)
        opened[entry.get("about", "")] += entry["event"] == "opened"
        ended[entry.get("about", "")] += entry["event"] in ENDS
    unended = [answer for answer, count in opened.items() if count and not ended[answer]]
    faults = [f"{answer} ended twice" for answer, count in ended.items() if answer and count > 1]
    faults += verify(rows, keys={}).faults
    if len(unended) > allowed:
        faults.append(f"{len(unended)} answers without an end, of at most {allowed}")
    return len(unended), faults
