"""Which policy set is in force on this machine, and how another one comes into force.

A folder holds every set that was activated, each under its digest with the signatures that vouched for it, and the
file `active`, which says which one is in force and which were before. A set is believed only after its digest and its
signatures have been checked, every time it is loaded; who changes its files, or the file `active`, changes nothing but
which of the sets that officers signed is in force.
"""

import fcntl
import json
import logging
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from appliance.access import policy_set, signing
from appliance.access.policy_set import SIGNATURES, PolicySet
from appliance.access.ruleset import Ruleset, compiled
from appliance.errors import PolicyRefused, PolicyUnavailable

AGAIN_S: Final = 5.0
"""Seconds after which a set that was not believed is looked at again: what was wrong may lie beside it."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Activation:
    """That a set came into force: its digest, when (ISO 8601, UTC), and the officers who vouched for it."""

    digest: str
    at: str
    officers: tuple[str, ...]


_RECORD: Final = TypeAdapter(list[Activation])


class ActivePolicies:
    """The sets of one installation: `folder` is ours, `officers` says who may sign. Many threads and processes at once.

    `current` costs one look at the file `active`; a set is loaded when that has changed, or again after `again_s`
    seconds if it was not believed. `noticed` is told how many seconds after its activation another set decides here.
    `also` raises PolicyRefused for what another room will not believe of a set: it is asked before an activation.
    """

    def __init__(
        self,
        folder: Path,
        *,
        officers: Path,
        again_s: float = AGAIN_S,
        noticed: Callable[[float], object] = lambda _seconds: None,
        also: Callable[[PolicySet], object] = lambda _found: None,
    ) -> None:
        self._again_s = again_s
        self._also = also
        self._noticed = noticed
        self._folder = folder
        self._officers = officers
        self._pointer = folder / "active"
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._ruleset: Ruleset | None = None
        self._fault = ""
        self._tried = 0.0

    # --- What is in force ---------------------------------------------------------------------------------------------

    def current(self) -> Ruleset:
        """The set in force. Raises PolicyUnavailable if there is none that can be believed, now or from before.

        A set that cannot be believed never replaces one that could: the last good one stays, and the log says so.
        """
        stamp = _stamp(self._pointer)
        if self._is_stale(stamp):
            with self._lock:
                if self._is_stale(stamp):
                    self._load(stamp)
                    self._stamp, self._tried = stamp, time.monotonic()
        if self._ruleset is None:
            raise PolicyUnavailable(f"No policy set is in force: {self._fault}")
        return self._ruleset

    def version(self) -> str:
        """The version of the set in force, "" while there is none."""
        try:
            return self.current().version
        except PolicyUnavailable:
            return ""

    def check(self) -> None:
        """Raise PolicyUnavailable unless the set that was activated last is the one in force."""
        self.current()
        if self._fault:
            raise PolicyUnavailable(f"The last good policy set is in force, not the newest: {self._fault}")

    def _is_stale(self, stamp: tuple[int, ...]) -> bool:
        waited = time.monotonic() - self._tried
        return stamp != self._stamp or (bool(self._fault) and waited >= self._again_s)

    def _load(self, stamp: tuple[int, ...]) -> None:
        """Take the newest set that can be believed; one that was in force already is not traded for an older one."""
        self._fault, before = "", self._ruleset
        for digest in self._newest_first():
            try:
                self._ruleset = self._believed(digest)
            except PolicyRefused as error:
                self._doubt(f"{digest[:12]}: {error}")
                if self._ruleset is not None:
                    break
            else:
                break
        version = self._ruleset.version if self._ruleset else "none"
        log.info("policy set in force: %s", version)
        if before is not None and self._ruleset is not before:
            self._noticed(max(0.0, time.time() - stamp[1] / 1e9))

    def _newest_first(self) -> list[str]:
        try:
            digests = [activation.digest for activation in self.history()]
        except PolicyRefused as error:
            self._doubt(str(error))
            return []
        if not digests:
            self._doubt("none has been activated, or the record of it is gone.")
        return digests

    def _doubt(self, fault: str) -> None:
        log.error("policy set not believed: %s", fault)
        self._fault = self._fault or fault

    def _believed(self, digest: str) -> Ruleset:
        """The set with this digest, its files and its signatures checked. Raises PolicyRefused."""
        folder = self._folder / digest
        found = policy_set.read(folder)
        if found.digest != digest:
            raise PolicyRefused("its files are not those that were signed.")
        signing.vouched(digest, signatures(folder), signing.officers(self._officers))
        return compiled(found)

    # --- How another comes into force ---------------------------------------------------------------------------------

    def examined(self, found: PolicySet, given: Mapping[str, bytes]) -> tuple[str, ...]:
        """The officers who vouch for `found`, which compiles and says what its tables say. Raises PolicyRefused."""
        vouching = signing.vouched(found.digest, given, signing.officers(self._officers))
        compiled(found, tables_too=True)
        self._also(found)
        return vouching

    def activate(
        self,
        found: PolicySet,
        given: Mapping[str, bytes],
        *,
        recorded: Callable[[Activation], object],
        against: str | None = None,
    ) -> Activation:
        """Bring `found` into force, signed by `given` (file contents by officer's name), and return what was recorded.

        `against` is the version that must be in force still: the one that `found` was compared with.
        1 signatures, rules and tables; 2 its files, durable; 3 `recorded`, which writes the ledger; 4 the file
        `active`, in one step. Until the last nothing has changed. Raises PolicyRefused, or what `recorded` raises.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        activation = Activation(found.digest, now, self.examined(found, given))
        with self._alone():
            if against is not None and self.version() != against:
                raise PolicyRefused("Another set is in force by now than it was compared with.")
            before = self.history()
            self._store(found, given)
            recorded(activation)
            after = [activation, *(one for one in before if one.digest != found.digest)]
            _write(self._pointer, json.dumps([asdict(one) for one in after], indent=1).encode())
        log.info("policy set %s was activated", found.version)
        return activation

    def history(self) -> list[Activation]:
        """What was activated, the newest first. Raises PolicyRefused if the record cannot be read."""
        try:
            found = _RECORD.validate_json(self._pointer.read_bytes()) if self._pointer.exists() else []
        except (OSError, ValidationError) as error:
            raise PolicyRefused("The record of activated policy sets cannot be read.") from error
        if not all(_DIGEST.fullmatch(one.digest) for one in found):  # it names a folder, and must name none elsewhere
            raise PolicyRefused("The record of activated policy sets names what is no digest.")
        return found

    def kept(self, digest: str) -> PolicySet:
        """The files of a set that was activated, by its digest or the beginning of it. Raises PolicyRefused."""
        found = [one.digest for one in self.history() if digest and one.digest.startswith(digest)]
        if len(found) != 1:
            raise PolicyRefused("No policy set with that digest was activated here, or several.")
        return policy_set.read(self._folder / found[0])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One activation at a time, whichever process it is in."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _store(self, found: PolicySet, given: Mapping[str, bytes]) -> None:
        place = self._folder / found.digest
        fresh = self._folder / f".{uuid4().hex}"
        for path, content in found.files.items():
            _write(fresh / path, content)
        for name, signature in given.items():
            _write(fresh / SIGNATURES / f"{signing.named(name)}.sig", signature)
        if place.exists():
            place.rename(self._folder / f".{uuid4().hex}")  # it may have been tampered with
        fresh.rename(place)


def signatures(folder: Path) -> dict[str, bytes]:
    """The signatures that lie beside a set, by officer's name. Raises PolicyRefused if one cannot be read."""
    try:
        found = sorted((folder / SIGNATURES).glob("*.sig"))
        if not all(stat.S_ISREG(path.lstat().st_mode) for path in found):
            raise PolicyRefused("A signature is no file.")  # reading a pipe or a device may never end
        return {path.stem: _beginning(path) for path in found}
    except OSError as error:
        raise PolicyRefused(f"The signatures cannot be read ({type(error).__name__}).") from error


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1_024)


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        state = path.stat()
    except OSError:
        return ()
    return state.st_ino, state.st_mtime_ns, state.st_size


def _write(path: Path, content: bytes) -> None:
    """`content` at `path`, whole or not at all, durable when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{uuid4().hex}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
