"""The beat: answers whose time could tell of what is hidden leave at a full beat after the request came, not before.

A missing document and a forbidden one are looked for in the same way and still not in exactly the same time: a row that
is there is read, a decision over many readers takes longer than one over few. Whoever asks five hundred times would
hear the difference. So no 404 leaves in between, whichever route it comes from, one added tomorrow included; and as
little does the list of documents, which passes over what its reader may not see.
"""

import math
from typing import Final

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BEAT: Final = 0.05
"""Seconds. Longer than a look for what is not there takes, and too short to be noticed by who mistyped an id."""
LISTS: Final = frozenset({("GET", "/v1/documents")})
"""What passes over hidden documents to find those that may be shown."""
_MISSING: Final = 404


class Beat:
    """Holds back every 404, and what `LISTS` names, until the next full beat since the request came.

    It waits without a thread. A security property: `tests/attacks/timing/test_existence.py` fails without the sleep.
    """

    def __init__(self, app: ASGIApp, seconds: float = BEAT) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its response back when it is time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        came = anyio.current_time()
        listing = (scope["method"], scope["path"]) in LISTS

        async def on_the_beat(message: Message) -> None:
            if message["type"] == "http.response.start" and (listing or message["status"] == _MISSING):
                beats = math.ceil((anyio.current_time() - came) / self._seconds)
                await anyio.sleep_until(came + beats * self._seconds)
            await send(message)

        await self._app(scope, receive, on_the_beat)
