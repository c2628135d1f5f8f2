"""The keys of sign-in sessions: what the issuer gave us is kept only sealed, and its key lies apart from the database.

The file holds one key per line of its JSON object, by id, and names the one that seals now; it is its own user's alone.
Whoever has the database without the file has nothing, and neither has another installation that is given a copy.
"""

import base64
import binascii
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, ValidationError

from appliance.errors import OperatorError, RegistryUnavailable

ID_BYTES: Final = 4
NONCE_BYTES: Final = 12


class SealBroken(ValueError):
    """These bytes were sealed with another key, for another purpose, or were changed since."""


class _Key(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: str
    made: datetime

    def raw(self) -> bytes:
        return base64.b64decode(self.key, validate=True)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    current: str
    keys: dict[str, _Key]


class KeyRing:
    """AES-256-GCM with the keys of `file`, which is made if it does not exist.

    Each `about` has a key of its own, derived from the one in the file: what was sealed about one thing does not open
    as another, and no key seals so much that its random nonces might meet.
    Raises OperatorError if the file is damaged or open to others, RegistryUnavailable if it cannot be read or written.
    """

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file = file
        self._clock = clock
        if not file.exists():
            self._begin()
        self._seen: tuple[tuple[int, int, int], dict[bytes, bytes], bytes] = ((0, 0, 0), {}, b"")
        self._load()

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """`plain`, readable only through `open` with the same `about`: key's id, nonce, ciphertext."""
        _, keys, current = self._load()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return current + nonce + _cipher(keys[current], about).encrypt(nonce, plain, current)

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """What was sealed. Raises SealBroken."""
        _, keys, _ = self._load()
        name, nonce, rest = (
            sealed[:ID_BYTES],
            sealed[ID_BYTES : ID_BYTES + NONCE_BYTES],
            sealed[ID_BYTES + NONCE_BYTES :],
        )
        if name not in keys or len(nonce) != NONCE_BYTES:
            raise SealBroken("no key of ours")
        try:
            return _cipher(keys[name], about).decrypt(nonce, rest, name)
        except InvalidTag as error:
            raise SealBroken("changed, or about something else") from error

    def rotate(self, *, keep: timedelta) -> int:
        """Seal with a fresh key from now on. Keys that sealed nothing in the last `keep` go; returns how many went."""
        now = self._clock()
        old = self._read()
        ended = _ends(old, now)
        kept = {name: key for name, key in old.keys.items() if ended[name] > now - keep}
        name, key = _fresh(now)
        self._write(_File(current=name, keys={**kept, name: key}), replace=True)
        return len(old.keys) - len(kept)

    def _begin(self) -> None:
        name, key = _fresh(self._clock())
        self._write(_File(current=name, keys={name: key}), replace=False)

    def _load(self) -> tuple[tuple[int, int, int], dict[bytes, bytes], bytes]:
        """The keys by id, read again whenever the file has changed: another process may have rotated them."""
        try:
            state = self._file.stat()
        except OSError as error:
            raise RegistryUnavailable("The keys of sessions cannot be read.") from error
        stamp = (state.st_mtime_ns, state.st_ino, state.st_size)
        if stamp != self._seen[0]:
            if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise OperatorError(
                    "The keys of sessions can be read by other users of this machine.",
                    advice="Give keys/sessions.json mode 0600, then rotate: `muniment sessions rotate`.",
                )
            held = self._read()
            keys = {bytes.fromhex(name): key.raw() for name, key in held.keys.items()}
            self._seen = (stamp, keys, bytes.fromhex(held.current))
        return self._seen

    def _read(self) -> _File:
        try:
            held = _File.model_validate_json(self._file.read_bytes())
            sizes = {(len(bytes.fromhex(name)), len(key.raw())) for name, key in held.keys.items()}
        except OSError as error:
            raise RegistryUnavailable("The keys of sessions cannot be read.") from error
        except (ValidationError, ValueError, binascii.Error) as error:
            raise _damaged() from error
        if sizes != {(ID_BYTES, 32)} or held.current not in held.keys:
            raise _damaged()
        return held

    def _write(self, held: _File, *, replace: bool) -> None:
        """Whole or not at all; without `replace` the first of two processes that begin at once wins."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._file.parent)  # mode 0600 from its first moment
            try:
                with os.fdopen(descriptor, "w") as made:
                    made.write(json.dumps(held.model_dump(mode="json")))
                    made.flush()
                    os.fsync(made.fileno())
                if replace:
                    Path(name).replace(self._file)
                else:
                    self._file.hardlink_to(name)
            except FileExistsError:
                return
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise RegistryUnavailable("The keys of sessions cannot be written.") from error


def _fresh(now: datetime) -> tuple[str, _Key]:
    key = base64.b64encode(AESGCM.generate_key(256)).decode()
    return secrets.token_hex(ID_BYTES), _Key(key=key, made=now)


def _ends(held: _File, now: datetime) -> dict[str, datetime]:
    """When each key sealed for the last time: when the one after it was made."""
    by_age = sorted(held.keys, key=lambda name: held.keys[name].made)
    following = [held.keys[name].made for name in by_age[1:]]
    return dict(zip(by_age, [*following, now], strict=True)) | {held.current: now}


def _cipher(key: bytes, about: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=b"muniment sessions\0" + about.encode()).derive(key)
    return AESGCM(derived)


def _damaged() -> OperatorError:
    return OperatorError(
        "The file with the keys of sessions is damaged.",
        advice="Bring it back from a copy, or remove it: everyone signs in again, and nothing else is lost.",
    )
