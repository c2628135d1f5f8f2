"""A house that takes uploads, for the tests of its worker: the real app without a model, real store and parsers."""

from collections.abc import Callable
from pathlib import Path

from fastapi.testclient import TestClient

from appliance import wiring
from appliance.access.identity import DemoIdentity
from appliance.api.app import create_app
from appliance.models.engines import Endpoint
from appliance.records import Level, Principal
from appliance.retrieval.index import Index
from appliance.settings import Settings, load
from appliance.store.jobs import Bell
from ingest.jobs import Jobs
from ingest.worker import Parsers
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS
from tests.ingest.uploading import jobs_of
from tests.rules import rules, scope_of

PATIENCE = 240
TEXT = b"# Night shift\n\nThe drug cupboard on ward seven is counted at ten in the evening by two nurses.\n"
OTHER = b"# Night shift\n\nThe drug cupboard on ward seven is counted at midnight by three nurses.\n"
MARA = Principal("mara", "", "aldermoor", frozenset({"staff", "nursing", "icu"}), Level.INTERNAL, "test")


class House:
    """The real app without a model, and its worker."""

    def __init__(self, folder: Path, store: Endpoint, index: Index, parsers: Parsers) -> None:
        self.settings: Settings = load(data=folder / "data", file_mib=1)
        self.socket, self.index, self.parsers = store.socket, index, parsers
        identity = DemoIdentity(PERSONAS, "aldermoor")
        self.shelf = wiring.shelf(self.settings, wiring.ledger_of(self.settings).ledger, rules())
        self.uploads, self.registry, self.archive = wiring.promises(self.settings)
        self.bell = Bell(self.settings.database)
        self._app = create_app(
            settings=self.settings, identity=identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            shelf=self.shelf,
        )  # fmt: skip
        self._token = identity.token
        self.mara, self.tobias = self.client("mara"), self.client("tobias")

    def client(self, persona: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self._token(persona)}"}
        return TestClient(self._app, base_url="http://localhost", headers=headers)

    def upload(self, content: bytes = TEXT, *, name: str = "night.md", readers: str = "icu") -> str:
        asked = {"name": name, "level": "internal", "readers": readers}
        answer = self.mara.post("/v1/documents", params=asked, content=content)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def jobs(self, at: Callable[[str], None] = lambda _step: None) -> Jobs:
        return jobs_of(self.settings, self.index, self.parsers, at)

    def work(self, jobs: Jobs | None = None) -> list[float | None]:
        """A worker's start and everything that it finds to do, without waiting between attempts."""
        jobs = jobs or self.jobs()
        jobs.resume()
        return [jobs.do(*job) for job in list(jobs.missing(set()))]

    def status(self, document: str) -> tuple[str, str]:
        shown = self.mara.get(f"/v1/documents/{document}").json()
        return shown["status"], shown["reason"]

    def passages(self) -> int:
        return self.index.count(scope_of(MARA))

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.settings.data / "archive").rglob("*") if path.is_file())
