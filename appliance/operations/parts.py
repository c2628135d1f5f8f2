"""The processes of this installation: how each is started, in which order, and whether it answers."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from appliance import SILENCE
from appliance.errors import ApiUnavailable, DoorUnavailable, ModelUnavailable, StoreUnavailable, WorkerUnavailable
from appliance.escalation import door_socket
from appliance.models import engines
from appliance.operations import reach
from appliance.operations.reach import Reach
from appliance.operations.stack import Part, Stack, held
from appliance.retrieval import launch as store
from appliance.settings import ROOT, Settings


def stack(settings: Settings) -> Stack:
    """The processes of this installation."""
    return Stack(settings.run_folder)


def parts(settings: Settings) -> list[Callable[[], Part]]:
    """The parts in the order in which they start. Each is made when its turn comes."""
    return [
        lambda: _store(settings),
        lambda: _model(settings),
        lambda: _worker(settings),
        *([lambda: _door(settings)] if _has_door(settings) else []),
        lambda: _api(settings),
        lambda: _portal(settings),
    ]


def checks(settings: Settings) -> dict[str, Callable[[], None]]:
    """For each part of the stack, what raises a DependencyError unless it answers."""

    def answering(name: str, url: str) -> None:
        if not _answers(url):
            raise ApiUnavailable(f"The {name} does not answer.")

    return {
        "store": lambda: check_store(settings),
        "model": lambda: check_model(settings),
        "worker": lambda: check_worker(settings),
        **({"door": lambda: check_door(settings)} if _has_door(settings) else {}),
        "api": lambda: answering("API", f"{settings.api_url}/readyz"),
        "portal": lambda: answering("portal", f"{settings.portal_url}/_stcore/health"),
    }


def _store(settings: Settings) -> Part:
    launch = store.launch(settings)
    arguments = closed(reach.store(settings), launch.arguments)
    return Part("store", arguments, dict(launch.environment), lambda: store.ready(launch.endpoint))


def _model(settings: Settings) -> Part:
    launch = engines.launch(settings)
    ours = settings.engine == "llama.cpp"  # vLLM's processes speak to each other through ports that nobody can name
    return Part(
        "model",
        closed(reach.model(settings), launch.arguments) if ours else launch.arguments,
        launch.environment,
        lambda: engines.ready(launch.endpoint),
        seconds=settings.engine_seconds,
        umask=launch.umask,
    )


def _worker(settings: Settings) -> Part:
    arguments = (sys.executable, "-m", "ingest")  # by its name: nothing of ingest is imported here
    return Part("worker", arguments, _inherited(), lambda: held(worker_lock(settings)))


def _has_door(settings: Settings) -> bool:
    """Whether this stack has the door among its parts; one that runs apart has a unit and a user of its own."""
    return settings.egress == "policy" and settings.size == "single" and settings.door_runs == "here"


def _door(settings: Settings) -> Part:
    arguments = (sys.executable, "-m", "appliance.operations.door")  # the command line would load every room into it
    return Part("door", arguments, _inherited(), lambda: _door_listens(settings))


def _door_listens(settings: Settings) -> bool:
    return settings.door_socket is not None and door_socket.listens(settings.door_socket)


def _api(settings: Settings) -> Part:
    arguments = (sys.executable, "-m", "appliance.cli", "serve")
    return Part("api", arguments, _inherited(), lambda: _answers(f"{settings.api_url}/readyz"), port=settings.api_port)


def _portal(settings: Settings) -> Part:
    arguments = closed(reach.portal(settings), (sys.executable, "-m", "ui.serve", "--port", str(settings.portal_port)))
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = passed | SILENCE | {"PYTHONPATH": str(ROOT), "MUNIMENT_API_URL": settings.api_url}
    if settings.public_url is not None:
        environment["MUNIMENT_PUBLIC_URL"] = settings.public_url
    health = f"{settings.portal_url}/_stcore/health"
    return Part("portal", arguments, environment, lambda: _answers(health), port=settings.portal_port)


def closed(reached: Reach, arguments: Sequence[str]) -> tuple[str, ...]:
    """`arguments`, which start a module of Python's, with the words that have it closed first."""
    python, dash_m, *module = arguments
    peers = [word for peer in reached.peers for word in ("--reach", f"{peer.host}:{peer.port}")]
    binds = [word for port in reached.bind for word in ("--bind", str(port))]
    return (python, dash_m, "appliance.closed", *peers, *binds, *(["--names"] if reached.names else []), *module)


def _inherited() -> dict[str, str]:
    """This process's environment: the silence set in `appliance/__init__.py` is part of it."""
    return dict(os.environ) | {"PYTHONPATH": str(ROOT)}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def check_store(settings: Settings) -> None:
    """Raise StoreUnavailable unless the vector store answers."""
    if not store.ready(store.endpoint(settings)):
        raise StoreUnavailable("The vector store does not answer.")


def worker_lock(settings: Settings) -> Path:
    """The file that a worker holds for as long as it lives."""
    return settings.run_folder / "worker.lock"


def check_worker(settings: Settings) -> None:
    """Raise WorkerUnavailable unless a worker lives."""
    if not held(worker_lock(settings)):
        raise WorkerUnavailable("No worker is at work; uploads wait.")


def check_door(settings: Settings) -> None:
    """Raise DoorUnavailable unless the door listens."""
    if not _door_listens(settings):
        raise DoorUnavailable("The door does not answer; nothing leaves.")


def check_model(settings: Settings) -> None:
    """Raise ModelUnavailable unless the chat model's engine answers."""
    if not engines.ready(engines.endpoint(settings)):
        raise ModelUnavailable("The chat model's engine does not answer.")
