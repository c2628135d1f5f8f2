"""How the store of one machine is started, and where it is found."""

import os
import sys
from typing import Final

import httpx

from appliance import SILENCE
from appliance.models.engines import Endpoint, Launch
from appliance.retrieval.edge_socket import listening
from appliance.settings import ROOT, Settings

_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


def endpoint(settings: Settings) -> Endpoint:
    """Where the vector store of this installation listens."""
    if settings.store_url is not None:
        return Endpoint(settings.store_url.rstrip("/"), key=settings.store_key)
    return Endpoint("http://store", socket=(settings.run_folder / "store.sock").absolute())


def launch(settings: Settings) -> Launch:
    """How to start the store of one machine, which keeps its files under `data/vectors`."""
    where = endpoint(settings)
    arguments = (
        sys.executable, "-m", "appliance.retrieval.edge_store",
        "--folder", str((settings.data / "vectors").absolute()), "--socket", str(where.socket),
    )  # fmt: skip
    # only what the store needs: no secret of the appliance's own environment is passed on
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return Launch(arguments, kept | SILENCE | {"PYTHONPATH": str(ROOT)}, where)


def ready(where: Endpoint, *, seconds: float = 1.0) -> bool:
    """Whether the store answers now. Never raises: not answering is an answer."""
    if where.socket is not None and not listening(where.socket):
        return False
    with where.client(seconds) as client:
        try:
            return client.get("/readyz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
