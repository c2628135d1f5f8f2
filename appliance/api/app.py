"""The app: routes behind the gate. Everything comes by argument; nothing is made here."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from appliance.api import (
    back_channel,
    chat,
    conversations,
    described,
    documents,
    emergencies,
    escalations,
    limits,
    metrics,
    offices,
    operations,
    pages,
    problems,
    quarantine,
    routes,
    sessions,
    suggestions,
)
from appliance.api.admission import Bounds, LocalPlaces, Places
from appliance.api.beat import Beat
from appliance.api.checking import Check
from appliance.api.gate import Gate, Identity, LocalOnly, Record
from appliance.api.limits import Bounded, Crowd
from appliance.api.routes import Desk, Personas, Reader
from appliance.api.telling import Admission
from appliance.errors import SettingsRefused
from appliance.settings import Settings
from appliance.telemetry import Figures

BODY_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 288 * 1024
"""A request's head with an access token in it: 5,000 groups fit (`appliance.access.tokens.LONGEST`)."""
DEMO_HEAD_BYTES: Final = 64 * 1024
LARGER: Final = {"/v1/chat/completions": 256 * 1024}
"""Paths whose bodies may be larger: OpenAI's clients send the whole conversation each time."""
SERVER: Final = {
    "access_log": False,  # the server's own would log paths and query strings
    "proxy_headers": False,  # no header may say where a request came from
    "server_header": False,
    "date_header": True,
    "ws": "none",
    "timeout_graceful_shutdown": 5,
}
"""Arguments that uvicorn must be run with besides those of `server`."""


def server(settings: Settings) -> dict[str, Any]:
    """All arguments that uvicorn must be run with besides the app and its address."""
    head = HEAD_BYTES if settings.identity == "oidc" else DEMO_HEAD_BYTES
    protocol = limits.protocol(seconds=settings.request_seconds, connections=settings.connections)
    return {**SERVER, "http": protocol, "h11_max_incomplete_event_size": head}


def create_app(  # noqa: PLR0913  # each part of the house by its own name
    *,
    settings: Settings,
    identity: Identity,
    desk: Desk,
    reader: Reader,
    checks: Mapping[str, Check],
    places: Places | None = None,
    shelf: documents.ShelfPort | None = None,
    talk: conversations.Talk | None = None,
    signing: sessions.SessionParts | None = None,
    figures: Figures | None = None,
    urgent: emergencies.Emergencies | None = None,
    outside: escalations.Escalations | None = None,
    standing: routes.Standing = routes.nothing,
    officers: offices.Offices | None = None,
    overseeing: operations.Operations | None = None,
    suggesting: suggestions.Suggesting | None = None,
    curation: quarantine.Curation | None = None,
) -> FastAPI:
    """The API. `checks` are what `/readyz` asks, by name: store, model, registry.

    `places` is where answers ask for their turn, if not in a queue of this app's own; `figures` are what `/metrics`
    tells; `standing` is what `/v1/me` says that somebody may do; without `talk` every question stands alone. With
    settings.identity "demo" the identity must also be a `Personas`, and there is no `signing`, the portal's sign-in;
    else it raises SettingsRefused.
    """
    figures = figures or Figures()
    app = FastAPI(
        title="Muniment",
        summary="Answers from an institution's own documents, with where they stand.",
        version="1",
        middleware=_layers(settings, identity, signing, figures),
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
    admission = _admission(settings, places, figures)
    problems.install(app)
    described.describe(app)
    app.include_router(routes.questions(desk, admission, talk))
    app.include_router(chat.chat(desk, admission, talk))
    app.include_router(pages.pages(reader, standing))
    for part, routes_of in (
        (suggesting, suggestions.suggestions),
        (talk, conversations.conversations),
        (shelf, partial(documents.documents, largest=settings.file_mib << 20)),
        (urgent, emergencies.emergencies),
        (outside, escalations.escalations),
        (curation, quarantine.quarantine),
        (officers, offices.offices),
    ):
        _include(app, part, routes_of)
    if overseeing is not None:
        known = operations.operations(overseeing, places=admission.places, bounds=Bounds.of(settings), figures=figures)
        app.include_router(known)
    app.include_router(routes.health(checks))
    app.include_router(metrics.metrics(figures, settings))
    for router in _signing_in(settings, identity, signing, standing):
        app.include_router(router)
    return app


def _include(app: FastAPI, part: Any, routes_of: Callable[[Any], APIRouter]) -> None:
    """The routes of a part that this house has; of one that it has not there are none."""
    if part is not None:
        app.include_router(routes_of(part))


def _signing_in(
    settings: Settings, identity: Identity, signing: sessions.SessionParts | None, standing: routes.Standing
) -> Iterator[APIRouter]:
    """How people sign in: as personas of the demonstration, or by sessions. Raises SettingsRefused for a mixture."""
    demo = settings.identity == "demo"
    yield sessions.kind(signing, demo=demo)
    if signing is not None:
        if demo:
            raise SettingsRefused("identity=demo has no sign-in beside its personas.")
        yield sessions.sessions(signing, standing)
        yield back_channel.back_channel(signing.back_channel)
    if demo:
        if not isinstance(identity, Personas):
            raise SettingsRefused("identity=demo needs an identity that knows personas.")
        yield routes.demo(identity)


def _admission(settings: Settings, places: Places | None, figures: Figures) -> Admission:
    """Whoever runs has a thread: as many as may run, and a few for those that are just being closed."""
    bounds = Bounds.of(settings)
    places = places or LocalPlaces(bounds, settings.waiting_seconds)
    return Admission(places, CapacityLimiter(bounds.running + 4), figures)


def _larger(settings: Settings) -> dict[str, int]:
    """An upload is as large as a file may be, and one byte: its route says then how much is too much."""
    zips = dict.fromkeys(offices.UPLOADS, offices.ZIP_BYTES)
    return {**LARGER, **zips, "/v1/documents": (settings.file_mib << 20) + 1}


def _layers(
    settings: Settings, identity: Identity, signing: sessions.SessionParts | None, figures: Figures
) -> list[Middleware]:
    """Outermost first."""
    gate = (identity,) if signing is None else (identity, signing.opened, signing.cookies)
    local = [Middleware(LocalOnly)] if settings.identity == "demo" else []
    return [
        Middleware(Record, figures),
        Middleware(Crowd, settings.connections),
        *local,
        Middleware(Beat),
        Middleware(Gate, *gate),
        Middleware(Bounded, BODY_BYTES, settings.request_seconds, _larger(settings)),
    ]
