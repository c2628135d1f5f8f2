"""The app for tests: in this process through the test client, or behind a real server on a port of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.admission import Bounds, LocalPlaces
from appliance.api.app import create_app
from appliance.api.app import server as arguments
from appliance.api.documents import ShelfPort
from appliance.api.emergencies import Emergencies
from appliance.api.gate import Identity
from appliance.api.routes import Desk
from appliance.api.sessions import SessionParts
from appliance.api.suggestions import Suggesting
from appliance.api.telling import Admission
from appliance.settings import Settings
from tests.api.scripted import PATIENCE, ScriptedDesk, ScriptedReader
from tests.rules import ruleset

PERSONAS = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "personas.yaml"


def all_is_well() -> None:
    """A part that works."""


ROOMY = Bounds(2, 1, 16, 3)


def room(bounds: Bounds = ROOMY, *, patience: float = 60) -> Admission:
    """A queue of its own."""
    return Admission(LocalPlaces(bounds, patience), CapacityLimiter(bounds.running + 4))


def demo_app(
    desk: Desk | None = None,
    settings: Settings | None = None,
    shelf: ShelfPort | None = None,
    urgent: Emergencies | None = None,
    suggesting: Suggesting | None = None,
) -> tuple[FastAPI, DemoIdentity]:
    """The app with the demo identity around a scripted desk."""
    identity = DemoIdentity(PERSONAS, "aldermoor")
    app = create_app(
        settings=settings or Settings(),
        identity=identity,
        desk=desk or ScriptedDesk(),
        reader=ScriptedReader(),
        checks={"store": all_is_well, "model": all_is_well, "registry": all_is_well},
        shelf=shelf,
        urgent=urgent,
        suggesting=suggesting,
        standing=Standing(Rules(ruleset)),
    )
    return app, identity


OIDC = Settings(identity="oidc", issuer="https://idp.invalid", audience="muniment")


def oidc_app(identity: Identity, signing: SessionParts | None, desk: Desk | None = None) -> FastAPI:
    """The app with an issuer's identity around a scripted desk, and the portal's sign-in if it has one."""
    return create_app(
        settings=OIDC,
        identity=identity,
        desk=desk or ScriptedDesk(),
        reader=ScriptedReader(),
        checks={"store": all_is_well, "model": all_is_well, "registry": all_is_well},
        signing=signing,
        standing=Standing(Rules(ruleset)),
    )


def client(app: FastAPI, token: str = "") -> TestClient:
    """A client on this machine, signed in if it has a token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, base_url="http://localhost", headers=headers, client=("127.0.0.1", 50_000))


@contextmanager
def served(app: FastAPI, settings: Settings | None = None, *, port: int = 0) -> Iterator[str]:
    """A real server with the arguments of production; yields its address."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **arguments(settings or Settings())))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + PATIENCE
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(PATIENCE)
