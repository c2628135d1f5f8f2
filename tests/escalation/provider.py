"""A model outside, as it can be: a real server behind TLS on this machine, which keeps every byte that reaches it."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.escalation.authority import Certificate

ANSWER = "The assembly point is car park P2, by the weir. [1]"


def completion(text: Any = ANSWER, **more: Any) -> dict[str, Any]:
    """A good answer, and `more` in its place."""
    return {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20},
    } | more


def response(body: bytes | dict[str, Any], *, status: str = "200 OK", **headers: str) -> bytes:
    """An HTTP answer. A header is named as a keyword; "" leaves it out."""
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content_type": "application/json", "content_length": str(len(told))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
    return f"HTTP/1.1 {status}\r\n".encode() + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + told


class Provider:
    """Answers each request with `answer`: bytes, or what a function says to the connection itself.

    `hold`: connections are accepted, and no word is said until it is set. `requests` are whole requests.
    """

    def __init__(
        self,
        certificate: Certificate,
        answer: bytes | Callable[[socket.socket], None] | None = None,
        *,
        refusing: int = 0,
    ) -> None:
        self.answer = response(completion()) if answer is None else answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.answering = threading.Event()
        self.answering.set()
        self.greeting = threading.Event()
        self.greeting.set()
        self._refusing = refusing
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate.file)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no more, and let go of whoever waits."""
        self.answering.set()
        self.greeting.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                bare, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(bare,), daemon=True).start()

    def _answer(self, bare: socket.socket) -> None:
        if self.connections <= self._refusing:
            bare.close()
            return
        self.greeting.wait(30)
        with bare, suppress(OSError), self._tls.wrap_socket(bare, server_side=True) as line:
            line.settimeout(30)
            request = whole(line)
            if request:
                self.requests.append(request)
                self.answering.wait(30)
                if callable(self.answer):
                    self.answer(line)
                else:
                    line.sendall(self.answer)
                    line.unwrap()


def whole(line: socket.socket) -> bytes:
    """One request with its body; what came of it if the other end went away."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = line.recv(65_536)
        if not piece:
            return heard
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        piece = line.recv(65_536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


class Tunnel:
    """A proxy that connects wherever it is told, with `status`, and remembers where that was."""

    def __init__(self, port: int, status: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.asked: list[bytes] = []
        self._port = port
        self._status = status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Tunnel":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._lead, args=(near,), daemon=True).start()

    def _lead(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            self.asked.append(whole(near))
            near.sendall(self._status)
            with socket.create_connection(("127.0.0.1", self._port)) as far:
                there = threading.Thread(target=_carried, args=(near, far), daemon=True)
                there.start()
                _carried(far, near)
                there.join(5)


def _carried(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until `holds`. Raises AssertionError."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
