"""An engine without weights that speaks the engines' wire format, so that the whole stack runs without the real model.

`python -m tests.contracts.fake_engine --socket PATH [--reply TEXT] [--choice YES|NO] [--repeat]`
"""

import argparse
import json
import math
import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from appliance.models.engines import Endpoint, Launch, endpoint
from appliance.models.local import ChatModel, Finished, Message, Text
from appliance.selftest.repeating import RepeatingModel
from appliance.settings import ROOT, Settings
from tests.contracts.chat_models import ScriptedModel, chosen


class FakeEngine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Serves `model` on a unix socket; with `ragged`, cuts what it sends at every `ragged` bytes."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, model: ChatModel, socket: Path, *, ragged: int = 0) -> None:
        self.model = model
        self.ragged = ragged
        before = os.umask(0o177)
        try:
            super().__init__(str(socket), Conversation)
        finally:
            os.umask(before)


class AskerWent(Exception):
    """The asker closed the connection: the answer stops, as a real engine's does."""


class Conversation(BaseHTTPRequestHandler):
    """One connection to the fake engine."""

    server: FakeEngine
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._whole({"status": "ok"} if self.path == "/health" else {"data": [{"id": self.server.model.name}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        messages = [Message(message["role"], message["content"]) for message in asked["messages"]]
        if asked.get("stream"):
            with suppress(AskerWent):
                self._stream(messages, asked)
        else:
            self._whole(self._chosen(messages))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class has it
        """Say nothing."""

    def address_string(self) -> str:
        return "local"

    def _chosen(self, messages: list[Message]) -> dict[str, Any]:
        shares = chosen(self.server.model.choose(messages, ("YES", "NO")))
        unsure = chosen(self.server.model.choose(messages, ("NOT STATED",)))["NOT STATED"]
        shares = {word: share * (1 - unsure) for word, share in shares.items()} | {"NOT": unsure}
        tokens = [{"token": word, "logprob": math.log(share)} for word, share in shares.items() if share]
        return {"choices": [{"logprobs": {"content": [{"top_logprobs": tokens}]}}]}

    def _stream(self, messages: list[Message], asked: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        told = {"max_tokens": asked["max_tokens"], "stop": asked.get("stop", ()), "salt": asked["cache_salt"]}
        for piece in self.server.model.stream(messages, **told):
            match piece:
                case Text(text):
                    self._event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})
                case Finished():
                    self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": piece.reason}]})
                    self._event({"choices": [], "usage": _usage(piece)})
        self._send(b"data: [DONE]\n\n")

    def _event(self, event: dict[str, Any]) -> None:
        self._send(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")

    def _send(self, data: bytes) -> None:
        step = self.server.ragged or len(data)
        try:
            for start in range(0, len(data), step):
                self.wfile.write(data[start : start + step])
        except ConnectionError as error:
            raise AskerWent from error

    def _whole(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _usage(end: Finished) -> dict[str, Any]:
    return {
        "prompt_tokens": end.prompt_tokens,
        "completion_tokens": end.answer_tokens,
        "prompt_tokens_details": {"cached_tokens": end.cached_tokens},
    }


@contextmanager
def serving(model: ChatModel, socket: Path, *, ragged: int = 0) -> Iterator[Endpoint]:
    """The fake engine in a thread of this process while the block runs."""
    with FakeEngine(model, socket, ragged=ragged) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Endpoint("http://localhost", socket=socket)
        finally:
            server.shutdown()
            thread.join()


def fake_launch(settings: Settings, *arguments: str) -> Launch:
    """What to start instead of the real engine, on the same socket; `arguments` as for this module."""
    where = endpoint(settings)
    settings.run_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = (sys.executable, "-m", "tests.contracts.fake_engine", "--socket", str(where.socket), *arguments)
    return Launch(command, {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}, where)


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--reply", default=ScriptedModel().reply)
    parser.add_argument("--choice", default="", help="YES or NO, for questions of one token")
    parser.add_argument("--repeat", action="store_true")
    asked = parser.parse_args()
    asked.socket.unlink(missing_ok=True)
    model = RepeatingModel() if asked.repeat else ScriptedModel(asked.reply, choice=asked.choice)
    with FakeEngine(model, asked.socket) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
