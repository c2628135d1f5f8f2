"""Every route, and five who are outside: what they are answered stands in a table, and it is nothing.

A route without a row fails `test_every_route_has_a_row`: whoever adds one says here what outsiders get.
"""

import inspect
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from starlette.routing import BaseRoute, Route

from appliance.access.emergencies import Bounds, Emergencies
from appliance.access.standing import Standing
from appliance.access.uploading import document_id
from appliance.answering.escalating import Wish
from appliance.api.app import create_app
from appliance.audit.parts import ledger_parts
from appliance.errors import DetectorUnavailable
from appliance.escalation.preparing import Preparing
from appliance.office.playground import Playground
from appliance.operations import policies
from appliance.operations.overseeing import Overseeing
from appliance.store.database import open_database
from appliance.store.emergencies import EmergencyTable
from appliance.wiring.office import offices
from appliance.wiring.shelving import curation
from tests.access.emergency_house import REASON
from tests.access.issuer import Issuer, identity
from tests.access.scripted_issuer import issuing
from tests.access.test_signin import House as Door
from tests.api.serving import OIDC, demo_app
from tests.api.test_sessions import PORTAL, parts
from tests.attacks.timing.house import NURSES, TENANT, House, built
from tests.contracts.chat_models import ScriptedModel
from tests.escalation.house import MARA
from tests.escalation.outside_house import Around, passage
from tests.operations.test_overseeing import sources

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CANARY: Final = "heliotrope"
QUESTION: Final = "Which rule is written down at once?"
UNDER_NO_ROUTE: Final = (
    "/",
    "/docs",
    "/redoc",
    "/openapi.yaml",
    "/v1",
    "/v1/",
    "/v1/documents/",
    "/static/x",
    "/debug",
)

# --- What outsiders are answered: a status, and the whole body where that is not a problem's --------------------------

CLOSED, FORBIDDEN, MISSING = (401, None), (403, None), (404, None)
NO_DOCUMENTS: Final = {"documents": [], "next": None, "largest": 64 << 20}
NO_CONTENT: Final = (200, {"passages": []})
Expected = tuple[int, Any]


@dataclass(frozen=True)
class Row:
    """What a route tells who has no group, and who comes through a program that nobody registered.

    Nobody, an expired token and a person of another tenant get `stranger`, nobody sometimes `tokenless`. `asked` is a
    body that the route takes.
    """

    groupless: Expected
    unregistered: Expected
    stranger: Expected = CLOSED
    tokenless: Expected | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def told(self, outsider: str) -> Expected:
        special = {"no group": self.groupless, "an unregistered program": self.unregistered, "nobody": self.tokenless}
        return special.get(outsider) or self.stranger


def same(expected: Expected, **asked: Any) -> Row:
    """A route that tells everyone the same."""
    return Row(expected, expected, expected, **asked)


ALIKE: Final = object()
"""A body that is the same for every outsider, and the same in a house that holds nothing."""
HIMSELF: Final = object()
"""A body about the caller and nobody else: his own claims."""
REFUSAL: Final = object()
"""An honest refusal: nothing was found for him."""

ASK: Final = {"question": QUESTION}
CHAT: Final = {"model": "muniment", "messages": [{"role": "user", "content": QUESTION}]}
JUDGED: Final = {"verdict": "down", "reason": "wrong"}
EMERGENCY: Final = {"reason": REASON, "minutes": 5}
UNTOLD: Final = {"notices": [], "longest": 0, "purposes": [], "reviews": False}
"""What somebody is told who may do nothing about emergencies."""
REVIEW: Final = {"verdict": "justified", "note": REASON}
OUTSIDE: Final = {"question": QUESTION, "destination": "large"}
SEEN: Final = {"digest": "0" * 64}
JUDGEMENT: Final = {"digest": "0" * 64, "approved": True, "reason": REASON}
UPLOAD: Final = {"name": "a.md", "level": "internal", "readers": "icu"}

ROWS: Final[dict[tuple[str, str], Row]] = {
    # questions
    ("POST", "/v1/ask"): Row(FORBIDDEN, (200, REFUSAL), asked=ASK),
    ("POST", "/v1/search"): Row(FORBIDDEN, NO_CONTENT, asked=ASK),
    ("GET", "/v1/suggestions"): Row(FORBIDDEN, (200, {"topics": [], "departments": []})),
    ("POST", "/v1/chat/completions"): Row(FORBIDDEN, (200, REFUSAL), asked=CHAT),
    ("GET", "/v1/models"): Row((200, ALIKE), (200, ALIKE)),
    ("GET", "/v1/models/{model_id}"): Row(MISSING, MISSING),
    # what was asked before
    ("GET", "/v1/conversations"): Row(FORBIDDEN, FORBIDDEN),
    ("DELETE", "/v1/conversations"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/conversations/{conversation_id}"): Row(FORBIDDEN, FORBIDDEN),
    ("DELETE", "/v1/conversations/{conversation_id}"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/conversations/{conversation_id}/export"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/answers/{answer_id}/feedback"): Row(FORBIDDEN, FORBIDDEN, asked=JUDGED),
    # pages and documents
    ("GET", "/v1/passages/{passage_id}"): Row(FORBIDDEN, MISSING),
    ("GET", "/v1/passages/{passage_id}/picture"): Row(FORBIDDEN, MISSING),
    ("GET", "/v1/passages/{passage_id}/pages/{number}"): Row(FORBIDDEN, MISSING),
    ("GET", "/v1/passages/{passage_id}/pages/{number}/picture"): Row(FORBIDDEN, MISSING),
    ("GET", "/v1/documents/{document_id}/original"): Row(MISSING, MISSING),
    ("GET", "/v1/documents"): Row((200, NO_DOCUMENTS), (200, NO_DOCUMENTS)),
    ("POST", "/v1/documents"): Row(FORBIDDEN, FORBIDDEN, parameters=UPLOAD),
    ("GET", "/v1/documents/{document_id}"): Row(MISSING, MISSING),
    ("DELETE", "/v1/documents/{document_id}"): Row(MISSING, MISSING),
    ("GET", "/v1/documents/{document_id}/why"): Row(MISSING, MISSING),
    ("GET", "/v1/documents/{document_id}/versions"): Row(MISSING, MISSING),
    # what is held back
    ("GET", "/v1/quarantine"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/quarantine/{document_id}/release"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/quarantine/{document_id}/discard"): Row(FORBIDDEN, FORBIDDEN, asked={"reason": REASON}),
    # emergencies
    ("POST", "/v1/emergencies"): Row(FORBIDDEN, FORBIDDEN, asked=EMERGENCY),
    ("GET", "/v1/emergencies"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/emergencies/reviews"): Row(FORBIDDEN, FORBIDDEN),
    ("DELETE", "/v1/emergencies/{emergency_id}"): Row(MISSING, MISSING),
    ("POST", "/v1/emergencies/{emergency_id}/review"): Row(FORBIDDEN, FORBIDDEN, asked=REVIEW),
    ("POST", "/v1/emergencies/{emergency_id}/lift"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/notices"): Row((200, UNTOLD), (200, UNTOLD)),
    # questions that go outside
    ("GET", "/v1/escalations/destinations"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/escalations"): Row(FORBIDDEN, FORBIDDEN, asked=OUTSIDE),
    ("GET", "/v1/escalations"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/escalations/approvals"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/escalations/approvals/count"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/escalations/{escalation_id}"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/escalations/{escalation_id}/send"): Row(FORBIDDEN, FORBIDDEN, asked=SEEN),
    ("POST", "/v1/escalations/{escalation_id}/withdraw"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/escalations/{escalation_id}/earlier"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/escalations/{escalation_id}/judge"): Row(FORBIDDEN, FORBIDDEN, asked=JUDGEMENT),
    # what officers look at
    ("GET", "/v1/office/people"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/documents"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/documents/{document_id}/readers"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/documents/{document_id}/readers/{person_id}"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/people/{person_id}/readable"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/people/{person_id}/seen"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/ledger"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/ledger/counts"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/ledger/verification"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/office/ledger/verification"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/office/redactions"): Row(FORBIDDEN, FORBIDDEN, asked={"text": "words"}),
    ("GET", "/v1/office/evaluations"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/leaks"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/policies"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/office/policies/examination"): Row(FORBIDDEN, FORBIDDEN),
    ("POST", "/v1/office/policies/activation"): Row(
        FORBIDDEN, FORBIDDEN, parameters={"digest": "0" * 64, "against": "0" * 12}
    ),
    ("GET", "/v1/office/policies/sets/{version}"): Row(FORBIDDEN, FORBIDDEN),
    ("GET", "/v1/office/policies/sets/{version}/tables"): Row(FORBIDDEN, FORBIDDEN),
    # the operator's
    ("GET", "/v1/operations"): Row(FORBIDDEN, FORBIDDEN),
    # who is who
    ("GET", "/v1/me"): Row((200, HIMSELF), (200, HIMSELF)),
    ("GET", "/v1/session"): Row(MISSING, MISSING),
    ("POST", "/v1/session/logout-everywhere"): Row(MISSING, MISSING),
    # open by their nature: `OPEN` in the gate says why
    ("GET", "/healthz"): same((200, {"status": "alive"})),
    ("GET", "/readyz"): same((503, {"ready": False, "parts": {}})),
    ("GET", "/metrics"): same(MISSING),  # the test's client is not on this machine
    ("GET", "/openapi.json"): same((200, ALIKE)),
    ("HEAD", "/openapi.json"): Row((200, ALIKE), (200, ALIKE)),
    ("GET", "/v1/session/kind"): same((200, ALIKE)),
    ("GET", "/v1/session/login"): same((303, ALIKE)),
    ("GET", "/v1/session/callback"): same((200, ALIKE)),
    ("POST", "/v1/session/logout"): Row((400, None), (400, None), (400, None), (200, ALIKE)),
    ("POST", "/v1/session/back-channel"): same((400, None)),  # only the issuer has what counts there
    # with identity=demo alone: whoever is on this machine may be any invented persona
    ("GET", "/v1/demo/personas"): same((200, ALIKE)),
    ("POST", "/v1/demo/token"): same((401, None), asked={"persona": "nobody"}),
}
DEMO: Final = {row for row in ROWS if row[1].startswith("/v1/demo/")}


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Each method and path, whether the OpenAPI document names it or not."""
    return set(_walked(app.routes))


def _walked(found: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    for one in found:
        included = getattr(one, "original_router", None)
        if included is not None:
            yield from _walked(included.routes)
            continue
        assert isinstance(one, Route) or hasattr(one, "methods"), f"a route of an unknown kind: {one!r}"
        yield from ((method, one.path) for method in one.methods)  # type: ignore[attr-defined]


@dataclass
class Stage:
    """A house with something of Mara's in it, and its app behind an issuer."""

    house: House
    app: FastAPI
    issuer: Issuer
    ids: Mapping[str, str]

    def outsiders(self) -> dict[str, dict[str, str]]:
        now = int(time.time())
        tokens = {
            "an expired token": self.issuer.token(iat=now - 7200, exp=now - 3600),
            "another tenant": self.issuer.token(tenant="weir"),
            "no group": self.issuer.token(groups=[]),
            "an unregistered program": self.issuer.token(azp="a-script"),
        }
        return {"nobody": {}, **{name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}}

    def ask(self, method: str, path: str, row: Row, headers: dict[str, str]) -> Response:
        client = TestClient(self.app, base_url="http://127.0.0.1:8765", headers=headers, follow_redirects=False)
        more = {"Origin": PORTAL} if path.startswith("/v1/session") else {}
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        body = {"json": dict(row.asked)} if row.asked else {}
        return client.request(method, path, params=dict(row.parameters), headers=more, **body)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("outsiders")
    with (
        tempfile.TemporaryDirectory(prefix="outside-") as sockets,
        built(
            folder / "house", Path(sockets), ScriptedModel(f"The {CANARY} rule is written down at once [1].")
        ) as house,
        issuing(folder) as (scripted, certificate, end),
    ):
        document = house.write(
            "nursing/falls.md",
            [f"Which rule is written down at once? The {CANARY} rule is written down at once."],
            NURSES,
        )
        talk, answer = house.conversation("mara", QUESTION)
        issuer = Issuer()
        kept = EmergencyTable(open_database(house.settings.database))
        bounds = Bounds.of(house.settings)
        urgent = Emergencies(kept=kept, journal=house.journal, rules=house.rules, bounds=bounds)
        tobias = replace(house.principal("tobias"), client="test")
        emergency = urgent.open(tobias, REASON, 5, purpose="emergency")
        around = Around(folder)
        around.passages = [passage("p1", f"The {CANARY} rule is written down at once.")]
        escalation = around.outside.propose(MARA, Wish(QUESTION), "large").preview.escalation
        evidence = ledger_parts(house.settings, open_database(house.settings.database))
        officers = offices(
            house.settings, house.identity, rules=house.rules, registry=house.registry, evidence=evidence,
            journal=house.journal, active=policies.policies(house.settings),
        )  # fmt: skip

        def never() -> Preparing:
            raise DetectorUnavailable("No outsider comes as far as a detector.")

        officers = replace(officers, playground=Playground(rules=house.rules, journal=house.journal, preparing=never))
        parts_given = {
            "settings": OIDC, "identity": identity(issuer), "desk": house.desk, "reader": house.reader, "checks": {},
            "shelf": house.shelf, "talk": house.talk, "figures": None, "places": None, "urgent": urgent,
            "outside": around.outside, "standing": Standing(house.rules), "officers": officers,
            "overseeing": Overseeing(house.rules, sources(), {}),
            "suggesting": house.suggestions,
            "curation": curation(house.settings, house.journal, house.rules),
            "signing": parts(Door(scripted, end, certificate, folder)),
        }  # fmt: skip
        assert set(parts_given) == set(inspect.signature(create_app).parameters), "give the walk the new part, too"
        ids = {
            "document_id": document.id, "passage_id": house.passage_of(document), "conversation_id": talk,
            "answer_id": answer, "model_id": "other", "emergency_id": emergency.id,
            "escalation_id": escalation.id, "person_id": "mara", "number": "1", "version": "0" * 12,
        }  # fmt: skip
        yield Stage(house, create_app(**parts_given), issuer, ids)


def test_every_route_has_a_row(stage: Stage) -> None:
    """Whoever adds a route says in the table what outsiders get there."""
    assert routes(stage.app) | routes(demo_app()[0]) == set(ROWS)


def test_mara_herself_gets_all_of_it(stage: Stage) -> None:
    """What outsiders do not get is there: otherwise the walk would show nothing."""
    mara = {"Authorization": f"Bearer {stage.issuer.token()}"}
    for path in ("/v1/documents", "/v1/passages/{passage_id}", "/v1/conversations/{conversation_id}"):
        found = stage.ask("GET", path, ROWS["GET", path], mara)
        assert CANARY in found.text or document_id(TENANT, "nursing/falls.md") in found.text
    assert CANARY in stage.ask("POST", "/v1/search", ROWS["POST", "/v1/search"], mara).text


@pytest.mark.parametrize(("method", "path"), sorted(set(ROWS) - DEMO))
def test_an_outsider_gets_nothing(stage: Stage, method: str, path: str) -> None:
    """Guards `Gate` in `_layers`, the tenant in `OidcIdentity.principal`, `_is_nobody` in `Rules`, and that whoever
    nobody registered is shown what is public: here, nothing."""
    row = ROWS[method, path]
    for name, headers in stage.outsiders().items():
        expected = row.told(name)
        response = stage.ask(method, path, row, headers)
        assert response.status_code == expected[0], (name, response.text)
        check(response, expected[1])
    kept = stage.house.talk.page(stage.house.principal("mara"))
    assert stage.ids["conversation_id"] in {one.id for one in kept}, "an outsider removed something"
    assert stage.house.registry.document(stage.ids["document_id"]) is not None


def check(response: Response, body: Any) -> None:
    """Nothing of the house's is in it, and it is as the table says."""
    told = f"{response.text}{response.headers}"
    for word in (CANARY, "nursing/falls", document_id(TENANT, "nursing/falls.md")):
        assert word not in told, word
    if body is None and response.request.method != "HEAD":
        assert problem(response) in {"not-authenticated", "not-allowed", "not-found", "bad-request", "model_not_found"}
    elif body is HIMSELF:
        assert response.json()["id"] == "mara"
    elif body is REFUSAL:
        assert "citations" not in told or '"citations":[]' in told
    elif body not in (None, ALIKE):
        assert response.json() == body


def problem(response: Response) -> str:
    told = response.json()
    return str(told.get("error", told)["code"])


@pytest.mark.parametrize("path", sorted({path for _, path in set(ROWS) - DEMO} | set(UNDER_NO_ROUTE)))
def test_no_other_method_and_no_other_path_tells_anything(stage: Stage, path: str) -> None:
    """Guards that the gate asks before the router does: to strangers a path that is not there is as closed as one
    that is."""
    for method in METHODS:
        if (method, path) in ROWS:
            continue
        for name, headers in stage.outsiders().items():
            response = stage.ask(method, path, same(CLOSED), headers)
            inside = name in {"no group", "an unregistered program"}
            assert response.status_code in ({404, 405} if inside else {401}), (method, name)
            assert CANARY not in response.text
