"""What a closed process may still do, by real ones; and what the filter says, call by call, on both architectures."""

import socket
import subprocess
import sys
from itertools import product

import pytest

from appliance import closing
from appliance.closing import MACHINES, Machine, program
from appliance.settings import ROOT
from tests.left_out import left_out

ALLOWED, REFUSED = 0x7FFF0000, 0x00050000 | 13
BEGIN = """
import socket, subprocess, sys, threading
from appliance import closing
def ended(go):
    try:
        return go() and "done"
    except OSError as error:
        return type(error).__name__
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
connect = lambda to=port: socket.create_connection(("127.0.0.1", to), timeout=5)
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    other = free.getsockname()[1]
listen = lambda at: socket.create_server(("127.0.0.1", at))
udp = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
"""


def run(code: str) -> list[str]:
    """What a process prints, a word at a time, that has one server socket open and then runs `code`."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, timeout=60)  # noqa: PLW1510  # its error is shown
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(autouse=True)
def _ports() -> None:
    if not closing.possible().ports:
        left_out("WHAT A CLOSED PROCESS MAY DO", "this kernel has no Landlock rules for ports (Linux 6.7)")


def test_it_connects_to_the_ports_that_are_named_and_to_no_other() -> None:
    """Guards `(connect, _CONNECT_TCP)` in `closing._close_ports`, and the handled rights in `rules`."""
    assert run("closing.close([port]); print(ended(connect), ended(lambda: connect(other)))") == [
        "done",
        "PermissionError",
    ]


def test_it_listens_on_its_own_port_and_on_no_other() -> None:
    """Guards `(bind, _BIND_TCP)` in `closing._close_ports`: another port would let somebody take its answers."""
    code = "closing.close([], [other]); print(ended(lambda: listen(other)), ended(lambda: listen(0)), ended(connect))"
    assert run(code) == ["done", "PermissionError", "PermissionError"]


def test_without_ports_it_has_no_socket_of_the_network_and_keeps_those_with_a_path() -> None:
    """Guards `_refuse()` at the end of `closing.program`: what it does not know is refused."""
    code = """
closing.close()
print(*[ended(lambda: socket.socket(family)) for family in (socket.AF_INET, socket.AF_INET6, socket.AF_VSOCK)])
print(ended(socket.socketpair), ended(lambda: socket.socket(socket.AF_UNIX)), ended(socket.if_nameindex))
"""
    assert run(code) == ["PermissionError"] * 3 + ["done"] * 3


def test_what_it_starts_is_closed_too() -> None:
    code = """
closing.close()
print(closing.closed())
print(subprocess.run([sys.executable, "-c", "from appliance import closing; print(closing.closed())"],
                     capture_output=True, text=True).stdout)
"""
    assert run(code) == ["True", "True"]


def test_one_that_is_open_says_so() -> None:
    assert run("print(closing.closed(), ended(udp))") == ["False", "done"]


def test_names_are_looked_up_only_where_a_setting_needs_it() -> None:
    assert run("closing.close([port], names=True); print(ended(udp))") == ["done"]
    assert run("closing.close([port]); print(ended(udp))") == ["PermissionError"]


def test_a_process_with_threads_is_not_closed_by_half() -> None:
    """Guards the first line of `closing.close`: a thread that is there already would keep everything open."""
    code = """
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(ended(closing.close), closing.closed())
"""
    assert run(code) == ["OSError", "False"]


def verdict(machine: Machine, call: int, arguments: tuple[int, ...], architecture: int | None = None) -> int:
    """What the filter returns, read instruction by instruction as the kernel does."""
    words = {0: call, 4: machine.architecture if architecture is None else architecture}
    words |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    code, at, held = program(machine, tcp=True, udp=False), 0, 0
    while True:
        kind, then, other, number = code[at]
        at += 1
        if kind == 0x20:
            held = words.get(number, 0)
        elif kind == 0x54:
            held &= number
        elif kind == 0x06:
            return number
        else:
            holds = {0x15: held == number, 0x35: held >= number, 0x45: bool(held & number)}[kind]
            at += then if holds else other


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_of_all_kinds_of_sockets_only_paths_and_tcp_are_made(name: str) -> None:
    """Guards each list of `closing.program`. Families 0 to 45, types with and without flags, protocols 0 to 262."""
    machine = MACHINES[name]
    flags = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    made = {
        (family, kind, protocol)
        for family, kind, protocol in product(range(46), (1, 2, 3, 5, 10), (0, 1, 6, 17, 132, 136, 255, 262))
        if verdict(machine, machine.socket, (family, kind | flags, protocol)) == ALLOWED
    }
    assert {one for one in made if one[0] not in {1, 16}} == {(2, 1, 0), (2, 1, 6), (10, 1, 0), (10, 1, 6)}
    assert {protocol for family, _, protocol in made if family == 16} == {0}
    assert {(kind, protocol) for family, kind, protocol in made if family == 1} >= {(1, 0), (2, 0), (5, 0)}


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_nothing_gets_around_it_by_another_call(name: str) -> None:
    """Guards the lines on fast open, io_uring, x32 and the architecture in `closing.program`."""
    machine, fast_open = MACHINES[name], 0x20004000
    assert verdict(machine, machine.sendto, (3, 0, 5, fast_open)) == REFUSED
    assert verdict(machine, machine.sendmsg, (3, 0, fast_open)) == REFUSED
    assert verdict(machine, machine.sendmmsg, (3, 0, 1, fast_open)) == REFUSED
    assert verdict(machine, machine.sendto, (3, 0, 5, 0x4000)) == ALLOWED
    assert verdict(machine, 425, ()) == REFUSED
    assert verdict(machine, machine.socket | 0x40000000, (1, 1, 0)) == REFUSED
    assert verdict(machine, machine.socket, (1, 1, 0), architecture=0x40000003) == REFUSED
    assert verdict(machine, 0, ()) == ALLOWED


def test_what_is_told_is_no_more_than_is_so() -> None:
    assert closing.Walls(ports=True, sockets=True).told() == "closed by the kernel"
    for walls in (closing.Walls(ports=False, sockets=True), closing.Walls(ports=True, sockets=False)):
        assert walls.told().startswith("NOT closed in full")
