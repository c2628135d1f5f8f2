"""Clauses joined so that they stay small: what they say is unchanged, how they say it is short. Pure.

True and False stand here for "every document" and "none"; they never leave this room, where no clause means either.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.access.attributes import TEXTS
from appliance.records import All, Any, AnyOf, AtMost, Clause, Equals, Not

Sentence = Clause | bool
_LEAF: Final = 1


def both(parts: Iterable[Sentence]) -> Sentence:
    """Every one of `parts` holds."""
    flat = list(dict.fromkeys(one for part in parts for one in _inside(part, All)))
    if False in flat:
        return False
    kept = _tightest([one for one in flat if not isinstance(one, bool)])
    return _joined(All, kept, empty=True)


def either(parts: Iterable[Sentence]) -> Sentence:
    """At least one of `parts` holds. What all of them ask for stands once, before them."""
    flat = list(dict.fromkeys(one for part in parts for one in _inside(part, Any)))
    if True in flat:
        return True
    branches = _merged([one for one in flat if not isinstance(one, bool)])
    if len(branches) <= _LEAF:
        return _joined(Any, branches, empty=False)
    asked = [list(_inside(branch, All)) for branch in branches]
    common = [one for one in asked[0] if all(one in other for other in asked[1:])]
    if not common:
        return Any(tuple(branches))
    return both([*common, either(both(one for one in branch if one not in common) for branch in asked)])


def negated(part: Sentence) -> Sentence:
    """`part` does not hold, of a document whose attributes are all there."""
    match part:
        case bool():
            return not part
        case Not(inner):
            return inner
        case All(clauses):
            return either(negated(one) for one in clauses)
        case Any(clauses):
            return both(negated(one) for one in clauses)
        case _:
            return Not(part)


def _inside(part: Sentence, kind: type[All] | type[Any]) -> Iterator[Sentence]:
    if isinstance(part, kind):
        for one in part.clauses:
            yield from _inside(one, kind)
    else:
        yield part


def _joined(kind: type[All] | type[Any], clauses: list[Clause], *, empty: bool) -> Sentence:
    if not clauses:
        return empty
    return clauses[0] if len(clauses) == _LEAF else kind(tuple(clauses))


def _tightest(clauses: list[Clause]) -> list[Clause]:
    """Of several upper limits of one attribute the lowest is enough."""
    limits: dict[str, int] = {}
    for one in clauses:
        if isinstance(one, AtMost):
            limits[one.attribute] = min(one.value, limits.get(one.attribute, one.value))
    others = [one for one in clauses if not isinstance(one, AtMost)]
    return [*(AtMost(attribute, value) for attribute, value in limits.items()), *others]


def _merged(clauses: list[Clause]) -> list[Clause]:
    """Alternatives about one attribute as one: its highest limit, or all the words that it may have."""
    limits: dict[str, int] = {}
    words: dict[str, frozenset[str]] = {}
    others: list[Clause] = []
    for one in clauses:
        match one:
            case AtMost(attribute, value):
                limits[attribute] = max(value, limits.get(attribute, value))
            case AnyOf(attribute, values):
                words[attribute] = words.get(attribute, frozenset()) | values
            case Equals(attribute, str(value)) if attribute in TEXTS:
                words[attribute] = words.get(attribute, frozenset()) | {value}
            case _:
                others.append(one)
    return [*(AtMost(*limit) for limit in limits.items()), *map(_words, words, words.values()), *others]


def _words(attribute: str, values: frozenset[str]) -> Clause:
    """One word of a text is an equality; a list of words is not."""
    if attribute in TEXTS and len(values) == _LEAF:
        return Equals(attribute, next(iter(values)))
    return AnyOf(attribute, values)
