"""Clauses: a condition on the attributes of `Access`, rendered for the index and evaluated in plain Python."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute (a string, an integer, or true or false) is `value`."""

    attribute: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute (a string or a set of strings) has at least one of `values`. Empty `values` admit nothing."""

    attribute: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class AtMost:
    """The attribute (an integer) is at most `value`."""

    attribute: str
    value: int


@dataclass(frozen=True, slots=True)
class Under:
    """The document lies in `folder` or below it."""

    folder: str


@dataclass(frozen=True, slots=True)
class All:
    """Every one of `clauses` holds. Never empty: an empty conjunction would admit everything."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of `clauses` holds. Empty admits nothing."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`clause` does not hold, of a document whose attributes are all present."""

    clause: "Clause"


Clause = Equals | AnyOf | AtMost | Under | All | Any | Not
