"""The shipped rules say what their tables say, and the tables notice every rule that is missing."""

import json
import re
from collections.abc import Iterator

import pytest

from appliance.access import tables
from appliance.access.policy_set import PolicySet, read
from appliance.access.ruleset import cases, compiled
from appliance.access.tables import Case, decisions, duties, faults, roles
from appliance.errors import PolicyRefused
from appliance.records import Action
from appliance.settings import ROOT
from tests.rules import ruleset

SHIPPED = read(ROOT / "policies")
CASES = cases(SHIPPED)
RULE = re.compile(r'@id\("([a-z-]+)"\)\n@reason\("[^"]+\."\)\n(?:permit|forbid) [^;]*;\n')
NAMES = [found[1] for found in RULE.finditer(SHIPPED.policies)]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_row_comes_out_as_it_should(case: Case) -> None:
    assert case.fault(ruleset().engine) == ""


def test_every_shipped_rule_has_an_id_and_a_reason() -> None:
    assert len(NAMES) == SHIPPED.policies.count("@id(") == len(set(NAMES))
    assert set(ruleset().engine.reasons) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_that_is_missing_is_noticed(name: str) -> None:
    """Guards every shipped rule: without it a row comes out otherwise."""
    assert faults(compiled(_without(name)).engine, CASES)


def _conditions() -> Iterator[tuple[str, str]]:
    """Every condition that stands on a line of its own beside others, with the rules without it."""
    for block in re.finditer(r"\b(?:when|unless) \{\n(.*?)\n\}", SHIPPED.policies, re.DOTALL):
        lines = block[1].split("\n")
        joint = next((line[-3:] for line in lines if line.endswith((" &&", " ||"))), "")
        for number, line in enumerate(lines if joint else ()):
            left = [one.removesuffix(joint) for one in lines[:number] + lines[number + 1 :]]
            text = SHIPPED.policies[: block.start(1)] + f"{joint}\n".join(left) + SHIPPED.policies[block.end(1) :]
            if line.strip(" &") != "principal.tenant == resource.tenant":  # `other-tenant` forbids it besides
                yield line.strip().removesuffix(joint), text


@pytest.mark.parametrize(("condition", "text"), list(_conditions()))
def test_a_condition_that_is_missing_is_noticed(condition: str, text: str) -> None:
    """Guards every condition that stands on a line of its own in a shipped rule."""
    changed = compiled(PolicySet({"rules.cedar": text.encode(), **_besides()}))
    assert faults(changed.engine, CASES), condition


def _besides() -> dict[str, bytes]:
    return {path: content for path, content in SHIPPED.files.items() if not path.endswith(".cedar")}


def _without(name: str) -> PolicySet:
    text = RULE.sub(lambda found: "" if found[1] == name else found[0], SHIPPED.policies)
    return PolicySet({"rules.cedar": text.encode(), **_besides()})


def test_duties_are_a_case_for_every_pair_and_roles_alone_read_nothing() -> None:
    found = duties(SHIPPED.text(tables.DUTIES))
    pairs = [case for case in found if " with the role " in case.name]
    assert {case.action for case in pairs if "operator" in case.name} == set(Action) - {Action.VIEW_OPERATIONS}
    assert len([case for case in found if " without the role " in case.name]) == len(pairs) == 21
    held = roles(SHIPPED.text(tables.DUTIES))
    assert len([case for case in found if case.action is Action.READ and "nothing but" in case.name]) == 4 * (
        len(held) + 1
    )


ROW = {"who": "ada", "action": "read", "what": "it", "decision": "allow"}
TABLE = {
    "tenant": "house",
    "people": {"ada": {"groups": ["staff"], "clearance": "internal"}},
    "documents": {"it": {"level": "public", "readers": ["staff"]}},
    "clients": {"in-house": {"known": True, "location": "house"}},
    "rows": [ROW],
}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"decision": "deny"}, "row 1, ada read it: allowed, read-as-reader"),
        ({"but": {"groups": ["hr"]}}, "row 1, ada read it: denied, no rule"),
        ({"by": "owner-manages"}, "decided by read-as-reader, not by owner-manages"),
        ({"but": {"roles": ["operator"]}, "decision": "deny"}, "forbidden by operator-sees-no-content, though"),
        ({"where": {"readers": []}, "decision": "deny"}, "cannot be decided"),
    ],
)
def test_a_row_that_comes_out_otherwise_is_told(row: dict[str, object], words: str) -> None:
    (told,) = faults(ruleset().engine, decisions(json.dumps(TABLE | {"rows": [ROW | row]})))
    assert words in told


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": []},
        {"rows": [ROW | {"who": "bob"}]},
        {"rows": [ROW | {"what": "nothing"}]},
        {"rows": [ROW | {"client": "nobody"}]},
        {"rows": [ROW | {"action": "write"}]},
        {"rows": [ROW | {"decision": "maybe"}]},
        {"rows": [ROW | {"but": {"clearance": "top"}}]},
        {"rows": [ROW | {"but": {"nickname": "x"}}]},
        {"rows": [ROW | {"where": {"level": None}}]},
        {"rows": [{"who": "ada"}]},
        {"more": 1},
    ],
)
def test_a_table_that_is_not_understood_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(PolicyRefused, match=r"tables/decisions\.yaml"):
        decisions(json.dumps(TABLE | changed))


def test_text_that_is_no_table_is_refused() -> None:
    for text in ("", "- a", "{", "&a [*a]", "[" * 5_000):
        with pytest.raises(PolicyRefused):
            duties(text)
