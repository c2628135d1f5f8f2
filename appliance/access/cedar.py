"""Cedar, failing closed: one parsed and checked policy set, asked in full or with the document unknown.

The only place that knows cedarpy. Cedar skips a policy that raises, so that a `forbid` would vanish in silence. Here
the schema goes into every call, attributes are checked before it, and any error that the engine tells is a refusal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Final, Literal

import cedarpy

from appliance.access import vetting
from appliance.access.attributes import (
    Entity,
    House,
    document_entity,
    house_entity,
    person_entity,
    person_sound,
    sound,
    text,
)
from appliance.errors import NotAllowed, PolicyRefused, PolicyUnavailable
from appliance.records import Access, Action, Principal
from appliance.records.escalations import Sending

__all__ = ["Circumstances", "Client", "Decision", "Engine", "House", "Residual"]

PEOPLE: Final = 256
"""Whom an engine keeps parsed, the latest: a person with hundreds of groups costs more to read than to decide."""
_MORE: Final = {
    Action.USE_SPECIALIST: "specialist",
    Action.ESCALATE: "destination",
    Action.APPROVE_ESCALATION: "asker",
}
"""What an action's circumstances hold besides client and purpose, as the schema says."""
_LARGEST: Final = 2**53
"""Counts beyond it are nobody's money or passages."""


@dataclass(frozen=True, slots=True)
class Client:
    """The program that asks in somebody's name, and where the model runs that will read the answer."""

    id: str
    known: bool
    location: Literal["house", "outside"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """In what circumstances somebody asks. `purpose` is what he states now, "" for none.

    The last four are for one action each: use-specialist, escalate, approve-escalation, send-outside; there they are
    never empty.
    """

    client: Client
    purpose: str = ""
    specialist: str = ""
    destination: str = ""
    asker: str = ""
    sending: Sending | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policies say: `policies` are the names of those that decided, none for "nothing permits it".

    `errors` says in our own words what failed; where there is any, nothing is allowed.
    """

    allowed: bool
    policies: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left of a policy once all but the document is known. `body` is Cedar's own JSON of the policy."""

    policy: str
    effect: Literal["permit", "forbid"]
    body: Mapping[str, Any]


class Engine:
    """One policy set, parsed and checked against its schema. Immutable, and safe to share between threads.

    Raises PolicyRefused, naming policies, for a set that is empty, malformed, against its schema, or says what the
    index could not enforce; and for a schema that is not the one of this version.
    """

    def __init__(self, policies: str, schema: str) -> None:
        if not vetting.schema_parsable(schema):
            raise PolicyRefused("The policies' schema is too large or too deep to be read.")
        try:
            self._schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PolicyRefused("The policies' schema is malformed.", faults=(str(error),)) from error
        if not vetting.parsable(policies):
            raise PolicyRefused("The policies are too large or too deep to be read.")
        try:
            self._policies = cedarpy.PolicySet.from_str(policies)
            plain = json.loads(cedarpy.policies_to_json_str(policies))
            unaccepted = vetting.faults(plain)
        except (ValueError, RecursionError) as error:
            raise PolicyRefused("The policies are malformed.", faults=(str(error),)) from error
        if not plain["staticPolicies"]:
            raise PolicyRefused("There are no policies, so nobody might do anything.")
        _refuse(unaccepted)
        self._names = {number: one["annotations"]["id"] for number, one in plain["staticPolicies"].items()}
        checked = cedarpy.validate_policies(policies, self._schema)
        told = tuple(f"{self._named(error.policy_id)}: {error.error}" for error in checked.errors)
        _refuse(told if told or checked.validation_passed else ("the schema does not accept them",))
        self.reasons: Mapping[str, str] = {
            one["annotations"]["id"]: one["annotations"].get("reason", "") for one in plain["staticPolicies"].values()
        }
        """Why each policy is there, in the officers' words, by its name; "" where it does not say."""
        self._rehearse()
        self._person = lru_cache(maxsize=PEOPLE)(self._parsed)

    def decide(
        self,
        principal: Principal,
        action: Action,
        resource: Access | House,
        *,
        circumstances: Circumstances,
        document: str = "",
    ) -> Decision:
        """May `principal` do this now, to `resource`? `document` is its id, where it has one."""
        if isinstance(resource, House):
            entity = house_entity(resource) if resource.tenant and text(resource.tenant) else None
            return self._decide(principal, action, {"": entity}, circumstances)[""]
        return self.decide_many(principal, action, {document: resource}, circumstances=circumstances)[document]

    def decide_many(
        self, principal: Principal, action: Action, resources: Mapping[str, Access], *, circumstances: Circumstances
    ) -> dict[str, Decision]:
        """The same of many documents at once, by their ids. One that is unsound is refused and harms no other."""
        alike: dict[Access, str] = {}
        same = {
            name: alike.setdefault(access, name) if text(name) and sound(access) else None
            for name, access in resources.items()
        }
        # no policy may name a document, so those with the same attributes are decided alike, and once
        entities: dict[str, Entity | None] = {name: document_entity(name, access) for access, name in alike.items()}
        decided = self._decide(principal, action, entities, circumstances)
        return {name: _INCOMPLETE if first is None else decided[first] for name, first in same.items()}

    def residuals(self, principal: Principal, action: Action, *, circumstances: Circumstances) -> tuple[Residual, ...]:
        """What is left of each policy while the document is not known; those that can no longer apply are absent.

        Raises NotAllowed for a person or circumstances that are unsound, PolicyUnavailable if the engine tells any
        error: half of the policies are no policies.
        """
        context = _context(action, circumstances)
        if context is None or not person_sound(principal):
            raise NotAllowed("What is known of you is not complete.")
        request = {
            "principal": f'Person::"{_escaped(principal.id)}"',
            "action": f'Action::"{action}"',
            "context": context,
        }
        try:
            told = cedarpy.is_authorized_partial(request, self._policies, self._person(principal), self._schema)
        except (ValueError, RecursionError) as error:
            raise PolicyUnavailable("The policies could not be asked.") from error
        diagnostics = told.diagnostics
        if diagnostics.errors or diagnostics.unknown_entities or set(told.residuals) != set(self._names):
            # Cedar would go on without the policy that failed. This line is what keeps a forbid from vanishing.
            raise PolicyUnavailable(f"{len(diagnostics.errors)} of the policies could not be asked.")
        return tuple(
            Residual(self._named(number), left["effect"], left)
            for number, left in sorted(told.residuals.items())
            if left["conditions"] != [{"kind": "when", "body": {"Value": False}}]
        )

    def _decide(
        self,
        principal: Principal,
        action: Action,
        entities: Mapping[str, Entity | None],
        circumstances: Circumstances,
    ) -> dict[str, Decision]:
        """Decide all of `entities`; None stands for one whose attributes are unsound."""
        context = _context(action, circumstances)
        if context is None or not person_sound(principal):
            return dict.fromkeys(entities, _refusal("what is known of the person is not complete"))
        decided = dict.fromkeys(entities, _INCOMPLETE)
        known = {name: entity for name, entity in entities.items() if entity is not None}
        requests = [
            {
                "principal": {"type": "Person", "id": principal.id},
                "action": f'Action::"{action}"',
                "resource": entity["uid"],
                "context": context,
            }
            for entity in known.values()
        ]
        try:
            parsed = self._person(principal).with_added_json_str(json.dumps(list(known.values())), self._schema)
            told = asked(requests, self._policies, parsed, self._schema, names=self._names)
        except (ValueError, RecursionError):
            return dict.fromkeys(entities, _refusal("the policies could not be asked"))
        return decided | dict(zip(known, told, strict=True))

    def _parsed(self, principal: Principal) -> cedarpy.Entities:
        """The person as Cedar reads him. Raises ValueError."""
        return cedarpy.Entities.from_json_str(json.dumps([person_entity(principal)]), self._schema)

    def _named(self, number: str) -> str:
        return str(self._names.get(number, number))

    def _rehearse(self) -> None:
        """Raise PolicyRefused unless the schema takes people and documents as this version describes them."""
        somebody = Principal("somebody", "", "house", frozenset(), 0, "client")  # type: ignore[arg-type]
        something = Access("house", 0, frozenset({"group"}), "", frozenset(), ())  # type: ignore[arg-type]
        every = [person_entity(somebody), document_entity("", something), house_entity(House("house"))]
        try:
            cedarpy.Entities.from_json_str(json.dumps(every), self._schema)
        except ValueError as error:
            raise PolicyRefused("The schema is not the one of this version.", faults=(str(error),)) from error


def asked(
    requests: Sequence[Mapping[str, Any]],
    policies: cedarpy.PolicySet,
    entities: str | cedarpy.Entities,
    schema: cedarpy.Schema,
    *,
    names: Mapping[str, str],
) -> list[Decision]:
    """What Cedar says of each of `requests` over `entities` (JSON, or read before), whatever the schema is.

    `names` are the policies' names by Cedar's own numbers. Raises ValueError for what Cedar cannot read.
    """
    parsed = cedarpy.Entities.from_json_str(entities, schema) if isinstance(entities, str) else entities
    told = cedarpy.is_authorized_batch([dict(one) for one in requests], policies, parsed, schema)
    return [_decision(one, names) for one in told]


def _decision(told: cedarpy.AuthzResult, names: Mapping[str, str]) -> Decision:
    """Allowed only where the engine says so and tells no error at all."""
    deciding = tuple(sorted(names.get(number, number) for number in told.diagnostics.reasons))
    if told.diagnostics.errors or told.decision is cedarpy.Decision.NoDecision:
        return Decision(allowed=False, policies=deciding, errors=("a policy could not be decided",))
    return Decision(allowed=told.decision is cedarpy.Decision.Allow, policies=deciding)


def _refuse(faults: tuple[str, ...]) -> None:
    """Raise PolicyRefused if there are any, naming the policies."""
    if faults:
        names = ", ".join(dict.fromkeys(fault.partition(":")[0] for fault in faults))
        raise PolicyRefused(f"Policies that cannot be accepted: {names}.", faults=faults)


def _refusal(words: str) -> Decision:
    return Decision(allowed=False, errors=(words,))


_INCOMPLETE: Final = _refusal("the document's attributes are not complete")


def _context(action: Action, circumstances: Circumstances) -> str | None:
    """The circumstances as Cedar takes them, or None if they are unsound or lack what the action needs."""
    client, more = circumstances.client, _MORE.get(action)
    needed = {more: getattr(circumstances, more)} if more else {}
    if not all(text(one) for one in (client.id, client.location, circumstances.purpose, *needed.values())):
        return None
    if type(client.known) is not bool or not client.id or not all(needed.values()):
        return None
    sending = _sending(circumstances.sending) if action is Action.SEND_OUTSIDE else {}
    if sending is None:
        return None
    told = {"id": client.id, "known": client.known, "location": client.location}
    return json.dumps({"client": told, "purpose": circumstances.purpose, **needed, **sending})


def _sending(sending: Sending | None) -> dict[str, Any] | None:
    """Its values as Cedar takes them; None if there is none, or one is not of its kind: words, sets of them, counts."""
    if sending is None or not all(_plain(getattr(sending, one.name)) for one in fields(Sending)):
        return None
    told = {one.name: getattr(sending, one.name) for one in fields(Sending)}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}


def _plain(value: object) -> bool:
    if type(value) is frozenset:
        return all(text(word) and word != "" for word in value)
    counts = type(value) is bool or (type(value) is int and -_LARGEST <= value <= _LARGEST)
    return counts or (text(value) and value != "")


def _escaped(identifier: str) -> str:
    """As Cedar writes an id between quotes. It refuses one that holds what cannot be printed, and so do we."""
    return identifier.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
