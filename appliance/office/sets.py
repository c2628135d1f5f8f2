"""Policy sets as officers look at them: what is in force, its tables run, what another would change, and activation.

A set that is looked at is data in memory: tried in a process of its own, then compiled by the engine that decides,
compared, and forgotten. It comes into force only with two officers' signatures that were made elsewhere; no private key
comes here.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from appliance.access import overview, signing
from appliance.access.active import Activation, ActivePolicies
from appliance.access.policy_set import PolicySet
from appliance.access.policy_zip import unzipped
from appliance.access.ruleset import Ruleset, compiled
from appliance.errors import BadRequest, Conflict, NotFound, PolicyRefused, PolicyUnavailable
from appliance.office.outcomes import Outcome, decided
from appliance.office.reading_sets import Change, Rule, changed, listed
from appliance.office.rights import Rights
from appliance.office.trial import Trial
from appliance.records import Document, Event, Journal, Principal, by

DECISIONS: Final = 30_000
"""People times documents of different attributes that are compared while somebody waits: some ten seconds."""

COMPARED_S: Final = 120.0
"""Seconds after which nobody else is compared: a rule can be made to take its time."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is in force. `fault` says why the newest set is not, "" if it is; `officers` are those who may sign."""

    version: str
    history: tuple[Activation, ...]
    fault: str
    officers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A set as text, with its rules one by one."""

    found: PolicySet
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature beside a set: `valid`, `unknown` (nobody of that name may sign) or `invalid`."""

    officer: str
    state: Literal["valid", "unknown", "invalid"]


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a set that was uploaded. `changes` is None where it could not be compiled.

    `activates`: nothing is wrong with it and two officers vouch for it. `earlier`: it was in force here before, and is
    not now, so that it would be a way back.
    """

    found: PolicySet
    against: str
    faults: tuple[str, ...]
    rows: int
    signatures: tuple[Signature, ...]
    activates: bool
    earlier: bool
    files: tuple[Change, ...]
    changes: tuple[overview.Change, ...] | None


class Sets:
    """Every method raises NotAllowed for anyone but an officer, PolicyUnavailable, LedgerUnavailable.

    `trial` says what is wrong with a set that nobody signed yet; `officers` is the folder of keys.
    """

    def __init__(
        self,
        *,
        rights: Rights,
        active: ActivePolicies,
        officers: Path,
        journal: Journal,
        trial: Trial,
    ) -> None:
        self._rights = rights
        self._active = active
        self._officers = officers
        self._journal = journal
        self._trial = trial
        self._busy = threading.Lock()

    def status(self, officer: Principal) -> Status:
        """What is in force here and was before, and who may sign."""
        self._rights.demand(officer)
        version, fault = self._active.current().version, ""
        try:
            self._active.check()
        except PolicyUnavailable as error:
            fault = str(error)
        return Status(version, tuple(self._history()), fault, tuple(self._known()))

    def shown(self, officer: Principal, version: str) -> Shown:
        """A set that was activated here, by the beginning of its digest. Raises NotFound."""
        self._rights.demand(officer)
        found = self._kept(version)
        return Shown(found, tuple(listed(found, _engine_reasons(found))))

    def outcomes(self, officer: Principal, version: str) -> list[Outcome]:
        """Every row of the set's tables, decided now. Raises NotFound."""
        self._rights.demand(officer)
        found = self._kept(version)
        with self._alone():
            return list(decided(found))

    def examined(self, officer: Principal, content: bytes) -> Examined:
        """What a zip with a set says and would change. Raises BadRequest if it holds none, or is too large."""
        self._rights.demand(officer)
        with self._alone():
            found, given = _taken(content)
            self._rights.looked(officer, about=found.digest)  # who brought what is on record before it is compiled
            against = self._active.current()
            tried = self._trial.tried(content)  # nobody signed it yet: nothing of it is compiled here before
            signatures = tuple(self._signatures(found.digest, given))
            changes = tuple(self._changes(officer, against, compiled(found))) if tried.compiles else None
            enough = sum(one.state == "valid" for one in signatures) >= signing.NEEDED
            return Examined(
                found,
                against.version,
                tried.faults,
                tried.rows,
                signatures,
                enough and not tried.faults,
                self._is_earlier(found.digest),
                tuple(changed(against.source.files, found.files)),
                changes,
            )

    def activate(self, officer: Principal, content: bytes, digest: str, *, against: str) -> Activation:
        """Bring the set in a zip into force, if it is the one with this digest, that the officer looked at.

        `against` is the version with which he saw it compared; where another is in force now, that is a Conflict too.
        A set that was in force before needs no new signatures: the entries say `earlier`.
        Raises BadRequest if it holds none; Conflict if it is another, or is not vouched for, or has a fault: what
        `ActivePolicies.activate` refuses is recorded and changes nothing.
        """
        self._rights.demand(officer)
        with self._alone():
            found, given = _taken(content)
            if found.digest != digest:
                raise Conflict("That is not the set that you looked at.", advice="Nothing was changed. Look again.")
            earlier = "earlier" if self._is_earlier(found.digest) else ""
            entry = replace(by(officer, Event.POLICY_BROUGHT), about=found.digest, reason=earlier)
            self._journal.append(entry)
            try:
                return self._active.activate(
                    found, given, recorded=lambda one: self._record(officer, one, earlier), against=against
                )
            except PolicyRefused as error:
                self._journal.append(replace(entry, event=Event.POLICY_REFUSED, reason="activation"))
                raise Conflict(f"The set was not activated. {error}", advice=" ".join(error.faults[:5])) from error

    def _is_earlier(self, digest: str) -> bool:
        """Whether it was in force here before and is not now: two officers signed it then, and nobody did since."""
        newest, *before = [one.digest for one in self._history()] or [""]
        return digest != newest and digest in before

    def _record(self, officer: Principal, one: Activation, reason: str) -> None:
        told = replace(by(officer, Event.POLICY_ACTIVATED), subject=" ".join(one.officers), about=one.digest)
        self._journal.append(replace(told, policy=one.digest[:12], reason=reason))

    def _changes(self, officer: Principal, old: Ruleset, new: Ruleset) -> Sequence[overview.Change]:
        def compare(people: Sequence[Principal], documents: Sequence[Document]) -> Sequence[overview.Change]:
            if len(people) * overview.kinds(documents) > DECISIONS:
                raise BadRequest(
                    f"That would be more than {DECISIONS:,} decisions: too many to wait for.",
                    advice="`muniment policy diff` has the time for it.",
                )
            return overview.changes(old, new, _in_time(people), documents)

        return self._rights.changes(officer, compare)

    def _signatures(self, digest: str, given: Mapping[str, bytes]) -> Iterator[Signature]:
        known = self._keys()
        for name, signature in sorted(given.items()):
            if name not in known:
                yield Signature(name, "unknown")
            else:
                yield Signature(name, "valid" if signing.is_valid(signature, digest, known[name]) else "invalid")

    def _known(self) -> list[str]:
        return sorted(self._keys())

    def _keys(self) -> signing.Officers:
        try:
            return signing.officers(self._officers)
        except PolicyRefused as error:
            raise PolicyUnavailable(f"It cannot be told who may sign. {error}") from error

    def _history(self) -> list[Activation]:
        try:
            return self._active.history()
        except PolicyRefused as error:
            raise PolicyUnavailable(str(error)) from error

    def _kept(self, version: str) -> PolicySet:
        try:
            return self._active.kept(version)
        except PolicyRefused as error:
            raise NotFound from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One set at a time: whoever uploads takes no more of this machine than that."""
        if not self._busy.acquire(blocking=False):
            raise Conflict("Another set is being looked at.", advice="Wait a moment, and do it again.")
        try:
            yield
        finally:
            self._busy.release()


def _taken(content: bytes) -> tuple[PolicySet, dict[str, bytes]]:
    try:
        return unzipped(content)
    except PolicyRefused as error:
        raise BadRequest(str(error), advice="Zip the folder of the set with its signatures in it.") from error


def _engine_reasons(found: PolicySet) -> Mapping[str, str]:
    try:
        return compiled(found).engine.reasons
    except PolicyRefused as error:
        raise PolicyUnavailable("That set cannot be compiled any more.") from error


def _in_time(people: Sequence[Principal]) -> Iterator[Principal]:
    """`people`, as long as there is time for the next of them."""
    ends = time.monotonic() + COMPARED_S
    for one in people:
        if time.monotonic() > ends:
            raise BadRequest(
                f"Comparing it took more than {COMPARED_S:.0f} seconds.",
                advice="`muniment policy diff` has the time for it.",
            )
        yield one
