"""Decision tables: what a policy set must say, row by row, as data that officers read and sign with the rules.

`decisions.yaml` holds single cases, `duties.yaml` the duties kept apart. Every row is decided by the engine itself;
one that comes out otherwise, or names another rule than the one that decided, is a fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from appliance.access import plain_yaml
from appliance.access.cedar import Circumstances, Client, Engine, House
from appliance.errors import PolicyRefused
from appliance.records import Access, Action, Level, Principal
from appliance.records.escalations import Sending

DECISIONS: Final = "tables/decisions.yaml"
DUTIES: Final = "tables/duties.yaml"
_LEVEL: Final = {level.name.lower(): level for level in Level}
_Level = Annotated[Level, BeforeValidator(_LEVEL.get)]
_Role = Annotated[str, Field(min_length=1)]
_Table = TypeVar("_Table", bound=BaseModel)
_SOME: Final = 100
"""Bounds what is multiplied with each other in the table of duties: many times what is shipped."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Person(_Strict):
    tenant: str | None = None
    kind: Literal["person", "program"] = "person"
    groups: frozenset[str] = frozenset()
    clearance: _Level = Level.PUBLIC
    department: str = ""
    roles: frozenset[str] = frozenset()
    walls: frozenset[str] = frozenset()
    treats: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()


class _Document(_Strict):
    tenant: str | None = None
    level: _Level
    readers: frozenset[str]
    department: str = "somewhere"
    labels: frozenset[str] = frozenset()
    owner: str = ""
    wall: str = ""
    patient: str = ""
    purpose: str = ""
    hold: bool = False


class _Client(_Strict):
    known: bool
    location: Literal["house", "outside"]


class _Row(_Strict):
    who: str
    action: Action
    what: str
    decision: Literal["allow", "deny"]
    by: str = ""
    client: str = "in-house"
    purpose: str = ""
    but: dict[str, Any] = {}
    where: dict[str, Any] = {}
    asker: str | None = None
    destination: str | None = None
    specialist: str | None = None
    sending: dict[str, Any] | None = None


class _Decisions(_Strict):
    tenant: str
    people: dict[str, dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    clients: dict[str, _Client]
    rows: Annotated[list[_Row], Field(min_length=1)]


class _Never(_Strict):
    role: _Role
    by: str
    actions: Annotated[list[Action], Field(min_length=1, max_length=_SOME)]


class _Duties(_Strict):
    needs: dict[Action, Annotated[list[_Role], Field(max_length=_SOME)]]
    never: Annotated[list[_Never], Field(min_length=1, max_length=_SOME)]
    roles: Annotated[list[_Role], Field(min_length=1, max_length=_SOME)]


PLAIN: Final = Sending(
    destination="somewhere",
    labels=frozenset(),
    classes=frozenset({"public"}),
    level=0,
    withheld=0,
    accepts=frozenset({"public", "internal"}),
    entities=frozenset(),
    replaced=0,
    residual=0,
    price=1,
    left=1_000_000,
    local="refused",
    approved=False,
)
"""What a row's `sending` changes single values of: a public question that the house refused, nothing private in it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row: what is decided, and what must come out.

    `by` is the rule that must have decided; "" is a denial that no rule forbids, and None any rule or none.
    """

    name: str
    principal: Principal
    action: Action
    resource: Access | House
    circumstances: Circumstances
    allowed: bool
    by: str | None

    def fault(self, engine: Engine) -> str:
        """What came out otherwise, in words; "" if nothing did."""
        decision = engine.decide(self.principal, self.action, self.resource, circumstances=self.circumstances)
        if decision.errors:
            return f"{self.name}: it cannot be decided"
        if decision.allowed != self.allowed:
            return f"{self.name}: {'allowed' if decision.allowed else 'denied'}, {_named(decision.policies)}"
        if self.by and self.by not in decision.policies:
            return f"{self.name}: decided by {_named(decision.policies)}, not by {self.by}"
        if self.by == "" and decision.policies:
            return f"{self.name}: forbidden by {_named(decision.policies)}, though no rule is named"
        return ""


def decisions(text: str) -> list[Case]:
    """The cases of `decisions.yaml`. Raises PolicyRefused if it is not understood, row by row."""
    table = _parsed(_Decisions, text, DECISIONS)
    return [_case(number, row, table) for number, row in enumerate(table.rows, start=1)]


def duties(text: str) -> list[Case]:
    """The cases of `duties.yaml`: two for every pair, and what each role, and all together, reads by itself."""
    table = _parsed(_Duties, text, DUTIES)
    return [*_apart(table), *_nothing_by_role(table.roles)]


def roles(text: str) -> tuple[str, ...]:
    """The roles that `duties.yaml` names. Raises PolicyRefused."""
    return tuple(_parsed(_Duties, text, DUTIES).roles)


def faults(engine: Engine, cases: Sequence[Case]) -> list[str]:
    """Every case that comes out otherwise."""
    return [words for case in cases if (words := case.fault(engine))]


# --- Rows ---------------------------------------------------------------------------------------------------------


def _case(number: int, row: _Row, table: _Decisions) -> Case:
    name = f"row {number}, {row.who} {row.action} {row.what}"
    try:
        person = _Person.model_validate(table.people[row.who] | row.but)
        client = table.clients[row.client]
        resource: Access | House
        if row.what == "house":
            resource = House(table.tenant)
        else:
            resource = _access(_Document.model_validate(table.documents[row.what] | row.where), table.tenant)
    except (KeyError, ValidationError) as error:
        raise PolicyRefused(f"{DECISIONS}, {name}: a name or an attribute in it is not known.") from error
    return Case(
        name,
        _principal(row.who, person, tenant=table.tenant, client=row.client, purpose=row.purpose),
        row.action,
        resource,
        Circumstances(Client(row.client, known=client.known, location=client.location), row.purpose, **_more(row)),
        row.decision == "allow",
        row.by,
    )


def _more(row: _Row) -> dict[str, Any]:
    named = {"asker": row.asker, "destination": row.destination, "specialist": row.specialist}
    told: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    return told if row.sending is None else told | {"sending": replace(PLAIN, **_sets(row.sending))}


def _sets(sending: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sending.keys() - {one.name for one in fields(Sending)}
    if unknown:
        raise KeyError(*unknown)
    return {name: frozenset(value) if isinstance(value, list) else value for name, value in sending.items()}


def _principal(name: str, person: _Person, *, tenant: str, client: str, purpose: str) -> Principal:
    return Principal(
        id=name,
        name=name,
        tenant=tenant if person.tenant is None else person.tenant,
        groups=person.groups,
        clearance=person.clearance,
        client=client,
        department=person.department,
        kind=person.kind,
        roles=person.roles,
        walls=person.walls,
        treats=person.treats,
        purposes=person.purposes,
        purpose=purpose,
    )


def _access(document: _Document, tenant: str) -> Access:
    return Access(
        tenant=tenant if document.tenant is None else document.tenant,
        level=document.level,
        readers=document.readers,
        department=document.department,
        labels=document.labels,
        ancestors=("somewhere",),
        owner=document.owner,
        wall=document.wall,
        patient=document.patient,
        purpose=document.purpose,
        hold=document.hold,
    )


# --- Duties -------------------------------------------------------------------------------------------------------

_HOUSE: Final = frozenset(
    {
        *(Action.SEARCH, Action.ASK, Action.USE_SPECIALIST, Action.SEND_OUTSIDE),
        *(Action.APPROVE_ESCALATION, Action.VIEW_LEDGER, Action.ERASE),
        *(Action.VIEW_OPERATIONS, Action.CURATE, Action.MANAGE_POLICIES),
    }
)
_MORE: Final[Mapping[Action, Mapping[str, Any]]] = {
    Action.ESCALATE: {"destination": "somewhere"},
    Action.SEND_OUTSIDE: {"sending": PLAIN},
    Action.APPROVE_ESCALATION: {"asker": "somebody-else"},
    Action.USE_SPECIALIST: {"specialist": "everybody"},
}


def _apart(table: _Duties) -> Iterator[Case]:
    for never in table.never:
        for action in never.actions:
            needed = frozenset(table.needs.get(action, ()))
            yield _duty(f"{action} without the role {never.role}", action, needed - {never.role}, by=None)
            yield _duty(f"{action} with the role {never.role}", action, needed | {never.role}, by=never.by)


def _duty(name: str, action: Action, roles: frozenset[str], *, by: str | None) -> Case:
    """A person who may do `action` in every other regard."""
    purpose = "emergency" if action is Action.BREAK_GLASS else ""
    person = _somebody(roles, groups=frozenset({"everybody"}), purpose=purpose)
    labels = frozenset({"patient"} if action is Action.BREAK_GLASS else ())
    document = Access(
        "house", Level.INTERNAL, frozenset({"everybody"}), "somewhere", labels, ("somewhere",), owner="somebody"
    )
    resource = House("house") if action in _HOUSE else document
    return Case(name, person, action, resource, _in_house(action, purpose), by is None, by)


def _nothing_by_role(roles: Sequence[str]) -> Iterator[Case]:
    for held in [*([role] for role in roles), list(roles)]:
        for level in Level:
            document = Access("house", level, frozenset({"readers"}), "somewhere", frozenset(), ("somewhere",))
            person = _somebody(frozenset(held), groups=frozenset({"others"}), purpose="")
            name = f"read {level.name.lower()} by nothing but {' and '.join(held)}"
            yield Case(name, person, Action.READ, document, _in_house(Action.READ, ""), allowed=False, by=None)


def _somebody(roles: frozenset[str], *, groups: frozenset[str], purpose: str) -> Principal:
    return Principal(
        "somebody", "", "house", groups, Level.RESTRICTED, "in-house", "somewhere",
        roles=roles, purposes=frozenset({purpose} - {""}), purpose=purpose,
    )  # fmt: skip


def _in_house(action: Action, purpose: str) -> Circumstances:
    client = Client("in-house", known=True, location="house")
    return Circumstances(client, purpose, **_MORE.get(action, {}))


# --- Reading ------------------------------------------------------------------------------------------------------


def _parsed(kind: type[_Table], text: str, name: str) -> _Table:
    try:
        return kind.model_validate(plain_yaml.loaded(text, name))
    except ValidationError as error:
        where = "; ".join(".".join(map(str, fault["loc"])) for fault in error.errors()[:5])
        raise PolicyRefused(f"{name} is not understood at: {where}.") from error


def _named(policies: Sequence[str]) -> str:
    return ", ".join(policies) or "no rule"
