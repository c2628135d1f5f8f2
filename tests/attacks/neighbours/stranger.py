"""What another user of the machine gets of the appliance. Run as that user by `/usr/bin/python3 -I stranger.py`.

Standard library only: nothing of this tree need be readable for him. The list of what to try comes on standard input
as JSON; what succeeded goes to standard output, one line for each, empty if nothing did.
"""

import http.client
import json
import os
import socket
import sys
from collections.abc import Callable


def succeeds(trying: Callable[[], object]) -> bool:
    """Whether `trying` comes to its end."""
    try:
        trying()
    except (OSError, http.client.HTTPException):
        return False
    return True


def read(path: str) -> None:
    """Read the first bytes of a file, or the first name of a folder."""
    if os.path.isdir(path):  # noqa: PTH112 - so that a folder that cannot be seen is told from one that can
        os.listdir(path)  # noqa: PTH208
    else:
        with open(path, "rb") as file:  # noqa: PTH123
            file.read(16)


def write(path: str) -> None:
    """Open a file to write to it, or make one in a folder."""
    os.close(os.open(os.path.join(path, "mine") if os.path.isdir(path) else path, os.O_RDWR | os.O_CREAT))  # noqa: PTH112, PTH118


def connect(path: str) -> None:
    """Connect to a unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(path)


def main() -> None:
    """Try everything."""
    asked = json.load(sys.stdin)
    trials: list[tuple[str, Callable[[str], None]]] = [("read", read), ("write", write), ("connect", connect)]
    got = [f"{name} {path}" for name, trying in trials for path in asked[name] if succeeds(lambda: trying(path))]  # noqa: B023 - called at once
    sys.stdout.write("".join(f"{line}\n" for line in got))


if __name__ == "__main__":
    main()
