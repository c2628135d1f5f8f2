"""The portal's only way to the house: the REST API, typed. Nothing else of ours is imported here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Literal, NamedTuple
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

TIMEOUT = httpx.Timeout(10.0, connect=3.0, read=150.0)
"""Seconds. While the model takes its time the API sends a comment every ten; only the search before it is silent."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Person(_Read):
    """Who is signed in."""

    id: str
    name: str
    department: str
    language: str
    narrowed: bool = False


class Persona(Person):
    """Someone of the demonstration whom one can be."""

    title: str


class Kind(_Read):
    """How people sign in here: as a persona (`demo`), at `login` (`oidc`), or not at all (`programs`).

    `cookie` is the name of the cookie that the browser then has.
    """

    kind: Literal["demo", "oidc", "programs"]
    login: str
    cookie: str


class Credential(NamedTuple):
    """What says who asks, as a header of each request. Its value is in no representation that a log might hold."""

    header: str
    value: str

    def __repr__(self) -> str:
        return f"Credential({self.header})"


class Citation(_Read):
    """Where a sentence stands."""

    number: int
    passage: str
    document: str
    title: str
    uri: str
    heading: str
    page: int
    quote: str
    valid_from: date | None


class Sentence(_Read):
    """A sentence that checked out."""

    text: str
    citations: list[Citation]


class Usage(_Read):
    """What an answer cost, in seconds."""

    total_s: float = 0.0


class Answer(_Read):
    """The whole answer."""

    kind: Literal["answer"]
    id: str
    sentences: list[Sentence]
    citations: list[Citation]
    origin: str
    withheld: int
    usage: Usage
    conversation: str | None = None
    understood: str | None = None


class Refusal(_Read):
    """An honest no."""

    kind: Literal["refusal"]
    id: str
    reason: str
    code: str
    looked_for: list[str]
    conversation: str | None = None
    understood: str | None = None


class KeptTurn(_Read):
    """A question of a kept conversation, with what may be shown of its answer now."""

    id: str
    understood: str | None
    sentences: list[Sentence]


class Conversation(_Read):
    """A kept conversation as it may be shown now."""

    questions: list[KeptTurn]


class _Document(_Read):
    readable: bool


KINDS: dict[str, type[Sentence] | type[Answer] | type[Refusal]] = {
    "sentence": Sentence,
    "answer": Answer,
    "refusal": Refusal,
}
"""What stands in each event of a stream."""


class Box(_Read):
    """A rectangle in fractions of the page."""

    left: float
    top: float
    right: float
    bottom: float


class CitedPage(_Read):
    """A passage on its page."""

    title: str
    uri: str
    heading: str
    language: str
    level: str
    valid_from: date | None
    superseded: bool
    page: int
    pages: int
    text: str
    start: int
    end: int
    boxes: list[Box]
    picture: str | None


class Problem(Exception):  # the API's own word for it
    """What went wrong in words for a person, and what to do. `code` is for programs, `request_id` for the operator."""

    def __init__(self, *, code: str, detail: str, advice: str, request_id: str = "") -> None:
        super().__init__(code)
        self.code, self.detail, self.advice, self.request_id = code, detail, advice, request_id


class Api:
    """One installation's API at `address`. Every method raises Problem and nothing else."""

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        # trust_env=False: no proxy from the environment may ever see a question.
        self._http = httpx.Client(base_url=address, timeout=TIMEOUT, trust_env=False, transport=transport)

    def personas(self) -> list[Persona]:
        """Whom one can be; exists only in the demonstration."""
        with _problems():
            return [Persona.model_validate(one) for one in self._get("/v1/demo/personas").json()]

    def sign_in(self, persona: str) -> str:
        """A token for a persona."""
        with _problems():
            return str(_checked(self._http.post("/v1/demo/token", json={"persona": persona})).json()["access_token"])

    def kind(self) -> Kind:
        """How people sign in."""
        with _problems():
            return Kind.model_validate_json(self._get("/v1/session/kind").content)

    def signed_in(self, who: Credential) -> Person:
        """Who is signed in with a session."""
        with _problems():
            return Person.model_validate(self._get("/v1/session", who).json()["person"])

    def sign_out(self, who: Credential) -> str:
        """End a session; returns where the browser may end the sign-in at the issuer too, "" if nowhere."""
        with _problems():
            return str(_checked(self._http.post("/v1/session/logout", headers=[who])).json()["onward"])

    def ask(self, who: Credential, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
        """Sentences as they are released, then the answer or the refusal. Closing the iterator stops the work."""
        headers = [who, ("Accept", "text/event-stream")]
        asked = {"question": question} | ({"conversation": conversation} if conversation else {})
        with (
            _problems(),
            self._http.stream("POST", "/v1/ask", json=asked, headers=headers) as response,
        ):
            if response.is_error:
                response.read()
            for event, data in _events(_checked(response)):
                if event == "error":
                    raise _problem(data)
                yield KINDS[event].model_validate_json(data)
                if event != "sentence":
                    return
            raise httpx.RemoteProtocolError("the stream ended without an answer")

    def open(self, who: Credential, conversation: str) -> Conversation:
        """A kept conversation, decided again."""
        with _problems():
            path = f"/v1/conversations/{quote(conversation, safe='')}"
            return Conversation.model_validate_json(self._get(path, who).content)

    def readable(self, who: Credential, document: str) -> bool:
        """Whether a document that was cited may be read now."""
        with _problems():
            path = f"/v1/documents/{quote(document, safe='')}"
            return _Document.model_validate_json(self._get(path, who).content).readable

    def rate(self, who: Credential, answer: str, **feedback: str) -> None:
        """Say what one thinks of an answer: `verdict`, `reason`, `note`."""
        with _problems():
            path = f"/v1/answers/{quote(answer, safe='')}/feedback"
            _checked(self._http.post(path, json=feedback, headers=[who]))

    def page(self, who: Credential, passage: str) -> CitedPage:
        """The cited page of a passage."""
        with _problems():
            return CitedPage.model_validate_json(self._get(f"/v1/passages/{quote(passage, safe='')}", who).content)

    def picture(self, who: Credential, path: str) -> bytes:
        """The PNG at `path`, as a CitedPage names it."""
        with _problems():
            return self._get(path, who).content

    def _get(self, path: str, *who: Credential) -> httpx.Response:
        return _checked(self._http.get(path, headers=who))


def bearer(token: str) -> Credential:
    """An access token as a credential."""
    return Credential("Authorization", f"Bearer {token}")


def session(cookie: str) -> Credential:
    """The browser's cookie, passed on."""
    return Credential("Muniment-Session", cookie)


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise _problem(response.text)


def _problem(body: str) -> Problem:
    said = json.loads(body)
    return Problem(
        code=said["code"], detail=said["detail"], advice=said.get("advice", ""), request_id=said.get("request_id", "")
    )


def _events(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """Name and data of each server-sent event. A comment, the API's sign of life, has no field and is skipped."""
    event, data = "", ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            data = value
        elif not line and event:
            yield event, data
            event, data = "", ""


@contextmanager
def _problems() -> Iterator[None]:
    """Foreign exceptions end here."""
    try:
        yield
    except httpx.ConnectError as error:
        raise Problem(
            code="api-unavailable",
            detail="The appliance does not answer.",
            advice="Start it with `muniment up`, or wait a moment if it is starting.",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Problem(
            code="connection-lost",
            detail="The connection to the appliance broke before the end.",
            advice="What is shown so far was verified, but it is not the whole answer. Ask again.",
        ) from error
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            code="not-understood",
            detail="The appliance gave an answer that this portal does not understand.",
            advice="Portal and appliance may be of different versions. Tell the operator.",
        ) from error
