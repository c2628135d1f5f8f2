"""The routes of documents on a real database, queue and intake; what the worker does is shown in its own room."""

import hashlib
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from appliance import wiring
from appliance.access import shelf as shelves
from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.access.shelf import Shelf, Versions
from appliance.access.sought import Sought
from appliance.access.uploading import document_id
from appliance.api.app import create_app
from appliance.api.documents import UPLOADS_AT_ONCE, Arriving
from appliance.errors import NotAllowed, NotFound, QueueFull, RegistryUnavailable
from appliance.records import Access, Action, Document, Event, Level, Principal
from appliance.settings import Settings, load
from appliance.store.database import open_database
from appliance.store.intake import Intake
from appliance.store.jobs import Bell
from appliance.store.registry import Registry
from appliance.store.uploads import State, Uploads
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS, served
from tests.contracts.journals import ListJournal
from tests.rules import rules, ruleset

ASKED = {"name": "night.md", "level": "internal", "readers": "icu"}
MISSING = "00000000-0000-4000-8000-00000000ffff"


class House:
    """The app around a real shelf."""

    def __init__(self, data: Path, url: str, bell: object = None) -> None:
        self.settings: Settings = load(data=data, file_mib=1)
        engine = open_database(url)
        self.uploads, self.registry = Uploads(engine), Registry(engine)
        self.intake = wiring.intake(self.settings)
        self.bell = Bell(url)
        self.journal = ListJournal()
        self.shelf = shelf = Shelf(
            registry=self.registry, uploads=self.uploads, intake=self.intake, bell=bell or self.bell,  # type: ignore[arg-type]
            journal=self.journal, rules=rules(),
        )  # fmt: skip
        self.identity = DemoIdentity(PERSONAS, "aldermoor")
        self.app = create_app(
            settings=self.settings, identity=self.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            shelf=shelf,
        )  # fmt: skip

    def client(self, persona: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self.identity.token(persona)}"}
        return TestClient(self.app, base_url="http://localhost", headers=headers)

    def register(self, uri: str, reader: str = "staff", level: Level = Level.INTERNAL) -> str:
        access = Access("aldermoor", level, frozenset({reader}), "nursing", frozenset(), ())
        document = Document(
            document_id("aldermoor", uri), uri, "v" * 64, f"Title of {uri}", "text/markdown", "en", 1, access
        )
        self.registry.register(document, [])
        return document.id

    def kept(self) -> list[str]:
        folder = self.settings.data / "archive" / "incoming"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def house(tmp_path: Path, database: str) -> Iterator[House]:
    built = House(tmp_path, database)
    yield built
    built.bell.close()


@pytest.fixture
def mara(house: House) -> TestClient:
    return house.client("mara")


def test_an_acknowledged_upload_is_promised_kept_and_rung_for(house: House, mara: TestClient) -> None:
    answer = mara.post("/v1/documents", params=ASKED, content=b"# Night")
    assert answer.status_code == 202
    shown = answer.json()
    assert answer.headers["location"] == f"/v1/documents/{shown['id']}"
    assert (shown["uri"], shown["status"], shown["own"]) == ("/uploads/mara/night.md", "queued", True)
    (promised,) = house.uploads.left()
    assert house.intake.path(promised.ticket).read_bytes() == b"# Night"
    assert house.bell.rung() == {promised.ticket}
    assert mara.get(answer.headers["location"]).json() == shown


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"readers": "hr"}, 403, "not-allowed"),
        ({"readers": ["icu", "hr"]}, 403, "not-allowed"),
        ({"level": "confidential"}, 403, "not-allowed"),
        ({"readers": ""}, 400, "bad-request"),
        ({"readers": []}, 422, "wrong-fields"),
        ({"level": "secret"}, 422, "wrong-fields"),
        ({"level": ""}, 422, "wrong-fields"),
        ({"name": ".."}, 400, "bad-request"),
        ({"name": "a\u202eb"}, 400, "bad-request"),
    ],
)
def test_what_may_not_be_uploaded_is_refused_and_leaves_nothing(
    house: House, mara: TestClient, changed: dict[str, str], status: int, code: str
) -> None:
    """Guards the call of `granted` in `Shelf.permit`, before the first byte is read."""
    answer = mara.post("/v1/documents", params=ASKED | changed, content=b"# Night")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (house.kept(), house.uploads.left()) == ([], [])


def test_a_body_that_is_none(house: House, mara: TestClient) -> None:
    assert mara.post("/v1/documents", params=ASKED).status_code == 400
    form = mara.post("/v1/documents", params=ASKED, files={"file": b"# Night"})
    assert form.status_code == 400
    large = mara.post("/v1/documents", params=ASKED, content=b"x" * (1 << 20) + b"y")
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    assert (house.kept(), house.uploads.left()) == ([], [])
    assert mara.post("/v1/documents", params=ASKED, content=b"x" * (1 << 20)).status_code == 202


def test_an_upload_and_a_removal_are_recorded_before_they_happen(house: House, mara: TestClient) -> None:
    """Guards both `self._record` in `Shelf`."""
    shown = mara.post("/v1/documents", params=ASKED, content=b"# Night").json()
    assert mara.get(f"/v1/documents/{shown['id']}").status_code == 200
    house.journal.fails_at = 1
    assert mara.post("/v1/documents", params=ASKED | {"name": "b.md"}, content=b"# B").status_code == 503
    assert mara.delete(f"/v1/documents/{shown['id']}").status_code == 503
    assert [upload.name for upload in house.uploads.left()] == ["night.md"]
    assert len(house.kept()) == 1
    house.journal.fails_at = 0
    assert mara.delete(f"/v1/documents/{shown['id']}").status_code == 202
    assert [(one.event, one.subject, one.documents) for one in house.journal.entries] == [
        (Event.UPLOADED, "mara", (shown["id"],)),
        (Event.REMOVED, "mara", (shown["id"],)),
    ]


def test_an_upload_without_a_length_is_bounded_too(house: House, mara: TestClient) -> None:
    """Guards the check in `Incoming.write`."""
    answer = mara.post("/v1/documents", params=ASKED, content=(b"x" * 65_536 for _ in range(17)))
    assert answer.status_code == 413
    assert house.kept() == []


def test_an_upload_that_breaks_off_leaves_nothing(house: House) -> None:
    """Guards `unlink` in `Incoming.__exit__`."""
    begun = threading.Event()

    def half() -> Iterator[bytes]:
        yield b"x" * 300_000
        begun.set()
        raise ConnectionError

    with served(house.app) as address:
        headers = {"Authorization": f"Bearer {house.identity.token('mara')}"}
        with pytest.raises(ConnectionError):
            httpx.post(f"{address}/v1/documents", params=ASKED, content=half(), headers=headers, trust_env=False)
        deadline = threading.Event()
        for _ in range(200):
            if not house.kept():
                break
            deadline.wait(0.05)
    assert begun.is_set()
    assert (house.kept(), house.uploads.left()) == ([], [])


def test_the_same_bytes_of_somebody_else_do_not_show(house: House, mara: TestClient) -> None:
    """De-duplication is silent: the same answer, a file of one's own, and nothing of the other in any list."""
    tobias = house.client("tobias")
    first = mara.post("/v1/documents", params=ASKED, content=b"# Night").json()
    second = tobias.post("/v1/documents", params=ASKED | {"readers": "pharmacy"}, content=b"# Night").json()
    kept = {"id", "uri", "received", "readers", "department"}
    assert {k: v for k, v in first.items() if k not in kept} == {k: v for k, v in second.items() if k not in kept}
    assert first["id"] != second["id"]
    assert len(house.kept()) == 2
    assert [d["uri"] for d in tobias.get("/v1/documents").json()["documents"]] == ["/uploads/tobias/night.md"]


def test_missing_and_forbidden_are_the_same(house: House, mara: TestClient) -> None:
    """Guards both conditions of `Shelf.one`."""
    upload = mara.post("/v1/documents", params=ASKED, content=b"# Night").json()["id"]
    secret = house.register("hr/case.txt", "hr", Level.RESTRICTED)
    removed = mara.post("/v1/documents", params=ASKED | {"name": "b.md"}, content=b"# Night").json()["id"]
    assert mara.delete(f"/v1/documents/{removed}").status_code == 202
    tobias = house.client("tobias")
    for method in ("GET", "DELETE"):
        bodies = []
        for document in (MISSING, "nonsense", upload, secret, removed):
            answer = tobias.request(method, f"/v1/documents/{document}")
            bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
            assert answer.status_code == 404
        assert bodies == [bodies[0]] * 5
    assert mara.get(f"/v1/documents/{removed}").status_code == 404
    assert mara.delete(f"/v1/documents/{removed}").status_code == 404
    assert mara.get(f"/v1/documents/{upload}").status_code == 200, "nobody else has removed it"


def test_who_may_read_may_not_remove(house: House, mara: TestClient) -> None:
    """Guards `listed.upload is None` in `Shelf.remove`."""
    document = house.register("nursing/falls.md")
    answer = mara.delete(f"/v1/documents/{document}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert house.registry.document(document) is not None


def test_what_the_rules_forbid_is_neither_put_in_nor_taken_away(house: House, mara: TestClient) -> None:
    """Guards `_removes` in `Shelf.remove`, `_replaces` and the question about UPLOAD in `Shelf.permit`."""
    stranger = Principal(
        "mara", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, client="a-script", department="nursing"
    )
    with pytest.raises(NotAllowed, match="rules of this house"):
        house.shelf.permit(stranger, "a.md", Level.INTERNAL, ["icu"])
    document = mara.post("/v1/documents", params=ASKED, content=b"x").json()["id"]
    held = Access(
        "aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset(), ("/uploads", "/uploads/mara"),
        owner="mara",
    )  # fmt: skip
    version = hashlib.sha256(b"x").hexdigest()
    stored = Document(document, "/uploads/mara/night.md", version, "Night", "text/markdown", "en", 1, held)
    house.registry.register(stored, [])
    house.registry.amend(document, access=replace(held, hold=True))
    answer = mara.delete(f"/v1/documents/{document}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert house.registry.document(document) is not None
    # nor does a new version take its place, and its hold away
    before = house.kept()
    answer = mara.post("/v1/documents", params=ASKED, content=b"something else")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert house.kept() == before
    assert mara.post("/v1/documents", params=ASKED | {"name": "other.md"}, content=b"y").status_code == 202


def test_a_missing_document_is_decided_like_a_forbidden_one(house: House) -> None:
    """Guards `_MISSING` in `Shelf._reads`: ids follow from paths, so what takes longer would tell which paths exist."""
    asked: list[str] = []

    def current() -> Ruleset:
        asked.append("once")
        return ruleset()

    shelf = Shelf(
        registry=house.registry, uploads=house.uploads, intake=house.intake, bell=house.bell, journal=house.journal,
        rules=Rules(current),
    )  # fmt: skip
    mine = Principal("mara", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, client="demo", department="nursing")
    counts = []
    for document in (house.register("board/merger.md", "hr", Level.RESTRICTED), MISSING):
        asked.clear()
        with pytest.raises(NotFound):
            shelf.one(mine, document)
        counts.append(len(asked))
    assert counts == [1, 1]


def test_what_a_person_put_in_is_not_named_to_a_program_that_nobody_knows(house: House, mara: TestClient) -> None:
    """Guards `self._rules.own` in `Shelf.one` and `Shelf._own`: the names of files are content."""
    document = mara.post("/v1/documents", params=ASKED, content=b"x").json()["id"]
    mine = Principal("mara", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, client="demo", department="nursing")
    assert [listed.uri for listed in house.shelf.page(mine, after="", limit=9)] == ["/uploads/mara/night.md"]
    for other in (
        replace(mine, client="a-script"),
        replace(mine, client="a-script", clearance=Level.PUBLIC),
        replace(mine, roles=frozenset({"operator"})),
    ):
        assert house.shelf.page(other, after="", limit=9) == []
        with pytest.raises(NotFound):
            house.shelf.one(other, document)
        with pytest.raises(NotFound):
            house.shelf.remove(other, document)


def test_an_upload_of_others_is_a_document_like_any_other_once_it_is_stored(house: House, mara: TestClient) -> None:
    """Guards `_reads` in `Shelf.one` and `readable` in `Shelf._readable`; a reader is told nothing of the upload."""
    house.register("/uploads/helen/plan.md", "nursing")
    house.register("/uploads/helen/salaries.md", "hr")
    (shown,) = mara.get("/v1/documents").json()["documents"]
    assert (shown["uri"], shown["own"], shown["status"], shown["readers"]) == (
        "/uploads/helen/plan.md", False, "stored", [],
    )  # fmt: skip


def test_the_list_is_paged_by_uri(house: House, mara: TestClient) -> None:
    for number in range(7):
        house.register(f"nursing/{number}.md")
        house.register(f"nursing/{number}-secret.md", "hr")
    own = [mara.post("/v1/documents", params=ASKED | {"name": f"{n}.md"}, content=b"x").json()["uri"] for n in range(3)]
    house.register(own[1], "icu")  # stored, and a newer version is queued: shown once
    seen: list[str] = []
    after, pages = "", 0
    while True:
        page = mara.get("/v1/documents", params={"after": after, "limit": 4}).json()
        seen += [document["uri"] for document in page["documents"]]
        pages += 1
        if page["next"] is None:
            break
        assert pages < 9, "the list does not come to its end"
        after = page["next"]
    assert seen == [*own, *(f"nursing/{number}.md" for number in range(7))]
    assert pages == 3
    hidden = house.register("nursing/8-secret.md", "hr")
    for place in ("%%%", MISSING, hidden):  # nobody chooses a place at which nothing is shown to him
        assert mara.get("/v1/documents", params={"after": place}).status_code == 404
    assert mara.get("/v1/documents", params={"limit": 0}).status_code == 422


SOUGHT = [
    ({"words": "FALLS"}, ["nursing/falls.md"]),
    ({"words": "of title nursing"}, ["nursing/falls.md", "nursing/visits.pdf"]),
    ({"words": "falls visits"}, []),
    ({"ending": "pdf"}, ["nursing/visits.pdf"]),
    ({"ending": [".PDF", "md"]}, ["/uploads/mara/night.md", "nursing/falls.md", "nursing/visits.pdf"]),
    ({"own": "true"}, ["/uploads/mara/night.md"]),
    ({"status": "queued"}, ["/uploads/mara/night.md"]),
    ({"status": ["stored", "discarded"]}, ["nursing/falls.md", "nursing/visits.pdf"]),
    ({"level": "public"}, ["nursing/visits.pdf"]),
    ({"department": "Nursing", "words": "falls"}, ["nursing/falls.md"]),
    ({"department": "hr"}, []),
    ({"label": "patient"}, []),
    ({"current": "true", "level": "internal", "own": "false"}, ["/uploads/mara/night.md", "nursing/falls.md"]),
]


def test_the_list_is_searched_among_what_one_may_see(house: House, mara: TestClient) -> None:
    """Guards `filter(sought.holds, …)` in `Shelf.page`, and that it comes after `_readable`."""
    house.register("nursing/falls.md")
    house.register("nursing/visits.pdf", level=Level.PUBLIC)
    for hidden in ("nursing/falls-2.md", "nursing/visits-2.pdf"):
        house.register(hidden, "hr", Level.PUBLIC)
    mara.post("/v1/documents", params=ASKED, content=b"# Night")
    for asked, found in SOUGHT:
        told = mara.get("/v1/documents", params=asked).json()
        assert [document["uri"] for document in told["documents"]] == found, asked
    assert mara.get("/v1/documents").json()["largest"] == 1 << 20


def test_a_condition_that_is_none_is_refused(mara: TestClient) -> None:
    for wrong in ({"level": "secret"}, {"status": "removing"}, {"words": "x" * 201}, {"own": "perhaps"}):
        assert mara.get("/v1/documents", params=wrong).status_code == 422


class Counting(Rules):
    """The shipped rules, and how many documents each question about them was."""

    def __init__(self) -> None:
        super().__init__(ruleset)
        self.asked: list[int] = []

    def readable(
        self, principal: Principal, documents: Mapping[str, Access], action: Action = Action.READ
    ) -> frozenset[str]:
        self.asked.append(len(documents))
        return super().readable(principal, documents, action)


def test_a_search_for_a_hidden_name_decides_as_much_as_one_for_nothing(house: House) -> None:
    """Guards that `sought` is compared after the rules, in `Shelf.page`: else a clock would tell what is hidden."""
    counting = Counting()
    shelf = Shelf(
        registry=house.registry, uploads=house.uploads, intake=house.intake, bell=house.bell, journal=house.journal,
        rules=counting,
    )  # fmt: skip
    mine = Principal("mara", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, client="demo", department="nursing")
    house.register("hr/salaries.md", "hr")
    house.register("nursing/falls.md", "icu")
    for words in ("salaries", "heliotrope"):
        assert shelf.page(mine, after="", limit=9, sought=Sought(words=words)) == []
    assert counting.asked == [2, 2]


def test_hidden_versions_are_decided_like_none(house: House) -> None:
    """Guards `_ALIKE` in `Shelf.versions`."""
    counting = Counting()
    shelf = Shelf(
        registry=house.registry, uploads=house.uploads, intake=house.intake, bell=house.bell, journal=house.journal,
        rules=counting,
    )  # fmt: skip
    mine = Principal("mara", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, client="demo", department="nursing")
    alone, newest = house.register("nursing/alone.md", "icu"), house.register("nursing/falls.md", "icu")
    for number in range(3):
        hidden = house.registry.document(house.register(f"nursing/{number}.md", "hr"))
        assert hidden is not None
        house.registry.amend(hidden.id, access=hidden.access, superseded_by=newest)
    for document in (alone, newest):
        assert shelf.versions(mine, document) == Versions(None, ())
    assert counting.asked == [8, 8]


def test_versions_are_told_as_far_as_one_may_read_them(house: House, mara: TestClient) -> None:
    """Guards both uses of `readable` in `Shelf.versions`."""
    old, hidden = house.register("nursing/falls-1.md"), house.register("nursing/falls-0.md", "hr")
    now, secret = house.register("nursing/falls-2.md"), house.register("nursing/falls-3.md", "hr")
    for document, newer in ((old, now), (hidden, now), (now, secret)):
        found = house.registry.document(document)
        assert found is not None
        house.registry.amend(document, access=found.access, superseded_by=newer)
    told = mara.get(f"/v1/documents/{now}/versions").json()
    assert (told["newer"], [one["id"] for one in told["older"]]) == (None, [old])
    assert mara.get(f"/v1/documents/{now}").json()["superseded"] is True
    assert mara.get(f"/v1/documents/{old}/versions").json()["newer"]["id"] == now
    for missing in (hidden, secret, MISSING):
        assert mara.get(f"/v1/documents/{missing}/versions").status_code == 404
        assert mara.get(f"/v1/documents/{missing}/why").status_code == 404


def test_why_one_sees_a_document(house: House, mara: TestClient) -> None:
    document = house.register("nursing/falls.md")
    mine = mara.get(f"/v1/documents/{document}/why").json()
    assert ([rule["name"] for rule in mine["rules"]], mine["groups"], mine["owner"]) == (
        ["read-as-reader"],
        None,
        False,
    )
    whole = house.client("carla").get(f"/v1/documents/{document}/why").json()
    assert [(one["group"], one["allowed"]) for one in whole["groups"]] == [("staff", True)]
    upload = mara.post("/v1/documents", params=ASKED, content=b"# Night").json()["id"]
    own = mara.get(f"/v1/documents/{upload}/why").json()
    assert (own["owner"], [one["group"] for one in own["groups"]]) == (True, ["icu"])
    assert own["groups"][0]["needs"][0]["kind"] == "clearance"


class Broken:
    """A bell that does not ring."""

    def ring(self, _document: str, _ticket: str) -> None:
        raise RegistryUnavailable("The queue does not answer.")


def test_a_bell_that_fails_loses_nothing(tmp_path: Path, database: str) -> None:
    house = House(tmp_path, database, Broken())
    assert house.client("mara").post("/v1/documents", params=ASKED, content=b"# Night").status_code == 202
    assert [upload.state for upload in house.uploads.left()] == [State.QUEUED]
    house.bell.close()


def test_one_person_cannot_fill_the_disk(house: House, mara: TestClient) -> None:
    """Guards the count in `Shelf.permit`."""
    for number in range(shelves.WAITING_PER_PERSON):
        upload = mara.post("/v1/documents", params=ASKED | {"name": f"{number}.md"}, content=b"x")
        assert upload.status_code == 202
    full = mara.post("/v1/documents", params=ASKED | {"name": "more.md"}, content=b"x")
    assert (full.status_code, full.json()["code"]) == (429, "queue-full")
    other = house.client("tobias").post("/v1/documents", params=ASKED | {"readers": "pharmacy"}, content=b"x")
    assert other.status_code == 202


def test_nobody_uploads_without_saying_who_he_is(house: House) -> None:
    nobody = TestClient(house.app, base_url="http://localhost")
    for method, path in (("POST", ""), ("GET", ""), ("GET", f"/{MISSING}"), ("DELETE", f"/{MISSING}")):
        assert nobody.request(method, f"/v1/documents{path}", params=ASKED).status_code == 401


def test_every_route_has_examples(house: House) -> None:
    paths = house.app.openapi()["paths"]
    upload = paths["/v1/documents"]["post"]
    assert "application/octet-stream" in upload["requestBody"]["content"]
    assert {"202", "400", "401", "403", "408", "413", "422", "429", "503"} <= set(upload["responses"])
    for answer in (upload["responses"]["202"], paths["/v1/documents"]["get"]["responses"]["200"],
                   paths["/v1/documents/{document_id}"]["get"]["responses"]["200"]):  # fmt: skip
        assert answer["content"]["application/json"]["example"]
    assert {"403", "404"} <= set(paths["/v1/documents/{document_id}"]["delete"]["responses"])


def test_no_bytes_are_taken_where_the_disk_has_no_room(tmp_path: Path) -> None:
    """Guards the call of `_check_room` in `Incoming`."""
    full = Intake(tmp_path, limit=shutil.disk_usage(tmp_path).free)
    with pytest.raises(RegistryUnavailable, match="no room"):
        full.receive()
    assert list(tmp_path.iterdir()) == []


def test_one_person_s_uploads_at_once_are_bounded() -> None:
    """Guards the comparison in `Arriving.one`, and the count back at its end."""
    arriving = Arriving()
    mara, tobias = (Principal(who, "", "aldermoor", frozenset(), Level.INTERNAL, "test") for who in ("mara", "tobias"))
    for _ in range(2):
        with ExitStack() as under_way:
            for _ in range(UPLOADS_AT_ONCE):
                under_way.enter_context(arriving.one(mara))
            with pytest.raises(QueueFull), arriving.one(mara):
                pass
            under_way.enter_context(arriving.one(tobias))
