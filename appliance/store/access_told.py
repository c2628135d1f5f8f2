"""Who may read something, as JSON in a row: written whole, and read whole or not at all."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.errors import RegistryUnavailable
from appliance.records import Access, Level

NEWER: Final = {"owner": str, "wall": str, "patient": str, "purpose": str, "hold": bool}
"""Attributes that documents have had only since policies speak of them; older rows lack all of these."""


def plain_access(access: Access) -> dict[str, Any]:
    """Access attributes as JSON."""
    return {
        "tenant": access.tenant,
        "level": int(access.level),
        "readers": sorted(access.readers),
        "department": access.department,
        "labels": sorted(access.labels),
        "ancestors": list(access.ancestors),
        "owner": access.owner,
        "wall": access.wall,
        "patient": access.patient,
        "purpose": access.purpose,
        "hold": access.hold,
    }


def owned(plain: Mapping[str, Any], person: str) -> dict[str, Any]:
    """The attributes of an upload of `person`; one from before uploads had an owner is his, and nothing more."""
    return {"owner": person, "wall": "", "patient": "", "purpose": "", "hold": False} | dict(plain)


def access_of(plain: Mapping[str, Any] | None) -> Access:
    """Access attributes from JSON, complete or not at all. Raises RegistryUnavailable."""
    if not isinstance(plain, dict) or not plain["readers"]:
        # A registered row without readers can only come from outside our code; it must not become readable.
        raise RegistryUnavailable("A registered document has no access attributes.")
    access = Access(
        tenant=plain["tenant"],
        level=Level(plain["level"]),
        readers=frozenset(_words(plain["readers"])),
        department=plain["department"],
        labels=frozenset(_words(plain["labels"])),
        ancestors=tuple(_words(plain["ancestors"])),
        **{name: plain[name] for name in NEWER},
    )
    if not all(isinstance(getattr(access, name), kind) for name, kind in NEWER.items()):
        raise TypeError("an attribute of the wrong type")
    return access


def older(plain: Mapping[str, Any] | None) -> bool:
    """Whether these attributes are from before there were more of them: none of the newer, not merely some."""
    return isinstance(plain, dict) and not NEWER.keys() & plain.keys()


def _words(plain: object) -> list[str]:
    """`plain` if it is a list of words: the letters of a single word must not become readers."""
    if not isinstance(plain, list) or not all(isinstance(word, str) for word in plain):
        raise TypeError("not a list of words")
    return plain
