"""A PostgreSQL of the tests' own, from the system's packages, on a unix socket in a folder that goes with it."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from tests.left_out import left_out

USER: Final = "postgres"
_PLACES: Final = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")


_GERMAN: Final = ("--locale-provider", "icu", "--icu-locale", "de-DE")
"""As on many servers: whoever relies on the order of texts must say which."""


class Cluster:
    """A running server; each test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(host=str(self._folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"postgresql:///{name}?host={self._folder}&user={USER}"


@contextmanager
def running() -> Iterator[Cluster]:
    """Start a server and stop it. Where PostgreSQL is not installed, what asked for it is left out."""
    tools = next((Path(place) for place in _PLACES if Path(place, "initdb").exists()), None)
    if tools is None:
        left_out("EVERYTHING ON POSTGRESQL", "it is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
    who = _unprivileged()
    if who is not None:
        shutil.chown(folder, who)
    try:
        _run(
            who,
            tools / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            USER,
            "-E",
            "UTF8",
            "--locale",
            "C",
            *_GERMAN,
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=100 -c fsync=off"
        _run(who, tools / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Cluster(folder)
        finally:
            _run(who, tools / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """The user that the server runs as: it refuses to run as root."""
    if os.geteuid():
        return None
    return USER if any(entry.pw_name == USER for entry in pwd.getpwall()) else "nobody"


def _run(who: str | None, *arguments: str | Path) -> None:
    as_whom = {} if who is None else {"user": who, "extra_groups": []}
    subprocess.run(list(map(str, arguments)), check=True, stdout=subprocess.DEVNULL, cwd="/", **as_whom)  # type: ignore[call-overload]
