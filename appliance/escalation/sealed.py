"""What is kept of an escalation beside its row, sealed by its thread's vault: what was asked, and what would leave."""

import base64
import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from appliance.access.redactions import Way
from appliance.errors import RegistryUnavailable
from appliance.escalation.deciding import Facts
from appliance.escalation.envelope import METHOD, Envelope
from appliance.escalation.matter import Matter, Part
from appliance.privacy.redaction import Replacement
from appliance.records import Principal
from appliance.records.escalations import Escalation
from appliance.records.people import Level

MATTER: Final = "matter"
ANSWER: Final = "answer"
"""The names under which the vault seals."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A piece as it would leave, and what was replaced in it, in order."""

    text: str = field(repr=False)
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """All that is needed to show, decide and send an escalation again. `asker` is who asked, as he was then."""

    asker: Principal
    matter: Matter
    leaving: tuple[Leaving, ...]
    facts: Facts
    url: str
    model: str
    nonce: str
    body: bytes = field(repr=False)

    def envelope(self, one: Escalation) -> Envelope:
        """What leaves, bound to what `one` says now: only if nothing has changed its digest is that of the row."""
        return Envelope(
            id=one.id,
            tenant=one.tenant,
            asker=one.asker,
            department=one.department,
            destination=one.destination,
            method=METHOD,
            url=self.url,
            model=self.model,
            policy=one.policy,
            nonce=self.nonce,
            expires=one.expires,
            price=one.price,
            body=self.body,
        )

    def packed(self) -> bytes:
        """As bytes, to be sealed."""
        told = {
            "asker": {one.name: _plain(getattr(self.asker, one.name)) for one in fields(Principal)},
            "matter": {one.name: _plain(getattr(self.matter, one.name)) for one in fields(Matter)},
            "leaving": [[one.text, [_row(put) for put in one.replacements]] for one in self.leaving],
            "facts": {one.name: _plain(getattr(self.facts, one.name)) for one in fields(Facts)},
            "wire": [self.url, self.model, self.nonce, base64.b64encode(self.body).decode("ascii")],
        }
        return json.dumps(told).encode()


def unpacked(told: bytes) -> Held:
    """What `packed` wrote. Raises RegistryUnavailable for anything else."""
    try:
        plain = json.loads(told)
        url, model, nonce, body = plain["wire"]
        return Held(
            asker=_asker(plain["asker"]),
            matter=_matter(plain["matter"]),
            leaving=tuple(Leaving(text, tuple(_replacement(row) for row in rows)) for text, rows in plain["leaving"]),
            facts=_facts(plain["facts"]),
            url=url,
            model=model,
            nonce=nonce,
            body=base64.b64decode(body),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryUnavailable(f"An escalation is damaged ({type(error).__name__}).") from error


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [[part.text, part.source, part.language] for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _asker(plain: dict[str, Any]) -> Principal:
    sets = {one for one in plain if isinstance(plain[one], list)}
    told = plain | {one: frozenset(plain[one]) for one in sets}
    return Principal(**told | {"clearance": Level(plain["clearance"])})


def _matter(plain: dict[str, Any]) -> Matter:
    parts = tuple(Part(*row) for row in plain["parts"])
    return Matter(**plain | {"parts": parts, "documents": frozenset(plain["documents"])})


def _facts(plain: dict[str, Any]) -> Facts:
    return Facts(**plain | {name: frozenset(plain[name]) for name in ("documents", "versions", "entities")})


def _row(put: Replacement) -> list[Any]:
    return [getattr(put, one.name) for one in fields(Replacement)]


def _replacement(row: list[Any]) -> Replacement:
    told = dict(zip([one.name for one in fields(Replacement)], row, strict=True))
    return Replacement(**told | {"way": Way(told["way"])})
