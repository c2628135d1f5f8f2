"""The page of a journey outside: what was asked, every byte that left, what came back, and what was shown. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from appliance.privacy.judging.before_after import Piece, found
from appliance.records.privacy import Finding

_KEY: Final = re.compile(rb"(?i)(authorization: bearer )[^\r\n]+")


@dataclass(frozen=True)
class Told:
    """One question: `shown` when it was proposed, `ended` as the API tells it at the end; what reached the other side
    (`left`) and came back (`back`), the entries of the ledger, and how long it took in all (seconds)."""

    title: str
    asker: str
    question: str
    shown: Mapping[str, Any]
    ended: Mapping[str, Any]
    left: bytes
    back: str
    entries: tuple[Mapping[str, Any], ...]
    seconds: float

    @property
    def before(self) -> list[list[Piece]]:
        """The parts as they stand in the house, what was found in them marked."""
        return [
            found(one["original"] or "", [_finding(put, put["start"], put["end"]) for put in one["replaced"]])
            for one in self.shown["pieces"]
        ]

    @property
    def after(self) -> list[list[Piece]]:
        """The same as they would leave, what was put in marked."""
        return [
            found(one["leaving"], [_finding(put, put["at"], put["at"] + len(put["put"])) for put in one["replaced"]])
            for one in self.shown["pieces"]
        ]

    @property
    def bytes(self) -> str:
        """What reached the other side, as it came, but for the destination's key."""
        return _KEY.sub(rb"\1(the key of the destination)", self.left).decode()

    @property
    def events(self) -> list[str]:
        """What the ledger tells of it; digests by their beginning."""
        return [f"{one['event']} {one.get('reason', '')[:12]}".strip() for one in self.entries]

    @property
    def answer(self) -> str:
        """What its asker was shown in the end."""
        answer = self.ended.get("answer") or {}
        return str(answer.get("text") or answer.get("reason") or "")

    @property
    def verified(self) -> bool:
        """Whether that is an answer."""
        return (self.ended.get("answer") or {}).get("kind") == "answer"

    def plain(self) -> dict[str, Any]:
        """For a record of the run: no content but what is invented."""
        return {
            "title": self.title, "asker": self.asker, "question": self.question, "state": self.ended["state"],
            "reason": self.ended["reason"], "rules": [one["id"] for one in self.shown["rules"]],
            "body": json.loads(self.shown["body"]) if self.shown["body"] else None, "left": len(self.left),
            "back": self.back, "answer": self.answer, "entries": self.events, "seconds": self.seconds,
        }  # fmt: skip


def render(told: list[Told], *, model: str, faults: list[str]) -> str:
    """The page, whole in itself."""
    here = FileSystemLoader(Path(__file__).parent)
    loader = ChoiceLoader([here, PackageLoader("appliance.workshop", ".")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("outside.html.j2").render(told=told, model=model, faults=faults)


def _finding(put: Mapping[str, Any], start: int, end: int) -> Finding:
    return Finding(start, end, put["kind"], 1.0, put["found_by"])
