"""Checkpoints: signed, numbered statements of how far the ledger went and what its last hash was then."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from appliance.audit.keys import write_new
from appliance.errors import LedgerUnavailable, OperatorError

_CONTEXT: Final = b"muniment-checkpoint-1\n"
"""Signed before each body, so that no signature of ours over anything else passes for a checkpoint."""
_LINE: Final = re.compile(r"(\{[^{}]*\}) ([0-9a-f]{128})\s*$")
_PUBLIC: Final = ".pub"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Checkpoint `number` (from 1) says: entry `entry` has the hash `hash` at `at`. `key` is the id of its signer's."""

    number: int
    entry: int
    hash: str
    at: str
    key: str
    body: str
    signature: str

    @property
    def line(self) -> str:
        """As it stands in the second place and in exports."""
        return f"{self.body} {self.signature}"

    def signed_by(self, keys: Mapping[str, Ed25519PublicKey]) -> bool:
        """Whether one of `keys` really signed it."""
        key = keys.get(self.key)
        if key is None:
            return False
        try:
            key.verify(bytes.fromhex(self.signature), _CONTEXT + self.body.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """The key that signs checkpoints."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.id = key_id(key.public_key())

    @property
    def public(self) -> Ed25519PublicKey:
        """What verification needs."""
        return self._key.public_key()

    def sign(self, told: bytes) -> str:
        """The signature (hexadecimal) of `told`, which begins with a context of its own."""
        return self._key.sign(told).hex()

    def checkpoint(self, *, number: int, entry: int, digest: str, at: str) -> Checkpoint:
        """Sign that entry `entry` has the hash `digest`."""
        plain = {"checkpoint": number, "entry": entry, "hash": digest, "at": at, "key": self.id}
        body = json.dumps(plain, separators=(",", ":"))
        return Checkpoint(number, entry, digest, at, self.id, body, self.sign(_CONTEXT + body.encode()))


def signer(path: Path) -> Signer:
    """The signing key in `path` (32 bytes); made, with its public half beside it as PEM, if there is none.

    Raises LedgerUnavailable if it cannot be read or is no key.
    """
    try:
        if not path.exists():
            write_new(path, Ed25519PrivateKey.generate().private_bytes_raw())
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_new(public_file(path), pem)
    except (OSError, ValueError) as error:
        raise LedgerUnavailable(
            f"The key of the ledger's checkpoints cannot be used ({type(error).__name__})."
        ) from error
    return Signer(key)


def public_file(path: Path) -> Path:
    """Where the public half of the key in `path` lies."""
    return path.with_name(path.name + _PUBLIC)


def public_keys(paths: Iterable[Path]) -> dict[str, Ed25519PublicKey]:
    """The public keys (PEM) in `paths`, by their ids. Raises OperatorError."""
    keys = {}
    for path in paths:
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError) as error:
            raise OperatorError(f"{path} cannot be read as a public key.", advice="It is a PEM file.") from error
        if not isinstance(key, Ed25519PublicKey):
            raise OperatorError(f"{path} is not an Ed25519 key.", advice="Give the key that signs checkpoints.")
        keys[key_id(key)] = key
    return keys


def key_id(key: Ed25519PublicKey) -> str:
    """A short name of a key: the beginning of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def parsed(line: str) -> Checkpoint | None:
    """A checkpoint from a line, whatever a log daemon wrote before it; None if there is none in it."""
    found = _LINE.search(line)
    if found is None:
        return None
    try:
        plain = json.loads(found[1])
        number, entry, digest, at, key = (plain[name] for name in ("checkpoint", "entry", "hash", "at", "key"))
    except (ValueError, KeyError, RecursionError):  # whoever may write into the system's log may write anything
        return None
    if not (isinstance(number, int) and isinstance(entry, int) and all(isinstance(w, str) for w in (digest, at, key))):
        return None
    return Checkpoint(number, entry, digest, at, key, found[1], found[2])


def read(path: Path, *, size: int | None = None) -> Iterator[Checkpoint]:
    """The checkpoints that the second place holds in its first `size` bytes, in its order; other lines are not ours.

    Raises OperatorError if it cannot be read.
    """
    begun = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if size is not None and begun >= size:
                    return
                begun += len(line)
                found = parsed(line.decode("utf-8", "replace"))
                if found is not None:
                    yield found
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be read ({error.strerror}).", advice="Name a file of checkpoints."
        ) from error
