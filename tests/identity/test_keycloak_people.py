"""What Keycloak says of one person: a contract that the stand-in keeps always, and Keycloak wherever it can be had."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from keycloak import KeycloakAdmin

from appliance.errors import DirectoryUnavailable
from appliance.operations.keycloak_people import KeycloakPeople, Named, Reading, directory
from appliance.records import Level
from tests.contracts.journals import ListJournal
from tests.identity.admin_server import StandIn
from tests.identity.site import prepared
from tests.identity.test_keycloak import House, real, stand_in

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*verify=<str>.*:DeprecationWarning", "ignore:unclosed.*:ResourceWarning"
)
ATTRIBUTES: Final = {"department": ["nursing"], "clearance": ["confidential"], "treats": ["p-17"], "walls": ["harbour"]}


@pytest.fixture(scope="module", params=["stand-in", "keycloak"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("people")
    if request.param == "stand-in":
        with stand_in(folder) as (made, _):
            yield made
    else:
        with real(folder) as made:
            yield made


@pytest.fixture(scope="module")
def people(house: House) -> KeycloakPeople:
    return KeycloakPeople(prepared(house))


@pytest.fixture(scope="module")
def admin(house: House, people: KeycloakPeople) -> KeycloakAdmin:  # the realm is there by then
    return house.admin()


@pytest.fixture
def mara(admin: KeycloakAdmin) -> Iterator[str]:
    told: dict[str, Any] = {"username": "mara", "enabled": True, "attributes": ATTRIBUTES}
    number = str(admin.create_user(told))
    yield number
    if any(user["id"] == number for user in admin.get_users()):
        admin.delete_user(number)


def group(admin: KeycloakAdmin, name: str, parent: str | None = None, **attributes: list[str]) -> str:
    number = admin.create_group({"name": name}, parent=parent, skip_exists=True)
    assert number is not None
    if attributes:
        admin.update_group(number, {"name": name, "attributes": attributes})
    return str(number)


def test_a_person_is_what_his_token_would_say(people: KeycloakPeople, admin: KeycloakAdmin, mara: str) -> None:
    wards = group(admin, "wards", purposes=["care"])
    icu = group(admin, "icu", wards, walls=["quay"])
    admin.group_user_add(mara, icu)
    audience = admin.get_client_id("muniment-api")
    assert audience is not None
    admin.assign_client_role(mara, audience, [admin.get_client_role(audience, "trainer")])
    known = people.person(mara)
    assert known is not None
    assert known.enabled
    assert (known.groups, known.clearance, known.department) == ({"wards/icu"}, Level.CONFIDENTIAL, "nursing")
    assert (known.walls, known.treats, known.purposes) == ({"harbour", "quay"}, {"p-17"}, {"care"})
    assert "trainer" in known.roles
    assert "security-officer" not in known.roles


def test_what_is_taken_away_is_gone(people: KeycloakPeople, admin: KeycloakAdmin, mara: str) -> None:
    ward = group(admin, "ward-7")
    admin.group_user_add(mara, ward)
    known = people.person(mara)
    assert known is not None
    assert known.groups == {"ward-7"}
    admin.group_user_remove(mara, ward)
    admin.update_user(mara, {"username": "mara", "enabled": False, "attributes": {}})
    known = people.person(mara)
    assert known is not None
    assert (known.groups, known.enabled, known.clearance, known.walls) == (set(), False, Level.PUBLIC, set())


def test_who_is_not_there_is_nobody_while_others_are(people: KeycloakPeople, admin: KeycloakAdmin, mara: str) -> None:
    gone = str(admin.create_user({"username": "gone", "enabled": True}))
    admin.delete_user(gone)
    for nobody in (gone, "no such", "..", "../clients", "", "a/b?c=d"):
        assert people.person(nobody) is None
    assert people.person(mara) is not None
    people.check()


def test_a_program_s_own_account_is_somebody(people: KeycloakPeople, admin: KeycloakAdmin, mara: str) -> None:
    client = admin.get_client_id("muniment-directory")
    assert client is not None
    number = str(admin.get_client_service_account_user(client)["id"])
    assert people.person(number) is not None


def test_everybody_is_named(people: KeycloakPeople, admin: KeycloakAdmin, mara: str) -> None:
    called = {"firstName": "Mara", "lastName": "Lindqvist", "email": "mara@example.org"}
    number = str(admin.create_user({"username": "mara-named", "enabled": False, **called}))
    try:
        named = people.everybody()
        assert Named("Mara", "Lindqvist", "mara@example.org") in named
        assert "Lindqvist" not in repr(named)
        assert len(named) >= 2
    finally:
        admin.delete_user(number)


def test_a_wrong_secret_and_a_wrong_place_are_faults(house: House, people: KeycloakPeople, mara: str) -> None:
    reading = prepared(house)
    for wrong in (
        Reading(reading.url, "weir", "muniment-api", "muniment-directory", "wrong", house.ca),
        Reading(reading.url, "elsewhere", "muniment-api", "muniment-directory", reading.secret, house.ca),
        Reading(reading.url, "weir", "no-such-client", "muniment-directory", reading.secret, house.ca),
        Reading("https://localhost:9", "weir", "muniment-api", "muniment-directory", reading.secret, house.ca),
        Reading(reading.url, "weir", "muniment-api", "muniment-directory", reading.secret),
    ):
        with pytest.raises(DirectoryUnavailable):
            KeycloakPeople(wrong).person(mara)


# --- Answers that a real one gives when it fails, which only the stand-in gives on demand -----------------------------


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[KeycloakPeople, StandIn, str]]:
    with stand_in(tmp_path) as (made, memory):
        people = KeycloakPeople(prepared(made))
        mara = str(made.admin().create_user({"username": "mara", "enabled": True, "attributes": ATTRIBUTES}))
        assert people.person(mara) is not None
        yield people, memory, mara


@pytest.mark.parametrize("told", [(200, []), (500, {}), (403, {"error": "x"}), (200, "starting"), (200, [{"id": "x"}])])
def test_a_staff_that_is_told_by_half_is_a_fault(
    failing: tuple[KeycloakPeople, StandIn, str], told: tuple[int, Any]
) -> None:
    """Fails for an empty realm if `everybody` returns what it is told."""
    people, memory, _ = failing
    memory.answers["/users"] = told
    with pytest.raises(DirectoryUnavailable):
        people.everybody()


HALVES: Final[dict[str, dict[str, Any]]] = {
    "a person without `enabled`": {"/users/{}": (200, {"id": "{}", "username": "mara"})},
    "somebody else": {"/users/{}": (200, {"id": "tobias", "enabled": True})},
    "no person but words": {"/users/{}": (200, "Service is starting")},
    "a person who may not be seen": {"/users/{}": (403, {"error": "unknown_error"})},
    "nobody there at all": {"/users/{}": (404, {}), "/users": (200, [])},
    "nobody, and a list that breaks": {"/users/{}": (404, {}), "/users": (500, {})},
    "groups that break": {"/users/{}/groups": (500, {})},
    "groups that are none": {"/users/{}/groups": (200, {"error": "x"})},
    "groups without paths": {"/users/{}/groups": (200, [{"id": "1", "name": "icu"}])},
    "roles that may not be seen": {"/composite": (403, {})},
    "roles that are no roles": {"/composite": (200, [{"id": "1"}])},
}


@pytest.mark.parametrize("said", HALVES.values(), ids=HALVES)
def test_half_an_answer_is_a_fault_and_nobody_s_dismissal(
    said: dict[str, Any], failing: tuple[KeycloakPeople, StandIn, str]
) -> None:
    """Guards each check of `KeycloakPeople.person`: none of these may take rights away or give any."""
    people, memory, mara = failing
    memory.answers = {
        end.format(mara): (status, {**told, "id": mara} if isinstance(told, dict) and told.get("id") == "{}" else told)
        for end, (status, told) in said.items()
    }
    with pytest.raises(DirectoryUnavailable):
        people.person(mara)


def test_the_settings_say_where(house: House) -> None:
    keycloak = house.settings(directory="keycloak", directory_secret="s")
    assert directory(keycloak, ListJournal()) is not None
    assert directory(house.settings(), ListJournal()) is None
