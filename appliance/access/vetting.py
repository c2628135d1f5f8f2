"""What a policy may say: only what the index can enforce too. Pure, over Cedar's own JSON of the policies.

Accepted are `&& || ! == != < <= > >= in has contains containsAny is`, over attributes of the document that are always
there. A document's attribute is compared with something that is known once the person is: two attributes of one
document are never compared with each other, because the index cannot.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from appliance.access.attributes import FLAG, KNOWN, LEVEL, SETS, TEXTS

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_BOTH: Final = frozenset({"&&", "||"})
_ORDER: Final = frozenset({"<", "<=", ">", ">="})
_COMPARE: Final = _ORDER | {"==", "!=", "contains", "containsAny"}
_KINDS: Final = {
    **dict.fromkeys(_ORDER, frozenset({LEVEL})),
    **dict.fromkeys(("==", "!="), TEXTS | {LEVEL, FLAG}),
    "contains": TEXTS | SETS,
    "containsAny": SETS,
}
"""The attributes of a document that each comparison may be asked of."""

LARGEST: Final = 256 * 1024
"""Characters of a policy set."""
_DEEPEST: Final = 40
_LONGEST: Final = 4_000
_ASIDE: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n\r]*')
"""Text between quotes, and remarks: to Cedar, these end with a carriage return too."""
LARGEST_SCHEMA: Final = 16 * 1024
"""Characters of a schema: some four times the one that is shipped."""
_DEEPEST_SCHEMA: Final = 10
_TYPE: Final = re.compile(r"\btype\s+(\w+)\s*=([^;]*);")
_DECLARED: Final = re.compile(r"\bnamespace\b|\btype\b(?!\s*\??\s*:)")
"""Where a type begins, or a name may get two meanings. An attribute may be called so."""
_WORD: Final = re.compile(r"\w+")
_CHAIN: Final = re.compile(r"(?:\.\s*\w+\s*){20}")

Node = Mapping[str, Any]


def parsable(policies: str) -> bool:
    """Whether Cedar's parser can be given this: it goes as deep as the text does, and takes the process with it."""
    if len(policies) > LARGEST:
        return False
    bare = _ASIDE.sub("_", policies)
    return (
        _depth(bare, "([{", ")]}") <= _DEEPEST
        and bare.count("&&") + bare.count("||") <= _LONGEST
        and not _CHAIN.search(bare)
    )


def schema_parsable(schema: str) -> bool:
    """The same of a schema, whose types nest in each other too. What its types come to once written out is bounded."""
    if len(schema) > LARGEST_SCHEMA:
        return False
    bare = _ASIDE.sub("_", schema)
    return _depth(bare, "([{<", ")]}>") <= _DEEPEST_SCHEMA and _written_out(bare) <= _LONGEST


def _written_out(schema: str) -> float:
    """How many words a schema has with each type in place of its name; Cedar puts it there, a name at a time."""
    bodies = dict(_TYPE.findall(schema))
    if len(bodies) != len(_DECLARED.findall(schema)):
        return math.inf  # a name twice, or what is not understood here
    sizes, before = dict.fromkeys(bodies, 1), dict[str, int]()
    for _ in range(_DEEPEST_SCHEMA):
        if sizes == before:
            return sum(sizes.get(word, 1) for word in _WORD.findall(schema))
        before = sizes
        sizes = {name: 1 + sum(before.get(word, 1) for word in _WORD.findall(body)) for name, body in bodies.items()}
    return math.inf  # a type of types of types


def _depth(bare: str, opening: str, closing: str) -> int:
    depth = deepest = 0
    for character in bare:
        depth += (character in opening) - (character in closing)
        deepest = max(deepest, depth)
    return deepest


def faults(plain: Node) -> tuple[str, ...]:
    """What is wrong with a policy set, each fault with the name of its policy; none where all of it is accepted."""
    found = [f"{name}: templates are not accepted" for name in plain["templates"]]
    names: set[str] = set()
    for number, policy in plain["staticPolicies"].items():
        name = policy.get("annotations", {}).get("id")
        if not NAME.fullmatch(name or ""):
            found.append(f'{number}: needs a name, @id("…"), of small letters, digits and hyphens')
            name = number
        if name in names:
            found.append(f"{name}: another policy has that name")
        names.add(name)
        found += [f"{name}: {fault}" for fault in _faults(policy)]
    return tuple(dict.fromkeys(found))


def _faults(policy: Node) -> Iterator[str]:
    place = policy["resource"]
    if place["op"] not in ("All", "is", "in"):
        yield "it names one single document"
    for entity in (place.get("entity"), place.get("in", {}).get("entity")):
        if entity is not None and entity.get("type") != "Folder":
            yield "documents lie in folders and in nothing else"
    for condition in policy["conditions"]:
        yield from _expression(condition["body"])
    if policy["effect"] == "permit" and not any(_attributes(condition["body"]) for condition in policy["conditions"]):
        yield "a permit has to name an attribute of the resource"


def _expression(node: Node) -> Iterator[str]:
    """The faults of one expression. What is not named here is not accepted."""
    ((operator, operand),) = node.items()
    if operator in _BOTH:
        yield from _expression(operand["left"])
        yield from _expression(operand["right"])
    elif operator == "!":
        yield from _expression(operand["arg"])
    elif operator in _COMPARE:
        yield from _comparison(operator, operand["left"], operand["right"])
    elif operator in (".", "has", "is", "in"):
        yield from _place(operator, operand)
    elif operator in ("Set", "Value", "Var"):
        yield from _word(operator, operand)
    else:
        yield f"{operator} is not accepted"


def _word(operator: str, operand: Any) -> Iterator[str]:
    """The faults of a literal, a set of expressions, or one of Cedar's four variables by itself."""
    if operator == "Set":
        for one in operand:
            yield from _expression(one)
        if _mentions(operand):
            yield "a set may not be made of a document's attributes"
    elif operator == "Value" and isinstance(operand, Mapping) and set(operand) != {"__entity"}:
        yield "extensions are not accepted"
    elif operator == "Var" and operand == "resource":
        yield "a document itself is compared with nothing"


def _comparison(operator: str, left: Node, right: Node) -> Iterator[str]:
    yield from _expression(left)
    yield from _expression(right)
    sides = [side for side in (left, right) if _mentions(side)]
    if len(sides) == 2:
        yield "two attributes of one document are not compared with each other"
    elif sides and _attribute(sides[0]) not in _KINDS[operator]:
        yield f"{operator} is not accepted here: it takes one attribute of the document, of a fitting kind"


def _place(operator: str, operand: Node) -> Iterator[str]:
    """`.`, `has`, `is` and `in`: of the document itself, or of what is known."""
    left = operand["left"]
    if "Var" not in left:
        yield from _expression(left)
    of_document = left == {"Var": "resource"}
    if operator in (".", "has") and of_document and operand["attr"] not in KNOWN:
        yield "no such attribute"
    for key in ("right", "in"):
        if key in operand:
            yield from _expression(operand[key])
            if _mentions(operand[key]) or (_mentions(left) and not of_document):
                yield "only a document lies in a folder"
            if of_document and not _folders(operand[key]):
                yield "documents lie in folders and in nothing else"


def _folders(node: Node) -> bool:
    """Whether `node` names one folder, or a list of them."""
    match node:
        case {"Value": {"__entity": {"type": "Folder"}}}:
            return True
        case {"Set": [*several]}:
            return all(_folders(one) for one in several)
        case _:
            return False


def _mentions(node: Any) -> bool:
    """Whether the document is spoken of anywhere below."""
    if isinstance(node, Mapping):
        return node == {"Var": "resource"} or any(_mentions(below) for below in node.values())
    return isinstance(node, list) and any(_mentions(below) for below in node)


def _attribute(node: Node) -> str:
    """The document's attribute that `node` is, or "" if it is something else."""
    match node:
        case {".": {"left": {"Var": "resource"}, "attr": str(name)}}:
            return name
        case _:
            return ""


def _attributes(node: Any) -> bool:
    """Whether an attribute of the document is named anywhere below."""
    if isinstance(node, Mapping):
        return bool(_attribute(node)) or any(_attributes(below) for below in node.values())
    return isinstance(node, list) and any(_attributes(below) for below in node)
