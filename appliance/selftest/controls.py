"""The positive control: whoever may read a canary finds it. A test that cannot find is no test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.access.rules import circumstances
from appliance.access.ruleset import Ruleset
from appliance.records import Action, Principal
from appliance.selftest import routes
from appliance.selftest.canaries import Canary
from appliance.selftest.door import Door
from appliance.selftest.phrasings import phrased
from appliance.selftest.routes import Victims


def readers(ruleset: Ruleset, people: Mapping[str, Principal], canaries: Sequence[Canary]) -> dict[str, frozenset[str]]:
    """For each canary, by kind, who may read it: decided in full by the set in force, past everything that is tested.

    An upload is its owner's to see whatever the rules say of reading. Empty means no: without a group nobody reads.
    """
    return {
        canary.kind: frozenset(name for name, person in people.items() if _may(ruleset, person, canary))
        for canary in canaries
    }


def _may(ruleset: Ruleset, person: Principal, canary: Canary) -> bool:
    if not person.groups:
        return False
    stated = circumstances(ruleset, person)
    return ruleset.engine.decide(person, Action.READ, canary.access, circumstances=stated, document=canary.id).allowed


@dataclass(frozen=True, slots=True)
class Control:
    """A reader who looks for his own canary on `route`, and whether he found it."""

    route: str
    reader: str
    canary: str
    found: bool

    @property
    def told(self) -> str:
        """What a report says of one who did not find."""
        return f"{self.reader} did not find the canary for {self.canary} by {self.route}"


def checked(door: Door, canary: Canary) -> Iterator[Control]:
    """What every reader must find: its text by search and by its passage's id, its title in the list of documents."""
    for route, word, body in (
        ("search", canary.code, _everything(door, "search", canary)),
        ("passage", canary.code, door.send("GET", f"/v1/passages/{canary.passage().id}").body.lower()),
        ("document", canary.name, door.send("GET", f"/v1/documents/{canary.id}").body.lower()),
        ("documents listed", canary.name, b"".join(one.body.lower() for one in routes.PLAIN["documents listed"](door))),
    ):
        yield Control(route, door.asker.name, canary.kind, word.lower().encode() in body)


def answered(door: Door, canary: Canary, victims: Victims) -> Iterator[Control]:
    """What a model must be able to say, by asking and by chat. The ids of what was said are kept, for outsiders."""
    for heard in routes.ASKING["ask"](door, phrased(_direct(canary), canary)):
        told = routes.plain(heard)
        victims.conversations[canary.kind] = str(told.get("conversation") or "")
        victims.answers[canary.kind] = str(told.get("id") or "")
        yield Control("ask", door.asker.name, canary.kind, canary.code.encode() in heard.body.lower())
    chat = _everything(door, "chat, streamed", canary)
    yield Control("chat, streamed", door.asker.name, canary.kind, canary.code.encode() in chat)


def _everything(door: Door, route: str, canary: Canary) -> bytes:
    return b"".join(heard.body.lower() for heard in routes.ASKING[route](door, phrased(_direct(canary), canary)))


def _direct(canary: Canary) -> str:
    return "German" if canary.language == "de" else "direct"
