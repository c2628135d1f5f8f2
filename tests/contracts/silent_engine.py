"""An engine that takes a request, says so much and no more, and notices when the asker hangs up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.models.engines import Endpoint


@dataclass(frozen=True)
class Silence:
    """Where it listens; `asked` is set once a request has come, `left` once its connection is closed."""

    endpoint: Endpoint
    asked: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    def listen(self, connection: socket.socket, says: bytes) -> None:
        """One connection, to its end. A mere knock, without a request, counts for nothing."""
        with closing(connection):
            if not connection.recv(65_536):
                return
            connection.sendall(says)
            self.asked.set()
            while connection.recv(65_536):
                pass
            self.left.set()


@contextmanager
def silent_engine(folder: Path, *, says: bytes = b"") -> Iterator[Silence]:
    """The engine while the block runs, on a unix socket in `folder`."""
    over = threading.Event()
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(folder / "s.sock"))
        listener.listen()
        silence = Silence(Endpoint("http://localhost", socket=folder / "s.sock"))

        def serve() -> None:
            while not over.is_set():
                silence.listen(listener.accept()[0], says)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield silence
        finally:
            over.set()
            with closing(socket.socket(socket.AF_UNIX)) as last:
                last.connect(str(folder / "s.sock"))
            thread.join(5)
