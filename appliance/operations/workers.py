"""What several workers of one API share: the key of their tokens, the queue of questions, and room for connections."""

import multiprocessing
import os
import resource
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from appliance.api.admission import Bounds
from appliance.api.app import server
from appliance.api.queue_socket import RemotePlaces, queue_served
from appliance.errors import OperatorError
from appliance.settings import Settings
from appliance.telemetry import SEVERAL

DEAF_SECONDS: Final = 60
"""How long a worker may be deaf before it is replaced: it loads its embedding model in that time."""


def run(settings: Settings, app: Callable[[], FastAPI], *, named: str) -> None:
    """Serve what `app` makes until SIGTERM: in this process, or in workers that find it by its name, `module:name`."""
    _open_files()
    options: dict[str, Any] = {**server(settings), "log_level": "warning", "factory": True}
    where: dict[str, Any] = {"host": settings.host, "port": settings.api_port}
    if settings.api_workers == 1:
        uvicorn.run(app, **where, **options)
        return
    several: dict[str, Any] = {"workers": settings.api_workers, "timeout_worker_healthcheck": DEAF_SECONDS}
    with shared(settings):
        uvicorn.run(named, **where, **options, **several)


def key_file(settings: Settings) -> Path:
    """Where the key lies that signs the demonstration's tokens, while several workers run."""
    return settings.run_folder / "identity.key"


def queue_socket(settings: Settings) -> Path:
    """Where the parent of the workers keeps the queue of questions."""
    return settings.run_folder / "questions.sock"


@contextmanager
def shared(settings: Settings) -> Iterator[None]:
    """Make a fresh key and keep the queue, for the workers that run in this block; both go with it."""
    settings.run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.run_folder.chmod(0o700)
    file = key_file(settings)
    file.unlink(missing_ok=True)
    os.environ[SEVERAL] = str(_emptied(settings.run_folder / "metrics"))  # before any worker counts
    try:
        with queue_served(queue_socket(settings), Bounds.of(settings)):
            file.touch(mode=0o600, exist_ok=False)  # from its first moment its own user's alone
            file.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
            yield
    finally:
        os.environ.pop(SEVERAL, None)
        file.unlink(missing_ok=True)


def _emptied(folder: Path) -> Path:
    """Where the workers of this start add up their figures."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def key(settings: Settings) -> Ed25519PrivateKey | None:
    """The key that this start's workers share; None where there is one worker, which makes its own.

    Raises OperatorError if it is not there or not a key.
    """
    if settings.api_workers == 1:
        return None
    try:
        return Ed25519PrivateKey.from_private_bytes(key_file(settings).read_bytes())
    except (OSError, ValueError) as error:
        raise OperatorError(
            "The key that the workers of the API share cannot be read.", advice="Start them with `muniment up`."
        ) from error


def places(settings: Settings) -> RemotePlaces | None:
    """The queue that this start's workers share; None where there is one worker, which keeps its own.

    From then on this worker ends when its parent does.
    """
    if settings.api_workers == 1:
        return None
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="parent-of-workers", daemon=True).start()
    return RemotePlaces(queue_socket(settings), settings.waiting_seconds)


def _follow(parent: BaseProcess) -> None:
    """A worker whose parent was killed would hold the port for ever, and its queue is gone."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _open_files() -> None:
    """Allow this process, and those it starts, as many open files as the system lets it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
