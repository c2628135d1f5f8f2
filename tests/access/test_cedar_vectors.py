"""Cedar's own integration tests, decided through the function that decides for us."""

import json
import os
from pathlib import Path
from typing import Any

import cedarpy

from appliance.access.cedar import asked
from tests.left_out import only_reported


def _data() -> Path:
    folder = Path(os.environ.get("MUNIMENT_EVALUATION_DATA", "/nowhere")) / "cedar"
    if not (folder / "tests").is_dir():
        only_reported("CEDAR'S OWN TESTS", "MUNIMENT_EVALUATION_DATA does not lead to them.")
    return folder


def _request(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "principal": told["principal"],
        "action": told["action"],
        "resource": told["resource"],
        "context": json.dumps(told["context"]),
    }


def test_cedar_s_own_tests_are_decided_rightly() -> None:
    """Every decision and every deciding policy; extensions and `like`, which ours may not use, too."""
    folder, decided = _data(), 0
    for file in sorted((folder / "tests").rglob("*.json")):
        case = json.loads(file.read_text("utf-8"))
        schema = cedarpy.Schema.from_str((folder / case["schema"]).read_text("utf-8"))
        policies = cedarpy.PolicySet.from_str((folder / case["policies"]).read_text("utf-8"))
        entities = (folder / case["entities"]).read_text("utf-8")
        for told in case["requests"]:
            (decision,) = asked([_request(told)], policies, entities, schema, names={})
            where = f"{file.name}: {told['description']}"
            assert decision.allowed is (told["decision"] == "allow"), where
            assert decision.policies == tuple(sorted(told["reason"])), where
            assert bool(decision.errors) is bool(told["errors"]), where
            decided += 1
    assert decided == 74
