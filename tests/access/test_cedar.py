"""The engine fails closed: whatever is missing, wrong or failing, nothing is allowed."""

from dataclasses import fields, replace
from typing import Any, Final

import pytest

from appliance.access.cedar import Circumstances, Client, Decision, Engine, House
from appliance.errors import NotAllowed, PolicyRefused
from appliance.records import Access, Action, Principal
from tests.access.people import HERE, NURSE, PAPER, SCHEMA, STAFF, engine, nurse, paper

READ = Action.READ
WIDE = engine('@id("wide") permit(principal, action, resource) when { resource.tenant != "" };')
ANYTHING: dict[str, list[Any]] = {
    "text": [None, 0, True, b"x", ["x"], "\ud800"],
    "level": [None, True, "1", 1.5, -1, 4, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**40],
    "words": [None, "", "icu", ["icu"], {"icu"}, frozenset({""}), frozenset({1}), frozenset({None}), ("icu",)],
    "flag": [None, 0, 1, "", "false"],
    "folders": [None, "", "nursing", ["nursing"], ("",), (None,), (1,)],
}
OF_DOCUMENT = {"tenant": "text", "level": "level", "readers": "words", "labels": "words", "ancestors": "folders"}
OF_DOCUMENT |= {"hold": "flag"} | dict.fromkeys(("department", "owner", "wall", "patient", "purpose"), "text")
OF_PERSON = {"id": "text", "tenant": "text", "clearance": "level", "client": "text", "department": "text"}
OF_PERSON |= {"kind": "text", "purpose": "text"}
OF_PERSON |= dict.fromkeys(("groups", "roles", "walls", "treats", "purposes"), "words")


def asked(of: Engine, person: Principal = NURSE, document: Access = PAPER, **more: Any) -> Decision:
    return of.decide(person, READ, document, circumstances=more.get("circumstances", HERE), document="d")


def test_a_permit_decides_and_is_named() -> None:
    assert asked(engine(STAFF)) == Decision(allowed=True, policies=("staff",))
    assert asked(engine(STAFF), nurse(groups=frozenset({"other"}))) == Decision(allowed=False)


def test_a_forbid_wins_and_is_named() -> None:
    forbid = '@id("held") forbid(principal, action, resource is Document) when { resource.hold };'
    assert asked(engine(STAFF, forbid), document=paper(hold=True)) == Decision(allowed=False, policies=("held",))


def test_folders_hold_what_lies_below_them() -> None:
    icu = '@id("icu") permit(principal, action, resource in Folder::"nursing/icu") when { resource.level < 3 };'
    assert asked(engine(icu)).allowed
    assert not asked(engine(icu), document=paper(ancestors=("nursing",))).allowed
    assert not asked(engine(icu), document=paper(ancestors=())).allowed


def test_every_attribute_has_a_case_below() -> None:
    """A new attribute must be given its wrong values here; but for those that no policy is told."""
    untold = {"name", "language", "session", "narrowed"}
    assert set(OF_DOCUMENT) == {field.name for field in fields(Access)}
    assert set(OF_PERSON) == {field.name for field in fields(Principal)} - untold


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, kind in OF_DOCUMENT.items() for v in ANYTHING[kind]])
def test_a_document_with_an_attribute_that_is_none_is_refused(name: str, value: object) -> None:
    """Guards `and sound(access)` in `Engine.decide_many`."""
    told = WIDE.decide_many(NURSE, READ, {"a": paper(**{name: value}), "b": PAPER}, circumstances=HERE)
    assert not told["a"].allowed
    assert told["a"].errors
    assert told["b"].allowed, "one broken document harms no other"


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, kind in OF_PERSON.items() for v in ANYTHING[kind]])
def test_a_person_with_an_attribute_that_is_none_may_do_nothing(name: str, value: object) -> None:
    """Guards the two lines `if context is None or not person_sound(principal)` of `Engine`."""
    told = asked(WIDE, nurse(**{name: value}))
    assert not told.allowed
    assert told.errors
    with pytest.raises(NotAllowed):
        WIDE.residuals(nurse(**{name: value}), READ, circumstances=HERE)


@pytest.mark.parametrize("name", ["id", "tenant", "client"])
def test_nobody_from_nowhere_may_do_nothing(name: str) -> None:
    assert asked(engine(STAFF), nurse(**{name: ""})).errors


@pytest.mark.parametrize(
    "circumstances",
    [
        Circumstances(Client("", known=True, location="house")),
        Circumstances(Client("portal", known="yes", location="house")),  # type: ignore[arg-type]
        Circumstances(Client("portal", known=True, location=None)),  # type: ignore[arg-type]
        Circumstances(Client("portal", known=True, location="house"), purpose=None),  # type: ignore[arg-type]
        Circumstances(Client(7, known=True, location="house")),  # type: ignore[arg-type]
    ],
)
def test_circumstances_that_are_none_allow_nothing(circumstances: Circumstances) -> None:
    assert asked(engine(STAFF), circumstances=circumstances).errors
    with pytest.raises(NotAllowed):
        engine(STAFF).residuals(NURSE, READ, circumstances=circumstances)


@pytest.mark.parametrize(
    ("action", "named"),
    [(Action.ESCALATE, "destination"), (Action.USE_SPECIALIST, "specialist"), (Action.APPROVE_ESCALATION, "asker")],
)
def test_what_an_action_needs_beside_is_never_empty(action: Action, named: str) -> None:
    resource: Access | House = PAPER if action is Action.ESCALATE else House("house")
    assert not WIDE.decide(NURSE, action, resource, circumstances=HERE).allowed
    given = replace(HERE, **{named: "somebody"})
    assert WIDE.decide(NURSE, action, resource, circumstances=given).allowed


@pytest.mark.parametrize("house", [House(""), House(None), House(7)])  # type: ignore[arg-type]
def test_a_house_without_a_tenant_is_refused(house: House) -> None:
    assert WIDE.decide(NURSE, Action.SEARCH, House("house"), circumstances=HERE).allowed
    assert not WIDE.decide(NURSE, Action.SEARCH, house, circumstances=HERE).allowed


def test_an_action_on_what_it_does_not_apply_to_is_refused() -> None:
    told = WIDE.decide(NURSE, Action.SEARCH, PAPER, circumstances=HERE)
    assert not told.allowed
    assert told.errors


@pytest.mark.parametrize("identifier", ['a"b', "O'Brien", "a\\b", "日本", "é", "a b", 'x"; permit', "{}", "*"])
def test_an_id_is_never_syntax(identifier: str) -> None:
    """Guards `_escaped`: the person whom a policy sees is the one who asks, in full and with the document unknown."""
    own = engine(
        '@id("own") permit(principal, action == Action::"read", resource) when { resource.owner == principal.id };'
    )
    person = nurse(id=identifier)
    assert asked(own, person, paper(owner=identifier)).allowed
    (left,) = own.residuals(person, READ, circumstances=HERE)
    assert left.policy == "own"


@pytest.mark.parametrize("identifier", ["a\nb", "\u202ea", "\x00"])
def test_an_id_that_cannot_be_printed_reads_nothing(identifier: str) -> None:
    """Guards the line `if diagnostics.errors or …` of `residuals`: the engine tells an error, and leaves nothing."""
    with pytest.raises(Exception, match="policies could not be asked"):
        engine(STAFF).residuals(nurse(id=identifier), READ, circumstances=HERE)


def test_residuals_are_those_that_may_still_apply() -> None:
    others = '@id("others") permit(principal, action == Action::"delete", resource) when { resource.hold };'
    left = engine(STAFF, others).residuals(NURSE, READ, circumstances=HERE)
    assert [(one.policy, one.effect) for one in left] == [("staff", "permit")]


def test_a_document_may_have_no_id() -> None:
    assert engine(STAFF).decide(NURSE, READ, PAPER, circumstances=HERE).allowed


def test_an_empty_question_has_an_empty_answer() -> None:
    assert engine(STAFF).decide_many(NURSE, READ, {}, circumstances=HERE) == {}


@pytest.mark.parametrize("name", ["\ud800", "a\udfff"])
def test_a_document_whose_id_cannot_be_written_is_refused(name: str) -> None:
    assert not engine(STAFF).decide(NURSE, READ, PAPER, circumstances=HERE, document=name).allowed


# --- What never becomes an engine -------------------------------------------------------------------------------------

_PERMIT: Final = '@id("p") permit(principal, action == Action::"read", resource is Document) when {{ {} }};'


@pytest.mark.parametrize("text", ["", "  // nothing\n", "permit(", "\x00", "permit(principal, action, resource)"])
def test_no_policies_or_broken_ones_are_refused(text: str) -> None:
    with pytest.raises(PolicyRefused):
        Engine(text, SCHEMA)


@pytest.mark.parametrize("times", [1, 100, 30_000, 300_000])
@pytest.mark.parametrize(
    ("before", "after"), [("!(", ")"), ("(", ")"), ("[", "]"), ("true && ", ""), ("", ".a"), ("", " .\n // . \n a"),
     ("//\r(", "//\r)")],
)  # fmt: skip
def test_a_policy_as_deep_as_a_well_stops_nothing(before: str, after: str, times: int) -> None:
    """Guards `if not vetting.parsable(policies)`: Cedar's parser ends the whole process on such a text.

    To Cedar a remark ends with a carriage return, and what stands behind one is no remark (`_ASIDE`).
    """
    deep = before * times + "resource.hold" + after * times
    try:
        engine(_PERMIT.format(deep))
    except PolicyRefused:
        assert times > 1 or before != "("


@pytest.mark.parametrize(
    "more",
    [
        f"type X = {'{a: ' * 5_000}String{'}' * 5_000};",
        f"type X = {'{a: ' * 1_200}String{'}' * 1_200};",
        f"type X = {'Set<' * 100_000}String{'>' * 100_000};",
        f"type X = {'Set<' * 11}String{'>' * 11};",
        f"//\rtype X = {'Set<' * 11}String{'>' * 11};",
        "".join(f"entity E{number};" for number in range(2_000)),
        "".join(f"type T{number} = {{a: T{number + 1}, b: T{number + 1}}};" for number in range(40)),
        "".join(f"type T{n} = {{{','.join(f'a{m}: T{n + 1}' for m in range(40))}}};" for n in range(4)),
        "namespace N { type Client = Long; }",
        "type // \n X = Long;",
    ],
    ids=["records", "fewer", "sets", "few", "remark", "many", "doubled", "wide", "namespace", "hidden"],
)  # fmt: skip
def test_a_schema_that_takes_the_process_with_it_is_never_parsed(more: str) -> None:
    """Guards `if not vetting.schema_parsable(schema)`: Cedar ends the process on some of these, or works for hours."""
    with pytest.raises(PolicyRefused, match="too large or too deep"):
        Engine(STAFF, f"{SCHEMA}{more}")


def test_a_schema_may_say_a_little_more() -> None:
    assert Engine(
        STAFF, f"{SCHEMA}type Shelf = {{ type: String, rows: Set<Set<Long>> }}; entity Room = {{ a: Shelf }};"
    )


@pytest.mark.parametrize("schema", ["", "entity", "entity Document;", SCHEMA.replace("hold: Bool", "hold?: Bool;")])
def test_a_schema_that_is_not_ours_is_refused(schema: str) -> None:
    with pytest.raises(PolicyRefused):
        Engine(STAFF, schema)


def test_a_schema_with_more_than_is_known_here_is_refused() -> None:
    """Guards `_rehearse`: every document would lack the attribute, and every decision would be a refusal."""
    with pytest.raises(PolicyRefused, match="not the one of this version"):
        Engine(STAFF, SCHEMA.replace("hold: Bool,", "hold: Bool, shelf: String,"))


@pytest.mark.parametrize(
    "condition",
    [
        "resource.level + 1 < 3",
        "resource.level * 2 < 3",
        "-resource.level < 3",
        "resource.readers.containsAll(principal.groups)",
        "resource.readers.isEmpty()",
        'resource.owner like "n*"',
        "if resource.hold then true else resource.level < 1",
        'ip("10.0.0.1").isLoopback() && resource.hold',
        "resource.owner == resource.patient",
        "resource.readers.contains(resource.owner)",
        "[resource.owner].contains(principal.id)",
        "{a: resource.owner} has a",
        'resource.readers == ["a"]',
        "resource == resource",
        "resource in resource",
        'Folder::"a" in resource',
        "[principal.clearance].contains(resource.level)",
        "(resource.level < 2) == principal.roles.contains(\"x\")",
        "resource.tenant == principal.tenant && (resource has shelf)",
        "principal.clearance > 2",
        "resource is Document",
        'resource in Folder::"a"',
        "true",
    ],
)  # fmt: skip
def test_what_the_index_could_not_enforce_is_refused_by_name(condition: str) -> None:
    with pytest.raises(PolicyRefused, match=r"^Policies that cannot be accepted: p\.$") as refused:
        engine(_PERMIT.format(condition))
    assert all(fault.startswith("p: ") for fault in refused.value.faults)


@pytest.mark.parametrize(
    "policy",
    [
        'permit(principal, action, resource) when { resource.hold };',
        '@id("") permit(principal, action, resource) when { resource.hold };',
        '@id("Bad Name") permit(principal, action, resource) when { resource.hold };',
        STAFF + STAFF,
        '@id("t") permit(principal == ?principal, action, resource) when { resource.hold };' + STAFF,
        '@id("p") permit(principal, action, resource == Document::"x") when { resource.hold };',
        '@id("p") permit(principal, action, resource);',
        '@id("p") permit(principal, action == Action::"fly", resource) when { resource.hold };',
        '@id("p") permit(principal, action == Action::"read", resource) when { resource.levl < 3 };',
        '@id("p") permit(principal, action == Action::"read", resource) when { resource.level < "3" };',
        '@id("p") permit(principal, action == Action::"read", resource in Document::"x") when { resource.hold };',
        '@id("p") forbid(principal, action == Action::"read", resource) when { resource in Document::"x" };',
    ],
)  # fmt: skip
def test_policies_without_a_name_or_against_the_schema_are_refused(policy: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        engine(policy)
    assert refused.value.faults


@pytest.mark.parametrize(
    "condition",
    [
        'resource.owner == principal.id && principal is Person && principal == Person::"x"',
        'principal.id == resource.owner || context.client.location == "house"',
        "resource has level && resource.hold && resource is Document && resource in [Folder::\"a\", Folder::\"b\"]",
        'resource is Document in Folder::"a" && resource.hold == false',
        '["a", principal.department].contains(resource.wall) && principal.walls.contains(resource.wall)',
        'resource.readers.containsAny(principal.groups) && resource.labels.contains("x")',
        "!(resource.level != 2) && 3 > resource.level && resource.level >= principal.clearance",
        "context has purpose && resource.purpose == context.purpose",
        "principal has groups && resource.hold",
    ],
)  # fmt: skip
def test_what_the_index_can_enforce_is_accepted(condition: str) -> None:
    assert engine(_PERMIT.format(condition)).decide(NURSE, READ, PAPER, circumstances=HERE).errors == ()
