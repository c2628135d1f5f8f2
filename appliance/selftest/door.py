"""How one person of the scratch house speaks to its API: over HTTP, with his token, stating his purpose."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from appliance.api.gate import PURPOSE
from appliance.errors import ApiUnavailable
from appliance.selftest.people import Asker

SECONDS: Final = 180.0
AGAIN: Final = 5
PAUSE: Final = 0.3
BUSY: Final = frozenset({429, 503})
_OWN: Final = frozenset({"x-request-id", "date", "content-length"})
"""Headers that differ from one answer to the next whatever was asked."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: everything of it that somebody could read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def everything(self) -> bytes:
        """Headers and body together, for the scan."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode() + b"\n" + self.body

    @property
    def shape(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """What two answers that tell the same have in common: all but the request's own number."""
        own = self.headers.get("x-request-id", "").encode()
        told = tuple(sorted((name, value) for name, value in self.headers.items() if name not in _OWN))
        return self.status, told, self.body.replace(own, b"") if own else self.body


@dataclass(slots=True)
class Door:
    """One person's way in. `typed` are the canaries' words that he has guessed himself; many threads at once."""

    asker: Asker
    client: httpx.Client
    typed: set[str] = field(default_factory=set)
    conversation: str = ""
    turns: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, method: str, path: str, *, token: bool = True, **more: Any) -> Heard:
        """One request; again, after a moment, if the house is full. Raises ApiUnavailable if nothing comes back."""
        headers = dict(more.pop("headers", {}))
        if not token:
            headers["Authorization"] = ""
        for attempt in range(AGAIN):
            try:
                answer = self.client.request(method, path, headers=headers, **more)
            except httpx.HTTPError as error:
                raise ApiUnavailable(f"The scratch house's API does not answer ({type(error).__name__}).") from error
            if answer.status_code not in BUSY or attempt == AGAIN - 1:
                break
            time.sleep(PAUSE * (attempt + 1))
        return Heard(answer.status_code, dict(answer.headers), answer.content)


def opened(url: str, asker: Asker, token: str) -> Door:
    """The door of `asker`."""
    headers = {"Authorization": f"Bearer {token}"}
    if asker.purpose:
        headers[PURPOSE] = asker.purpose
    # The API closes a connection that nobody used for five seconds: one that may be about to close is not used again.
    limits = httpx.Limits(keepalive_expiry=1.0)
    return Door(asker, httpx.Client(base_url=url, headers=headers, timeout=SECONDS, limits=limits, trust_env=False))
