"""Key sets as issuers publish them."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from appliance.access.keys import KEYS, key_set, public_key


def made(kid: Any = "a", **more: Any) -> dict[str, Any]:
    told = json.loads(OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate().public_key()))
    return {**told, "kid": kid, **more}


def of(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_keys_that_are_not_ours_do_not_spoil_the_set() -> None:
    usable = made("good", use="sig", alg="EdDSA")
    encryption = made("enc", use="enc")
    strange = [7, None, [], {}, {"kty": "AKP", "kid": "new"}, {"kty": "EC", "crv": "P-999", "kid": "c"}, {"kid": "x"}]
    assert key_set(of(usable, encryption, *strange)).keys() == {"good"}


def test_an_id_given_twice_is_nobody_s() -> None:
    """Fails if the last of two keys with one id is believed."""
    assert key_set(of(made("a"), made("a"), made("b"))).keys() == {"b"}


@pytest.mark.parametrize("kid", [None, "", 7, "x" * 201, ["a"]])
def test_a_key_needs_an_id(kid: object) -> None:
    assert public_key(made(kid)) is None


def test_a_curve_that_does_not_fit_its_kind_is_no_key() -> None:
    for wrong in ({"crv": "P-256"}, {"kty": "EC"}, {"x": "AA"}, {"x": 7}, {"kty": "EC", "crv": "P-256", "y": "AA"}):
        assert public_key({**made(), **wrong}) is None


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b'{"keys": {}}', b'{"keys": "a"}', b"\xff", of(*[made(str(n)) for n in range(KEYS + 1)])],
)
def test_what_is_no_key_set_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever json says, or we
        key_set(text)
