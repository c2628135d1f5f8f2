"""What claims make of a person: empty means empty, wrong means nobody, and no two groups become one."""

from typing import Any

import pytest

from appliance.access.claims import MANY, principal, stating
from appliance.errors import NotAllowed, NotAuthenticated
from appliance.records import Level, Principal
from tests.access.issuer import AUDIENCE, NULL, Issuer, claims, identity


def told(**changed: Any) -> Principal:
    return principal(claims(**changed), AUDIENCE)


def refused(**changed: Any) -> bool:
    with pytest.raises(NotAuthenticated) as caught:
        told(**changed)
    assert str(caught.value) == "You are not signed in, or your sign-in has ended."
    assert caught.value.__cause__ is None
    return True


def test_everything_that_keycloak_says() -> None:
    helen = told(
        sub="helen", name="Helen Okafor", locale="de-CH", department="hr", clearance="restricted",
        groups=["/staff", "/hr", "/hr/leads"], walls=["kestrel"], treats=["record-1"], purposes=["audit"],
        realm_access={"roles": ["offline_access", "operator"]},
        resource_access={AUDIENCE: {"roles": ["security-officer"]}, "account": {"roles": ["trainer"]}},
    )  # fmt: skip
    assert (helen.id, helen.name, helen.tenant, helen.department) == ("helen", "Helen Okafor", "aldermoor", "hr")
    assert (helen.clearance, helen.client, helen.language) == (Level.RESTRICTED, "muniment-portal", "de")
    assert helen.groups == {"staff", "hr", "hr/leads"}
    assert (helen.walls, helen.treats, helen.purposes) == ({"kestrel"}, {"record-1"}, {"audit"})
    assert helen.roles == {"offline_access", "operator", "security-officer"}
    assert (helen.kind, helen.purpose) == ("person", "")


def test_roles_of_other_clients_are_not_ours() -> None:
    """Fails if roles are read from any client's but our own."""
    assert told(resource_access={"other": {"roles": ["security-officer"]}}).roles == frozenset()


EMPTY = ("groups", "walls", "treats", "purposes")


@pytest.mark.parametrize("claim", [*EMPTY, "tenant", "department", "clearance", "realm_access", "resource_access"])
def test_what_is_missing_is_empty(claim: str) -> None:
    """Fails if a claim has a default that grants anything."""
    someone = told(**{claim: None})
    if claim in EMPTY:
        assert getattr(someone, claim) == frozenset()
        assert getattr(told(**{claim: []}), claim) == frozenset()
    elif claim == "clearance":
        assert someone.clearance is Level.PUBLIC
    elif claim in {"tenant", "department"}:
        assert getattr(someone, claim) == getattr(told(**{claim: ""}), claim) == ""
    else:
        assert someone.roles == frozenset()


WRONG: dict[str, list[Any]] = {
    **{name: [NULL, "staff", 7, {}, {"staff": 1}, [7], [None], [[]], [""], ["\ud800"], ["x" * 300]] for name in EMPTY},
    "tenant": [NULL, 7, ["aldermoor"], True, "x" * 300],
    "department": [NULL, 7, ["nursing"], {}],
    "clearance": [NULL, 3, "", "all", "Restricted", "restricted ", ["restricted"], True, "ｒestricted"],
    "sub": [NULL, 7, "", "x" * 300, "a b", "mara\n", "mär", ["mara"]],
    "azp": [NULL, 7, "", "x" * 300, "muniment portal", ["muniment-portal"]],
    "name": [NULL, 7],
    "locale": [NULL, 7],
    "realm_access": [NULL, [], "operator", {"roles": "operator"}, {"roles": [7]}, {"roles": NULL}],
    "resource_access": [NULL, [], {AUDIENCE: []}, {AUDIENCE: {"roles": {}}}, {"other": 7}],
}


@pytest.mark.parametrize(
    ("claim", "value"),
    [(claim, value) for claim, values in WRONG.items() for value in values],
    ids=lambda one: ascii(one).replace(ascii(NULL), "NULL"),  # the same in every process that collects it
)
def test_what_is_of_the_wrong_kind_is_nobody_s(claim: str, value: Any) -> None:
    """Fails if `strict=True` is deleted, or the bounds of a type."""
    if value == {"roles": NULL}:
        value = {"roles": None}
    assert refused(**{claim: value})


HOSTILE = [
    'quo"te', "apo'strophe", "back\\slash", "two  spaces", " leading", "trailing ", "new\nline", "tab\t", "nul\x00",
    '"]; permit(principal, action, resource); //', "User::\"x\"", '{"$ne": null}', "a,b", "*", "%", "..", "../hr",
    "hr/", "<b>", "${jndi}", "Ärzte", "A\u0308rzte", "hr", "һr", "HR", "ｈｒ", "h\u200br", "hr\u200d", "\u202ehr",
    "ﬁnance", "finance",
]  # fmt: skip


def test_no_two_groups_become_one() -> None:
    """Fails if `_groups` folds, trims, normalises, or takes the last part of a path alone."""
    assert told(groups=[f"/{name}" for name in HOSTILE]).groups == set(HOSTILE)
    assert told(groups=HOSTILE).groups == set(HOSTILE)
    assert told(groups=["/nursing/icu", "/evil/icu", "//icu"]).groups == {"nursing/icu", "evil/icu", "/icu"}


def test_paths_and_names_are_not_mixed() -> None:
    """Fails if `_groups` takes a slash away from some names only: "/staff" and "staff" would be one group."""
    assert refused(groups=["/staff", "hr"])
    assert refused(groups=["/"])


def test_five_thousand_groups() -> None:
    issuer = Issuer()
    token = issuer.token(groups=[f"/departments/department-{number:05}" for number in range(5_000)])
    assert len(identity(issuer).principal(f"Bearer {token}").groups) == 5_000
    assert len(told(groups=[f"g{number}" for number in range(MANY)]).groups) == MANY
    assert refused(groups=[f"g{number}" for number in range(MANY + 1)])


@pytest.mark.parametrize(
    "sign",
    [
        {"preferred_username": "service-account-ward-round"},
        {"sub": "ward-round", "azp": "ward-round"},
        {"sub": "ward-round", "client_id": "ward-round"},
        {"client_id": "ward-round", "sid": None},
        {"client_id": "ward-round", "sid": None, "preferred_username": "ward-round"},
        {"sid": None},
    ],
)
def test_any_sign_of_a_program_is_enough(sign: dict[str, Any]) -> None:
    """Fails if a sign is deleted from `_is_program`: a program could do what people alone may."""
    assert told(**sign).kind == "program"
    assert told().kind == told(client_id="muniment-portal").kind == "person"
    assert told(sid=None, preferred_username="mara").kind == "person"


def test_a_purpose_must_be_one_s_own() -> None:
    """Fails if `stating` does not compare."""
    mara = told(purposes=["treatment"])
    assert stating(mara, "").purpose == ""
    assert stating(mara, "treatment").purpose == "treatment"
    for purpose in ("audit", "Treatment", "treatment ", "*"):
        with pytest.raises(NotAllowed):
            stating(mara, purpose)
    issuer = Issuer()
    token = f"Bearer {issuer.token(purposes=['treatment'])}"
    assert identity(issuer).principal(token, "treatment").purpose == "treatment"
    with pytest.raises(NotAllowed):
        identity(issuer).principal(f"Bearer {issuer.token()}", "treatment")
