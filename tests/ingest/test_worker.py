"""A parser has no network, sees none of the house's data, and is bounded; its failure is its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from appliance import enclosure
from appliance.settings import ROOT
from ingest import wire
from ingest.records import Fault, Parsed, Refused
from ingest.worker import Limits, Parsers

INSIDE = """
import socket, sys
from pathlib import Path
from appliance import enclosure
enclosure.enter([Path(sys.argv[2])], private=Path(sys.argv[3]))
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
    print("reached")
except OSError:
    print("cut off")
print(sorted(path.name for path in Path(sys.argv[2]).iterdir()))
"""


def inside(port: int, folder: Path) -> list[str]:
    arguments = [sys.executable, "-c", INSIDE, str(port), str(folder)]
    with tempfile.TemporaryDirectory() as private:
        done = subprocess.run([*arguments, private], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_a_parser_has_no_network_and_sees_no_data(tmp_path: Path) -> None:
    """Delete the call of `unshare` in `enclosure.enter` (or the loop of `mount`) and this fails."""
    (tmp_path / "key").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert inside(server.getsockname()[1], tmp_path) == ["cut off", "[]"]
    assert (tmp_path / "key").read_text() == "secret"


def servers() -> set[psutil.Process]:
    return {child for child in psutil.Process().children() if "ingest.server" in child.cmdline()}


def test_the_server_of_parsers_is_enclosed_and_gets_no_secret(tmp_path: Path) -> None:
    """Delete `enclosure.enter` in `server.serve`, or pass os.environ on in `_start`, and this fails."""
    before = servers()
    os.environ["MUNIMENT_TEST_KEY"] = "secret"
    try:
        with Parsers(Limits(1_024, 60, 10), hidden=[tmp_path]) as parsers:
            assert isinstance(parsers.parse("a.txt", b"Wash your hands."), Parsed)
            (server,) = servers() - before
            for space in ("net", "user", "mnt"):
                assert Path(f"/proc/{server.pid}/ns/{space}").readlink() != Path(f"/proc/self/ns/{space}").readlink()
            assert "MUNIMENT_TEST_KEY" not in server.environ()
            # The server dies under our feet: the file is refused, and the next one gets a new server.
            server.send_signal(signal.SIGKILL)
            server.wait()
            assert parsers.parse("a.txt", b"Wash your hands.") == Refused(Fault.CRASHED)
            assert isinstance(parsers.parse("a.txt", b"Wash your hands."), Parsed)
    finally:
        del os.environ["MUNIMENT_TEST_KEY"]
    assert servers() == before


def test_a_kernel_that_refuses_is_an_error_and_nothing_is_parsed() -> None:
    """Inside a user namespace that may hold no others, as on a hardened kernel; `serve` must not go on."""
    script = (
        "from pathlib import Path\n"
        "from ingest.worker import *\n"
        "Path('/proc/sys/user/max_user_namespaces').write_text('0')\n"
        "try:\n"
        "    Parsers(Limits(512, 5, 5)).parse('a.txt', b'text')\n"
        "except NoEnclosure as error:\n"
        "    print('refused', error)\n"
    )
    arguments = ["unshare", "-r", sys.executable, "-c", script]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("refused The kernel refuses to enclose parsers"), done.stderr


def test_memory_and_clock_are_outcomes_and_the_next_file_is_parsed() -> None:
    with Parsers(Limits(20, 60, 10)) as parsers:
        assert parsers.parse("brackets.md", b"[" * 50_000) == Refused(Fault.MEMORY)
    with Parsers(Limits(1_024, 10, 10)) as parsers:
        assert parsers.parse("brackets.md", b"[" * 50_000) == Refused(Fault.CLOCK)
        assert isinstance(parsers.parse("a.txt", b"Wash your hands."), Parsed)


def test_limits_of_a_child_are_set(tmp_path: Path) -> None:
    script = (
        "from appliance import enclosure; import resource\n"
        "enclosure.bound(memory_mib=100, seconds=5)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[1], resource.getrlimit(resource.RLIMIT_CORE)[1])\n"
        "bytearray(3 << 30)\n"
    )
    arguments = [sys.executable, "-c", script]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "6 0\n"
    assert "MemoryError" in done.stderr
    assert enclosure.__doc__


def boxed(box: str) -> bytes:
    """An answer of one block whose only line stands at `box`."""
    names = ("page", "left", "top", "right", "bottom")
    plain = ", ".join(f'"{name}": {value}' for name, value in zip(names, box.split(", "), strict=True))
    return (
        '{"title": "t", "media_type": "m", "pages": [{"number": 1, "text": "abc", "picture": 0}], "blocks": '
        '[{"kind": "text", "text": "abc", "page": 1, "start": 0, "end": 3, "level": 0, '
        f'"lines": [{{"start": 0, "end": 3, "box": {{{plain}}}}}]}}]}}'
    ).encode()


def test_a_box_on_its_page_is_believed() -> None:
    assert isinstance(wire.result(boxed("1, 0, 0, 1, 1"), b""), Parsed)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"not json", b""),
        (b"[]", b""),
        (b'{"fault": "NO_SUCH"}', b""),
        (b'{"fault": {}}', b""),
        (b'{"title": "t", "media_type": "m", "blocks": [], "pages": [], "more": 1}', b""),
        (b'{"title": "t", "media_type": "m", "blocks": [], "pages": [{"number": 2, "text": "", "picture": 0}]}', b""),
        (
            b'{"title": "t", "media_type": "m", "blocks": [], "pages": [{"number": 1, "text": "", "picture": 3}]}',
            b"abc",
        ),
        (b'{"title": "t", "media_type": "m", "blocks": [], "pages": []}', b"more"),
        (
            b'{"title": "t", "media_type": "m", "pages": [{"number": 1, "text": "abc", "picture": 0}], "blocks": '
            b'[{"kind": "text", "text": "abd", "page": 1, "start": 0, "end": 3, "level": 0, "lines": []}]}',
            b"",
        ),
        (
            b'{"title": "t", "media_type": "m", "pages": [], "blocks": '
            b'[{"kind": "text", "text": "a", "page": 1, "start": 0, "end": 1, "level": 0, "lines": []}]}',
            b"",
        ),
        (b'{"title": "a\\u202eb", "media_type": "m", "blocks": [], "pages": []}', b""),
        *((boxed(box), b"") for box in ("1, NaN, 0, 1, 1", "1, 0, 0, 1.5, 1", "1, 0.9, 0, 0.1, 1", "2, 0, 0, 1, 1")),
        (b"[" * 100_000, b""),
    ],
)
def test_what_a_parser_says_is_not_believed(head: bytes, body: bytes) -> None:
    """Delete `_holds` from `wire.result` and a parser could put words into a page that are not there."""
    assert wire.result(head, body) == Refused(Fault.CRASHED)


def test_an_answer_comes_back_as_it_was(parse: Callable[[str, bytes], Parsed | Refused]) -> None:
    result = parse("a.md", b"# Head\n\nA line.\n\n| Drug | Dose |\n|---|---|\n| A | 5 mg |\n")
    assert isinstance(result, Parsed)
    framed = wire.answer(result)
    lengths = wire.lengths(framed[: wire.PREFIX])
    assert lengths is not None
    head = framed[wire.PREFIX : wire.PREFIX + lengths[0]]
    assert wire.result(head, framed[wire.PREFIX + lengths[0] :]) == result
