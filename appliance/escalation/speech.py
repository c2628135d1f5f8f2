"""HTTP as the door speaks it, over a connection that was made and checked elsewhere: one request, one answer.

What comes back was written by somebody else: it is parsed strictly, counted, timed, and read only if its head says that
it is whole JSON. No redirect is followed and nothing is unpacked.
"""

import socket
import time
from typing import Final
from urllib.parse import urlsplit

import h11

from appliance.escalation.envelope import METHOD

ANSWER_BYTES: Final = 1 << 20
HEAD_BYTES: Final = 32 << 10
_PIECE: Final = 16_384


class Speech:
    """HTTP over one connection until `end` (monotonic), strictly parsed, and no more heard than an answer may be long.

    Methods raise OSError (TimeoutError when time is up) and h11.RemoteProtocolError.
    """

    def __init__(self, line: socket.socket, end: float) -> None:
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._line = line
        self._end = end
        self._heard = 0

    def say(self, *events: h11.Event) -> None:
        """Send them whole."""
        rest = memoryview(b"".join(self.http.send(event) or b"" for event in events))
        while rest:
            self._line.settimeout(left(self._end))
            rest = rest[self._line.send(rest[:_PIECE]) :]

    def hear(self) -> object:
        """The next event; None if too much was said."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self._line.settimeout(left(self._end))
            piece = self._line.recv(_PIECE)
            if not piece:
                raise ConnectionError("the other end is gone")  # every answer that is read says how long it is
            self._heard += len(piece)
            if self._heard > ANSWER_BYTES + HEAD_BYTES:
                return None
            self.http.receive_data(piece)
        return event


def tunnelled(speech: Speech, place: str, port: int) -> bool:
    """Whether the proxy leads to `place` from here on. Raises OSError."""
    target = f"[{place}]:{port}" if ":" in place else f"{place}:{port}"
    try:
        speech.say(h11.Request(method="CONNECT", target=target, headers=[("Host", target)]), h11.EndOfMessage())
        answer = speech.hear()
    except h11.RemoteProtocolError:
        return False
    return isinstance(answer, h11.Response) and 200 <= answer.status_code < 300 and not speech.http.trailing_data[0]


def exchanged(speech: Speech, url: str, key: str, body: bytes) -> bytes | str:
    """The body of a good answer, or a code. From here on something may have been delivered.

    The headers say nothing of who asks, or with what.
    """
    parts = urlsplit(url)
    headers = [
        ("Host", parts.netloc),
        ("Authorization", f"Bearer {key}"),
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    request = h11.Request(method=METHOD, target=parts.path, headers=headers)
    try:
        speech.say(request, h11.Data(data=body), h11.EndOfMessage())
        return _answer(speech)
    except TimeoutError:
        return "deadline"
    except h11.RemoteProtocolError:
        return "protocol"
    except OSError:
        return "broken-off"


def _answer(speech: Speech) -> bytes | str:
    """The body of what was answered, whole, or why it is not even read."""
    event = speech.hear()
    while isinstance(event, h11.InformationalResponse):
        event = speech.hear()
    if not isinstance(event, h11.Response):
        return "too-large" if event is None else "broken-off"
    fault = _unfit(event)
    if fault:
        return fault
    read = bytearray()
    while isinstance(event := speech.hear(), h11.Data):
        read += event.data
    if not isinstance(event, h11.EndOfMessage) or len(read) > ANSWER_BYTES:
        return "too-large"
    return bytes(read)


def _unfit(response: h11.Response) -> str:
    """Why an answer with this head is not read; "" if it is. No redirect is followed, nothing is unpacked."""
    if response.status_code != 200:
        return "redirect" if 300 <= response.status_code < 400 else f"status-{response.status_code}"
    told: dict[bytes, list[bytes]] = {}
    for name, value in response.headers:
        told.setdefault(name, []).append(value)
    types = [value.split(b";")[0].strip().lower() for value in told.get(b"content-type", [])]
    if types != [b"application/json"]:
        return "content-type"
    if told.get(b"content-encoding", [b"identity"]) != [b"identity"]:
        return "encoding"
    if not told.keys() & {b"content-length", b"transfer-encoding"}:
        return "framing"  # it would end where the connection does, and half of it would pass for the whole
    return ""


def left(end: float) -> float:
    """Seconds until `end`. Raises TimeoutError if there are none."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
