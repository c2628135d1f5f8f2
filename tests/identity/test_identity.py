"""`identity=oidc` as it is wired, against a certified OpenID provider: over TLS, with tokens shaped as Keycloak's."""

import base64
import hashlib
import hmac
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from appliance import wiring
from appliance.access.identity_oidc import OidcIdentity
from appliance.access.issuer_keys import PAUSE, IssuerDocuments, IssuerKeys
from appliance.access.tokens import AccessTokens, Expectations
from appliance.errors import IssuerUnavailable, NotAuthenticated, SettingsRefused
from appliance.records import Level
from appliance.settings import Settings, load
from tests.api.scripted import ScriptedDesk
from tests.api.serving import oidc_app, served
from tests.identity.provider import AUDIENCE, MODERN, PORTAL, STRANGER, Provider, running
from tests.identity.test_provider import parts

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA"})


def settings(provider: Provider, **more: Any) -> Settings:
    told = {
        "identity": "oidc",
        "issuer": provider.issuer,
        "audience": AUDIENCE,
        "issuer_ca": provider.ca,
        "directory": "absent",
    }
    return load(**told | {"ledger_witness": "syslog:/dev/log"} | more)


def identity(provider: Provider, **more: Any) -> OidcIdentity:
    made = wiring.identity(settings(provider, **more))
    assert isinstance(made, OidcIdentity)
    return made


@pytest.mark.parametrize("alg", sorted(ALGORITHMS))
def test_a_person_with_every_algorithm(provider: Provider, alg: str) -> None:
    provider.rotate(alg)
    helen = identity(provider).principal(f"Bearer {provider.token('helen')}")
    assert (helen.id, helen.tenant, helen.department, helen.client) == ("helen", "aldermoor", "hr", PORTAL)
    assert (helen.groups, helen.clearance) == ({"staff", "hr", "hr-leads"}, Level.RESTRICTED)
    assert (helen.roles, helen.purposes, helen.kind) == ({"security-officer"}, {"treatment", "audit"}, "person")
    others = ALGORITHMS - {alg}
    with pytest.raises(NotAuthenticated):
        identity(provider, token_algorithms=others).principal(f"Bearer {provider.token('helen')}")


def test_programs_with_accounts_of_their_own(provider: Provider) -> None:
    for client in ("ward-round", MODERN, STRANGER):
        program = identity(provider).principal(f"Bearer {provider.program_token(client)}")
        assert (program.kind, program.client, program.groups) == ("program", client, {"staff"})


def test_a_person_whose_last_group_was_taken_away_has_none(provider: Provider) -> None:
    """Keycloak leaves an empty claim out: fails if groups are remembered from an earlier token."""
    who = identity(provider)
    provider.account("guest", {"name": "Guest", "tenant": "aldermoor", "groups": ["/staff"]})
    assert who.principal(f"Bearer {provider.token('guest')}").groups == {"staff"}
    provider.account("guest", {"name": "Guest"})
    guest = who.principal(f"Bearer {provider.token('guest')}")
    assert (guest.groups, guest.tenant, guest.clearance) == (frozenset(), "", Level.PUBLIC)


def test_keys_are_fetched_once_and_again_when_they_rotate(provider: Provider) -> None:
    watch = [1000.0]
    keys = IssuerKeys(IssuerDocuments(provider.issuer, provider.ca), patience=3600, clock=lambda: watch[0])
    who = OidcIdentity(
        AccessTokens(Expectations(provider.issuer, AUDIENCE, ALGORITHMS), keys), AUDIENCE, tenant="aldermoor"
    )
    before = provider.fetched()
    tokens = [provider.token(person) for person in ("mara", "helen", "nadia")]
    for token in tokens * 20:
        who.principal(f"Bearer {token}")
    assert provider.fetched() == before + 1
    provider.rotate("ES256", keep=True)
    watch[0] += PAUSE
    assert who.principal(f"Bearer {provider.token('mara')}").id == "mara"
    assert who.principal(f"Bearer {tokens[0]}").id == "mara"
    assert provider.fetched() == before + 2
    provider.rotate("ES256")
    watch[0] += PAUSE
    assert who.principal(f"Bearer {provider.token('mara')}").id == "mara"
    with pytest.raises(NotAuthenticated):
        who.principal(f"Bearer {tokens[0]}")
    provider.stop()
    try:
        watch[0] += 3500
        token = provider.token("mara")
        assert who.principal(f"Bearer {token}").id == "mara"
        watch[0] += 200
        with pytest.raises(IssuerUnavailable):
            who.principal(f"Bearer {token}")
    finally:
        provider.start()
    watch[0] += PAUSE
    assert who.principal(f"Bearer {token}").id == "mara"


def test_another_installation_s_tokens_do_not_open(provider: Provider, tmp_path: Path) -> None:
    with running(tmp_path) as other:
        with pytest.raises(NotAuthenticated):
            identity(provider).principal(f"Bearer {other.token('mara')}")
        with pytest.raises(IssuerUnavailable):  # its certificate is not the site's
            IssuerDocuments(other.issuer, provider.ca)()
    with pytest.raises(NotAuthenticated):
        identity(provider, audience="another").principal(f"Bearer {provider.token('mara')}")


def test_what_was_changed_does_not_open(provider: Provider) -> None:
    who, token = identity(provider), provider.token("mara")
    head, body, signature = token.split(".")
    claims = parts(token)[1]
    raised = base64.urlsafe_b64encode(json.dumps({**claims, "clearance": "restricted"}).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    with httpx.Client(verify=provider.tls(), trust_env=False) as http:
        published = http.get(f"{provider.issuer}/jwks").content
    kid = json.loads(published)["keys"][0]["kid"]
    hs = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode()).rstrip(b"=").decode()
    mac = hmac.new(published, f"{hs}.{raised}".encode(), hashlib.sha256).digest()
    shared = f"{hs}.{raised}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    for forged in (f"{head}.{raised}.{signature}", f"{none}.{raised}.", f"{none}.{raised}.{signature}", shared, body):
        with pytest.raises(NotAuthenticated):
            who.principal(f"Bearer {forged}")
    assert who.principal(f"Bearer {token}").id == "mara"


def test_an_issuer_that_was_never_reached_lets_nobody_in(provider: Provider, tmp_path: Path) -> None:
    lost = provider.issuer.rpartition(":")[0] + ":9"
    for documents in (
        IssuerDocuments(lost, provider.ca),
        IssuerDocuments(provider.issuer),  # trusted by the system's authorities only
        IssuerDocuments(f"{provider.issuer}/realms/none", provider.ca),
        IssuerDocuments(provider.issuer.replace("localhost", "127.0.0.1"), provider.ca),  # its own name is another
    ):
        with pytest.raises(IssuerUnavailable):
            documents()
    with pytest.raises(IssuerUnavailable):
        identity(provider, issuer=lost).principal(f"Bearer {provider.token('mara')}")
    for no_file in (tmp_path / "none.pem", Path(__file__)):
        with pytest.raises(SettingsRefused):
            identity(provider, issuer_ca=no_file)


@pytest.fixture
def app(provider: Provider) -> FastAPI:
    return oidc_app(identity(provider), None, ScriptedDesk())


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_a_purpose_is_stated_in_a_header(provider: Provider, http: TestClient) -> None:
    """Fails if the gate does not pass the purpose on: a stranger to "audit" could state it."""
    signed_in = {"Authorization": f"Bearer {provider.token('mara')}"}

    def status(*purposes: str) -> int:
        headers = [*signed_in.items(), *(("Muniment-Purpose", purpose) for purpose in purposes)]
        return http.get("/v1/models", headers=headers).status_code

    assert (status(), status(""), status("treatment")) == (200, 200, 200)
    assert (status("audit"), status("TREATMENT")) == (403, 403)
    assert (status("treatment", "treatment"), status("x" * 300)) == (400, 400)
    assert http.get("/v1/models").status_code == 401


def test_five_thousand_groups_come_through_a_real_server(provider: Provider, app: FastAPI) -> None:
    """Fails if the server's own bound for a head is left at 64 KiB."""
    groups = [f"/departments/department-{number:05}" for number in range(5_000)]
    provider.account("many", {"name": "Many", "tenant": "aldermoor", "groups": groups})
    token = provider.token("many")
    assert len(token) > 150_000
    with served(app, settings(provider)) as address:
        told = httpx.get(f"{address}/v1/models", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert told.status_code == 200
        huge = httpx.get(f"{address}/v1/models", headers={"Authorization": f"Bearer {'x' * 270_000}"}, trust_env=False)
        assert huge.status_code == 401


def test_personas_are_no_way_round(provider: Provider, http: TestClient) -> None:
    assert http.post("/v1/demo/token", json={"persona": "helen"}).status_code in {401, 404}
    with pytest.raises(SettingsRefused):
        wiring.personas(settings(provider))


def test_nothing_of_a_token_is_logged(provider: Provider, http: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    token = provider.token("mara")
    with caplog.at_level("DEBUG"):
        http.get("/v1/models", headers={"Authorization": f"Bearer {token}"})
        http.get("/v1/models", headers={"Authorization": f"Bearer {token}x"})
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert not re.search("|".join(map(re.escape, [*token.split("."), "mara"])), said)


def test_the_provider_is_trusted_by_its_own_certificate_only(provider: Provider) -> None:
    with pytest.raises(httpx.ConnectError), httpx.Client(verify=ssl.create_default_context(), trust_env=False) as http:
        http.get(provider.issuer)
