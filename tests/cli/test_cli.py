import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from appliance.models.manifest import entry
from appliance.settings import ROOT


def muniment(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "appliance.cli", *arguments],
        env=os.environ | environment | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip


def test_help_names_every_command() -> None:
    shown = muniment("--help")
    assert shown.returncode == 0
    for command in ("up", "down", "status", "ask", "search", "ingest", "models", "eval"):
        assert f" {command} " in shown.stdout, shown.stdout


def test_an_illegal_setting_is_told_in_two_lines(tmp_path: Path) -> None:
    told = muniment("status", MUNIMENT_EGRESS="closed", MUNIMENT_DATA=str(tmp_path))
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.splitlines() == [
        "Error: Settings refused: identity=demo with egress other than absent.",
        "These do not fit together; see deploy/README.md.",
    ]


@pytest.mark.parametrize(
    "command", [("status",), ("ingest", "deploy/demo/documents"), ("ask", "What?", "--as", "mara")]
)
def test_commands_say_that_the_stack_is_not_up(command: tuple[str, ...], tmp_path: Path) -> None:
    told = muniment(*command, MUNIMENT_DATA=str(tmp_path), MUNIMENT_API_PORT="9411", MUNIMENT_PORTAL_PORT="9412")
    assert told.returncode == 2
    assert "running" in told.stderr or "not up" in told.stderr
    assert "Traceback" not in told.stderr


def test_down_without_a_stack_is_no_fault(tmp_path: Path) -> None:
    told = muniment("down", MUNIMENT_DATA=str(tmp_path))
    assert (told.returncode, told.stdout) == (0, "Nothing is running.\n")


def test_a_misspelt_variable_is_refused_by_name() -> None:
    told = muniment("status", MUNIMENT_API_PROT="9411")
    assert told.returncode == 2
    assert "MUNIMENT_API_PROT is no setting" in told.stderr


class Stranger(BaseHTTPRequestHandler):
    """Another program's web page."""

    def do_POST(self) -> None:  # the name is the library's
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_arguments: object) -> None:
        return


def test_another_program_on_the_port_is_told_apart(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = muniment("ask", "What?", "--as", "mara", MUNIMENT_API_PORT=str(server.server_port))
        server.shutdown()
    assert told.returncode == 2
    assert "is not this appliance's API" in told.stderr


def test_a_stray_byte_in_a_question_is_no_traceback(tmp_path: Path) -> None:
    told = muniment("ask", "Besuch f\udcfcr", "--as", "mara", MUNIMENT_API_PORT="9411")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_a_missing_model_is_named_with_what_to_do(tmp_path: Path) -> None:
    told = muniment("up", MUNIMENT_DATA=str(tmp_path), MUNIMENT_API_PORT="9411", MUNIMENT_PORTAL_PORT="9412")
    assert told.returncode == 2
    assert "qwen2.5-coder-1.5b-instruct" in told.stderr
    assert "muniment models fetch" in told.stderr
    assert muniment("status", MUNIMENT_DATA=str(tmp_path)).returncode == 2


def test_a_damaged_model_is_named_with_both_digests(tmp_path: Path) -> None:
    embedding = entry("embedding")
    damaged = tmp_path / "models" / embedding.name / embedding.files[0].path
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{}")
    told = muniment("models", "verify", MUNIMENT_DATA=str(tmp_path))
    assert told.returncode == 1
    assert "damaged: expected SHA-256" in told.stdout.replace("\n", " ")
    assert "found 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" in told.stdout.replace("\n", " ")


def test_the_manifest_is_listed_with_licences() -> None:
    shown = muniment("models", "list")
    assert shown.returncode == 0
    assert shown.stdout.count("Apache-2.0") >= 2
