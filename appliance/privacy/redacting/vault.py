"""What the tokens of a thread stand for, sealed: only this house turns them back, and only until the thread is over.

A thread's key is random and wrapped (`appliance.store.vault_keys`); entries are AES-256-GCM with it, each with a nonce
of its own and bound to its thread, number and token. The end of a thread, or a day, destroys the wrapped key.
"""

import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import BadRequest, Conflict, RegistryUnavailable, VaultClosed
from appliance.privacy.redacting.surrogates import Entry, Mention, Surrogates
from appliance.store.vault_keys import NONCE_BYTES, VaultKeys
from appliance.store.vaults import KeptEntry, KeptKey

HOURS: Final = 24
"""No vault lasts longer, whatever the settings say."""
_KEY_BYTES: Final = 32
_TRIES: Final = 20
"""Times that several processes may be first in one thread before it is called broken."""
_THREAD: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


class VaultRows(Protocol):
    """Where vaults lie (`appliance.store.vaults.VaultTable`). Every method may raise RegistryUnavailable."""

    def begin(self, thread: str, key: KeptKey, /) -> bool: ...  # noqa: D102  # said where they are
    def key(self, thread: str, /) -> KeptKey | None: ...  # noqa: D102
    def entries(self, thread: str, /) -> list[KeptEntry]: ...  # noqa: D102
    def add(self, thread: str, entries: Sequence[KeptEntry], /) -> bool: ...  # noqa: D102
    def end(self, thread: str, /) -> bool: ...  # noqa: D102
    def sweep(self, now: datetime, /) -> int: ...  # noqa: D102


class Vault:
    """The open vault of one thread. Every method raises VaultClosed once the thread is over, wherever it was ended."""

    def __init__(
        self, thread: str, key: bytes, ends: datetime, *, rows: VaultRows, clock: Callable[[], datetime]
    ) -> None:
        self.thread = thread
        self.ends = ends
        self._rows = rows
        self._clock = clock
        self._seal = AESGCM(hmac.digest(key, b"seal", hashlib.sha256))
        self._secret = hmac.digest(key, b"tokens", hashlib.sha256)
        self._lock = threading.Lock()

    @property
    def today(self) -> int:
        """The year it is."""
        return self._clock().year

    def issue(self, told: Sequence[Mention], *, beside: str) -> list[Entry]:
        """The entry of each mention, in their order; new ones are durable before this returns. All or none.

        No token is one that stands in `beside`. Raises NotScannable if that is too much, RegistryUnavailable.
        """
        with self._lock:
            for _ in range(_TRIES):
                issued, new = self._opened().issue(told, beside=beside)
                if not new or self._rows.add(self.thread, [self._sealed(entry) for entry in new]):
                    return issued
        raise RegistryUnavailable("A vault is being written by too many at once.")

    def opened(self) -> Surrogates:
        """What its tokens stand for at this moment."""
        with self._lock:
            return self._opened()

    def sealed(self, told: bytes, about: str) -> bytes:
        """`told`, to be kept beside the thread under the name `about`; it opens only as long as the vault does."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, told, f"{self.thread}\0beside\0{about}".encode())

    def unsealed(self, kept: bytes, about: str) -> bytes:
        """What `sealed` was told. Raises RegistryUnavailable if it was changed, VaultClosed."""
        with self._lock:
            self._demand_open()
        try:
            nonce, rest = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
            return self._seal.decrypt(nonce, rest, f"{self.thread}\0beside\0{about}".encode())
        except (InvalidTag, ValueError):
            raise RegistryUnavailable("What is kept beside a vault was changed, or belongs to another one.") from None

    def _demand_open(self) -> None:
        if self._clock() >= self.ends:
            self._rows.end(self.thread)
            raise VaultClosed()
        if self._rows.key(self.thread) is None:
            raise VaultClosed()

    def _opened(self) -> Surrogates:
        if self._clock() >= self.ends:
            self._rows.end(self.thread)
            raise VaultClosed()
        entries = [self._entry(kept) for kept in self._rows.entries(self.thread)]
        if self._rows.key(self.thread) is None:  # asked last: entries of a thread that ended meanwhile are not used
            raise VaultClosed()
        return Surrogates(self._secret, entries)

    def _sealed(self, entry: Entry) -> KeptEntry:
        told = json.dumps([entry.entity, entry.text, entry.source, entry.alone]).encode()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, told, self._about(entry.number, entry.token))
        return KeptEntry(entry.number, entry.token, sealed)

    def _entry(self, kept: KeptEntry) -> Entry:
        nonce, rest = kept.sealed[:NONCE_BYTES], kept.sealed[NONCE_BYTES:]
        try:
            told = json.loads(self._seal.decrypt(nonce, rest, self._about(kept.number, kept.token)))
        except (InvalidTag, ValueError):
            raise RegistryUnavailable("An entry of a vault was changed, or belongs to another one.") from None
        return Entry(kept.number, kept.token, *told)

    def _about(self, number: int, token: str) -> bytes:
        return f"{self.thread}\0{number}\0{token}".encode()


class Vaults:
    """All vaults of the house. `hours` (at most 24) is how long one lasts that nobody ends.

    Whoever begins or opens one sweeps away those that are over. Raises RegistryUnavailable, OperatorError.
    """

    def __init__(
        self,
        rows: VaultRows,
        keys: VaultKeys,
        *,
        hours: float = HOURS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows = rows
        self._keys = keys
        self._lasts = timedelta(hours=min(hours, HOURS))
        self._clock = clock

    def begin(self, thread: str) -> Vault:
        """A vault for a new thread. Raises Conflict if there is one of that name, BadRequest if it is no name."""
        if not _THREAD.fullmatch(thread):
            raise BadRequest("A thread is named by letters, digits and hyphens, 64 at most.")
        self.sweep()
        now = self._clock()
        key, ends = secrets.token_bytes(_KEY_BYTES), (now + self._lasts).replace(microsecond=0)
        kept = KeptKey(self._keys.wrap(key, now.date(), about=_about(thread, ends)), ends)
        if not self._rows.begin(thread, kept):
            raise Conflict("There is a vault for that thread.")
        return self._vault(thread, key, ends)

    def open(self, thread: str) -> Vault:
        """The vault of a thread that runs. Raises VaultClosed if it is over, never was, or does not open any more."""
        self.sweep()
        kept = self._rows.key(thread)
        key = self._keys.unwrap(kept.sealed, about=_about(thread, kept.ends)) if kept else None
        if kept is None or key is None:
            raise VaultClosed()
        return self._vault(thread, key, kept.ends)

    def end(self, thread: str) -> bool:
        """Destroy the vault of a thread that is over; whether there was one."""
        return self._rows.end(thread)

    def sweep(self) -> int:
        """Destroy what is over: vaults, and the keys of days from which none can be left. Returns how many vaults."""
        now = self._clock()
        gone = self._rows.sweep(now)
        self._keys.forget((now - timedelta(days=1)).date())
        return gone

    def _vault(self, thread: str, key: bytes, ends: datetime) -> Vault:
        return Vault(thread, key, ends, rows=self._rows, clock=self._clock)


def _about(thread: str, ends: datetime) -> str:
    """What a wrapped key is bound to: who moves the end in the database only makes it useless."""
    return f"{thread}\0{ends.astimezone(UTC).isoformat()}"
