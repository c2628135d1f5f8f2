"""The contract of an issuer that people sign in at: the certified provider and the one that can lie both keep it.

Everything of ours is what production uses; the browser is an HTTP client that follows redirects and fills in a form.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from appliance.access.identity_oidc import OidcIdentity
from appliance.access.issuer_keys import IssuerDocuments, IssuerKeys
from appliance.access.openid import OpenIdClient
from appliance.access.sessions import OpenSessions
from appliance.access.signin import Answer, Denied, Identity, SignIn
from appliance.access.tokens import AccessTokens, Expectations
from appliance.errors import NotAuthenticated, SignInRefused
from appliance.store.database import open_database
from appliance.store.sessions import Sessions
from appliance.store.sessions_sealed import KeyRing
from tests.access.scripted_issuer import CLIENT, REDIRECT, SECRET, issuing
from tests.contracts.journals import ListJournal
from tests.identity import provider as providers

Browse = Callable[[str, str], dict[str, str]]
"""Go to an address and sign in as somebody: the parameters that the browser comes back with."""


@dataclass
class Door:
    """The sign-in in front of one of the two."""

    sign_in: SignIn
    opened: OpenSessions
    client: OpenIdClient
    browse: Browse

    def enter(self, person: str = "mara", *, cookie: str = "") -> str:
        begun = self.sign_in.begin(cookie=cookie)
        return self.sign_in.complete(Answer(**self.browse(begun.address, person)), begun=begun.cookie)


def door(client: OpenIdClient, identity: Identity, folder: Path, browse: Browse) -> Door:
    keys = KeyRing(folder / "keys.json")
    kept = Sessions(open_database(f"sqlite:///{folder / 'registry.sqlite'}"), keys)
    journal = ListJournal()
    opened = OpenSessions(
        client=client, sessions=kept, journal=journal, idle=timedelta(minutes=30), longest=timedelta(hours=10)
    )
    sign_in = SignIn(client=client, identity=identity, sessions=opened, keys=keys, journal=journal)
    return Door(sign_in, opened, client, browse)


def scripted(stack: ExitStack, folder: Path) -> Door:
    issuer, certificate, _ = stack.enter_context(issuing(folder))

    def browse(address: str, person: str) -> dict[str, str]:
        if person == "nobody":
            return {"state": parse_qs(urlsplit(address).query)["state"][0], "error": "access_denied"}
        issuer.person = person
        return issuer.browse(address)

    client = OpenIdClient(
        issuer=issuer.url, client_id=CLIENT, client_secret=SECRET, redirect_uri=REDIRECT, signed=issuer.signed,
        ca=certificate,
    )  # fmt: skip
    return door(client, issuer, folder, browse)


def certified(stack: ExitStack, folder: Path) -> Door:
    provider = stack.enter_context(providers.running(folder, REDIRECT))
    expected = Expectations(provider.issuer, providers.AUDIENCE, frozenset({"RS256", "ES256"}))
    keys = IssuerKeys(IssuerDocuments(provider.issuer, provider.ca), patience=3600)
    identity = OidcIdentity(AccessTokens(expected, keys), providers.AUDIENCE, tenant=providers.TENANT)

    def browse(address: str, person: str) -> dict[str, str]:
        with httpx.Client(verify=provider.tls(), trust_env=False) as browser:  # a fresh one: it knows nobody yet
            return walk(browser, address, person)

    def walk(browser: httpx.Client, address: str, person: str) -> dict[str, str]:
        answer = browser.get(address)
        for _ in range(10):
            if answer.headers.get("location", "").startswith(REDIRECT):
                break
            if answer.has_redirect_location:
                answer = browser.get(answer.url.join(answer.headers["location"]))
            else:
                answer = browser.post(answer.url, data={"deny": "yes"} if person == "nobody" else {"login": person})
        told = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
        return {name: told[name] for name in ("state", "code", "error", "iss") if name in told}

    client = OpenIdClient(
        issuer=provider.issuer, client_id=providers.PORTAL, client_secret=providers.PORTAL_SECRET,
        redirect_uri=REDIRECT, signed=identity.signed, ca=provider.ca,
    )  # fmt: skip
    return door(client, identity, folder, browse)


@pytest.fixture(scope="module", params=[scripted, certified])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with ExitStack() as stack:
        yield request.param(stack, tmp_path_factory.mktemp("house"))


def test_a_person_signs_in(house: Door) -> None:
    assert house.opened.find(house.enter()).person == "mara"
    assert house.opened.find(house.enter("tobias", cookie="x" * 43)).person == "tobias"


def test_a_person_who_is_refused_is_denied(house: Door) -> None:
    begun = house.sign_in.begin(cookie="x" * 43)  # with an ended session the issuer asks again who is there
    with pytest.raises(Denied):
        house.sign_in.complete(Answer(**house.browse(begun.address, "nobody")), begun=begun.cookie)


def test_a_code_serves_once_and_only_with_its_proof(house: Door) -> None:
    begun, other = house.sign_in.begin(cookie="x" * 43), house.sign_in.begin(cookie="x" * 43)
    mine, his = (house.browse(one.address, "mara") for one in (begun, other))
    with pytest.raises(SignInRefused):
        house.sign_in.complete(Answer(**mine | {"code": his["code"]}), begun=begun.cookie)
    again = house.sign_in.begin(cookie="x" * 43)
    answer = Answer(**house.browse(again.address, "mara"))
    house.sign_in.complete(answer, begun=again.cookie)
    with pytest.raises(SignInRefused):
        house.sign_in.complete(answer, begun=again.cookie)


def test_a_refresh_token_brings_another_and_serves_once(house: Door) -> None:
    begun = house.sign_in.begin(cookie="x" * 43)
    request, _ = house.sign_in._begun(begun.cookie)
    tokens = house.client.exchange(house.browse(begun.address, "mara")["code"], request)
    fresh = house.client.renew(tokens.refresh)
    assert fresh.refresh != tokens.refresh
    assert fresh.access != tokens.access
    with pytest.raises(SignInRefused):
        house.client.renew(tokens.refresh)


def test_what_was_revoked_renews_nothing(house: Door) -> None:
    begun = house.sign_in.begin(cookie="x" * 43)
    request, _ = house.sign_in._begun(begun.cookie)
    tokens = house.client.exchange(house.browse(begun.address, "mara")["code"], request)
    house.client.revoke(tokens.refresh)
    with pytest.raises(SignInRefused):
        house.client.renew(tokens.refresh)


def test_a_session_ends_with_sign_out(house: Door) -> None:
    cookie = house.enter(cookie="x" * 43)
    house.opened.end(cookie)
    with pytest.raises(NotAuthenticated):
        house.opened.find(cookie)
    assert house.sign_in.leaving("http://127.0.0.1:8766/").startswith("https://")
