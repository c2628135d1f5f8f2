"""Break-glass: a person opens in an emergency what the policies name for it, on record, and somebody else reviews it.

What it opens is decided by `rules.py`, each time; here stands who may open one, who ends it, and who judges.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.access import claims, purposes
from appliance.access.rules import Rules
from appliance.errors import BadRequest, Conflict, NotAllowed, NotFound
from appliance.records import Action, Emergency, Event, Journal, Judgement, Principal, by
from appliance.settings import Settings
from appliance.store.emergencies import EmergencyTable

SHORTEST: Final = 20
LONGEST: Final = 500
"""Characters of a reason."""
_WORDS: Final = 3
_LETTERS: Final = 8
"""What a reason that says something has at least: different words, different letters."""
_UNWRITTEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_TOLD_DAYS: Final = 14
"""How long a person is told of an emergency of his that is over."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an emergency lasts at most, how long its review may take, and whether one that was not justified bars
    its person from the next until an officer lifts that."""

    minutes: int
    review: timedelta
    bar: bool

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        """As the operator set them."""
        review = timedelta(hours=settings.break_glass_review_hours)
        return cls(settings.break_glass_minutes, review, settings.break_glass_bar)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person is told without asking. `kind` is a word for programs."""

    kind: str
    emergency: Emergency


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may do here: open one for so many `minutes` (0 is none) with one of `purposes`; review others'."""

    minutes: int = 0
    purposes: tuple[str, ...] = ()
    reviews: bool = False


class Emergencies:
    """Everybody's emergencies, as each may see them. `rules` must be made without urgency: nothing here reads.

    `tell` sends word out of the portal (a mail); it must return at once and never raise.
    Every method raises RegistryUnavailable and PolicyUnavailable; those that change something LedgerUnavailable too.
    """

    def __init__(
        self,
        *,
        kept: EmergencyTable,
        journal: Journal,
        rules: Rules,
        bounds: Bounds,
        tell: Callable[[Emergency], None] = lambda _emergency: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kept = kept
        self._journal = journal
        self._rules = rules
        self._bounds = bounds
        self._tell = tell
        self._clock = clock

    # --- The person himself -----------------------------------------------------------------------------------------

    def open(self, principal: Principal, reason: str, minutes: int, *, purpose: str) -> Emergency:
        """Open one: recorded, then kept, which is when it works and is told to him and to the officers.

        Raises BadRequest for a reason that says nothing or a time that is too long; NotAllowed where the policies open
        nothing for him, `purpose` is not his, or his last one was not justified; Conflict if one runs already.
        """
        said = worded(reason)
        if not 1 <= minutes <= self._bounds.minutes:
            raise BadRequest(f"An emergency lasts from 1 to {self._bounds.minutes} minutes.")
        stating = claims.stating(principal, purpose)
        if principal.kind != "person" or not self._rules.breaks_glass(stating):
            raise NotAllowed("The rules of this house open nothing for you in an emergency.")
        if self._bounds.bar and self._kept.barred(principal.tenant, principal.id):
            raise NotAllowed(
                "An emergency of yours was found not to be justified.", advice="A security officer can lift that."
            )
        begins = self._clock()
        emergency = Emergency(
            id=str(uuid.uuid4()),
            tenant=principal.tenant,
            person=principal.id,
            name=principal.name,
            client=principal.client,
            purpose=stating.purpose,
            reason=said,
            opened=begins,
            until=begins + timedelta(minutes=minutes),
        )
        entry = by(principal, Event.EMERGENCY_OPENED, emergency.id)
        self._journal.append(replace(entry, reason=f"minutes {minutes}", question=said))
        if not self._kept.add(emergency):
            self._journal.append(replace(entry, reason="void"))
            raise Conflict("An emergency of yours runs already.", advice="End it, and open another if you need more.")
        self._tell(emergency)
        return emergency

    def mine(self, principal: Principal) -> list[Emergency]:
        """His own, the newest first. Raises NotAllowed through a program that is not shown what is his."""
        self._rules.demand_own(principal)
        return self._kept.of(principal.tenant, principal.id)

    def end(self, principal: Principal, emergency_id: str) -> None:
        """End it before its time: his own, or anybody's by an officer. Raises NotFound, Conflict if it is over."""
        found = self._kept.find(principal.tenant, emergency_id)
        if found is None or (found.person != principal.id and not self._officer(principal)):
            raise NotFound
        now = self._clock()
        if found.ended is not None or now >= found.until:  # not `running`: a clock set back must not keep it
            raise Conflict("This emergency is over.")
        if self._kept.end(found.tenant, found.id, now):  # first: what is to end must not wait for the ledger
            self._journal.append(by(principal, Event.EMERGENCY_ENDED, found.id))

    # --- Somebody else ----------------------------------------------------------------------------------------------

    def reviews(self, principal: Principal) -> list[Emergency]:
        """What waits for an officer, but his own: nobody has reviewed it, or it bars its person still.

        Raises NotAllowed for anyone but an officer.
        """
        self._demand_officer(principal)
        barring = self._kept.barring(principal.tenant) if self._bounds.bar else []
        waiting = [*self._kept.unreviewed(principal.tenant), *barring]
        return [one for one in waiting if one.person != principal.id]

    def review(self, principal: Principal, emergency_id: str, verdict: Judgement, note: str) -> Emergency:
        """Judge it, once. Raises NotAllowed for anyone but an officer and for one's own; NotFound; BadRequest for a
        note that says nothing; Conflict if it still runs or was reviewed before."""
        found = self._other(principal, emergency_id, "Nobody reviews an emergency of his own.")
        said, now = worded(note), self._clock()
        if found.running(now):
            raise Conflict("This emergency still runs.", advice="End it, then review it.")
        if found.verdict is not None:
            raise Conflict("This emergency was reviewed before.")
        entry = by(principal, Event.EMERGENCY_REVIEWED, found.id)
        self._journal.append(replace(entry, reason=verdict, question=said))
        if not self._kept.review(found.tenant, found.id, reviewer=principal.id, verdict=verdict, note=said, at=now):
            self._journal.append(replace(entry, reason="void"))
            raise Conflict("This emergency was reviewed before.")
        return self._kept.find(found.tenant, found.id) or found

    def lift(self, principal: Principal, emergency_id: str) -> None:
        """Let the person of one that was not justified do it again. Raises as `review`."""
        found = self._other(principal, emergency_id, "Nobody lifts what bars himself.")
        if found.verdict is not Judgement.NOT_JUSTIFIED or found.lifted_by:
            raise Conflict("There is nothing to lift.")
        self._journal.append(by(principal, Event.EMERGENCY_LIFTED, found.id))
        self._kept.lift(found.tenant, found.id, by=principal.id)

    # --- Told without asking ----------------------------------------------------------------------------------------

    def notices(self, principal: Principal) -> list[Notice]:
        """What he should know: his own that run or were judged, and for an officer all that wait for him."""
        now, told = self._clock(), list[Notice]()
        mine = self._kept.of(principal.tenant, principal.id) if self._rules.own(principal) else []
        for one in mine:
            if one.running(now):
                told.append(Notice("yours-runs", one))
            elif one.over() > now - timedelta(days=_TOLD_DAYS):
                told.append(Notice("yours-reviewed" if one.verdict else "yours-ended", one))
        if self._officer(principal):
            told += [Notice(self._waiting(one, now), one) for one in self.reviews(principal)]
        return told

    def offer(self, principal: Principal) -> Offer:
        """What a portal need show him at all. It permits nothing: `open` and `review` decide for themselves."""
        if not self._rules.own(principal):
            return Offer(reviews=self._officer(principal))
        named = purposes.lasting(principal, purposes.now()).purposes if principal.kind == "person" else frozenset()
        opens = [name for name in sorted(named) if self._rules.breaks_glass(claims.stating(principal, name))]
        return Offer(self._bounds.minutes if opens else 0, tuple(opens), self._officer(principal))

    def now(self) -> datetime:
        """The time by which all of this is decided."""
        return self._clock()

    def due(self, emergency: Emergency) -> datetime:
        """Until when it must have been reviewed."""
        return emergency.due(self._bounds.review)

    def overdue(self, tenant: str) -> int:
        """How many should have been reviewed by now."""
        return self._kept.waiting(tenant, self._clock() - self._bounds.review)

    def unreviewed(self, tenant: str) -> int:
        """How many are over and wait for their review, the overdue ones too."""
        return self._kept.waiting(tenant, self._clock())

    def _waiting(self, one: Emergency, now: datetime) -> str:
        if one.verdict is not None:
            return "barred"
        if one.running(now):
            return "runs"
        return "overdue" if self.due(one) <= now else "to-review"

    def _officer(self, principal: Principal) -> bool:
        allowed = self._rules.permitted(principal, Action.VIEW_LEDGER).allowed
        return allowed and self._rules.keeps(principal)

    def _demand_officer(self, principal: Principal) -> None:
        """An officer, through a program of the house: names and reasons go to no other."""
        self._rules.demand(principal, Action.VIEW_LEDGER)
        if not self._rules.keeps(principal):
            raise NotAllowed("Emergencies of others are not shown through this program.", advice="Use the portal.")

    def _other(self, principal: Principal, emergency_id: str, own: str) -> Emergency:
        """Somebody else's emergency, for an officer."""
        self._demand_officer(principal)
        found = self._kept.find(principal.tenant, emergency_id)
        if found is None:
            raise NotFound
        if found.person == principal.id:
            raise NotAllowed(own, advice="Another officer does that.")
        return found


def worded(reason: str) -> str:
    """`reason` on one line, if it says something. Raises BadRequest."""
    said = " ".join(unicodedata.normalize("NFC", reason).split())
    if len(said) > LONGEST:
        raise BadRequest(f"Say it in at most {LONGEST} characters.")
    if any(unicodedata.category(one) in _UNWRITTEN for one in said):
        raise BadRequest("It holds characters that no text has.")
    letters = {one for one in said.casefold() if one.isalpha()}
    words = set(re.findall(r"[^\W\d_]{2,}", said.casefold()))
    if len(said) < SHORTEST or len(words) < _WORDS or len(letters) < _LETTERS:
        raise BadRequest(f"Say why, in at least {SHORTEST} characters that tell somebody else something.")
    return said
