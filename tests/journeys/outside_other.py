"""The other side: whoever answers there, behind TLS, with every byte that reached it and every byte that it said."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.escalation.authority import Certificate
from tests.escalation.provider import completion, response

SECONDS: Final = 280.0
_PASSAGE: Final = re.compile(r"^\[(\d+)\] [^\n]*\n(.+)$", re.MULTILINE)
Engine = Callable[[bytes], bytes]
"""From a whole request to a whole answer, both as HTTP."""


@dataclass
class Exchange:
    """One connection: all that was said to the other side, and all that it said. `heard` grows as it comes."""

    heard: bytearray = field(default_factory=bytearray)
    said: bytes = b""

    @property
    def body(self) -> bytes:
        """What was asked."""
        return bytes(self.heard).partition(b"\r\n\r\n")[2]

    @property
    def content(self) -> str:
        """The text of the answer, as the other side wrote it; "" if there is none."""
        with suppress(ValueError, LookupError):
            return str(json.loads(self.said.partition(b"\r\n\r\n")[2])["choices"][0]["message"]["content"])
        return ""


class Other:
    """Listens behind TLS, lets `engine` answer, and keeps everything. Connections that say nothing are kept as well."""

    def __init__(self, certificate: Certificate, engine: Engine) -> None:
        self.exchanges: list[Exchange] = []
        self.engine = engine
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate.file)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def asked(self) -> list[Exchange]:
        """The connections over which anything was said."""
        return [one for one in self.exchanges if one.heard]

    @property
    def everything(self) -> bytes:
        """Every byte that reached this side, in the order of the connections."""
        return b"\n".join(bytes(one.heard) for one in self.exchanges)

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                bare, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(bare,), daemon=True).start()

    def _answer(self, bare: socket.socket) -> None:
        exchange = Exchange()
        self.exchanges.append(exchange)
        with bare, suppress(OSError), self._tls.wrap_socket(bare, server_side=True) as line:
            line.settimeout(30)
            while not _whole(exchange.heard):
                piece = line.recv(65_536)
                if not piece:
                    return
                exchange.heard += piece
            exchange.said = self.engine(bytes(exchange.heard))
            line.sendall(exchange.said)
            line.unwrap()


def reciting(request: bytes) -> bytes:
    """A model that says of every passage its first line, with its number: all that it was told, and nothing else."""
    asked = json.loads(request.partition(b"\r\n\r\n")[2])["messages"][-1]["content"]
    said = " ".join(f"{text.rstrip('.')} [{number}]." for number, text in _PASSAGE.findall(asked))
    return response(completion(said or "NOT STATED"))


def engine_behind(path: Path) -> Engine:
    """A real engine that listens on the unix socket `path`: it is told the very bytes that came."""

    def answered(request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(str(path))
            line.sendall(request)
            said = b""
            while piece := line.recv(65_536):
                said += piece
            return said

    return answered


@contextmanager
def real_engine(folder: Path, models: Path) -> Iterator[Engine]:
    """The shipped chat model in an engine of its own, apart from every house. Raises ModelMissing."""
    import subprocess

    from appliance.models import engines
    from appliance.settings import ROOT, load
    from tests.escalation.provider import eventually

    made = engines.launch(load(data=folder, models=models))
    with (folder / "engine.log").open("ab") as log:
        process = subprocess.Popen(
            list(made.arguments), env={**made.environment, "PYTHONPATH": str(ROOT)}, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        eventually(lambda: process.poll() is not None or engines.ready(made.endpoint), 240)
        assert process.poll() is None, (folder / "engine.log").read_text()[-2_000:]
        assert made.endpoint.socket is not None
        yield engine_behind(made.endpoint.socket)
    finally:
        process.terminate()
        process.wait()


def _whole(heard: bytearray) -> bool:
    head, separator, body = bytes(heard).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(separator) and len(body) >= int(length[1] if length else 0)


def plain(exchange: Exchange) -> dict[str, Any]:
    """What was asked, as JSON."""
    told: dict[str, Any] = json.loads(exchange.body)
    return told
