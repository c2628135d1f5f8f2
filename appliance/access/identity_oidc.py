"""Who asks: people and programs with access tokens of the site's OpenID issuer."""

from typing import Any, Protocol

from appliance.access import claims as told
from appliance.access.presence import Presence, TokenAlone
from appliance.access.tokens import refused
from appliance.records import Principal


class Tokens(Protocol):
    """What tells genuine tokens (`appliance.access.tokens.AccessTokens`)."""

    def claims(self, token: str, /) -> dict[str, Any]:
        """The claims of an access token that holds. Raises NotAuthenticated, IssuerUnavailable."""

    def signed(self, token: str, /) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of any token of the issuer's. Raises NotAuthenticated, IssuerUnavailable."""


class OidcIdentity:
    """Recognises the bearer tokens that `tokens` accepts, given for `audience`, of nobody who is another tenant's.

    With a `presence` a good token of somebody who is in the house no more is no good, and nobody is told more of what
    he may than is left of it now.
    """

    def __init__(self, tokens: Tokens, audience: str, presence: Presence | None = None, *, tenant: str) -> None:
        self._tokens = tokens
        self._audience = audience
        self._tenant = tenant
        self._presence = presence or TokenAlone()

    def principal(self, authorization_header: str | None, purpose: str = "", /) -> Principal:
        """Who stands behind an Authorization header, stating `purpose`.

        Raises NotAuthenticated, NotAllowed if the purpose is not his, and IssuerUnavailable if the issuer's keys are
        too old to be believed.
        """
        scheme, _, token = (authorization_header or "").partition(" ")
        if scheme.lower() != "bearer":
            raise refused()
        claimed = told.principal(self._tokens.claims(token), self._audience)
        if claimed.tenant not in {"", self._tenant}:  # an issuer may serve several houses; without one he is nobody
            raise refused()
        return told.stating(self._presence.effective(claimed), purpose)

    def signed(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token of any kind that the issuer has signed, for whoever checks the rest himself."""
        return self._tokens.signed(token)
