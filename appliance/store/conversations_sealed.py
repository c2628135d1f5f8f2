"""What people said, on its way into the database and out of it: the one place where encryption belongs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Protocol

from appliance.records import Citation
from appliance.store.conversations_told import Owner


class Codec(Protocol):
    """Turns JSON text into bytes and back. `owner` chooses the key, where there are keys."""

    def seal(self, said: str, owner: Owner, /) -> bytes:
        """What is stored."""
        ...

    def open(self, sealed: bytes, owner: Owner, /) -> dict[str, Any]:
        """The JSON object that was sealed. Raises ValueError if it is damaged or another's."""
        ...


class Plain:
    """No encryption: the bytes are the text."""

    def seal(self, said: str, _owner: Owner, /) -> bytes:
        """UTF-8."""
        return said.encode()

    def open(self, sealed: bytes, _owner: Owner, /) -> dict[str, Any]:
        """The object."""
        said = json.loads(sealed.decode())
        if not isinstance(said, dict):
            raise TypeError("not an object")
        return said


def plain_citations(cited: Iterable[Citation]) -> list[dict[str, Any]]:
    """Citations as JSON."""
    return [asdict(one) | {"valid_from": one.valid_from.isoformat() if one.valid_from else None} for one in cited]


def citations(plain: Iterable[Mapping[str, Any]]) -> tuple[Citation, ...]:
    """Citations from JSON. Raises TypeError or ValueError if they are none."""
    return tuple(
        Citation(**{**one, "valid_from": date.fromisoformat(one["valid_from"]) if one["valid_from"] else None})
        for one in plain
    )
