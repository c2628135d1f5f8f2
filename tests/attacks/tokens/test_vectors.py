"""Signatures: our own tokens, each named after its defect, and Wycheproof's, all through the one function.

Nothing here knows how a token is verified. What holds must hold and what does not must not, in the same function with
the same algorithms.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from appliance.access.keys import PublicKey, public_key
from appliance.access.tokens import refused, signed
from appliance.errors import NotAuthenticated
from tests.left_out import only_reported

ASYMMETRIC = frozenset(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"EdDSA"}
OURS = json.loads((Path(__file__).with_name("vectors.json")).read_text("utf-8"))


def holds(token: str, described: object) -> bool:
    """Whether a token opens where the issuer publishes this key alone."""
    key = public_key(described)
    published = {} if key is None else {key.kid: key}

    def key_of(kid: str) -> PublicKey:
        if kid not in published:
            raise refused()
        return published[kid]

    try:
        signed(token, key_of, ASYMMETRIC)
    except NotAuthenticated:
        return False
    return True


@pytest.mark.parametrize("row", OURS, ids=[row["name"] for row in OURS])
def test_our_own_vectors(row: dict[str, Any]) -> None:
    """Fails if a line of `signed`, of `public_key` or of `_rsa` is deleted: each has its rows."""
    token = row["token"].replace("@", "A" * row["filled"]) if "filled" in row else row["token"]
    assert holds(token, row["key"]) is row["valid"]


def test_our_own_vectors_hold_enough() -> None:
    assert sum(row["valid"] for row in OURS) >= 13
    assert sum(not row["valid"] for row in OURS) >= 90


def evaluation_data(name: str) -> list[dict[str, Any]]:
    folder = os.environ.get("MUNIMENT_EVALUATION_DATA")
    if not folder or not (file := Path(folder) / "tokens" / name).is_file():
        only_reported("WYCHEPROOF'S TOKENS", "MUNIMENT_EVALUATION_DATA does not lead to them.")
    return list(json.loads(file.read_text("utf-8"))["testGroups"])


def test_wycheproof_s_signatures() -> None:
    """Every invalid vector is refused; every valid one is accepted unless it is signed with a shared secret (HS)."""
    counted: Counter[str] = Counter()
    for group in evaluation_data("json_web_signature_test.json"):
        shared = group["private"]["kty"] == "oct"
        for case in group["tests"]:
            token = case["jws"] if isinstance(case["jws"], str) else json.dumps(case["jws"])
            expected = case["result"] == "valid" and not shared
            assert holds(token, group.get("public", group["private"])) is expected, case["tcId"]
            counted["accepted" if expected else "refused"] += 1
            counted[case["result"]] += 1
    assert counted == {"accepted": 36, "refused": 365, "valid": 46, "invalid": 355}


def test_encrypted_tokens_are_refused_as_a_kind() -> None:
    """Fails if `_COMPACT` accepts five parts: not one of Wycheproof's encrypted tokens, valid or not, opens."""
    refusals = 0
    for group in evaluation_data("json_web_encryption_test.json"):
        for case in group["tests"]:
            token = case["jwe"] if isinstance(case["jwe"], str) else json.dumps(case["jwe"])
            assert not holds(token, group.get("public", group.get("private"))), case["tcId"]
            refusals += 1
    assert refusals > 100


def test_the_key_is_asked_for_only_when_the_form_is_right() -> None:
    """Fails if `signed` asks for a key before it has compared algorithm and header."""
    asked: list[str] = []

    def key_of(kid: str) -> PublicKey:
        asked.append(kid)
        raise refused()

    good = next(row for row in OURS if row["name"] == "RS256: holds")
    for name in ("algorithm 'none', signed", "a header that has jku, genuinely signed", "encrypted"):
        token = next(row["token"] for row in OURS if row["name"] == name)
        with pytest.raises(NotAuthenticated):
            signed(token, key_of, ASYMMETRIC)
    with pytest.raises(NotAuthenticated):
        signed(good["token"], key_of, frozenset({"ES256"}))
    assert asked == []
    with pytest.raises(NotAuthenticated):
        signed(good["token"], key_of, frozenset({"RS256"}))
    assert asked == ["our-RS256"]
