"""The attributes that policies, clauses and the index speak about: their kinds, and whether values are of that kind.

`policies/schema.cedarschema` says the same to Cedar. What is not sound is refused before any policy is asked, because
Cedar skips a policy that fails, and a skipped `forbid` would forbid nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.records import Access, Level, Principal

TEXTS: Final = frozenset({"tenant", "department", "owner", "wall", "patient", "purpose"})
SETS: Final = frozenset({"readers", "labels"})
LEVEL: Final = "level"
FLAG: Final = "hold"
KNOWN: Final = TEXTS | SETS | {LEVEL, FLAG}

Entity = dict[str, object]
"""An entity as Cedar reads it from JSON."""


@dataclass(frozen=True, slots=True)
class House:
    """The whole installation, for what concerns no single document."""

    tenant: str


def sound(access: Access) -> bool:
    """Whether a document's attributes are complete, of the right type, and name somebody who reads it."""
    return (
        all(text(getattr(access, name)) for name in TEXTS)
        and access.tenant != ""
        and _level(access.level)
        and type(access.hold) is bool
        and all(_words(getattr(access, name)) for name in SETS)
        and bool(access.readers)
        and type(access.ancestors) is tuple
        and all(text(folder) and folder != "" for folder in access.ancestors)
    )


def person_sound(principal: Principal) -> bool:
    """Whether a person's attributes are complete and of the right type. Empty sets are sound: they grant nothing."""
    texts = (principal.id, principal.tenant, principal.client, principal.department, principal.kind, principal.purpose)
    sets = (principal.groups, principal.roles, principal.walls, principal.treats, principal.purposes)
    return (
        all(text(one) for one in texts)
        and all(texts[:3])
        and principal.kind in ("person", "program")
        and _level(principal.clearance)
        and all(_words(one) for one in sets)
    )


def person_entity(principal: Principal) -> Entity:
    """The person, as a policy sees him."""
    return {
        "uid": {"type": "Person", "id": principal.id},
        "attrs": {
            "id": principal.id,
            "tenant": principal.tenant,
            "kind": principal.kind,
            "department": principal.department,
            "clearance": int(principal.clearance),
        }
        | {name: sorted(getattr(principal, name)) for name in ("groups", "roles", "walls", "treats", "purposes")},
        "parents": [],
    }


def document_entity(document: str, access: Access) -> Entity:
    """The document `document`, below every folder above it."""
    plain: Mapping[str, object] = {
        **{name: getattr(access, name) for name in TEXTS},
        **{name: sorted(getattr(access, name)) for name in SETS},
        LEVEL: int(access.level),
        FLAG: access.hold,
    }
    parents = [{"type": "Folder", "id": folder} for folder in access.ancestors]
    return {"uid": {"type": "Document", "id": document}, "attrs": dict(plain), "parents": parents}


def house_entity(house: House) -> Entity:
    """The installation; there is one."""
    return {"uid": {"type": "House", "id": ""}, "attrs": {"tenant": house.tenant}, "parents": []}


def text(value: object) -> bool:
    """Whether `value` is text that can be written down: a lone surrogate cannot."""
    return type(value) is str and not any("\ud800" <= character <= "\udfff" for character in value)


def _level(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in list(Level)


def _words(value: object) -> bool:
    return type(value) is frozenset and all(text(one) and one != "" for one in value)
