"""A site's proxy on loopback: ends TLS, leads /v1/ to the API and the rest to the portal, keeps the host's name.

A process of its own: `python -m tests.ui.tls_proxy CERTIFICATE PORT API PORTAL`. Each connection carries one request.
"""

import asyncio
import socket
import ssl
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.identity.provider import certificates

ADDED = b"\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 10.0.0.7\r\n"


@contextmanager
def proxied(folder: Path, *, port: int, api: str, portal: str) -> Iterator[None]:
    """The proxy at https://localhost:PORT, as long as the block lasts."""
    folder.mkdir()
    _, certificate, key = certificates(folder)
    (folder / "proxy.pem").write_text(certificate + key)
    command = ["-m", "tests.ui.tls_proxy", str(folder / "proxy.pem"), str(port), api, portal]
    with subprocess.Popen([sys.executable, *command]) as process:
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield
        finally:
            process.kill()


async def serve(certificate: str, port: int, api: str, portal: str) -> None:
    """Relay until killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def relay(outside: StreamReader, answer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head, added = await outside.readuntil(b"\r\n\r\n"), ADDED
            there = api if head.split(b" ", 2)[1].startswith(b"/v1/") else portal
            if b"upgrade: websocket" not in head.lower():
                head = head.replace(b"Connection: keep-alive\r\n", b"")
                added += b"Connection: close\r\n"
            inside, ask = await asyncio.open_connection("127.0.0.1", int(there.rpartition(":")[2]))
            ask.write(head.replace(b"\r\n", added, 1))
            further = asyncio.create_task(pump(outside, ask))
            await pump(inside, answer)
            further.cancel()
            ask.close()
        answer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", port, ssl=context) as server:
        await server.serve_forever()


async def pump(source: StreamReader, sink: StreamWriter) -> None:
    """Everything from one side to the other."""
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
