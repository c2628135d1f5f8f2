"""The story of a leak test: plant, let the readers find, let everybody else try, look everywhere, tell.

Nothing of it touches what is the site's: see `scratch.py`. What is tested is asked over HTTP and never told who tests.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from appliance import wiring
from appliance.selftest import attempts, controls, routes, surfaces, timing
from appliance.selftest.attempts import Attempt
from appliance.selftest.canaries import planted, upload
from appliance.selftest.door import Door, opened
from appliance.selftest.people import EVERYBODY, PHARMACIST, Asker
from appliance.selftest.planting import plant
from appliance.selftest.report import Finding, Report, Times
from appliance.selftest.routes import Victims
from appliance.selftest.scanning import Scan
from appliance.selftest.scratch import House, scratch
from appliance.selftest.trying import Outcome, Trial
from appliance.settings import Settings

AT_ONCE: Final = 3
MOST_FINDINGS: Final = 500
"""Paths that a report names; of the rest it says how many there were."""
Watch = Callable[[str, int, int], None]
"""Told how far the test has come: which step, how much is done, of how much."""


def unwatched(step: str, done: int, of: int) -> None:  # the shape of a Watch
    """Nobody looks on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is tried: attempts, pairs of the timing of each route, by whom, and on which routes (None: on all)."""

    attempts: int = 5_000
    pairs: int = timing.PAIRS
    people: tuple[Asker, ...] = EVERYBODY
    routes: frozenset[str] | None = None
    seed: int = field(default_factory=lambda: secrets.randbelow(1 << 31))


def leaks(site: Settings, plan: Plan, *, instead: wiring.Instead = wiring.ITS_OWN, watch: Watch = unwatched) -> Report:
    """Run the whole test beside `site`; with `instead.model` against that model, else against the site's own.

    Raises OperatorError or a DependencyError if the scratch house cannot be made or breaks: then nothing was proved.
    """
    began, clock = datetime.now(UTC), time.monotonic()
    watch("A scratch house", 0, 1)
    with scratch(site, plan.people, instead=instead) as house, _Stay(house, plan) as stay:
        watch("A scratch house", 1, 1)
        checked = list(stay.control(watch))
        outcomes = list(stay.tried(watch))
        times, slow = stay.timed(watch)
        written = list(surfaces.looked_through(house, stay.scan))
        findings = [*(one for outcome in outcomes for one in outcome.findings), *slow, *written]
        return Report(
            began=began,
            seconds=time.monotonic() - clock,
            tenant=house.settings.tenant,
            policy=house.ruleset.version,
            model="the installation's own" if instead.model is None else instead.model.name,
            seed=plan.seed,
            cells=Counter((outcome.attempt.asker.name, outcome.attempt.route) for outcome in outcomes),
            findings=_each_once(findings)[:MOST_FINDINGS],
            controls=len(checked),
            missed=_missed(checked, certain=instead.model is not None),
            unanswered=Counter(outcome.unanswered for outcome in outcomes if outcome.unanswered),
            times=times,
            notes=stay.notes(len(findings)),
        )


class _Stay:
    """Everybody in the scratch house, with his door open, and the canaries in their places."""

    def __init__(self, house: House, plan: Plan) -> None:
        self._house = house
        self._plan = plan
        self._stack = ExitStack()
        here, elsewhere = house.tenants
        self._planted = planted(here, elsewhere)
        self._uploaded = upload(PHARMACIST.persona.id, "pharmacy", here)
        self.scan = Scan([*self._planted, self._uploaded])
        self._victims = Victims()
        self._doors: dict[str, Door] = {}
        self._readers: dict[str, frozenset[str]] = {}

    def __enter__(self) -> "_Stay":
        identity = self._house.identity
        people = {}
        for asker in self._plan.people:
            token = identity.token(asker.persona.id)
            self._doors[asker.name] = opened(self._house.url, asker, token)
            self._stack.callback(self._doors[asker.name].client.close)
            people[asker.name] = identity.principal(f"Bearer {token}", asker.purpose)
        self._readers = controls.readers(self._house.ruleset, people, self._planted)
        self._readers[self._uploaded.kind] = frozenset({PHARMACIST.name})
        plant(self._planted, self._house.ingest)
        if PHARMACIST.name in self._doors:
            routes.given(self._doors[PHARMACIST.name], f"{self._uploaded.name}.md", self._uploaded.original)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def control(self, watch: Watch) -> Iterator[controls.Control]:
        """Every reader looks for every canary of his; the first reader of each also asks a model about it."""
        pairs = [(self._doors[name], canary) for canary in self._planted for name in sorted(self._readers[canary.kind])]
        asked: set[str] = set()
        for done, (door, canary) in enumerate(pairs, 1):
            yield from controls.checked(door, canary)
            if canary.kind not in asked:
                asked.add(canary.kind)
                yield from controls.answered(door, canary, self._victims)
            watch("Readers find their own", done, len(pairs))

    def tried(self, watch: Watch) -> Iterator[Outcome]:
        """Everybody else tries, several at once."""
        trial = Trial(self._doors, self.scan, self._readers, self._victims)
        chosen = self._attempts()
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="attempt")
        try:
            for done, outcome in enumerate(pool.map(trial.attempt, chosen), 1):
                watch("Everybody else tries", done, len(chosen))
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)

    def _attempts(self) -> list[Attempt]:
        shape = routes.plain(next(iter(self._doors.values())).send("GET", "/openapi.json"))
        every = attempts.planned(
            self._plan.people,
            [*self._planted, self._uploaded],
            self._readers,
            operations=routes.walked(shape),
            seed=self._plan.seed,
        )
        only = self._plan.routes
        return attempts.first((one for one in every if only is None or one.route in only), self._plan.attempts)

    def timed(self, watch: Watch) -> tuple[list[Times], list[Finding]]:
        """The times of what is forbidden and what is missing, for one who may read something and not this."""
        watch("Times", 0, 1)
        measured: list[tuple[Times, Finding | None]] = []
        for name, door in self._doors.items():
            forbidden = [canary for canary in self._planted if name not in self._readers[canary.kind]]
            if 0 < len(forbidden) < len(self._planted) and self._plan.pairs:
                measured += timing.timed(door, forbidden, pairs=self._plan.pairs)
                break
        watch("Times", 1, 1)
        return [times for times, _ in measured], [finding for _, finding in measured if finding is not None]

    def notes(self, findings: int) -> tuple[str, ...]:
        """What a reader of the report should know besides."""
        unread = [canary.kind for canary in self._planted if not self._readers[canary.kind]]
        read_by_all = [c.kind for c in self._planted if len(self._readers[c.kind]) == len(self._plan.people)]
        said = [
            f"By the rules in force nobody of the scratch people may read the canary for {kind}." for kind in unread
        ]
        said += [f"Everybody may read the canary for {kind}: it shows nothing." for kind in read_by_all]
        if findings > MOST_FINDINGS:
            said.append(f"{findings:,} findings in all; the report names {MOST_FINDINGS}.")
        return tuple(said)


def _missed(checked: Sequence[controls.Control], *, certain: bool) -> list[str]:
    """The controls that failed. A real model may say less than it was shown, so one answer in all is enough of it."""
    by_model = [one for one in checked if one.route.startswith(("ask", "chat"))]
    missed = [one.told for one in checked if not one.found and one not in by_model]
    if certain:
        missed += [one.told for one in by_model if not one.found]
    elif not any(one.found for one in by_model):
        missed.append("the model gave no reader anything of his canary")
    return missed


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
