"""What holds for every test: the network is closed, nothing of the developer's own settings is read."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import appliance  # noqa: F401  # sets the offline and no-telemetry switches before anything heavy is imported
from tests import postgres

# Stacks that tests start bring the sample institution in as `make demo` does: looking through it costs minutes and is
# tested apart (`tests/privacy`, `tests/operations/test_relabelling.py`).
os.environ.setdefault("MUNIMENT_DETECTION", "off")

# How fast examples are made tells of the machine's load, not of the code.
hypothesis.settings.register_profile("house", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("house")


class NetworkIsClosedError(AssertionError):
    """A test tried to reach something outside this machine."""


def _refuse_outside(host: object) -> None:
    if host in (None, "", "localhost", b"localhost"):
        return
    try:
        if ipaddress.ip_address(str(host)).is_loopback:
            return
    except ValueError:
        pass
    raise NetworkIsClosedError(f"a test tried to reach {host!r}")


class _LocalSocket(socket.socket):
    """A socket that connects to this machine only."""

    def connect(self, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_outside(address[0])
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_outside(address[0])
        return super().connect_ex(address)


_resolve = socket.getaddrinfo


def _resolve_local(host: Any, *arguments: Any, **options: Any) -> Any:
    _refuse_outside(host)
    return _resolve(host, *arguments, **options)


@pytest.fixture(autouse=True, scope="session")
def _closed_network() -> Iterator[None]:
    # No test double: the real socket with its outward half removed, for as long as the tests run.
    open_socket = socket.socket
    socket.socket = _LocalSocket  # type: ignore[misc]  # no test may leave this machine
    socket.getaddrinfo = _resolve_local
    yield
    socket.socket = open_socket  # type: ignore[misc]  # puts the real one back
    socket.getaddrinfo = _resolve


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("MUNIMENT_CONFIG", str(tmp_path_factory.getbasetemp() / "no-such-muniment.toml"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server, for as long as the tests run."""
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind on which the appliance runs."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    server: postgres.Cluster = request.getfixturevalue("cluster")
    return server.database()
