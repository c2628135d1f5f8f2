"""The portal's credential on a request: one opaque cookie, or the same value in a header when the portal passes it on.

A cookie is sent by the browser whoever made it ask, so a request that counts on one must say that it comes from a page
of ours. A header is set on purpose, and a page of another site cannot set it: nothing here answers its preflight.
"""

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from appliance.errors import BadRequest, NotAllowed

HEADER: Final = "muniment-session"
"""Where the portal passes the cookie's value on."""
SAFE: Final = frozenset({"GET", "HEAD"})
OURS: Final = frozenset({"none", "same-origin", "same-site"})
SIGN_IN_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Cookies:
    """How the cookies of this installation are named and sent.

    `secure`: browsers reach it through TLS, and the names begin with `__Host-`: such a cookie is of exactly this host,
    and no neighbour and no connection in clear can have set it. `origins` are those of our own pages.
    """

    secure: bool
    origins: frozenset[str]

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return "__Host-muniment-session" if self.secure else "muniment-session"

    @property
    def sign_in(self) -> str:
        """The name of the cookie that a browser has while it signs in."""
        return "__Host-muniment-sign-in" if self.secure else "muniment-sign-in"

    def credential(self, headers: Headers, method: str) -> str:
        """The session's cookie that this request counts on, "" if none.

        Raises BadRequest for more than one credential, NotAllowed if another site's page made the browser ask.
        """
        passed_on = headers.getlist(HEADER)
        kept = self.values(headers, self.session)
        if len(passed_on) + len(kept) + len(headers.getlist("authorization")) > 1:
            raise BadRequest("The request brings more than one credential.", advice="Send one, and one only.")
        if kept:
            self.check_page(headers, method)
        return (passed_on or kept or [""])[0]

    def ending(self, headers: Headers, method: str) -> str:
        """As `credential`, for signing out, which takes no other credential."""
        if headers.getlist("authorization"):
            raise BadRequest("A token has no session to sign out of.", advice="Send the session's credential only.")
        return self.credential(headers, method)

    def check_page(self, headers: Headers, method: str) -> None:
        """Raise NotAllowed unless a page of ours, or the person himself, made the browser ask."""
        origins = headers.getlist("origin")
        wrong = any(origin not in self.origins for origin in origins) or (method not in SAFE and not origins)
        if wrong or headers.get("sec-fetch-site", "none") not in OURS:
            raise NotAllowed("Another site may not use your sign-in.", advice="Use the portal, or a token of your own.")

    def keep(self, response: Response, cookie: str) -> None:
        """Have the browser keep a session, for as long as it is open; no script sees it, no other site sends it."""
        response.set_cookie(
            self.session, cookie, path="/", secure=self.secure, httponly=True, samesite="strict"
        )  # fmt: skip

    def keep_sign_in(self, response: Response, begun: str) -> None:
        """Have the browser keep a sign-in that was begun. Lax: it must come along when the issuer sends it back."""
        response.set_cookie(
            self.sign_in, begun, max_age=SIGN_IN_SECONDS, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def forget_sign_in(self, response: Response) -> None:
        """The sign-in is over, however it ended."""
        response.delete_cookie(self.sign_in, path="/", secure=self.secure, httponly=True, samesite="lax")

    def values(self, headers: Headers, name: str) -> list[str]:
        """Every value that the request has for a cookie; two of one name are two, whoever set the other."""
        pairs = (pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
        return [value for key, _, value in pairs if key == name]
