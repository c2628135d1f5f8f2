"""Documents as they go over the wire: listed, with who may read them, and beside their other versions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from appliance.access.insight import ByGroup, Need, Why
from appliance.access.shelf import Listed, Versions
from appliance.access.sought import state as state_of

ID = "5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21"
EXAMPLE: dict[str, Any] = {
    "id": ID,
    "uri": "/uploads/mara/night-shift-checklist.docx",
    "title": "night-shift-checklist.docx",
    "media_type": "",
    "language": "",
    "pages": 0,
    "level": "internal",
    "department": "nursing",
    "labels": [],
    "valid_from": None,
    "superseded": False,
    "own": True,
    "status": "queued",
    "reason": "",
    "readers": ["icu"],
    "bytes": 48213,
    "received": "2026-03-02T06:14:09Z",
    "readable": False,
}
READ = EXAMPLE | {
    "uri": "nursing/transfusion.html", "title": "Giving blood", "media_type": "text/html", "language": "en",
    "pages": 1, "valid_from": "2026-03-01", "own": False, "status": "stored", "readers": [], "bytes": None,
    "received": None, "readable": True,
}  # fmt: skip


Status = Literal["queued", "running", "stored", "quarantined", "discarded"]
STATUSES: tuple[Status, ...] = ("queued", "running", "stored", "quarantined", "discarded")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class DocumentView(_View):
    """A document that you may read, or an upload of yours with how far it has come.

    `status` is that of the newest version; `readers`, `bytes`, `received` and `reason` are told to its owner only.
    """

    id: str = Field(examples=[ID])
    uri: str
    title: str
    media_type: str
    language: str
    pages: int
    level: str = Field(examples=["internal"])
    department: str
    labels: list[str] = Field(description="What its list and its text say of it.", examples=[["patient"]])
    valid_from: date | None
    superseded: bool
    own: bool = Field(description="Whether you uploaded it.")
    status: Status
    reason: str = Field(description="Why it is quarantined, or was thrown away.", examples=["it is encrypted"])
    readers: list[str]
    bytes: int | None
    received: datetime | None
    readable: bool = Field(description="Whether you may read it now; its text may have raised its level above yours.")

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """The view of a listed document."""
        document, upload = listed.document, listed.upload
        access = listed.access
        return cls(
            id=document.id if document is not None else upload.document if upload is not None else "",
            uri=listed.uri,
            title=document.title if document is not None else upload.name if upload is not None else "",
            media_type=document.media_type if document is not None else "",
            language=document.language if document is not None else "",
            pages=document.pages if document is not None else 0,
            level=access.level.name.lower(),
            department=access.department,
            labels=sorted(access.labels),
            valid_from=document.valid_from if document is not None else None,
            superseded=document is not None and document.superseded_by is not None,
            own=upload is not None,
            status=_status(listed),
            reason=upload.reason if upload is not None else "",
            readers=sorted(upload.access.readers) if upload is not None else [],
            bytes=upload.size if upload is not None else None,
            received=upload.received if upload is not None else None,
            readable=document is not None,
        )


class DocumentsView(_View):
    """A page of documents, by uri. `next` is the `after` of the next page; null on the last."""

    documents: list[DocumentView]
    next: str | None = Field(examples=[ID])
    largest: int = Field(description="Bytes of the largest file that is taken.", examples=[52428800])


class RuleView(_View):
    """A rule by its name, and its reason in an officer's words."""

    name: str = Field(examples=["read-as-reader"])
    reason: str


class NeedView(_View):
    """What a member of a group must be besides, and the rules that refuse him otherwise; none: nothing permits it then.

    `value` is the level he is cleared for, the deal team, the record or the purpose; "" for a registered `program`.
    """

    kind: Literal["clearance", "wall", "patient", "purpose", "program"]
    value: str = Field(examples=["internal"])
    rules: list[RuleView]

    @classmethod
    def of(cls, need: Need) -> Self:
        """The view of a need."""
        return cls(kind=need.kind, value=need.value, rules=_rules(need.rules))


class GroupView(_View):
    """A group that its list names, whether a member of it reads the document, by which rules, and what he needs."""

    group: str = Field(examples=["icu"])
    allowed: bool
    rules: list[RuleView]
    needs: list[NeedView]

    @classmethod
    def of(cls, found: ByGroup) -> Self:
        """The view of what members of a group may do."""
        needs = [NeedView.of(need) for need in found.needs]
        return cls(group=found.group, allowed=found.allowed, rules=_rules(found.rules), needs=needs)


class WhyView(_View):
    """Why you see it: `rules` let you read it. `groups` is told to its owner, curators and officers; else null."""

    rules: list[RuleView]
    owner: bool = Field(description="Whether you answer for it.")
    level: str
    department: str
    labels: list[str]
    hold: bool = Field(description="Under legal hold: nobody removes or replaces it.")
    groups: list[GroupView] | None

    @classmethod
    def of(cls, why: Why) -> Self:
        """The view of why somebody sees a document."""
        return cls(
            rules=_rules(why.rules),
            owner=why.owns,
            level=why.access.level.name.lower(),
            department=why.access.department,
            labels=sorted(why.access.labels),
            hold=why.access.hold,
            groups=None if why.groups is None else [GroupView.of(group) for group in why.groups],
        )


class VersionsView(_View):
    """What replaces it (null: nothing that you may read) and what it replaces, as far as you may read that."""

    newer: DocumentView | None
    older: list[DocumentView]

    @classmethod
    def of(cls, versions: Versions) -> Self:
        """The view of a document's other versions."""
        newer = versions.newer
        return cls(
            newer=DocumentView.of(Listed(newer, None)) if newer is not None else None,
            older=[DocumentView.of(Listed(one, None)) for one in versions.older],
        )


def _rules(reasons: Sequence[tuple[str, str]]) -> list[RuleView]:
    return [RuleView(name=name, reason=reason) for name, reason in reasons]


def _status(listed: Listed) -> Status:
    state = state_of(listed)
    return next((one for one in STATUSES if one == state), "stored")
