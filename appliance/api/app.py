"""The app: routes behind the gate. Everything comes by argument; nothing is made here."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware

from appliance.api import problems, routes
from appliance.api.gate import Bounded, Gate, Identity, LocalOnly, Record
from appliance.api.routes import Check, Desk, Personas, Reader
from appliance.errors import SettingsRefused
from appliance.settings import Settings

BODY_BYTES: Final = 64 * 1024
SERVER: Final = {
    "access_log": False,  # the server's own would log paths and query strings
    "proxy_headers": False,  # no header may say where a request came from
    "server_header": False,
    "date_header": True,
    "ws": "none",
    "timeout_graceful_shutdown": 5,
}
"""Arguments that uvicorn must be run with besides host and port."""


def create_app(
    *, settings: Settings, identity: Identity, desk: Desk, reader: Reader, checks: Mapping[str, Check]
) -> FastAPI:
    """The API. `checks` are what `/readyz` asks, by name: store, model, registry.

    With settings.identity "demo" the identity must also be a `Personas`. Raises SettingsRefused otherwise.
    """
    app = FastAPI(
        title="Muniment",
        summary="Answers from an institution's own documents, with where they stand.",
        version="1",
        middleware=_layers(settings, identity),
        docs_url=None,  # both user interfaces load scripts from a content delivery network
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the Host header
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    problems.install(app)
    app.include_router(routes.questions(desk))
    app.include_router(routes.pages(reader))
    app.include_router(routes.health(checks))
    if settings.identity == "demo":
        if not isinstance(identity, Personas):
            raise SettingsRefused("identity=demo needs an identity that knows personas.")
        app.include_router(routes.demo(identity))
    return app


def _layers(settings: Settings, identity: Identity) -> list[Middleware]:
    """Outermost first."""
    local = [Middleware(LocalOnly)] if settings.identity == "demo" else []
    return [Middleware(Record), *local, Middleware(Gate, identity), Middleware(Bounded, BODY_BYTES)]
