"""A Clause as a filter of the index. Pure, total over every kind of clause, and never wider than the clause.

Three traps of the engine shape this page. A filter without conditions matches everything, so every filter here starts
with the lock `acl`. `must_not` passes points that lack the field, so negation is pushed inward and rendered as what
must hold instead, or stands beside a condition that the field is there. And `[]` counts as absent, so every list is
stored with a mark of its own (`PRESENT`), which no clause can name.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from qdrant_client.http import models

from appliance.access.attributes import FLAG, LEVEL, SETS, TEXTS, sound
from appliance.records import Access, All, Any, AnyOf, AtMost, Clause, Equals, Level, Not, Under

ANCESTORS: Final = "ancestors"
PRESENT: Final = "\x1f"
"""Stands in every list that is stored, and is no word: not even "", which a wrong hand might write for a list."""
HELD: Final = {True: "yes", False: "no"}
"""`hold` as it is stored: a match by true or false never matches in this engine."""
SCHEMA: Final = (
    "tenant: text, not empty; level: integer 0-3; readers: texts, not empty, at least one; department: text; "
    "labels: texts, not empty; ancestors: texts, not empty; owner: text; wall: text; patient: text; purpose: text; "
    "hold: yes or no"
)
ACL: Final = hashlib.sha256(SCHEMA.encode()).hexdigest()[:16]
"""What `acl` holds on a point whose attributes passed `SCHEMA`. Another schema, another digest: old points vanish."""


def attributes(access: Access) -> dict[str, object]:
    """The payload fields of a document's access, locked with `acl`. Raises ValueError if they break the schema."""
    if not sound(access) or any(PRESENT in held for held in (access.readers, access.labels, access.ancestors)):
        raise ValueError("access attributes that break the schema are never written")
    return {
        **{name: getattr(access, name) for name in sorted(TEXTS)},
        **{name: [PRESENT, *sorted(getattr(access, name))] for name in sorted(SETS)},
        LEVEL: int(access.level),
        FLAG: HELD[access.hold],
        ANCESTORS: [PRESENT, *access.ancestors],
        "acl": ACL,
    }


def read_attributes(payload: dict[str, object]) -> Access:
    """The access that `attributes` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    if payload["acl"] != ACL:
        raise ValueError("a point without the lock")
    access = Access(
        tenant=_text(payload["tenant"]),
        level=Level(payload[LEVEL]),  # type: ignore[arg-type]  # anything but 0-3 raises ValueError
        readers=frozenset(_marked(payload["readers"])),
        department=_text(payload["department"]),
        labels=frozenset(_marked(payload["labels"])),
        owner=_text(payload["owner"]),
        wall=_text(payload["wall"]),
        patient=_text(payload["patient"]),
        purpose=_text(payload["purpose"]),
        ancestors=tuple(_marked(payload[ANCESTORS])),
        hold={stored: held for held, stored in HELD.items()}[_text(payload[FLAG])],
    )
    if not sound(access):
        raise ValueError("a point whose attributes break the schema")
    return access


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _marked(value: object) -> list[str]:
    if not isinstance(value, list) or value[:1] != [PRESENT]:
        raise TypeError("not a list of ours")
    return [_text(one) for one in value[1:]]


# --- Clauses ----------------------------------------------------------------------------------------------------------


def render(clause: Clause) -> models.Filter:
    """The filter that admits exactly the points whose locked attributes meet `clause`.

    Raises ValueError for a clause that compares an attribute with what it cannot be.
    """
    return everything([_condition(clause, wanted=True)])


def everything(conditions: Iterable[models.Condition]) -> models.Filter:
    """All of `conditions`, behind the lock: an empty list admits nothing but locked points.

    Conjunctions inside are laid flat: the engine answers one list faster than a nest of them.
    """
    flat = (one for condition in conditions for one in _flat(condition))
    return models.Filter(must=[LOCK, *(one for one in flat if one is not LOCK)])


def _flat(condition: models.Condition) -> Iterator[models.Condition]:
    """The conditions of a plain conjunction, of any depth; anything else, an empty filter too, as it is."""
    plain = isinstance(condition, models.Filter) and not (
        condition.should or condition.must_not or condition.min_should
    )
    if plain and isinstance(condition, models.Filter) and isinstance(condition.must, list) and condition.must:
        for one in condition.must:
            yield from _flat(one)
    else:
        yield condition


def field(key: str, value: str) -> models.FieldCondition:
    """The field is `value`, or holds it."""
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


LOCK: Final = models.FieldCondition(key="acl", match=models.MatchValue(value=ACL))
NOTHING: Final = models.FieldCondition(key="acl", match=models.MatchValue(value=PRESENT))


def _condition(clause: Clause, *, wanted: bool) -> models.Condition:
    """What must hold for `clause` to be true (`wanted`) or false. Never an empty filter: it would match everything."""
    match clause:
        case Not(inner):
            return _condition(inner, wanted=not wanted)
        case All(()) | Any(()):
            return NOTHING if wanted else LOCK
        case All(clauses) | Any(clauses):
            rendered = [_condition(one, wanted=wanted) for one in clauses]
            both = isinstance(clause, All) is wanted
            return models.Filter(must=rendered) if both else models.Filter(should=rendered)
        case AtMost():
            return _at_most(clause, wanted=wanted)
        case Equals():
            return _equals(clause, wanted=wanted)
        case AnyOf():
            return _any_of(clause, wanted=wanted)
        case Under(folder):
            return _holds_any(ANCESTORS, {folder}, wanted=wanted)


def _at_most(clause: AtMost, *, wanted: bool) -> models.Condition:
    if clause.attribute != LEVEL:
        raise ValueError(f"{clause.attribute} has no order")
    return _levels(level for level in Level if (level <= clause.value) is wanted)


def _levels(admitted: Iterable[Level]) -> models.Condition:
    """One of these levels by name, never a range: a number that is no level is within none."""
    named = [int(level) for level in admitted]
    return models.FieldCondition(key=LEVEL, match=models.MatchAny(any=named)) if named else NOTHING


def _equals(clause: Equals, *, wanted: bool) -> models.Condition:
    attribute, value = clause.attribute, clause.value
    if attribute == LEVEL:
        return _levels(level for level in Level if (level == value) is wanted)
    if attribute == FLAG and isinstance(value, bool):
        return field(FLAG, HELD[value is wanted])
    if attribute in TEXTS and isinstance(value, str):
        return _is_any(attribute, {value}, wanted=wanted)
    if attribute in TEXTS | SETS | {ANCESTORS}:
        return NOTHING if wanted else LOCK  # a text is no number and a set is no text: they are never equal
    raise ValueError(f"no attribute {attribute}")


def _any_of(clause: AnyOf, *, wanted: bool) -> models.Condition:
    if clause.attribute in TEXTS:
        return _is_any(clause.attribute, clause.values, wanted=wanted)
    if clause.attribute in SETS:
        return _holds_any(clause.attribute, clause.values, wanted=wanted)
    raise ValueError(f"{clause.attribute} is neither a text nor a set")


def _is_any(attribute: str, values: Iterable[str], *, wanted: bool) -> models.Condition:
    """A text that is (not) one of `values`. `except` asks for a text that is another: absent fields do not pass."""
    if not (named := sorted(values)):
        return NOTHING if wanted else LOCK
    match = models.MatchAny(any=named) if wanted else models.MatchExcept(**{"except": named})
    return models.FieldCondition(key=attribute, match=match)


def _holds_any(attribute: str, values: Iterable[str], *, wanted: bool) -> models.Condition:
    """A list that holds (none) of `values`. Without PRESENT beside it, the negation would pass points with no list."""
    if not (named := sorted(set(values) - {PRESENT})):
        return NOTHING if wanted else LOCK
    met = models.FieldCondition(key=attribute, match=models.MatchAny(any=named))
    return met if wanted else models.Filter(must=[field(attribute, PRESENT)], must_not=[met])
