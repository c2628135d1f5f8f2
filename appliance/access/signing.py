"""Signatures of security officers over the digest of a policy set: two of them, of different people, or none counts.

An officer is known by a file `NAME.pub` in the officers' folder, which lies outside every policy set: whoever can edit
policies cannot add himself to those who sign them.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import PolicyRefused

NEEDED: Final = 2
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_CONTEXT: Final = b"muniment: I vouch for the policy set with this digest\n"
"""Before the digest in what is signed, so that no signature given for anything else counts here."""
_LARGEST: Final = 4_096

Officers = Mapping[str, Ed25519PublicKey]


def officers(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Everyone who may sign, by name. A folder that is missing or empty knows nobody.

    Raises PolicyRefused for a key that cannot be read, or one that stands there under two names.
    """
    known: dict[str, Ed25519PublicKey] = {}
    seen: set[bytes] = set()
    for path in sorted(folder.glob("*.pub")):
        key = _public(path)
        if key.public_bytes_raw() in seen:
            raise PolicyRefused("Two officers have the same key: one person would sign for two.")
        seen.add(key.public_bytes_raw())
        known[named(path.stem)] = key
    return known


def signed(digest: str, key: Ed25519PrivateKey) -> bytes:
    """The signature over `digest`, as it stands in a file: one line of base64."""
    return base64.b64encode(key.sign(_message(digest))) + b"\n"


def vouched(digest: str, signatures: Mapping[str, bytes], known: Officers) -> tuple[str, ...]:
    """The names of the officers whose signatures over `digest` are valid; at least two different people's.

    Raises PolicyRefused for fewer. A signature that is not valid, or of somebody unknown, is as none. Each check is a
    security property; `tests/access/test_signing.py` fails if one is deleted.
    """
    valid: dict[bytes, str] = {}
    for name, signature in sorted(signatures.items()):
        key = known.get(name)
        if key is not None and is_valid(signature, digest, key):
            valid.setdefault(key.public_bytes_raw(), name)  # one key is one person, under however many names
    if len(valid) < NEEDED:
        raise PolicyRefused(
            f"The policy set has {len(valid)} valid signatures of known officers; {NEEDED} of different people are "
            "needed.",
            advice="`muniment policy sign` makes one; the officers' folder says who may.",
        )
    return tuple(sorted(valid.values()))


def keep_pair(name: str, to: Path) -> tuple[Path, Path]:
    """Make a key pair for the officer `name`: `NAME.key` (0600) and `NAME.pub` in the folder `to`.

    Raises PolicyRefused if one of them is there already.
    """
    named(name)
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, public = to / f"{name}.key", to / f"{name}.pub"
    if private.exists() or public.exists():
        raise PolicyRefused("There is a key of that name already; it is not replaced.")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(pem)
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def private_key(path: Path) -> Ed25519PrivateKey:
    """An officer's own key. Raises PolicyRefused if it is none."""
    try:
        key = serialization.load_pem_private_key(_bytes(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PolicyRefused("That is no private key of ours.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PolicyRefused("The key is not an Ed25519 key.")
    return key


def named(name: str) -> str:
    """`name`, if it can be an officer's. Raises PolicyRefused."""
    if not _NAME.fullmatch(name):
        raise PolicyRefused("An officer's name is made of small letters, digits and hyphens.")
    return name


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(_bytes(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PolicyRefused("A key in the officers' folder cannot be read.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise PolicyRefused("A key in the officers' folder is not an Ed25519 key.")
    return key


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        raise PolicyRefused(f"A key cannot be read ({type(error).__name__}).") from error


def _message(digest: str) -> bytes:
    return _CONTEXT + digest.encode()


def is_valid(signature: bytes, digest: str, key: Ed25519PublicKey) -> bool:
    """Whether `signature` is that of the officer with this key over `digest`. One alone brings nothing into force."""
    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), _message(digest))
    except (InvalidSignature, binascii.Error):
        return False
    return True
