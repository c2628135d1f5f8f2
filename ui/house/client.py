"""The portal's only way to the house: its REST API. What an area of the portal asks stands in its own `client.py`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar, overload

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

from ui.house.events import events
from ui.house.problem import checked, problem, problems

TIMEOUT = httpx.Timeout(10.0, connect=3.0, read=150.0)
"""Seconds. While the model takes its time the API sends a comment every ten; only the search before it is silent."""

Shape = TypeVar("Shape", bound=BaseModel)


class Read(BaseModel):
    """The base of everything that the house tells."""

    model_config = ConfigDict(frozen=True)


class Person(Read):
    """Who is signed in. `may` holds what the rules let him do in the house, by the names of the policies' actions."""

    id: str
    name: str
    department: str
    language: str
    groups: tuple[str, ...] = ()
    clearance: str = ""
    narrowed: bool = False
    may: tuple[str, ...] = ()


class Persona(Read):
    """Someone of the demonstration whom one can be."""

    id: str
    name: str
    title: str
    department: str
    language: str


class Kind(Read):
    """How people sign in here: as a persona (`demo`), at `login` (`oidc`), or not at all (`programs`).

    `cookie` is the name of the cookie that the browser then has.
    """

    kind: Literal["demo", "oidc", "programs"]
    login: str
    cookie: str


class Session(Read):
    """Who is signed in with a session, and until when: it ends at `idle_ends` if it is not used before."""

    person: Person
    idle_ends: datetime | None = None
    ends: datetime | None = None


class Credential(NamedTuple):
    """What says who asks, as a header of each request. Its value is in no representation that a log might hold."""

    header: str
    value: str

    def __repr__(self) -> str:
        return f"Credential({self.header})"


class Api:
    """One installation's API at `address`. Every method raises Problem and nothing else.

    A step of a path that is no word of ours (an id) has to be quoted: `urllib.parse.quote(one, safe="")`.
    """

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        # trust_env=False: no proxy from the environment may ever see a question.
        # The authorities of the world are read for an address that has TLS only: that takes longer than a page.
        secure = address.startswith("https://")
        self._http = httpx.Client(
            base_url=address, timeout=TIMEOUT, trust_env=False, transport=transport, verify=secure
        )

    def get(self, who: Credential, path: str, shape: type[Shape], **query: str | int | None) -> Shape:
        """What stands at `path`. A value of `query` that is None is left out."""
        with problems():
            return shape.model_validate_json(self._got(path, who, **query).content)

    @overload
    def post(self, who: Credential, path: str, body: Mapping[str, object] | bytes | None) -> None: ...
    @overload
    def post(
        self, who: Credential, path: str, body: Mapping[str, object] | bytes | None, shape: type[Shape]
    ) -> Shape: ...
    def post(
        self,
        who: Credential,
        path: str,
        body: Mapping[str, object] | bytes | None,
        shape: type[Shape] | None = None,
    ) -> Shape | None:
        """Send `body` (bytes as they are, anything else as JSON) to `path`; with `shape`, what comes back."""
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        with problems():
            response = checked(self._http.post(path, headers=[who], **sent))
            return None if shape is None else shape.model_validate_json(response.content)

    def delete(self, who: Credential, path: str) -> None:
        """Do away with what stands at `path`."""
        with problems():
            checked(self._http.delete(path, headers=[who]))

    def raw(self, who: Credential, path: str, **query: str | int | None) -> bytes:
        """The bytes that stand at `path`: a picture, a file."""
        with problems():
            return self._got(path, who, **query).content

    def stream(self, who: Credential, path: str, body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Name and data of each event that comes back; an event `error` raises. Closing the iterator stops the work.

        A stream that ends without being closed has broken off: whoever reads it stops reading at its last event.
        """
        headers = [who, ("Accept", "text/event-stream")]
        with problems(), self._http.stream("POST", path, json=body, headers=headers) as response:
            if response.is_error:
                response.read()
            for event, data in events(checked(response)):
                if event == "error":
                    raise problem(data)
                yield event, data
            raise httpx.RemoteProtocolError("the stream ended without an answer")

    def personas(self) -> list[Persona]:
        """Whom one can be; exists only in the demonstration."""
        with problems():
            return TypeAdapter(list[Persona]).validate_json(self._got("/v1/demo/personas").content)

    def sign_in(self, persona: str) -> str:
        """A token for a persona."""
        with problems():
            return str(checked(self._http.post("/v1/demo/token", json={"persona": persona})).json()["access_token"])

    def kind(self) -> Kind:
        """How people sign in."""
        with problems():
            return Kind.model_validate_json(self._got("/v1/session/kind").content)

    def session(self, who: Credential) -> Session:
        """Who is signed in with a session, and until when."""
        return self.get(who, "/v1/session", Session)

    def me(self, who: Credential) -> Person:
        """Who one is to the house."""
        return self.get(who, "/v1/me", Person)

    def sign_out(self, who: Credential, *, everywhere: bool = False) -> str:
        """End a session, or all of its person's; returns where the browser may end the sign-in at the issuer too, "" if
        nowhere."""
        path = "/v1/session/logout-everywhere" if everywhere else "/v1/session/logout"
        with problems():
            return str(checked(self._http.post(path, headers=[who])).json()["onward"])

    def _got(self, path: str, *who: Credential, **query: str | int | None) -> httpx.Response:
        asked = {name: value for name, value in query.items() if value is not None}
        return checked(self._http.get(path, headers=who, params=asked or None))


def bearer(token: str) -> Credential:
    """An access token as a credential."""
    return Credential("Authorization", f"Bearer {token}")


def session(cookie: str) -> Credential:
    """The browser's cookie, passed on."""
    return Credential("Muniment-Session", cookie)
