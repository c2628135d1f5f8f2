"""The provider says what Keycloak would say: what the tests of sign-in and of identity stand on."""

import base64
import hashlib
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.identity.provider import AUDIENCE, MODERN, PORTAL, PORTAL_SECRET, Provider

REDIRECT = "http://127.0.0.1:8765/v1/session/callback"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, body, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(head + "==")), json.loads(base64.urlsafe_b64decode(body + "=="))


def sign_in(provider: Provider, http: httpx.Client, person: str) -> tuple[str, str]:
    """The code flow with PKCE, as a browser does it: the code, and the proof that goes with it."""
    proof = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(proof.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": PORTAL, "response_type": "code", "scope": "openid profile", "redirect_uri": REDIRECT,
        "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    page = http.get(f"{provider.issuer}/auth", params=asked, follow_redirects=True)
    answer = http.post(page.url, data={"login": person})
    while answer.has_redirect_location and not answer.headers["location"].startswith(REDIRECT):
        answer = http.get(answer.url.join(answer.headers["location"]))
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0], proof


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_tokens_are_shaped_as_keycloak_s(provider: Provider, alg: str) -> None:
    kid = provider.rotate(alg)
    head, body = parts(provider.token("helen"))
    assert head == {"alg": alg, "typ": "JWT", "kid": kid}
    assert (body["iss"], body["aud"], body["azp"], body["typ"]) == (provider.issuer, AUDIENCE, PORTAL, "Bearer")
    assert (body["sub"], body["groups"], body["clearance"]) == ("helen", ["/staff", "/hr", "/hr-leads"], "restricted")
    assert body["resource_access"] == {AUDIENCE: {"roles": ["security-officer"]}}
    assert "client_id" not in body


def test_programs_have_accounts_of_their_own(provider: Provider) -> None:
    head, body = parts(provider.program_token())
    assert (head["typ"], body["client_id"]) == ("JWT", "ward-round")
    assert body["preferred_username"] == "service-account-ward-round"
    assert parts(provider.program_token(MODERN))[0]["typ"] == "at+jwt"


def test_people_sign_in_with_a_code_and_refresh(provider: Provider) -> None:
    with httpx.Client(verify=provider.tls(), trust_env=False) as http:
        code, proof = sign_in(provider, http, "mara")
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": proof, "redirect_uri": REDIRECT}
        told = http.post(f"{provider.issuer}/token", data=form, auth=(PORTAL, PORTAL_SECRET)).json()
        _, access = parts(told["access_token"])
        _, ident = parts(told["id_token"])
        assert (access["sub"], ident["sub"], ident["nonce"], ident["aud"]) == ("mara", "mara", "n", PORTAL)
        form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
        again = http.post(f"{provider.issuer}/token", data=form, auth=(PORTAL, PORTAL_SECRET)).json()
        assert parts(again["access_token"])[1]["sub"] == "mara"
        assert http.post(f"{provider.issuer}/token", data=form, auth=(PORTAL, PORTAL_SECRET)).status_code == 400
        page = http.get(f"{provider.issuer}/session/end", params={"client_id": PORTAL})
        assert re.search("Sign out", page.text)


def test_it_can_be_away_and_come_back(provider: Provider) -> None:
    with httpx.Client(verify=provider.tls(), trust_env=False) as http:
        provider.stop()
        with pytest.raises(httpx.HTTPError):
            http.get(f"{provider.issuer}/jwks")
        provider.start()
        before = provider.fetched()
        assert http.get(f"{provider.issuer}/jwks").json()["keys"]
        assert provider.fetched() == before + 1
