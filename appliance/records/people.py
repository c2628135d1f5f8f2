"""People and what is said of documents about who may read them."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Literal


class Level(IntEnum):
    """How sensitive a document is, and up to where a person is cleared. Ordered: a person reads at most his level."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @classmethod
    def named(cls, name: str) -> "Level":
        """The level called `name` (lower case). Raises KeyError for any other word."""
        return {level.name.lower(): level for level in cls}[name]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Built only by `appliance.access.identity` from verified credentials.

    A missing claim is an empty set or the lowest level, never a default that grants anything. `client` is the id of
    the program that asks in his name. `walls` are the deal teams that he belongs to, `treats` the records of patients
    whom he treats now, `purposes` what he may state as his purpose, and `purpose` what he states now ("" is none);
    both may be written with an end, which `appliance.access.purposes` reads.
    `session` is the portal's session through which he asks ("": a token of his own), without which he is not signed in.
    `narrowed`: the directory has been silent for too long to say any of this, and he is served what is public.
    """

    id: str
    name: str
    tenant: str
    groups: frozenset[str]
    clearance: Level
    client: str
    department: str = ""
    language: str = "en"
    kind: Literal["person", "program"] = "person"
    roles: frozenset[str] = frozenset()
    walls: frozenset[str] = frozenset()
    treats: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    purpose: str = ""
    session: str = ""
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document: the attributes that every rule speaks about, complete or not at all.

    `readers` are group names and never empty; `ancestors` are the folders above the document, outermost first,
    without a trailing slash ("nursing", "nursing/icu"). `owner` answers for it, `wall` is the deal team behind whose
    wall it lies, `patient` the record whose treatment it belongs to, `purpose` the one that it may be used for ("" is
    none for all four); what is under legal `hold` nobody removes.
    """

    tenant: str
    level: Level
    readers: frozenset[str]
    department: str
    labels: frozenset[str]
    ancestors: tuple[str, ...]
    owner: str = ""
    wall: str = ""
    patient: str = ""
    purpose: str = ""
    hold: bool = False


class Action(StrEnum):
    """Everything that a policy may allow or forbid, as `policies/schema.cedarschema` names it."""

    READ = "read"
    SEARCH = "search"
    ASK = "ask"
    UPLOAD = "upload"
    DELETE = "delete"
    CHANGE_ACCESS = "change-access"
    USE_SPECIALIST = "use-specialist"
    USE_FOR_TRAINING = "use-for-training"
    ESCALATE = "escalate"
    SEND_OUTSIDE = "send-outside"
    APPROVE_ESCALATION = "approve-escalation"
    VIEW_LEDGER = "view-ledger"
    ERASE = "erase"
    BREAK_GLASS = "break-glass"
    VIEW_OPERATIONS = "view-operations"
    CURATE = "curate"
    MANAGE_POLICIES = "manage-policies"
