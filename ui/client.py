"""The portal's only way to the house: the REST API, typed. Nothing else of ours is imported here."""

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

from ui.events import events
from ui.problem import checked, problem, problems
from ui.urgency import Emergencies, Emergency, Told

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
    emergency: str | None = None
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


class Api:
    """One installation's API at `address`. Every method raises Problem and nothing else."""

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        # trust_env=False: no proxy from the environment may ever see a question.
        self._http = httpx.Client(base_url=address, timeout=TIMEOUT, trust_env=False, transport=transport)

    def personas(self) -> list[Persona]:
        """Whom one can be; exists only in the demonstration."""
        with problems():
            return [Persona.model_validate(one) for one in self._get("/v1/demo/personas").json()]

    def sign_in(self, persona: str) -> str:
        """A token for a persona."""
        with problems():
            return str(checked(self._http.post("/v1/demo/token", json={"persona": persona})).json()["access_token"])

    def kind(self) -> Kind:
        """How people sign in."""
        with problems():
            return Kind.model_validate_json(self._get("/v1/session/kind").content)

    def signed_in(self, who: Credential) -> Person:
        """Who is signed in with a session."""
        with problems():
            return Person.model_validate(self._get("/v1/session", who).json()["person"])

    def sign_out(self, who: Credential) -> str:
        """End a session; returns where the browser may end the sign-in at the issuer too, "" if nowhere."""
        with problems():
            return str(checked(self._http.post("/v1/session/logout", headers=[who])).json()["onward"])

    def ask(self, who: Credential, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
        """Sentences as they are released, then the answer or the refusal. Closing the iterator stops the work."""
        headers = [who, ("Accept", "text/event-stream")]
        asked = {"question": question} | ({"conversation": conversation} if conversation else {})
        with (
            problems(),
            self._http.stream("POST", "/v1/ask", json=asked, headers=headers) as response,
        ):
            if response.is_error:
                response.read()
            for event, data in events(checked(response)):
                if event == "error":
                    raise problem(data)
                yield KINDS[event].model_validate_json(data)
                if event != "sentence":
                    return
            raise httpx.RemoteProtocolError("the stream ended without an answer")

    def open(self, who: Credential, conversation: str) -> Conversation:
        """A kept conversation, decided again."""
        with problems():
            path = f"/v1/conversations/{quote(conversation, safe='')}"
            return Conversation.model_validate_json(self._get(path, who).content)

    def readable(self, who: Credential, document: str) -> bool:
        """Whether a document that was cited may be read now."""
        with problems():
            path = f"/v1/documents/{quote(document, safe='')}"
            return _Document.model_validate_json(self._get(path, who).content).readable

    def rate(self, who: Credential, answer: str, **feedback: str) -> None:
        """Say what one thinks of an answer: `verdict`, `reason`, `note`."""
        with problems():
            path = f"/v1/answers/{quote(answer, safe='')}/feedback"
            checked(self._http.post(path, json=feedback, headers=[who]))

    def told(self, who: Credential) -> Told:
        """What one should know now, and may do, about emergencies."""
        with problems():
            return Told.model_validate_json(self._get("/v1/notices", who).content)

    def emergencies(self, who: Credential) -> list[Emergency]:
        """One's own, the newest first."""
        with problems():
            return Emergencies.model_validate_json(self._get("/v1/emergencies", who).content).emergencies

    def begin(self, who: Credential, *, reason: str, minutes: int, purpose: str) -> None:
        """Open an emergency."""
        with problems():
            asked = {"reason": reason, "minutes": minutes, "purpose": purpose}
            checked(self._http.post("/v1/emergencies", json=asked, headers=[who]))

    def end(self, who: Credential, emergency: str) -> None:
        """End one before its time."""
        with problems():
            checked(self._http.delete(f"/v1/emergencies/{quote(emergency, safe='')}", headers=[who]))

    def review(self, who: Credential, emergency: str, *, verdict: str, note: str) -> None:
        """Judge somebody else's, once."""
        with problems():
            path = f"/v1/emergencies/{quote(emergency, safe='')}/review"
            checked(self._http.post(path, json={"verdict": verdict, "note": note}, headers=[who]))

    def lift(self, who: Credential, emergency: str) -> None:
        """Let its person open another one."""
        with problems():
            checked(self._http.post(f"/v1/emergencies/{quote(emergency, safe='')}/lift", headers=[who]))

    def page(self, who: Credential, passage: str) -> CitedPage:
        """The cited page of a passage."""
        with problems():
            return CitedPage.model_validate_json(self._get(f"/v1/passages/{quote(passage, safe='')}", who).content)

    def picture(self, who: Credential, path: str) -> bytes:
        """The PNG at `path`, as a CitedPage names it."""
        with problems():
            return self._get(path, who).content

    def _get(self, path: str, *who: Credential) -> httpx.Response:
        return checked(self._http.get(path, headers=who))


def bearer(token: str) -> Credential:
    """An access token as a credential."""
    return Credential("Authorization", f"Bearer {token}")


def session(cookie: str) -> Credential:
    """The browser's cookie, passed on."""
    return Credential("Muniment-Session", cookie)
