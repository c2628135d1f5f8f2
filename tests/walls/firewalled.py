"""A machine of its own with a neighbour, under the rules: `unshare -n python -m tests.walls.firewalled RESULT RULES`.

Needs root, who may become each of the users. The neighbour answers to every address below from a namespace of its own.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.journeys.sealed_run import loopback_up

OUTSIDE, OUTSIDE_6, PEER, INSIDE = "203.0.113.7", "2001:db8::7", "10.9.0.9", "10.9.0.77"
HOUSE, DOOR, CLOCK, OTHER = 3001, 3002, 3003, 3004
PORT = 443


def neighbour() -> int:
    """Start what is at the other end of the wire; returns its process id. It ends with its standard input."""
    code = f"""
import socket, subprocess, sys
for word in ({OUTSIDE!r}, {PEER!r}, {INSIDE!r}):
    subprocess.run(["ip", "address", "add", word + "/32", "dev", "lo"], check=True)
sys.stdin.readline()
for line in ("address add 192.0.2.2/24 dev far", "-6 address add 2001:db8:1::2/64 dev far nodad",
             "-6 address add {OUTSIDE_6}/128 dev far nodad", "link set far up", "link set lo up"):
    subprocess.run(["ip", *line.split()], check=True)
server = socket.create_server(("::", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
print("up", flush=True)
sys.stdin.readline()
"""
    started = subprocess.Popen(
        ["unshare", "-n", sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdin is not None
    assert started.stdout is not None
    while Path(f"/proc/{started.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        time.sleep(0.01)
    for line in (
        f"link add near type veth peer name far netns {started.pid}",
        "address add 192.0.2.1/24 dev near",
        "-6 address add 2001:db8:1::1/64 dev near nodad",
        "link set near up",
        "route add default via 192.0.2.2",
        "-6 route add default via 2001:db8:1::2",
    ):
        subprocess.run(["ip", *line.split()], check=True)
    started.stdin.write("\n")
    started.stdin.flush()
    assert started.stdout.readline() == "up\n"
    _kept.append(started)
    return started.pid


_kept: list[subprocess.Popen[str]] = []
TARGETS = {"outside": OUTSIDE, "outside, IPv6": OUTSIDE_6, "the issuer": PEER, "somebody inside": INSIDE}


def reaches(user: int, here: int) -> list[str]:
    """What a process of this user can connect to, or send a datagram to."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        found = [name for name, address in TARGETS.items() if _connects(address, PORT)]
        found += ["this machine"] * _connects("127.0.0.1", here)
        found += ["a name server outside"] * _asks(OUTSIDE) + ["one on this machine"] * _asks("127.0.0.1")
        os.write(write, json.dumps(found).encode())
        os._exit(0)
    os.wait()
    os.close(write)
    with os.fdopen(read) as told:
        return [str(one) for one in json.load(told)]


def _connects(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as tcp:  # nothing that is imported late: another user may not read Python's files
        tcp.settimeout(3)
        return tcp.connect_ex((address, port)) == 0


def _asks(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.sendto(b"what?", (address, 53))
        except OSError:
            return False
        return True


def main() -> None:
    """Who reaches whom without the rules, and with them."""
    loopback_up()
    neighbour()
    users = {"house": HOUSE, "door": DOOR, "clock": CLOCK, "other": OTHER, "root": 0}
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        here = server.getsockname()[1]
        before = {name: reaches(user, here) for name, user in users.items()}
        subprocess.run(["nft", "-f", sys.argv[2]], check=True)
        after = {name: reaches(user, here) for name, user in users.items()}
    Path(sys.argv[1]).write_text(json.dumps({"before": before, "after": after}))


if __name__ == "__main__":
    main()
