"""`GET /metrics`, for the site's Prometheus: on this machine, or with the key that the operator has set."""

import hmac
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import Headers

from appliance.api.gate import check_local
from appliance.api.routes import MISSING, PROBLEMS
from appliance.errors import BadRequest, NotAllowed, NotAuthenticated, NotFound
from appliance.settings import Settings
from appliance.telemetry import MEDIA_TYPE, Figures

_EXAMPLE = 'muniment_events_total{event="closed"} 41.0\n'
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}}, "description": "Figures."}
}


def metrics(figures: Figures, settings: Settings) -> APIRouter:
    """The route. The gate lets everyone come here, so it checks for itself who reads."""
    router = APIRouter(tags=["health"])
    key = settings.metrics_key.get_secret_value() if settings.metrics_key is not None else ""

    @router.get("/metrics", response_class=Response, responses=_TOLD | MISSING | {401: PROBLEMS[401]})
    def told(request: Request) -> Response:
        """Show counts and times of this API, without content, names or ids. The list stands in deploy/README.md."""
        _check(request, key)
        return Response(figures.exposition(), media_type=MEDIA_TYPE)

    return router


def _check(request: Request, key: str) -> None:
    """Return only for who may read. With a key it alone counts; without one there is nothing here for outsiders."""
    if key:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {key}".encode()):
            raise NotAuthenticated("You are not signed in, or your sign-in has ended.")
    elif not _is_here(request):
        raise NotFound


def _is_here(request: Request) -> bool:
    """Whether it comes from this machine, to this machine's own name, and through no proxy that says so."""
    try:
        check_local(Headers(scope=request.scope))
        return request.client is not None and ip_address(request.client.host).is_loopback
    except (BadRequest, NotAllowed, ValueError):
        return False
