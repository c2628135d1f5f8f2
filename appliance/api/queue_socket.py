"""One queue for several workers of the API: kept by their parent, asked over a unix socket.

A connection is a place: whoever has it open waits or runs, and whoever closes it has left. The kernel closes it for a
worker that dies, so no place is ever lost. The wire: the worker sends one line, the person's digest; the queue answers
one line for each position, 0 for "now", or one of the two words of a full queue. To the line `COUNTS` it answers how
many run and how many wait, and closes.
"""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import anyio

from appliance.api.admission import Bounds, Queue, Ticket, Turn
from appliance.errors import ApiUnavailable, QueueFull

HELLO_SECONDS: Final = 5.0
LINE_BYTES: Final = 1_024
BACKLOG: Final = 1_024
COUNTS: Final = "counts"


class RemoteTurn:
    """A turn that another process keeps."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.position = -1

    async def moved(self, seconds: float, *, since: int) -> None:  # noqa: ARG002  # every change is a line of its own
        """See `Turn.moved`. Raises QueueFull, and ApiUnavailable if the queue is gone."""
        with anyio.move_on_after(seconds):
            try:
                line = (await self._reader.readline()).decode().strip()
            except (OSError, ValueError) as error:
                raise _gone() from error
            if line.isdecimal():
                self.position = int(line)
            elif line:
                raise QueueFull(line)
            else:
                raise _gone()


class RemotePlaces:
    """The places that the parent of all workers keeps, behind `socket`."""

    def __init__(self, socket: Path, patience: float) -> None:
        self.patience = patience
        self._socket = socket

    @asynccontextmanager
    async def enter(self, person: str, /) -> AsyncIterator[Turn]:
        """See `Places.enter`. Raises ApiUnavailable if the queue does not answer."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=LINE_BYTES)
        except OSError as error:
            raise _gone() from error
        try:
            writer.write(hashlib.sha256(person.encode()).hexdigest().encode() + b"\n")
            turn = RemoteTurn(reader)
            await turn.moved(HELLO_SECONDS, since=-1)
            if turn.position < 0:
                raise _gone()
            yield turn
        finally:
            writer.close()

    async def counts(self) -> tuple[int, int]:
        """See `Places.counts`."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=LINE_BYTES)
                try:
                    writer.write(COUNTS.encode() + b"\n")
                    running, waiting = (await reader.readline()).split()
                finally:
                    writer.close()
                return int(running), int(waiting)
        except (OSError, ValueError) as error:  # a time-out is an OSError too
            raise _gone() from error


@contextmanager
def queue_served(socket: Path, bounds: Bounds) -> Iterator[None]:
    """Keep a queue behind `socket` while the block runs. The folder around it must be its own user's alone."""
    listening = threading.Event()
    kept = _Kept(socket, bounds, listening)
    thread = threading.Thread(target=kept.run, name="queue-of-questions", daemon=True)
    thread.start()
    if not listening.wait(HELLO_SECONDS):
        raise ApiUnavailable("The queue of questions cannot listen.", advice=f"See whether {socket} can be made.")
    try:
        yield
    finally:
        kept.stop()
        thread.join(HELLO_SECONDS)
        socket.unlink(missing_ok=True)


class _Kept:
    """The queue in the parent, on an event loop and a thread of its own."""

    def __init__(self, socket: Path, bounds: Bounds, listening: threading.Event) -> None:
        self._socket = socket
        self._bounds = bounds
        self._listening = listening
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)

    async def _serve(self) -> None:
        self._queue = Queue(self._bounds)
        self._socket.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(
            self._attend, path=str(self._socket), limit=LINE_BYTES, backlog=BACKLOG
        )
        self._socket.chmod(0o600)
        self._listening.set()
        await self._over.wait()
        server.close()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                person = (await reader.readline()).decode("ascii").strip()
            if person == COUNTS:
                writer.write(b"%d %d\n" % self._queue.counts())
                writer.close()
                return
            ticket = self._queue.enter(person)
        except QueueFull as full:
            writer.write(f"{full}\n".encode())
            writer.close()
            return
        except (OSError, ValueError):  # a worker that died, or somebody who is none of ours
            writer.close()
            return
        try:
            await self._while_it_lasts(ticket, reader, writer)
        except OSError:
            return  # the worker is gone, and its place with it
        finally:
            self._queue.leave(ticket)
            writer.close()

    async def _while_it_lasts(self, ticket: Ticket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Tell every position, until the worker closes the connection."""

        async def tell() -> None:
            while True:
                told = ticket.position
                writer.write(b"%d\n" % told)
                await writer.drain()
                await ticket.moved(float("inf"), since=told)

        telling = asyncio.create_task(tell())
        try:
            await reader.read()
        finally:
            telling.cancel()


def _gone() -> ApiUnavailable:
    return ApiUnavailable("The queue of questions does not answer.", advice="Nothing was begun. Try again in a minute.")
