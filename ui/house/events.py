"""Server-sent events, as the API streams an answer."""

from collections.abc import Iterator
from typing import Final

import httpx

QUEUED: Final = "queued, place "


def events(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """Name and data of each server-sent event. A comment, the API's sign of life, has no field.

    One that tells the place in the queue is told as `queued` with its number, every other as `queued` with 0: then it
    is one's turn.
    """
    event, data = "", ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if line.startswith(":"):
            yield "queued", value.removeprefix(QUEUED) if value.startswith(QUEUED) else "0"
        elif field == "event":
            event = value
        elif field == "data":
            data = value
        elif not line and event:
            yield event, data
            event, data = "", ""
