"""The API as a client of the site's OpenID issuer: codes and refresh tokens in, verified tokens out.

Authorization code flow with PKCE (S256), state and nonce, written with Authlib. Nothing here is remembered but the
issuer's description of itself; whatever the issuer says in words stays here, since it is not ours to repeat.
"""

import base64
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core.claims import CodeIDToken
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import IssuerUnavailable, MunimentError, SignInRefused

SCOPE: Final = "openid profile"
SECONDS: Final = 5.0
"""Patience with the issuer."""
LONGEST: Final = 256 * 1024
"""Bytes of an answer of the issuer's that are read."""
DESCRIPTION_SECONDS: Final = 3600.0
LEEWAY_SECONDS: Final = 30

Signed = Callable[[str], tuple[Mapping[str, Any], Mapping[str, Any]]]
"""Header and claims of a token whose signature is the issuer's.

Raises NotAuthenticated if it is not, IssuerUnavailable if nobody can tell.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One sign-in that was begun: what its answer must carry. `proof` is the PKCE verifier, `at` seconds since 1970.

    `anew` asks the issuer to have the person prove himself again, whoever is signed in there.
    """

    state: str
    nonce: str
    proof: str = field(repr=False)
    at: int
    anew: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave. `subject` and `sid` are of the ID token, "" if there came none with a renewal.

    `sid` is the issuer's name for the person's session with him, "" if he names none.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: datetime
    subject: str = ""
    sid: str = field(default="", repr=False)


class _Description(BaseModel):
    """What we need of the issuer's description of itself."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""
    end_session_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False


class _Given(BaseModel):
    """An answer of the token endpoint."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access_token: str = Field(min_length=1)
    token_type: str = Field(pattern="^[Bb]earer$")
    expires_in: int = Field(gt=0, le=86_400)
    refresh_token: str = ""
    id_token: str = ""


class OpenIdClient:
    """The client `client_id` of `issuer` (https), which sends people back to `redirect_uri`.

    `signed` checks signatures with the issuer's keys; `ca` is a file of certificates to trust instead of the system's.
    Methods raise IssuerUnavailable if the issuer cannot be reached or speaks nonsense, SignInRefused if it says no.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        signed: Signed,
        ca: Path | None = None,
    ) -> None:
        self._issuer = issuer
        self._id = client_id
        self._secret = client_secret
        self._redirect_uri = redirect_uri
        self._signed = signed
        self._wire = _Wire(ca)
        self._described: tuple[float, _Description] | None = None

    def address(self, request: Request) -> str:
        """Where the browser goes to sign in."""
        extra = {"prompt": "login", "max_age": "0"} if request.anew else {}
        address, _ = self._client().create_authorization_url(
            self._description().authorization_endpoint,
            state=request.state,
            nonce=request.nonce,
            code_verifier=request.proof,
            **extra,
        )
        return str(address)

    def check_sender(self, iss: str | None) -> None:
        """Raise SignInRefused if the answer's `iss` (RFC 9207) is another issuer's, or missing where it must be."""
        needed = self._description().authorization_response_iss_parameter_supported
        if iss != self._issuer and (iss is not None or needed):
            raise SignInRefused("The answer came from another issuer.")

    def exchange(self, code: str, request: Request) -> Tokens:
        """Tokens for a code, the ID token verified against the request."""
        given = self._ask(
            lambda client, url: client.fetch_token(
                url, grant_type="authorization_code", code=code, code_verifier=request.proof
            )
        )
        claims = self._claims(given, request)
        sid = claims.get("sid", "")
        return replace(_tokens(given, subject=str(claims["sub"])), sid=sid if isinstance(sid, str) else "")

    def renew(self, refresh: str) -> Tokens:
        """Fresh tokens; the refresh token stays if the issuer gives no other. Without one ("") he is not asked."""
        if not refresh:
            raise SignInRefused("The issuer gave nothing to renew a token with.")
        given = self._ask(lambda client, url: client.refresh_token(url, refresh_token=refresh))
        return _tokens(given, refresh=refresh)

    def revoke(self, refresh: str) -> None:
        """Have the issuer forget a refresh token."""
        url = self._description().revocation_endpoint
        if not url:
            return
        try:
            answer = self._client().revoke_token(url, token=refresh, token_type_hint="refresh_token")  # noqa: S106
        except httpx.HTTPError as error:
            raise _unavailable() from error
        if answer.is_error:
            raise _unavailable()

    def leaving(self, back_to: str) -> str:
        """Where the browser may end the issuer's own session too, and comes back from; "" if the issuer has no such
        place.
        """
        url = self._description().end_session_endpoint
        if not url:
            return ""
        return f"{url}?{urlencode({'client_id': self._id, 'post_logout_redirect_uri': back_to})}"

    def _claims(self, given: _Given, request: Request) -> Mapping[str, Any]:
        """What the ID token says, verified."""
        header, claims = self._signed(given.id_token)
        token = CodeIDToken(
            dict(claims),
            dict(header),
            options={"iss": {"value": self._issuer}, "aud": {"value": self._id}, "sub": {"essential": True}},
            params={"nonce": request.nonce, "client_id": self._id, "access_token": given.access_token},
        )
        try:
            token.validate(leeway=LEEWAY_SECONDS)
        except JoseError as error:
            raise SignInRefused("The issuer's token is not meant for this sign-in.") from error
        if request.anew and not _is_after(claims.get("auth_time"), request.at - LEEWAY_SECONDS):
            raise SignInRefused("The issuer did not ask again who is there.")
        return claims

    def _ask(self, call: Callable[[OAuth2Client, str], Mapping[str, Any]]) -> _Given:
        url = self._description().token_endpoint
        try:
            return _Given.model_validate(dict(call(self._client(), url)))
        except OAuth2Error as error:
            if error.error != "invalid_grant":  # what is wrong is the client or the issuer, not this sign-in
                raise _unavailable() from error
            raise SignInRefused("The issuer gives no token for this.") from error
        except (httpx.HTTPError, ValidationError, ValueError, AttributeError) as error:
            raise _unavailable() from error

    def _client(self) -> OAuth2Client:
        """A client for one call: Authlib's keeps the last token, and this one is everybody's."""
        client = OAuth2Client(
            self._wire,
            client_id=self._id,
            client_secret=self._secret,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            token={},
        )
        client.register_client_auth_method(("client_secret_basic", _basic))
        return client

    def _description(self) -> _Description:
        """The issuer's description, fetched at most once an hour; the one we have serves while he cannot be reached."""
        known = self._described
        if known is not None and time.monotonic() - known[0] < DESCRIPTION_SECONDS:
            return known[1]
        try:
            answer = self._wire.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            described = _checked(_Description.model_validate_json(answer.content), self._issuer)
        except (httpx.HTTPError, ValidationError, MunimentError) as error:
            if known is None:
                raise _unavailable() from error
            described = known[1]
        self._described = (time.monotonic(), described)
        return described


class _Wire:
    """HTTP to the issuer and nobody else: no proxy from the environment, no redirects, bounded in time and size.

    A connection for each call: there are few, and none is left that the issuer may have closed meanwhile.
    """

    def __init__(self, ca: Path | None) -> None:
        self._tls = ssl.create_default_context(cafile=None if ca is None else str(ca))

    def get(self, url: str) -> httpx.Response:
        """A document. Raises httpx.HTTPError for any status but success."""
        return self._sent(httpx.Request("GET", url)).raise_for_status()

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> httpx.Response:
        """A form, as Authlib sends it; `auth` adds the client's own credentials."""
        made, said, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self._sent(httpx.Request("POST", made, headers=said, content=body))

    def _sent(self, request: httpx.Request) -> httpx.Response:
        until, read = time.monotonic() + SECONDS, b""
        with httpx.Client(verify=self._tls, timeout=SECONDS, trust_env=False, follow_redirects=False) as http:
            answer = http.send(request, stream=True)
            for piece in answer.iter_bytes():
                read += piece
                if len(read) > LONGEST or time.monotonic() > until:
                    raise httpx.DecodingError("the issuer says too much, or too slowly", request=request)
        return httpx.Response(answer.status_code, content=read, request=request)


def _basic(
    client: OAuth2Client, _method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """HTTP Basic as RFC 6749 (2.3.1) has it: both parts are form-encoded first, which Authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return uri, headers | {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, body


def _checked(described: _Description, issuer: str) -> _Description:
    """Every endpoint is https and the description is the issuer's own (OpenID Connect Discovery, 4.3)."""
    ends = [
        described.authorization_endpoint, described.token_endpoint, described.revocation_endpoint,
        described.end_session_endpoint,
    ]  # fmt: skip
    if described.issuer != issuer or any(end and not end.startswith("https://") for end in ends):
        raise _unavailable()
    return described


def _is_after(moment: object, earliest: int) -> bool:
    return isinstance(moment, int | float) and not isinstance(moment, bool) and moment >= earliest


def _tokens(given: _Given, *, subject: str = "", refresh: str = "") -> Tokens:
    expires = datetime.now(UTC) + timedelta(seconds=given.expires_in)
    return Tokens(given.access_token, given.refresh_token or refresh, expires, subject)


def _unavailable() -> IssuerUnavailable:
    return IssuerUnavailable("The house's sign-in (the OpenID issuer) does not answer, or not as it should.")
