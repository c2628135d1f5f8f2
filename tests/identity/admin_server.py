"""A stand-in for Keycloak's administration: the calls that bootstrap and sync make, kept in memory, over TLS.

It keeps the contract of `tests/identity/test_keycloak.py`, which a real Keycloak keeps too wherever one can be had.
Like the real one it pages what it lists, makes secrets itself, and says more of a thing than it was told.
"""

import base64
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.identity.provider import certificates

ADMIN, PASSWORD = "admin", "pass word+/&ü"
Told = tuple[int, Any]


class Realm:
    """One realm's contents."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = {"accessTokenLifespan": 60, **told}
        basic = [{"name": name} for name in ("username", "email", "firstName", "lastName")]
        self.profile: dict[str, Any] = {"attributes": basic, "groups": [], "unmanagedAttributePolicy": "ENABLED"}
        self.clients: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, list[dict[str, Any]]] = {}
        self.mappers: dict[str, list[dict[str, Any]]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.members: set[tuple[str, str]] = set()
        self.accounts: dict[str, dict[str, Any]] = {}
        self.held: dict[str, set[tuple[str, str]]] = {}  # by person: (client's number or "" for the realm, role)
        self.add_client({"clientId": "account"})
        management = self.add_client({"clientId": "realm-management"})
        self.roles[management] = [
            {"id": name, "name": name} for name in ("view-users", "query-clients", "manage-users")
        ]

    def add_client(self, told: dict[str, Any]) -> str:
        number = str(uuid4())
        self.clients[number] = {"attributes": {"realm_client": "false"}, "secret": uuid4().hex, **told, "id": number}
        return number


class StandIn:
    """The server's memory. `writes` counts what changed something; `refuses` answers 403 to all of it.

    `answers` takes the place of what is told of paths that end so; `hangs` is for how long nothing is answered (s).
    """

    def __init__(self) -> None:
        self.realms: dict[str, Realm] = {}
        self.writes = 0
        self.refuses = False
        self.answers: dict[str, Told] = {}
        self.hangs = 0.0
        self.url = ""
        self.ca = Path()

    def answer(self, method: str, path: str, query: dict[str, str], said: Any) -> Told:
        """One call, the token aside."""
        time.sleep(self.hangs)
        for end, told in self.answers.items():
            if path.endswith(end):
                return told
        if method != "GET":
            self.writes += 1
            if self.refuses:
                return 403, {"error": "Forbidden for mara"}
        if path == "/admin/realms" and method == "POST":
            return (409, {}) if said["realm"] in self.realms else self._made(said)
        found = re.fullmatch(r"/admin/realms/([^/]+)(/.*)?", path)
        realm = self.realms.get(found[1]) if found else None
        if found is None or realm is None:
            return 404, {"error": "Realm not found."}
        for pattern, call in CALLS.items():
            wanted, shape = pattern.split(" ")
            arguments = re.fullmatch(shape, found[2] or "")
            if wanted == method and arguments:
                return call(realm, *arguments.groups(), *([query] if method == "GET" else [said]))
        return 405, {"error": f"{method} is not played here"}

    def knows(self, form: dict[str, str], basic: str) -> bool:
        """Whether the administrator asks for a token, or a client that has an account of its own."""
        if form.get("grant_type") == "refresh_token":
            return form.get("refresh_token") == "r"
        if form.get("grant_type") != "client_credentials":
            return (form.get("username"), form.get("password")) == (ADMIN, PASSWORD)
        pair = base64.b64decode(basic.removeprefix("Basic ")).decode() if basic else ""
        name, secret = pair.split(":", 1) if pair else (form.get("client_id"), form.get("client_secret"))
        known = [client for realm in self.realms.values() for client in realm.clients.values()]
        return any(
            client.get("serviceAccountsEnabled") and (client["clientId"], client["secret"]) == (name, secret)
            for client in known
        )

    def _made(self, said: dict[str, Any]) -> Told:
        self.realms[said["realm"]] = Realm(said)
        return 201, None


def paged(listed: list[Any], query: dict[str, str]) -> Told:
    first, most = int(query.get("first", 0)), int(query.get("max", 100))
    return 200, listed[first : first + most]


def new_client(realm: Realm, said: dict[str, Any]) -> Told:
    return 201, realm.add_client(said)


def change_client(realm: Realm, number: str, said: dict[str, Any]) -> Told:
    realm.clients[number] = {**realm.clients[number], **said}
    return 204, None


def add(place: Callable[[Realm], dict[str, list[dict[str, Any]]]]) -> Callable[[Realm, str, dict[str, Any]], Told]:
    def call(realm: Realm, number: str, said: dict[str, Any]) -> Told:
        made = {**said, "id": str(uuid4())}
        place(realm).setdefault(number, []).append(made)
        return 201, str(made["id"])

    return call


def change_mapper(realm: Realm, client: str, mapper: str, said: dict[str, Any]) -> Told:
    realm.mappers[client] = [said if one["id"] == mapper else one for one in realm.mappers[client]]
    return 204, None


def new_group(realm: Realm, said: dict[str, Any], parent: str = "") -> Told:
    number, above = str(uuid4()), realm.groups[parent]["path"] if parent else ""
    realm.groups[number] = {"id": number, "name": said["name"], "path": f"{above}/{said['name']}", "parentId": parent}
    return 201, number


def children(realm: Realm, parent: str, query: dict[str, str]) -> Told:
    below = [group for group in realm.groups.values() if group["parentId"] == parent]
    counted = [
        {**group, "subGroupCount": sum(one["parentId"] == group["id"] for one in realm.groups.values())}
        for group in below
    ]
    return paged(counted, query)


def new_user(realm: Realm, said: dict[str, Any]) -> Told:
    number = str(uuid4())
    realm.users[number] = {**said, "id": number}
    return 201, number


def join(realm: Realm, user: str, group: str, _said: Any) -> Told:
    realm.members.add((user, group))
    return 204, None


def leave(realm: Realm, user: str, group: str, _said: Any) -> Told:
    realm.members.discard((user, group))
    return 204, None


def user(realm: Realm, number: str, _query: Any) -> Told:
    known = realm.users | {account["id"]: account for account in realm.accounts.values()}
    return (200, known[number]) if number in known else (404, {"error": "User not found"})


def change_user(realm: Realm, number: str, said: dict[str, Any]) -> Told:
    realm.users[number] = {**realm.users[number], **said}
    return 204, None


def remove_user(realm: Realm, number: str, _said: Any) -> Told:
    del realm.users[number]
    return 204, None


def groups_of(realm: Realm, user: str, query: dict[str, str]) -> Told:
    told = [realm.groups[group] for joined, group in sorted(realm.members) if joined == user]
    brief = query.get("briefRepresentation", "true").lower() == "true"
    return 200, [{k: v for k, v in group.items() if not (brief and k == "attributes")} for group in told]


def change_group(realm: Realm, number: str, said: dict[str, Any]) -> Told:
    realm.groups[number] = {**realm.groups[number], **said}
    return 204, None


def by_path(realm: Realm, path: str, _query: Any) -> Told:
    found = [group for group in realm.groups.values() if group["path"].removeprefix("/") == path.removeprefix("/")]
    return (200, found[0]) if found else (404, {"error": "Group path does not exist"})


def roles_of(realm: Realm, user: str, client: str = "") -> list[dict[str, Any]]:
    return [{"id": name, "name": name} for of, name in sorted(realm.held.get(user, set())) if of == client]


def hold(realm: Realm, user: str, client: str, said: list[dict[str, Any]]) -> Told:
    realm.held.setdefault(user, set()).update((client, role["name"]) for role in said)
    return 204, None


def hold_no_more(realm: Realm, user: str, client: str, said: list[dict[str, Any]]) -> Told:
    realm.held.setdefault(user, set()).difference_update((client, role["name"]) for role in said)
    return 204, None


def account_of(realm: Realm, number: str, _query: Any) -> Told:
    """A program's own account, made when it is first asked for; it is in no list of people."""
    client = realm.clients[number]
    if not client.get("serviceAccountsEnabled"):
        return 400, {"error": "Service account not enabled for the client"}
    name = f"service-account-{client['clientId']}"
    realm.accounts.setdefault(number, {"id": number, "username": name, "enabled": True})
    return 200, realm.accounts[number]


def change_profile(realm: Realm, said: dict[str, Any]) -> Told:
    realm.profile = said
    return 200, said


CALLS: dict[str, Callable[..., Told]] = {
    "GET ": lambda realm, _: (200, realm.told),
    "GET /users/profile": lambda realm, _: (200, realm.profile),
    "PUT /users/profile": change_profile,
    "GET /clients": lambda realm, query: paged(
        [one for one in realm.clients.values() if query.get("clientId", one["clientId"]) == one["clientId"]], query
    ),
    "POST /clients": new_client,
    "PUT /clients/([^/]+)": change_client,
    "GET /clients/([^/]+)/client-secret": lambda realm, number, _: (200, {"value": realm.clients[number]["secret"]}),
    "GET /clients/([^/]+)/roles": lambda realm, number, _: (200, realm.roles.get(number, [])),
    "POST /clients/([^/]+)/roles": add(lambda realm: realm.roles),
    "GET /clients/([^/]+)/protocol-mappers/models": lambda realm, number, _: (200, realm.mappers.get(number, [])),
    "POST /clients/([^/]+)/protocol-mappers/models": add(lambda realm: realm.mappers),
    "PUT /clients/([^/]+)/protocol-mappers/models/([^/]+)": change_mapper,
    "GET /groups": lambda realm, query: children(realm, "", query),
    "POST /groups": new_group,
    "GET /groups/([^/]+)/children": children,
    "POST /groups/([^/]+)/children": lambda realm, parent, said: new_group(realm, said, parent),
    "GET /groups/([^/]+)/members": lambda realm, group, query: paged(
        [realm.users[user] for user, joined in sorted(realm.members) if joined == group], query
    ),
    "GET /users": lambda realm, query: paged(
        [one for one in realm.users.values() if query.get("username", one["username"]) == one["username"]], query
    ),
    "POST /users": new_user,
    "GET /users/([^/]+)": user,
    "PUT /users/([^/]+)": change_user,
    "DELETE /users/([^/]+)": remove_user,
    "GET /users/([^/]+)/groups": groups_of,
    "PUT /users/([^/]+)/groups/([^/]+)": join,
    "DELETE /users/([^/]+)/groups/([^/]+)": leave,
    "PUT /groups/([^/]+)": change_group,
    "GET /group-by-path/(.+)": by_path,
    "GET /users/([^/]+)/role-mappings/realm/composite": lambda realm, user, _: (200, roles_of(realm, user)),
    "GET /users/([^/]+)/role-mappings/clients/([^/]+)/composite": lambda realm, user, client, _: (
        (200, roles_of(realm, user, client)) if client in realm.clients else (404, {"error": "Client not found"})
    ),
    "GET /users/([^/]+)/role-mappings/clients/([^/]+)": lambda realm, user, client, _: (
        200,
        roles_of(realm, user, client),
    ),
    "POST /users/([^/]+)/role-mappings/clients/([^/]+)": hold,
    "DELETE /users/([^/]+)/role-mappings/clients/([^/]+)": hold_no_more,
    "GET /clients/([^/]+)/roles/([^/]+)": lambda realm, client, name, _: next(
        ((200, role) for role in realm.roles.get(client, []) if role["name"] == name), (404, {"error": "No role"})
    ),
    "GET /clients/([^/]+)/service-account-user": account_of,
}


@contextmanager
def standing_in(folder: Path) -> Iterator[StandIn]:
    """The stand-in behind TLS on loopback."""
    server_side = StandIn()
    server_side.ca, cert, key = certificates(folder)
    (folder / "admin-cert.pem").write_text(cert)
    (folder / "admin-key.pem").write_text(key)
    tokens: set[str] = set()

    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            if url.path.endswith("/protocol/openid-connect/token"):
                return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
            if self.headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
                return self._say(401, {"error": "HTTP 401 Unauthorized"})
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            path = url.path.replace("//", "/")
            status, told = server_side.answer(self.command, path, query, json.loads(body) if body else None)
            created = status == 201 and isinstance(told, str)
            return self._say(status, None if created else told, f"{server_side.url}{path}/{told}" if created else "")

        def _token(self, form: dict[str, str]) -> None:
            if not server_side.knows(form, self.headers.get("Authorization", "")):
                return self._say(401, {"error": "invalid_grant"})
            tokens.add(token := uuid4().hex)
            renews = {} if form.get("grant_type") == "client_credentials" else {"refresh_token": "r"}
            return self._say(200, {"access_token": token, "expires_in": 60} | renews)

        def _say(self, status: int, told: Any, location: str = "") -> None:
            page = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(page)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the names are the library's

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "admin-cert.pem", folder / "admin-key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server_side.url = f"https://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server_side
        server.shutdown()
        thread.join(10)
