"""Keycloak's administration: one contract for a stand-in, always, and for Keycloak itself, wherever it can be had."""

import json
import os
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from keycloak import KeycloakAdmin
from typer.testing import CliRunner

from appliance import wiring
from appliance.cli.main import app
from appliance.errors import IssuerUnavailable, KeycloakRefused, SettingsRefused
from appliance.operations import directory
from appliance.operations.keycloak import Administrator, Keycloak
from appliance.operations.realm import FILE, holds, joined, profile, realm
from appliance.records import Level
from appliance.settings import ROOT, Settings, load
from tests.identity.admin_server import ADMIN, PASSWORD, StandIn, standing_in
from tests.identity.provider import certificates
from tests.left_out import only_reported

# python-keycloak also makes an asynchronous client, and hands it the file of certificates in a way of the past
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*verify=<str>.*:DeprecationWarning", "ignore:unclosed.*:ResourceWarning"
)

SCRIPT = ROOT / "deploy" / "keycloak" / "dev-server.sh"
PATIENCE = 300


@dataclass(frozen=True)
class House:
    """A Keycloak of either kind."""

    url: str
    ca: Path
    password: str
    real: bool

    def settings(self, **more: Any) -> Settings:
        told = {
            "identity": "oidc",
            "issuer": f"{self.url}/realms/weir",
            "audience": "muniment-api",
            "issuer_ca": self.ca,
            "ledger_witness": "syslog:/dev/log",
            "directory": "absent",
        }
        portal = {"client_id": "muniment-portal", "client_secret": "s", "public_url": "https://ask.example"}
        return load(**{**told, **portal, "tenant": "weir", **more})

    def keycloak(self, **more: Any) -> Keycloak:
        return Keycloak(self.settings(**more), Administrator(ADMIN, self.password))

    def admin(self) -> KeycloakAdmin:
        """The administration itself, for what a test must do by hand."""
        return KeycloakAdmin(
            server_url=f"{self.url}/", username=ADMIN, password=self.password, realm_name="weir",
            user_realm_name="master", verify=str(self.ca),
        )  # fmt: skip


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[House, StandIn]]:
    with standing_in(folder) as server:
        yield House(server.url, server.ca, PASSWORD, real=False), server


@contextmanager
def real(folder: Path) -> Iterator[House]:
    """Keycloak's own distribution, started empty; reported as left out where it cannot be had."""
    if not shutil.which("java"):
        only_reported("KEYCLOAK", "java is missing: apt-get install openjdk-17-jre-headless.")
    fetched = subprocess.run([str(SCRIPT), "fetch"], capture_output=True, text=True, timeout=900, check=False)
    if fetched.returncode:
        only_reported("KEYCLOAK", fetched.stderr.strip() or "its distribution could not be brought.")
    ca, cert, key = certificates(folder)
    (folder / "cert.pem").write_text(cert)
    (folder / "key.pem").write_text(key)
    port, password = 18443, secrets.token_urlsafe()
    environment = {**os.environ, "KEYCLOAK_PORT": str(port), "KEYCLOAK_ADMIN_PASSWORD": password, "KEYCLOAK_EMPTY": "1"}
    command = [str(SCRIPT), "run", str(folder / "cert.pem"), str(folder / "key.pem")]
    with (
        (folder / "keycloak.log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            house = House(f"https://localhost:{port}", ca, password, real=True)
            _await(house, process)
            yield house
        finally:
            process.terminate()


def _await(house: House, process: "subprocess.Popen[bytes]") -> None:
    import ssl

    until = time.monotonic() + PATIENCE
    context = ssl.create_default_context(cafile=str(house.ca))
    while time.monotonic() < until:
        assert process.poll() is None, "Keycloak ended; see keycloak.log"
        try:
            with httpx.Client(verify=context, trust_env=False) as http:
                if http.get(f"{house.url}/realms/master").status_code == 200:
                    return
        except httpx.HTTPError:
            time.sleep(1)
    pytest.fail("Keycloak did not start in time.")


@pytest.fixture(scope="module", params=["stand-in", "keycloak"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("admin")
    if request.param == "stand-in":
        with stand_in(folder) as (made, _):
            yield made
    else:
        with real(folder) as made:
            yield made


def test_bootstrap_makes_everything_and_then_nothing(house: House) -> None:
    """Idempotent: the second run finds every part as it was. Fails if a comparison or a step is left out."""
    keycloak, wanted = house.keycloak(), realm("weir", house.settings())
    first = list(keycloak.bring(wanted, programs=("ward-round",)))
    assert {step.outcome for step in first} <= {"created", "changed"}
    names = {(step.kind, step.name) for step in first}
    assert {("realm", "weir"), ("client", "muniment-api"), ("client", "muniment-portal"), ("group", "staff")} <= names
    assert ("rights", "muniment-directory") in names
    assert {("role", role) for role in ("operator", "security-officer", "curator", "trainer", "emergency")} <= names
    assert {("claim", f"muniment-portal: {claim}") for claim in ("groups", "tenant", "walls", "purposes")} <= names
    again = list(house.keycloak().bring(wanted, programs=("ward-round",)))
    assert [(step.kind, step.name) for step in again] == [(step.kind, step.name) for step in first]
    assert {step.outcome for step in again} == {"as it was"}


def test_what_somebody_changed_is_brought_back_and_the_site_s_own_stays(house: House) -> None:
    """Fails if a client or a claim is not compared, or if what we say nothing about is overwritten."""
    list(house.keycloak().bring(realm("weir", house.settings())))
    admin = house.admin()
    number = str(admin.get_client_id("muniment-portal"))
    client = next(client for client in admin.get_clients() if client["id"] == number)
    admin.update_client(number, {**client, "redirectUris": ["https://evil.example/*"], "description": "Ours"})
    mapper = next(one for one in admin.get_mappers_from_client(number) if one["name"] == "groups")
    spoilt = {**mapper, "config": {**mapper["config"], "full.path": "false"}}
    admin.update_client_mapper(number, mapper["id"], spoilt)
    admin.create_group({"name": "nursing"}, skip_exists=True)
    looks, of = str(admin.get_client_id("muniment-directory")), str(admin.get_client_id("realm-management"))
    account = admin.get_client_service_account_user(looks)["id"]
    admin.delete_client_roles_of_user(account, of, [admin.get_client_role(of, "view-users")])
    steps = {(step.kind, step.name): step.outcome for step in house.keycloak().bring(realm("weir", house.settings()))}
    assert steps["rights", "muniment-directory"] == "changed"
    assert {"view-users", "query-clients"} == {role["name"] for role in admin.get_client_roles_of_user(account, of)}
    assert steps["client", "muniment-portal"] == steps["claim", "muniment-portal: groups"] == "changed"
    client = next(client for client in house.admin().get_clients() if client["id"] == number)
    assert client["redirectUris"] == ["https://ask.example/v1/session/callback"]
    assert client["description"] == "Ours"
    mapper = next(one for one in house.admin().get_mappers_from_client(number) if one["name"] == "groups")
    assert mapper["config"]["full.path"] == "true"
    assert "nursing" in {group["name"] for group in house.admin().get_groups()}


def test_nobody_may_write_his_own_clearance(house: House) -> None:
    """Fails if the attributes are left to the realm's defaults, which people may edit."""
    list(house.keycloak().bring(realm("weir", house.settings())))
    told = house.admin().get_realm_users_profile()
    attributes = {attribute["name"]: attribute for attribute in told["attributes"]}
    for name in ("department", "clearance", "walls", "treats", "purposes"):
        assert attributes[name]["permissions"]["edit"] == ["admin"]
    assert {"username", "email"} <= attributes.keys()
    assert told.get("unmanagedAttributePolicy") != "ENABLED"


def test_the_directory_s_snapshot(house: House, tmp_path: Path) -> None:
    list(house.keycloak().bring(realm("weir", house.settings())))
    admin = house.admin()
    nursing = admin.create_group({"name": "ward"}, skip_exists=True)
    number = nursing or next(one["id"] for one in admin.get_groups() if one["name"] == "ward")
    admin.create_group({"name": "icu"}, parent=number, skip_exists=True)
    icu = next(one for one in admin.get_group_children(number) if one["name"] == "icu")
    person = {"username": "mara", "firstName": "Mara", "lastName": "Lindqvist", "email": "mara@weir.example"}
    mara = admin.create_user({**person, "enabled": True}, exist_ok=True)
    for extra in range(120):  # more than one page
        admin.create_user({"username": f"guest-{extra:03}", "enabled": extra % 2 == 0}, exist_ok=True)
    admin.group_user_add(mara, icu["id"])
    taken = directory.directory(house.keycloak())
    found = {one.username: one for one in taken.people}
    assert len(found) >= 121
    assert (found["mara"].name, found["mara"].enabled, found["mara"].groups) == ("Mara Lindqvist", True, ("ward/icu",))
    assert (found["guest-001"].enabled, found["guest-001"].name, found["guest-001"].groups) == (False, "", ())
    assert {"ward", "ward/icu", "staff"} <= set(taken.groups)
    file = tmp_path / "data" / "directory.json"
    directory.write(taken, file)
    directory.write(taken, file)
    assert json.loads(file.read_text("utf-8"))["realm"] == "weir"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["directory.json"]


def test_a_wrong_password_and_a_secret(house: House) -> None:
    list(house.keycloak().bring(realm("weir", house.settings())))
    assert len(house.keycloak().secret("muniment-portal")) >= 32
    with pytest.raises(KeycloakRefused):
        house.keycloak().secret("nobody")
    with pytest.raises(KeycloakRefused) as caught:
        list(Keycloak(house.settings(), Administrator(ADMIN, "wrong")).bring(realm("weir", house.settings())))
    assert "wrong" not in str(caught.value)


def test_tokens_of_a_real_keycloak_open(house: House) -> None:
    """The whole way: what bootstrap sets up makes tokens that `identity=oidc` reads."""
    if not house.real:
        pytest.skip("The stand-in gives no tokens; the OpenID provider of test_identity.py does.")
    list(house.keycloak().bring(realm("weir", house.settings()), programs=("ward-round",)))
    admin, who = house.admin(), wiring.identity(house.settings())
    address = f"{house.url}/realms/weir/protocol/openid-connect/token"

    def token(**form: str) -> str:
        with httpx.Client(verify=str(house.ca), trust_env=False) as http:
            return str(http.post(address, data=form).raise_for_status().json()["access_token"])

    program = {"client_id": "ward-round", "client_secret": house.keycloak().secret("ward-round")}
    someone = who.principal(f"Bearer {token(grant_type='client_credentials', **program)}")
    assert (someone.kind, someone.tenant, someone.client, someone.groups) == ("program", "weir", "ward-round", set())
    number = str(admin.get_client_id("muniment-portal"))
    client = next(client for client in admin.get_clients() if client["id"] == number)
    admin.update_client(number, {**client, "directAccessGrantsEnabled": True})  # for want of a browser
    attributes = {"clearance": ["internal"], "department": ["nursing"], "treats": ["r-1", "r-2"]}
    user = admin.create_user(
        {"username": "helen", "firstName": "Helen", "lastName": "Okafor", "email": "h@weir.example", "enabled": True,
         "attributes": attributes, "credentials": [{"type": "password", "value": "helen", "temporary": False}]}
    )  # fmt: skip
    staff = next(group for group in admin.get_groups() if group["name"] == "staff")
    admin.group_user_add(user, staff["id"])
    portal = {"client_id": "muniment-portal", "client_secret": house.keycloak().secret("muniment-portal")}
    helen = who.principal(f"Bearer {token(grant_type='password', username='helen', password='helen', **portal)}")
    assert (helen.id, helen.kind, helen.tenant, helen.department) == (user, "person", "weir", "nursing")
    assert (helen.groups, helen.clearance, helen.treats) == ({"staff"}, Level.INTERNAL, {"r-1", "r-2"})


# --- What only the stand-in can be told to do ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, StandIn]]:
    with stand_in(tmp_path_factory.mktemp("alone")) as both:
        yield both


def test_a_second_run_writes_nothing(server: tuple[House, StandIn]) -> None:
    house, memory = server
    list(house.keycloak().bring(realm("weir", house.settings())))
    before = memory.writes
    list(house.keycloak().bring(realm("weir", house.settings())))
    assert memory.writes == before
    memory.refuses = True
    try:
        with pytest.raises(KeycloakRefused) as caught:
            list(house.keycloak(tenant="another").bring(realm("weir", house.settings(tenant="another"))))
    finally:
        memory.refuses = False
    assert str(caught.value) == "Keycloak refused (status 403)."


def test_half_a_directory_is_none(server: tuple[House, StandIn]) -> None:
    house, memory = server
    list(house.keycloak().bring(realm("weir", house.settings())))
    with pytest.raises(KeycloakRefused, match="nobody at all"):
        directory.directory(house.keycloak())
    memory.realms["weir"].users["x"] = {"username": "x"}
    with pytest.raises(KeycloakRefused, match="cannot be read"):
        directory.directory(house.keycloak())
    del memory.realms["weir"].users["x"]


def test_a_keycloak_that_is_away(server: tuple[House, StandIn]) -> None:
    house, _ = server
    away = house.keycloak(issuer="https://localhost:9/realms/weir")
    with pytest.raises(IssuerUnavailable):
        away.people()
    for other in ("https://sso.example", "https://sso.example/realms/", "https://sso.example/realms/a/b"):
        with pytest.raises(SettingsRefused):
            house.keycloak(issuer=other)


def test_the_commands(server: tuple[House, StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, memory = server
    told = {"identity": "oidc", "issuer": f"{house.url}/realms/weir", "audience": "muniment-api", "data": str(tmp_path)}
    told |= {"issuer_ca": str(house.ca), "ledger_witness": "syslog:/dev/log", "directory": "absent"}
    for name, value in told.items():
        monkeypatch.setenv(f"MUNIMENT_{name.upper()}", value)
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    memory.realms.clear()
    account = ["--password-file", str(tmp_path / "password")]
    run = CliRunner().invoke(app, ["keycloak", "bootstrap", *account, "--secret-to", str(tmp_path / "secret")])
    assert run.exit_code == 0, run.output
    assert "client muniment-portal: created" in run.output
    secret = (tmp_path / "secret").read_text().strip()
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert secret not in run.output
    again = CliRunner().invoke(app, ["keycloak", "bootstrap", "--program", "ward-round"], input=f"{PASSWORD}\n")
    assert "client ward-round: created" in again.output
    assert "portal: created" not in again.output
    memory.realms["weir"].users["m"] = {"id": "m", "username": "mara", "enabled": True}
    synced = CliRunner().invoke(app, ["keycloak", "sync", *account])
    assert "1 people and 1 groups." in synced.output
    assert (tmp_path / "directory.json").is_file()
    monkeypatch.setenv("MUNIMENT_IDENTITY", "demo")
    monkeypatch.delenv("MUNIMENT_ISSUER")
    monkeypatch.delenv("MUNIMENT_AUDIENCE")
    monkeypatch.delenv("MUNIMENT_ISSUER_CA")
    assert isinstance(CliRunner().invoke(app, ["keycloak", "sync", *account]).exception, SettingsRefused)


def test_what_is_compared_and_joined() -> None:
    assert holds({"a": ["y", "x"], "b": {"c": "1", "d": "2"}, "e": 1}, {"a": ["x", "y"], "b": {"c": "1"}})
    for there in ({}, {"a": ["x"]}, {"a": ["x", "y", "z"]}, {"a": "x"}, {"a": None}):
        assert not holds(there, {"a": ["x", "y"]})
    assert not holds({"b": []}, {"b": {"c": "1"}})
    assert joined({"a": {"x": "1", "y": "2"}, "b": 1}, {"a": {"y": "3"}}) == {"a": {"x": "1", "y": "3"}, "b": 1}
    mine = {"attributes": [{"name": "clearance", "permissions": {"edit": ["admin"]}}]}
    open_to_all = {"attributes": [{"name": "clearance", "permissions": {"edit": ["admin", "user"]}}, {"name": "shoe"}]}
    made = profile(open_to_all, mine)
    assert made["attributes"] == [{"name": "clearance", "permissions": {"edit": ["admin"]}}, {"name": "shoe"}]


def test_the_realm_s_file_is_the_one_truth() -> None:
    """What Keycloak imports and what bootstrap brings are one description, and no secret stands in it."""
    told = json.loads(FILE.read_text("utf-8"))
    assert not {"clientScopes", "requiredCredentials"} & told.keys()
    (account,) = told["users"]  # the directory's client's own: it looks, changes nothing, and has no password
    assert account["serviceAccountClientId"] == "muniment-directory"
    assert account["clientRoles"] == {"realm-management": ["view-users", "query-clients"]}
    assert "credentials" not in account
    assert "secret" not in {key for client in told["clients"] for key in client}
    portal = next(client for client in told["clients"] if client["clientId"] == "muniment-portal")
    assert portal["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not any("*" in uri for uri in portal["redirectUris"])
    assert told["sslRequired"] == "all"
    assert not told["registrationAllowed"]
