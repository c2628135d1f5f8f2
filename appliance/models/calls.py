"""A call to an engine that one can wait for a moment at a time, and hang up on at any moment."""

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from typing import Any, Final, Generic, TypeVar

from appliance.errors import ModelUnavailable

LATE: Final = "The chat model's engine did not answer in time."
BROKE_OFF: Final = "The chat model's engine broke off."

Watch = Callable[[str, Mapping[str, Any]], None]
"""Told of each step that a connection makes: the trace extension of httpcore."""

_BEAT_S: Final = 0.25
"""How long a silence lasts before it is told; nobody who stops waiting is held up for longer."""

_PARTING_S: Final = 1.0
_PIECES_AHEAD: Final = 64
_CONNECTED: Final = ("connection.connect_unix_socket.complete", "connection.connect_tcp.complete")

Piece = TypeVar("Piece")


class Call(Generic[Piece]):
    """An answer that is read on a thread of its own, because a blocking read can be neither watched nor left.

    Shutting the connection down wakes the thread. That is done on a duplicate of the socket, which is the caller's to
    close, whatever the thread does with its own.
    """

    def __init__(self) -> None:
        self._heard: Queue[Piece | ModelUnavailable | None] = Queue(_PIECES_AHEAD)
        self._lock = threading.Lock()
        self._over = False
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def begin(self, answer: Generator[Piece, None, None]) -> None:
        """Start to read `answer`, which raises nothing but ModelUnavailable and lets `watch` see its connection."""
        self._thread = threading.Thread(target=self._read, args=(answer,), name="chat-model", daemon=True)
        self._thread.start()

    def heard(self, seconds: float) -> Iterator[Piece | None]:
        """Each piece as it comes, and None when there is none for a moment, until the answer ends.

        Raises ModelUnavailable: the answer's own, or if there is no piece for `seconds`.
        """
        until = time.monotonic() + seconds
        while True:
            patience = until - time.monotonic()
            try:
                piece = self._heard.get(timeout=max(0.0, min(_BEAT_S, patience)))
            except Empty:
                if patience <= _BEAT_S:
                    raise ModelUnavailable(LATE) from None
                yield None
                continue
            if piece is None:
                return
            if isinstance(piece, ModelUnavailable):
                raise piece
            yield piece
            until = time.monotonic() + seconds

    def hang_up(self) -> None:
        """Cut the connection, at whatever stage it is, and see the thread off."""
        with self._lock:
            self._over = True
            self._cut()
        if self._thread:
            # Only a connection that is still being made can last longer; `watch` cuts it as soon as it stands.
            self._thread.join(_PARTING_S)

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """See `Watch`: keeps a duplicate of the socket as soon as there is one."""
        if event in _CONNECTED:
            with self._lock:
                self._connection = info["return_value"].get_extra_info("socket").dup()
                if self._over:
                    self._cut()

    def _cut(self) -> None:
        if self._connection:
            with suppress(OSError):  # the engine may have closed it already
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
            self._connection = None

    def _read(self, answer: Generator[Piece, None, None]) -> None:
        end: ModelUnavailable | None = ModelUnavailable(BROKE_OFF)
        try:
            with closing(answer):
                for piece in answer:
                    if not self._pass_on(piece):
                        return
            end = None
        except ModelUnavailable as error:
            end = error
        finally:
            self._pass_on(end)

    def _pass_on(self, piece: Piece | ModelUnavailable | None) -> bool:
        """Whether somebody still listens."""
        while not self._over:
            with suppress(Full):
                self._heard.put(piece, timeout=_BEAT_S)
                return True
        return False
