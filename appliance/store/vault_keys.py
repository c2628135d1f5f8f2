"""The keys that the keys of vaults are wrapped with: one for each day, in a file apart from the database.

A thread lasts a day at most, so the key of the day before yesterday opens nothing that is still in use, and goes: no
copy of the database, however old, can be opened with the file as it is then.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import StringConstraints, TypeAdapter, ValidationError

from appliance.errors import OperatorError, RegistryUnavailable

NONCE_BYTES: Final = 12
_DAY_BYTES: Final = len("2026-01-31")
_FILE: Final = TypeAdapter(dict[date, Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]])


class VaultKeys:
    """The keys of `file`, which is made when the first one is needed. Many processes at once.

    Every method raises RegistryUnavailable if the file cannot be used, OperatorError if it is damaged or others may
    read it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def wrap(self, key: bytes, day: date, *, about: str) -> bytes:
        """`key` under the key of `day`, which is durable before this returns; only `unwrap` about the same opens it."""
        with self._alone():
            held = self._read()
            if day not in held:
                held[day] = base64.b64encode(AESGCM.generate_key(256)).decode()
                self._write(held)
        nonce = secrets.token_bytes(NONCE_BYTES)
        named = day.isoformat().encode()
        return named + nonce + _cipher(held[day]).encrypt(nonce, key, named + about.encode())

    def unwrap(self, sealed: bytes, *, about: str) -> bytes | None:
        """The key that was wrapped; None if its day's key is gone, or if it is about something else or was changed."""
        named, nonce, rest = sealed[:_DAY_BYTES], sealed[_DAY_BYTES:][:NONCE_BYTES], sealed[_DAY_BYTES + NONCE_BYTES :]
        held = {day.isoformat().encode(): key for day, key in self._read().items()}
        if named not in held:
            return None
        try:
            return _cipher(held[named]).decrypt(nonce, rest, named + about.encode())
        except (InvalidTag, ValueError):
            return None

    def forget(self, before: date) -> int:
        """Destroy the keys of the days before `before`, and say how many they were."""
        if not self._file.exists():
            return 0
        with self._alone():
            held = self._read()
            kept = {day: key for day, key in held.items() if day >= before}
            if kept != held:
                self._write(kept)
        return len(held) - len(kept)

    def _read(self) -> dict[date, str]:
        try:
            if self._file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise OperatorError(
                    "The keys of vaults can be read by other users of this machine.",
                    advice="Give the file (setting vault_keys) mode 0600, and end the threads that run.",
                )
            return _FILE.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise RegistryUnavailable(f"The keys of vaults cannot be read ({error.strerror}).") from error
        except ValidationError:  # its text would be keys
            raise OperatorError(
                "The file with the keys of vaults is damaged.",
                advice="Remove it: the tokens of threads that run can then not be turned back, and new ones begin.",
            ) from None

    def _write(self, held: dict[date, str]) -> None:
        fresh = self._file.with_name(f".{self._file.name}.{uuid4().hex}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
                made.write(json.dumps({day.isoformat(): key for day, key in held.items()}))
                made.flush()
                os.fsync(made.fileno())
            fresh.replace(self._file)
            folder = os.open(self._file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise RegistryUnavailable(f"The keys of vaults cannot be written ({error.strerror}).") from error
        finally:
            fresh.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time, whichever process makes it."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = os.open(self._file.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise RegistryUnavailable(f"The keys of vaults cannot be opened ({error.strerror}).") from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            self._sweep()
            yield
        finally:
            os.close(held)

    def _sweep(self) -> None:
        """Remove what a process that was killed while it wrote has left: it holds keys that are to go."""
        try:
            for left in self._file.parent.glob(f".{self._file.name}.*"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise RegistryUnavailable(f"The keys of vaults cannot be swept ({error.strerror}).") from error


def _cipher(key: str) -> AESGCM:
    return AESGCM(base64.b64decode(key))
