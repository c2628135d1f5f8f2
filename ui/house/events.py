"""Server-sent events, as the API streams an answer."""

from collections.abc import Iterator

import httpx


def events(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """Name and data of each server-sent event. A comment, the API's sign of life, has no field and is skipped."""
    event, data = "", ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            data = value
        elif not line and event:
            yield event, data
            event, data = "", ""
