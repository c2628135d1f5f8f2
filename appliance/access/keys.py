"""The issuer's public keys, as a key set (RFC 7517) gives them: which key may have signed with which algorithm.

Pure: where a set comes from is the concern of `issuer_keys.py`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

RSA_BITS: Final = range(2048, 8193)
"""The sizes of RSA keys that are believed: smaller ones can be broken, larger ones are a way to keep us busy."""
CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA", "Ed448": "EdDSA"}
"""On a curve there is one algorithm, whatever the key says of itself."""
KEYS: Final = 64
"""Keys of one set that are read."""
NAME: Final = 200
"""Characters of a key's id."""

Material = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may have signed a token with one of `algorithms`, all of one family."""

    kid: str
    material: Material
    algorithms: frozenset[str]


def key_set(text: bytes) -> dict[str, PublicKey]:
    """The usable signing keys of a set by their ids. Keys of other kinds and uses, and ids given twice, are left out.

    Raises ValueError if it is no key set at all.
    """
    told = json.loads(text)
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list) or len(listed) > KEYS:
        raise ValueError("This is no set of keys.")
    found = [key for key in map(public_key, listed) if key is not None]
    times = Counter(key.kid for key in found)
    return {key.kid: key for key in found if times[key.kid] == 1}


def public_key(described: object) -> PublicKey | None:
    """The key that a JSON Web Key describes; None if tokens must not be verified with it.

    That is one for encryption, one that is secret or shared, a weak one, a broken one, or one without an id.
    """
    if not isinstance(described, dict) or not _for_signatures(described):
        return None
    kid, kind = described.get("kid"), described.get("kty")
    if not isinstance(kid, str) or not 0 < len(kid) <= NAME or "d" in described:
        return None
    try:
        if kind == "RSA":
            return _rsa(kid, described)
        if kind in {"EC", "OKP"} and described.get("crv") in CURVES:
            reader = ECAlgorithm if kind == "EC" else OKPAlgorithm
            return PublicKey(
                kid, cast(Material, reader.from_jwk(dict(described))), frozenset({CURVES[described["crv"]]})
            )
    except (jwt.InvalidKeyError, ValueError, TypeError, KeyError):
        return None
    return None


def _for_signatures(described: Mapping[str, Any]) -> bool:
    """Fails closed: a key that names a use or operations must name ours."""
    operations = described.get("key_ops", ["verify"])
    return described.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _rsa(kid: str, described: Mapping[str, Any]) -> PublicKey | None:
    """An RSA key with every algorithm that it may have been used with.

    The one that it is published for is the least: the same padding with a longer hash is believed, never a shorter
    hash, never the other padding.
    """
    material = RSAAlgorithm.from_jwk(dict(described))
    named = described.get("alg", "")
    families = [("RS256", "RS384", "RS512"), ("PS256", "PS384", "PS512")]
    allowed = {name for family in families for name in family if not named or (named in family and name >= named)}
    if not isinstance(material, RSAPublicKey) or material.key_size not in RSA_BITS or not allowed:
        return None
    return PublicKey(kid, material, frozenset(allowed))
