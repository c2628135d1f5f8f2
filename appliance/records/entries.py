"""What the ledger is told: an event, who and what it concerns, and how much. Values only; `appliance.audit` keeps them.

An `Entry` names people and documents in memory. On its way into the ledger each of these becomes a digest under a key
of the person and the day (`appliance.audit.keys`); none of them is ever written in clear.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from appliance.records.people import Principal


class Event(StrEnum):
    """Everything that is recorded. What is marked (reserved) has its name here and nobody who writes it yet."""

    # --- A question and its answer ---
    ASKED = "asked"
    """A question came from somebody who may ask; nothing was searched yet."""
    RETRIEVED = "retrieved"
    """The search is over; these documents and passages were found for him."""
    OPENED = "opened"
    """Evidence was found and the model is about to be asked; durable before the first sentence leaves."""
    CLOSED = "closed"
    """The answer is complete."""
    REFUSED = "refused"
    """The question was refused, or the person may ask nothing; the reason says why."""
    BROKEN = "broken"
    """A dependency failed; what was released until then had been verified."""
    LEFT = "left"
    """The person went away before the answer was complete."""
    WITHDRAWN = "withdrawn"
    """An answer was cut, or not handed out whole after all: what it is drawn from was taken away meanwhile. The reason
    says what changed; `released` counts the sentences that had left."""
    FEEDBACK = "feedback"
    """The person judged the answer; the reason is the verdict and its reason."""

    # --- Reading ---
    SEARCHED = "searched"
    """Somebody searched without asking the model; these documents and passages were shown to him."""
    PAGE_OPENED = "page-opened"
    """A cited page was opened."""
    PICTURE_OPENED = "picture-opened"
    """The picture of a cited page was opened."""
    PAGE_REFUSED = "page-refused"
    """A page or picture was asked for that is not there, or not for him: the same. `withheld` counts how many times."""
    DOCUMENT_OPENED = "document-opened"
    """The original of a document was taken away as a file."""
    CONVERSATION_OPENED = "conversation-opened"
    """A kept conversation was opened; these documents stand behind what it showed."""
    CONVERSATION_EXPORTED = "conversation-exported"
    """A kept conversation was taken away as a file; these documents stand behind what is in it."""
    CONVERSATION_DELETED = "conversation-deleted"
    """A person removed a conversation of his, or all of them ("" for which one)."""

    # --- Documents ---
    UPLOADED = "uploaded"
    """A person gave a document, which is now promised to be brought in."""
    REMOVED = "removed"
    """A person took a document of his away."""
    QUARANTINE_VIEWED = "quarantine-viewed"
    """A curator looked at what is held back: these documents."""
    QUARANTINE_RELEASED = "quarantine-released"
    """A curator, who had not put it in, lets it be tried again."""
    QUARANTINE_DISCARDED = "quarantine-discarded"
    """A curator, who had not put it in, threw it away; what he wrote stands as a digest where questions stand."""
    ACCESS_CHANGED = "access-changed"
    """Who may read a document was changed (reserved)."""
    EMERGENCY_OPENED = "emergency-opened"
    """A person opened an emergency; durable before it works. The reason tells for how many minutes; what he wrote
    stands as a digest where questions stand."""
    BROKE_GLASS = "broke-glass"
    """In an emergency (`about`) these documents are shown to him, which he may otherwise not read."""
    EMERGENCY_ENDED = "emergency-ended"
    """An emergency was ended before its time; the subject is who did it. One that ran out has no entry of its own."""
    EMERGENCY_REVIEWED = "emergency-reviewed"
    """Somebody else reviewed an emergency; the reason is his verdict, or `void` where another was first."""
    EMERGENCY_LIFTED = "emergency-lifted"
    """Whose emergency was not justified may open one again."""

    # --- What decides and what answers ---
    POLICY_ACTIVATED = "policy-activated"
    """From here on this policy set decides."""
    POLICY_BROUGHT = "policy-brought"
    """An officer wants a signed policy set (`about`) to be activated, through the portal; durable before anything is
    done with it. Whether it was, the next two say."""
    POLICY_REFUSED = "policy-refused"
    """A policy set was not brought into force: not signed by two officers, or not what its tables say."""
    MODEL_STARTED = "model-started"
    """From here on this model writes the answers of one API process."""

    # --- Escalation: a question is asked outside. The model is the destination's name ---
    ESCALATION_PROPOSED = "escalation-proposed"
    """A question with these documents and passages is prepared to be asked outside; the reason is what became of it in
    the house. Each comes to one of the ends below; a step that was recorded and not taken is told again as `void`."""
    ESCALATION_DENIED = "escalation-denied"
    """The rules, or another person, said no; the reason names the rule."""
    ESCALATION_AWAITING = "escalation-awaiting"
    """Its asker has seen what would leave and wants it sent; somebody else has to approve it."""
    ESCALATION_APPROVED = "escalation-approved"
    """It may leave: the reason says whether by `policy` or by a `person`, who is the subject then."""
    ESCALATION_SENT = "escalation-sent"
    """It is handed to the door; durable before. The reason is the digest of what leaves and of all that is bound to."""
    ESCALATION_ANSWERED = "escalation-answered"
    """An answer came."""
    ESCALATION_FAILED = "escalation-failed"
    """It could not be prepared, was not delivered, or came back as no answer; the reason says which."""
    ESCALATION_EXPIRED = "escalation-expired"
    """Its time ran out, its asker withdrew it, or what it was bound to changed."""
    ESCALATION_SHOWN = "escalation-shown"
    """What came back is shown to its asker, with these documents behind it; durable before."""
    APPROVAL = "approval"
    """A second, entitled person approved; the reason is the digest of exactly what he approved."""

    # --- Administration ---
    SIGNED_IN = "signed-in"
    """A person signed in at the portal; durable before his cookie exists."""
    SIGNED_OUT = "signed-out"
    """A session ended: he signed out (""), it was `over` when used again, the `issuer` gave no more tokens or said that
    he had left `elsewhere`, it was `replaced` by a sign-in of the same browser, or the operator ended `everybody`'s.
    One that is never used again has no entry of its own."""
    SIGN_IN_REFUSED = "sign-in-refused"
    """The issuer vouched for somebody whom the house does not let in; the reason is the error's code. Names nobody."""
    DIRECTORY_SILENT = "directory-silent"
    """The directory has been silent for longer than the house waits: from here on only what is public is served."""
    DIRECTORY_HEARD = "directory-heard"
    """It answers again: from here on people have their rights. Each API process says both for itself."""
    KEYS_CHANGED = "keys-changed"
    """A key was made or replaced; the reason says which."""
    KNOWN_CHANGED = "known-changed"
    """A list of known persons was loaded or removed; the reason names the list and counts its persons."""
    PERSON_ERASED = "person-erased"
    """Somebody's ledger keys were destroyed; the subject is who did it, never whose they were."""
    RELABELLED = "relabelled"
    """Documents are labelled anew by the rules in force; the reason is `begins`, then how many became others."""
    SELF_TESTED = "self-tested"
    """The installation was tested on site; the reason says with what, and what came of it."""
    LEDGER_VIEWED = "ledger-viewed"
    """Somebody looked up what a person saw, or searched the ledger; the subject is who looked."""
    RIGHTS_VIEWED = "rights-viewed"
    """An officer looked up who may read a document, what a person may read, or what another policy set would change;
    the subject is who looked. Whom he looked up stands as a digest where questions stand."""

    REDACTION_TRIED = "redaction-tried"
    """An officer tries out what would leave of a text; the subject is who did, and nothing of the text stands here."""


BEGINNINGS = frozenset(
    {
        Event.ASKED, Event.RETRIEVED, Event.OPENED, Event.SEARCHED, Event.PAGE_OPENED, Event.PICTURE_OPENED,
        Event.DOCUMENT_OPENED, Event.CONVERSATION_OPENED, Event.CONVERSATION_EXPORTED, Event.UPLOADED,
        Event.QUARANTINE_VIEWED, Event.QUARANTINE_RELEASED, Event.EMERGENCY_OPENED,
        Event.BROKE_GLASS, Event.ESCALATION_PROPOSED, Event.ESCALATION_APPROVED, Event.ESCALATION_SENT,
        Event.ESCALATION_SHOWN, Event.APPROVAL, Event.SIGNED_IN,
    }
)  # fmt: skip
"""What is not let through where only endings may still be written: a disk nearly full, checkpoints that go nowhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded: who (an id), about what (an id), how much, under which rules.

    `about` is the random id of an answer, a conversation or an approval: nothing that can be guessed from a document
    or a person, since it is written in clear, and so are `client`, `policy` (a version; the ledger fills in the active
    one if it is ""), `model`, `reason` (a code) and the counts. Everything else is written as a digest.
    """

    event: Event
    subject: str
    about: str = ""
    tenant: str = ""
    client: str = ""
    policy: str = ""
    model: str = ""
    scope: str = ""
    passages: int = 0
    released: int = 0
    withheld: int = 0
    reason: str = ""
    question: str = field(default="", repr=False)
    documents: tuple[str, ...] = field(default=(), repr=False)
    shown: tuple[str, ...] = field(default=(), repr=False)


def by(principal: Principal, event: Event, about: str = "") -> Entry:
    """What `principal` did, with nothing more to say; `dataclasses.replace` says more."""
    return Entry(event, principal.id, about, tenant=principal.tenant, client=principal.client)


class Journal(Protocol):
    """Where entries go. `append` returns only when the entry is durable, with its number (from 1)."""

    def append(self, entry: Entry, /) -> int:
        """Record `entry`. Raises LedgerUnavailable if that is not certain."""
        ...
