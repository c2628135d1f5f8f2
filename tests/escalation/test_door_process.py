"""A real door, killed wherever it hurts, before a real server behind TLS that keeps every byte that reached it."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from appliance import closing
from appliance.cli.main import app
from appliance.errors import DoorUnavailable
from appliance.escalation.door_socket import DoorClient
from appliance.escalation.envelope import Envelope
from appliance.operations import door as process
from appliance.operations import parts, walls
from appliance.records.escalations import Became, Outcome
from appliance.settings import ROOT
from tests.escalation.authority import Authority
from tests.escalation.installation import Installation
from tests.escalation.parcels import HOST, PRICE, envelope
from tests.escalation.provider import ANSWER, Provider, eventually
from tests.left_out import left_out

UNCERTAIN = Outcome(Became.FAILED, delivered=True, reason="uncertain", spent=PRICE)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Provider, Authority]]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with Provider(authority.certificate(HOST)) as provider:
        yield provider, authority


@pytest.fixture(scope="module")
def house(outside: tuple[Provider, Authority], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    provider, authority = outside
    return Installation(tmp_path_factory.mktemp("house"), port=provider.port, ca=authority.file)


@pytest.fixture
def provider(outside: tuple[Provider, Authority]) -> Iterator[Provider]:
    found, _ = outside
    found.requests.clear()
    yield found
    found.greeting.set()
    found.answering.set()


class Handing(threading.Thread):
    """Hands `one` over, and keeps what came of it."""

    def __init__(self, house: Installation, one: Envelope) -> None:
        super().__init__(daemon=True)
        self.house, self.one = house, one
        self.broke_off = False
        self.start()

    def run(self) -> None:
        try:
            DoorClient(self.house.socket, 60).send(self.one, self.house.ledger.both(self.one))
        except DoorUnavailable:
            self.broke_off = True


def test_a_door_killed_wherever_it_hurts_sends_nothing_twice(house: Installation, provider: Provider) -> None:
    """Guards the place of `self._book.take` in `Door.send`: written down later, the killed door would send again."""
    client = DoorClient(house.socket, 60)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    one, two, three = (envelope(provider.port, policy=house.policy, expires=soon) for _ in range(3))

    door = house.door()  # killed between taken and sent: the other side took the line, and says nothing yet
    provider.greeting.clear()
    before = provider.connections
    handing = Handing(house, one)
    eventually(lambda: provider.connections > before)
    door.kill()
    door.wait()
    handing.join(20)
    assert handing.broke_off
    provider.greeting.set()

    door = house.door()  # killed between sent and recorded: the request is there, its answer is not
    assert client.settle(one.digest) == client.send(one, house.ledger.both(one)) == UNCERTAIN
    assert provider.requests == []
    provider.answering.clear()
    handing = Handing(house, two)
    eventually(lambda: len(provider.requests) == 1)
    assert client.settle(two.digest).became is Became.UNDER_WAY
    door.kill()
    door.wait()
    handing.join(20)
    assert handing.broke_off
    provider.answering.set()

    door = house.door()  # stopped as the stack stops it
    assert client.settle(two.digest) == client.send(two, house.ledger.both(two)) == UNCERTAIN
    assert client.send(three, house.ledger.both(three)).text == ANSWER
    door.terminate()
    assert door.wait(20) == 0
    assert not house.socket.exists()
    assert [request.partition(b"\r\n\r\n")[2] for request in provider.requests] == [two.body, three.body]
    log = (house.folder / "door.log").read_text()
    assert three.digest[:12] in log
    assert not [word for word in ("p-dana", "surgery", "PLACE", ANSWER, "sk-invented", HOST) if word in log]


def test_the_door_as_it_is_shipped_refuses_a_destination_on_this_machine(
    house: Installation, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards `if inside or not found:` in the process itself: no setting of this house could allow it."""
    monkeypatch.setenv("MUNIMENT_CONFIG", str(house.config))
    stack = parts.stack(house.settings)
    assert [name for name, _ in stack.up([parts.parts(house.settings)[3]])] == ["door"]
    try:
        client = DoorClient(house.socket, 60)
        soon = datetime.now(UTC) + timedelta(minutes=5)
        one = envelope(provider.port, policy=house.policy, expires=soon)
        outcome = client.send(one, house.ledger.both(one))
        assert outcome in {
            Outcome(Became.FAILED, delivered=False, reason="name"),
            Outcome(Became.FAILED, delivered=False, reason="address"),
        }
        later = envelope(provider.port, policy="ba9876543210", expires=soon)
        assert client.send(later, house.ledger.both(later)).reason == "policy-changed"
        alone = envelope(provider.port, policy=house.policy, expires=soon)
        assert client.send(alone, [house.ledger.sent(alone)]).reason == "not-approved"
        assert parts.checks(house.settings)["door"]() is None
        [running] = stack.running()
        assert walls.told(running.pid) == closing.possible().told()
        monkeypatch.setenv("MUNIMENT_DOOR_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("MUNIMENT_DOOR_RESOLVES", "proxy")  # else the name would be looked up outside
        assert CliRunner().invoke(app, ["door", "check"]).exit_code == 0, "everything is in order"
    finally:
        assert stack.down() == ["door"]
    assert provider.requests == []
    with pytest.raises(DoorUnavailable):
        parts.checks(house.settings)["door"]()


GIVEN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, "-m", "tests.escalation.door_process"])
"""


def test_a_door_serves_the_socket_that_systemd_made_for_it(house: Installation, provider: Provider) -> None:
    path = house.folder / "made.sock"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        made.listen(1)
        door = subprocess.Popen(
            [sys.executable, "-c", GIVEN, str(made.fileno())],
            pass_fds=[made.fileno()], env=house.environment, cwd=ROOT,
        )  # fmt: skip
    try:
        assert DoorClient(path, 60).settle("0" * 64).reason == "never-arrived"
        assert not house.socket.exists()
    finally:
        door.terminate()
        assert door.wait(20) == 0


STRANGER = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
except PermissionError:
    sys.exit("may not even connect")
asked = b'{"ask": "settle", "digest": "' + b"1" * 64 + b'"}'
try:
    line.sendall(len(asked).to_bytes(4, "big") + asked)
    sys.stdout.write("answered" if line.recv(65536) else "closed")
except ConnectionError:
    sys.stdout.write("closed")
"""


def test_a_door_of_one_user_answers_another_who_is_named_and_nobody_else(house: Installation) -> None:
    """Guards `if _peer(line) in peers:` by real users; the socket is made as the unit makes it."""
    if os.geteuid() != 0:
        left_out("ANOTHER USER OF THE MACHINE", "only root may become one.")
    gate, other = 65_534, 65_533
    with tempfile.TemporaryDirectory(prefix="door-") as folder, socket.socket(socket.AF_UNIX) as made:
        Path(folder).chmod(0o755)
        path = Path(folder) / "door.sock"
        made.bind(str(path))
        path.chmod(0o600)
        os.chown(path, gate, gate)
        made.listen(1)
        environment = house.environment | {"MUNIMENT_DOOR_PEERS": f"[{gate}]"}
        door = subprocess.Popen(
            [sys.executable, "-c", GIVEN, str(made.fileno())], pass_fds=[made.fileno()], env=environment, cwd=ROOT
        )
        made.close()  # the door's copy is the only one: if it dies, nobody waits
        try:
            ends = []
            for user in (gate, other, 0):
                asked = ["/usr/bin/python3", "-I", "-c", STRANGER, str(path)]
                ran = subprocess.run(
                    asked,
                    user=user,
                    group=user,
                    extra_groups=[],
                    cwd="/",
                    text=True,
                    capture_output=True,
                    check=False,
                    timeout=60,
                )
                ends.append(ran.stdout + ran.stderr.strip())
        finally:
            door.terminate()
            door.wait(20)
    assert ends == ["answered", "may not even connect", "closed"]


# --- As a part of the stack -------------------------------------------------------------------------------------------


def named(house: Installation, **more: object) -> set[str]:
    return set(parts.checks(house.loaded(**more)))


def test_a_stack_has_a_door_only_if_policy_may_let_something_out_here(house: Installation) -> None:
    """Guards `_has_door`: with `closed` a door that is set up is not started."""
    assert "door" in named(house)
    assert "door" not in named(house, egress="closed")
    assert "door" not in named(house, door_runs="apart")
    with_door, without = parts.parts(house.settings), parts.parts(house.loaded(egress="closed"))
    assert len(with_door) == len(without) + 1
    part = with_door[3]()
    assert (part.name, part.arguments[1:]) == ("door", ("-m", "appliance.operations.door"))
    assert not part.ready()


def test_a_door_may_connect_to_its_destinations_or_to_the_proxy_alone(house: Installation, provider: Provider) -> None:
    """Guards `return [way.proxy[1]]`, and that no other port is named."""
    assert process.ports(house.settings) == sorted({443, provider.port})
    assert process.ports(house.loaded(door_proxy="http://proxy.example:3128")) == [3128]
    assert process.ports(house.loaded(data=str(house.folder / "elsewhere"))) == [443]


# --- `muniment door check` --------------------------------------------------------------------------------------------


@pytest.fixture
def checked(house: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("MUNIMENT_CONFIG", str(house.config))
    return house


def test_check_says_what_is_in_order_and_what_is_not_and_sends_nothing(
    checked: Installation, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = provider.connections
    monkeypatch.setenv("MUNIMENT_DOOR_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("MUNIMENT_DOOR_RESOLVES", "proxy")  # else the name would be looked up outside
    monkeypatch.setenv("COLUMNS", "200")
    told = CliRunner().invoke(app, ["door", "check"])
    lines = {line[:28].strip(): line[28:].strip() for line in told.stdout.splitlines()}
    assert told.exit_code == 1
    assert "no door listens" in told.stdout
    assert checked.policy in told.stdout
    assert checked.ledger.signer.id in told.stdout
    assert "are there" in told.stdout
    assert HOST in told.stdout
    assert lines
    (checked.settings.door_credentials_folder / "specialist.key").chmod(0o644)
    told = CliRunner().invoke(app, ["door", "check"])
    (checked.settings.door_credentials_folder / "specialist.key").chmod(0o600)
    assert "none that may be used" in told.stdout
    assert provider.connections == before


def test_check_names_what_is_missing(checked: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("MUNIMENT_DATA", str(checked.folder / "elsewhere"))
    monkeypatch.setenv("MUNIMENT_DOOR_CA", str(checked.folder / "none.pem"))
    told = CliRunner().invoke(app, ["door", "check"]).stdout
    assert "cannot be read as a public key" in told
    assert "cannot be read (FileNotFoundError)" in told
    assert "No policy set is in force" in told


def test_without_policy_there_is_no_door_to_run_or_check(
    checked: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNIMENT_EGRESS", "closed")
    for command in (["door"], ["door", "check"]):
        told = CliRunner().invoke(app, command)
        assert told.exit_code != 0
        assert "egress=closed" in str(told.exception)
