"""The routes of policy sets: what is in force, its tables run, what an uploaded set would change, and activation."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal, Protocol, Self

import anyio
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.requests import ClientDisconnect

from appliance.access import overview
from appliance.access.active import Activation
from appliance.access.policy_zip import LARGEST
from appliance.api.office import View
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.errors import BadRequest
from appliance.office.outcomes import Outcome
from appliance.office.sets import Examined, Shown, Status
from appliance.records import Principal

UPLOADS: Final = ("/v1/office/policies/examination", "/v1/office/policies/activation")
"""Paths whose bodies are a zip."""
ZIP_BYTES: Final = LARGEST
NAMED: Final = 50
"""Documents that are named of those that would open or close to a person."""
_DIGEST: Final = "9f2c" * 16


class SetsPort(Protocol):
    """What officers do about policy sets (`appliance.office.sets.Sets`)."""

    def status(self, officer: Principal, /) -> Status: ...  # noqa: D102
    def shown(self, officer: Principal, version: str, /) -> Shown: ...  # noqa: D102
    def outcomes(self, officer: Principal, version: str, /) -> list[Outcome]: ...  # noqa: D102
    def examined(self, officer: Principal, content: bytes, /) -> Examined: ...  # noqa: D102
    def activate(self, officer: Principal, content: bytes, digest: str, /, *, against: str) -> Activation: ...  # noqa: D102


class ActivationView(View):
    """That a set came into force, and the officers who vouched for it."""

    version: str = Field(examples=[_DIGEST[:12]])
    digest: str = Field(examples=[_DIGEST])
    at: datetime
    officers: list[str] = Field(examples=[["ada", "bruno"]])

    @classmethod
    def of(cls, one: Activation) -> Self:
        """The view of an activation."""
        at = datetime.fromisoformat(one.at)
        return cls(version=one.digest[:12], digest=one.digest, at=at, officers=list(one.officers))


class PoliciesView(View):
    """What decides now, what was activated here (the newest first), and who may sign. `fault` is "" or why the newest
    set is not the one that decides."""

    version: str
    fault: str
    officers: list[str]
    history: list[ActivationView]


class FileView(View):
    """A file of a set, as it stands there."""

    name: str = Field(examples=["house.cedar"])
    text: str


class WrittenRuleView(View):
    """A rule as it is written."""

    rule: str
    reason: str
    effect: Literal["permit", "forbid"]
    file: str
    text: str


class SetView(View):
    """A set word for word: its rules one by one, and all of its files."""

    version: str
    digest: str
    rules: list[WrittenRuleView]
    files: list[FileView]

    @classmethod
    def of(cls, one: Shown) -> Self:
        """The view of a set."""
        found = one.found
        files = [FileView(name=name, text=found.files[name].decode("utf-8", "replace")) for name in sorted(found.files)]
        rules = [
            WrittenRuleView(rule=rule.name, reason=rule.reason, effect=rule.effect, file=rule.file, text=rule.text)
            for rule in one.rules
        ]
        return cls(version=found.version, digest=found.digest, rules=rules, files=files)


class RowView(View):
    """A row of a table, decided just now. `fault` is "" if it came out as it must."""

    table: str = Field(examples=["decisions"])
    row: str = Field(examples=["row 1, nurse read standard"])
    expected: str = Field(examples=["allow by read-as-reader"])
    came: str = Field(examples=["allow"])
    rules: list[str]
    fault: str

    @classmethod
    def of(cls, one: Outcome) -> Self:
        """The view of a row."""
        plain = {name: getattr(one, name) for name in cls.model_fields if name != "rules"}
        return cls(**plain, rules=list(one.rules))


class TablesView(View):
    """Every row of a set's tables."""

    rows: list[RowView]


class SignatureView(View):
    """A signature beside the set: valid, of somebody unknown, or not one of this digest."""

    officer: str
    state: Literal["valid", "unknown", "invalid"]


class FileChangeView(View):
    """A file that is another one; `lines` as `diff -u` writes them, `more` if they were cut."""

    file: str
    kind: Literal["added", "removed", "changed"]
    lines: list[str]
    more: bool


class ChangeView(View):
    """What would open and close to a person: how many documents, and where the first of them lie."""

    person: str
    name: str
    opens: int
    closes: int
    opened: list[str]
    closed: list[str]

    @classmethod
    def of(cls, one: overview.Change) -> Self:
        """The view of what would change for a person."""
        opened, closed = ([document.uri for document in some[:NAMED]] for some in (one.opened, one.closed))
        who = one.person
        return cls(
            person=who.id,
            name=who.name,
            opens=len(one.opened),
            closes=len(one.closed),
            opened=opened,
            closed=closed,
        )


class ExaminedView(View):
    """What an uploaded set says and would change; nothing of it is kept.

    `changes` is null where the set cannot be compiled. `activates`: no fault, and two officers vouch for it.
    `earlier`: it was in force here before; to activate it is the way back, and needs no new signatures.
    """

    version: str
    digest: str
    against: str
    faults: list[str]
    rows: int
    signatures: list[SignatureView]
    activates: bool
    earlier: bool
    files: list[FileChangeView]
    changes: list[ChangeView] | None

    @classmethod
    def of(cls, one: Examined) -> Self:
        """The view of a set that was examined."""
        files = [
            FileChangeView(file=change.file, kind=change.kind, lines=list(change.lines), more=change.more)
            for change in one.files
        ]
        return cls(
            version=one.found.version,
            digest=one.found.digest,
            against=one.against,
            faults=list(one.faults),
            rows=one.rows,
            signatures=[SignatureView(officer=signed.officer, state=signed.state) for signed in one.signatures],
            activates=one.activates,
            earlier=one.earlier,
            files=files,
            changes=None if one.changes is None else [ChangeView.of(change) for change in one.changes],
        )


_Version = Annotated[str, Path(min_length=4, max_length=64, description="The beginning of a digest.")]
_Digest = Annotated[str, Query(min_length=64, max_length=64, description="Of the set that you looked at.")]
_Against = Annotated[str, Query(min_length=12, max_length=12, description="The version it was compared with.")]
_ZIP: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The folder of a policy set with its `signatures`, as a zip.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_UPLOADED: Final[dict[int | str, dict[str, Any]]] = {
    400: {**PROBLEM, "description": "No zip of a policy set, or an upload that broke off."},
    408: {**PROBLEM, "description": "The upload stopped, or took too long."},
    409: {
        **PROBLEM,
        "description": "Not the set that you looked at, one that may not be activated, or a busy desk.",
    },
    413: {**PROBLEM, "description": "The zip is too large."},
}


def policies(desk: SetsPort) -> APIRouter:
    """Status, a set's text, its tables; examine and activate."""
    router = APIRouter(prefix="/v1/office/policies", tags=["office"], responses=PROBLEMS)

    @router.get("")
    def status(caller: Caller) -> PoliciesView:
        """What decides now, and what did before."""
        found = desk.status(caller)
        history = [ActivationView.of(one) for one in found.history]
        return PoliciesView(version=found.version, fault=found.fault, officers=list(found.officers), history=history)

    @router.post("/examination", openapi_extra=_ZIP, responses=_UPLOADED)
    async def examine(request: Request, caller: Caller) -> ExaminedView:
        """Check an uploaded set, and say what it would change. It need not be signed; nothing is kept."""
        content = await _body(request)
        return ExaminedView.of(await anyio.to_thread.run_sync(desk.examined, caller, content))

    @router.post("/activation", openapi_extra=_ZIP, responses=_UPLOADED)
    async def activate(request: Request, caller: Caller, digest: _Digest, against: _Against) -> ActivationView:
        """Bring an uploaded set into force that two officers have signed: the one that you looked at.

        It is refused if another set came into force since it was compared.
        """
        content = await _body(request)
        activated = partial(desk.activate, caller, content, digest, against=against)
        return ActivationView.of(await anyio.to_thread.run_sync(activated))

    @router.get("/sets/{version}", responses=MISSING)
    def shown(version: _Version, caller: Caller) -> SetView:
        """A set that was activated here, word for word."""
        return SetView.of(desk.shown(caller, version))

    @router.get("/sets/{version}/tables", responses=MISSING)
    def tables(version: _Version, caller: Caller) -> TablesView:
        """Decide every row of a set's tables now."""
        return TablesView(rows=[RowView.of(one) for one in desk.outcomes(caller, version)])

    return router


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise BadRequest("The upload broke off.", advice="Nothing was kept. Send it again.") from error
