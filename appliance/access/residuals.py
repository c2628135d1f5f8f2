"""What is left of the policies, as a clause that the index enforces: never wider than they are. Pure.

Total over what `vetting.py` accepts. Whatever else stands in a residual is an error, and then nothing may be read:
a part that is not understood is never left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from appliance.access.attributes import FLAG, KNOWN, LEVEL, SETS, TEXTS
from appliance.access.cedar import Residual
from appliance.access.logic import Sentence, both, either, negated
from appliance.errors import NotAllowed, PolicyUnavailable
from appliance.records import AnyOf, AtMost, Clause, Equals, Under

_DOCUMENT: Final = {"unknown": [{"Value": "resource"}]}
_SHAPES: Final = ({"left", "right"}, {"left", "attr"}, {"left", "entity_type"}, {"arg"})
_ANYWHERE: Final = {"op": "All"}


class _NotUnderstood(Exception):
    """A residual says something for which there is no clause."""


def clause(residuals: Iterable[Residual], *, tenant: str) -> Clause:
    """What may be read: what at least one permit admits and no forbid denies.

    A permit that is left without any condition means the person's own `tenant`, not everything that there is.
    Raises NotAllowed if nothing is left, PolicyUnavailable, naming the policy, for what is not understood.
    """
    permits: list[Sentence] = []
    forbids: list[Sentence] = []
    for residual in residuals:
        said = _policy(residual)
        if residual.effect == "forbid":
            forbids.append(negated(said))
        else:
            permits.append(Equals("tenant", tenant) if said is True else said)
    admitted = both([either(permits), *forbids])
    if isinstance(admitted, bool):
        # either(permits) is never True, so what is a bool here is False: no permit, or a forbid of everything
        raise NotAllowed("No policy lets you read anything.")
    return admitted


def _policy(residual: Residual) -> Sentence:
    """The whole of one policy. Raises PolicyUnavailable, naming it, for anything that is not understood."""
    try:
        return _whole(residual.body)
    except (_NotUnderstood, KeyError, TypeError, RecursionError) as error:
        raise PolicyUnavailable(f"The index cannot enforce the policy {residual.policy}.") from error


def _whole(body: Mapping[str, Any]) -> Sentence:
    """Every condition holds. Cedar moves everything else into the conditions, an `unless` as what must not hold."""
    if any(body[part] != _ANYWHERE for part in ("principal", "action", "resource")):
        raise _NotUnderstood
    if any(condition["kind"] != "when" for condition in body["conditions"]):
        raise _NotUnderstood
    return both(_sentence(condition["body"]) for condition in body["conditions"])


def _sentence(node: Mapping[str, Any]) -> Sentence:
    """One expression that is true or false. Each case is a promise of `vetting.py`."""
    operator, operand = _only(node)
    match operator, operand:
        case "Value", bool(value):
            return value
        case "&&", {"left": left, "right": right}:
            return both((_sentence(left), _sentence(right)))
        case "||", {"left": left, "right": right}:
            return either((_sentence(left), _sentence(right)))
        case "!", {"arg": inner}:
            return negated(_sentence(inner))
        case ".", _ if _attribute(node) == FLAG:
            return Equals(FLAG, value=True)
        case "has", {"left": left, "attr": name} if left == _DOCUMENT and name in KNOWN:
            return True
        case "is", {"left": left, "entity_type": kind} if left == _DOCUMENT:
            return bool(kind == "Document")
        case "in", {"left": left, "right": folders} if left == _DOCUMENT:
            return either(Under(folder) for folder in _folders(folders))
        case (("==" | "<" | "<=" | "contains" | "containsAny"), {"left": left, "right": right}):
            return _comparison(operator, left, right)
        case _:
            raise _NotUnderstood


def _comparison(operator: str, left: Any, right: Any) -> Sentence:
    """An attribute compared with something known, in either order."""
    attribute, other = _attribute(left), right
    if turned := not attribute:
        attribute, other = _attribute(right), left
    match operator:
        case "==":
            return _equal(attribute, other)
        case "<" if attribute == LEVEL:
            return negated(AtMost(LEVEL, _number(other))) if turned else AtMost(LEVEL, _number(other) - 1)
        case "<=" if attribute == LEVEL:
            return negated(AtMost(LEVEL, _number(other) - 1)) if turned else AtMost(LEVEL, _number(other))
        case "contains" if turned and attribute in TEXTS:
            return _any_of(attribute, _words(other))
        case "contains" if not turned and attribute in SETS:
            return AnyOf(attribute, frozenset({_word(other)}))
        case "containsAny" if attribute in SETS:
            return _any_of(attribute, _words(other))
        case _:
            raise _NotUnderstood


def _equal(attribute: str, other: Any) -> Sentence:
    if attribute in TEXTS:
        return Equals(attribute, _word(other))
    if attribute == LEVEL:
        return Equals(LEVEL, _number(other))
    match other:
        case {"Value": bool(value)} if attribute == FLAG:
            return Equals(FLAG, value=value)
        case _:
            raise _NotUnderstood


def _any_of(attribute: str, values: frozenset[str]) -> Sentence:
    """No values, no document."""
    return AnyOf(attribute, values) if values else False


# --- The leaves -------------------------------------------------------------------------------------------------------


def _only(node: Mapping[str, Any]) -> tuple[str, Any]:
    """The operator of a node and what it works on, of a shape that is known: a part that is new is never skipped."""
    if len(node) != 1:
        raise _NotUnderstood
    ((operator, operand),) = node.items()
    if isinstance(operand, Mapping) and set(operand) not in _SHAPES:
        raise _NotUnderstood
    return operator, operand


def _attribute(node: Mapping[str, Any]) -> str:
    """The name of the document's attribute that `node` is, or "" if it is something else."""
    match node:
        case {".": {"left": left, "attr": str(name)}} if left == _DOCUMENT:
            return name
        case _:
            return ""


def _number(node: Mapping[str, Any]) -> int:
    match node:
        case {"Value": int(value)} if not isinstance(value, bool):
            return value
        case _:
            raise _NotUnderstood


def _word(node: Mapping[str, Any]) -> str:
    match node:
        case {"Value": str(value)}:
            return value
        case _:
            raise _NotUnderstood


def _words(node: Mapping[str, Any]) -> frozenset[str]:
    match node:
        case {"Set": [*several]}:
            return frozenset(map(_word, several))
        case _:
            raise _NotUnderstood


def _folders(node: Mapping[str, Any]) -> list[str]:
    match node:
        case {"Value": {"__entity": {"type": "Folder", "id": str(folder)}}}:
            return [folder]
        case {"Set": [*several]}:
            return [folder for one in several for folder in _folders(one)]
        case _:
            raise _NotUnderstood
