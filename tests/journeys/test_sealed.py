"""The whole stack in a namespace without a route: it works there, and no process tries to leave it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from appliance import closing
from appliance.errors import ModelMissing
from appliance.models import engines
from appliance.models.manifest import entry, locate
from appliance.settings import ROOT, load
from tests.left_out import left_out

pytestmark = [pytest.mark.sealed, pytest.mark.model]

_ADDRESS = re.compile(
    r"sa_family=AF_INET, sin_port=htons\((?P<port>\d+)\), sin_addr=inet_addr\(\"(?P<four>[^\"]+)\"\)"
    r"|sa_family=AF_INET6, sin6_port=htons\((?P<port6>\d+)\).*?inet_pton\(AF_INET6, \"(?P<six>[^\"]+)\""
)
PARTS = 5
"""Store, model, worker, API, portal."""
_CALL = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(")


def outward(trace: str) -> list[str]:
    """The traced calls that connect or send to an address that is not this machine's own, or to a name server."""
    found = []
    for line in trace.splitlines():
        if not _CALL.search(line):
            continue
        for address in _ADDRESS.finditer(line):
            host, port = address["four"] or address["six"], address["port"] or address["port6"]
            if port == "53" or not (host.startswith("127.") or host in {"::1", "0.0.0.0", "::"}):  # noqa: S104
                found.append(line)
    return found


def run(folder: Path, *, control: bool) -> tuple[dict[str, Any], str]:
    """Run `sealed_run` under `unshare -rn` and strace; return what it saw, and the trace of every process."""
    for tool in ("strace", "unshare"):
        if shutil.which(tool) is None:
            left_out("THE SEALED RUN", f"{tool} is not installed (apt-get install {tool})")
    traces, result = folder / "traces", folder / "result.json"
    traces.mkdir()
    environment = os.environ | {"MUNIMENT_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    environment["MUNIMENT_MODELS"] = os.environ.get("MUNIMENT_MODELS") or str(load().models_folder)
    if control:
        environment["SEALED_CONTROL"] = "1"
    command = ("unshare", "-rn", "strace", "-ff", "--seccomp-bpf", "-qq", "-s", "200", "-e", "trace=%network,execve")
    done = subprocess.run(
        [*command, "-o", str(traces / "t"), sys.executable, "-m", "tests.journeys.sealed_run", str(result)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert result.exists(), done.stderr[-2_000:]
    trace = "\n".join(path.read_text(errors="replace") for path in sorted(traces.iterdir()))
    return json.loads(result.read_text()), trace


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    try:
        locate(entry("chat", "llama.cpp"), load().models_folder)
    except ModelMissing as missing:
        left_out("THE SEALED RUN", f"{missing} {missing.advice}")
    return run(tmp_path_factory.mktemp("sealed"), control=False)


def test_the_tracer_sees_an_attempt_to_leave(tmp_path: Path) -> None:
    """The control that lets the next test fail: one planted datagram to a name server is found."""
    seen, trace = run(tmp_path, control=True)
    assert seen["interfaces"] == ["lo"]
    assert len(outward(trace)) == 1


def test_no_process_tries_to_leave_or_looks_up_a_name(journey: tuple[dict[str, Any], str]) -> None:
    seen, trace = journey
    assert seen["interfaces"] == ["lo"]
    assert "llama_server" in trace
    assert "ui.serve" in trace
    assert outward(trace) == []


def test_the_stack_comes_up_and_goes_down(journey: tuple[dict[str, Any], str]) -> None:
    seen, _ = journey
    for step in ("up", "status", "down"):
        assert seen[step]["code"] == 0, seen[step]["output"]
    data = seen["data"]
    assert [p for p in psutil.process_iter(["cmdline"]) if data in " ".join(p.info["cmdline"] or ())] == []


def test_each_part_is_closed_by_the_kernel_and_the_tripwire_names_nobody(journey: tuple[dict[str, Any], str]) -> None:
    """Fails if a part is started without `appliance/closing.py`, or does what the tripwire watches for."""
    seen, _ = journey
    whole = closing.possible() == closing.Walls(ports=True, sockets=True)
    assert seen["status"]["output"].count("closed by the kernel") == (PARTS if whole else 0), seen["status"]["output"]
    assert seen["tripwire"] == []


def test_every_file_ends_in_one_outcome_and_again_is_a_no_op(journey: tuple[dict[str, Any], str]) -> None:
    seen, _ = journey
    first, second = seen["first ingest"]["output"], seen["second ingest"]["output"]
    stored, quarantined = (int(re.findall(rf"{word}\W+(\d+)\b", first)[0]) for word in ("stored", "quarantined"))
    files = [p for p in (ROOT / "deploy" / "demo" / "documents").rglob("*") if p.is_file() and p.name != ".access.yaml"]
    assert stored + quarantined == len(files), first
    assert quarantined == 1, first
    assert "unlisted/minutes.md: no access list" in first
    assert re.search(r"stored\W+0\b", second), second
    assert re.search(rf"unchanged\W+{stored}\b", second), second


def test_the_real_model_answers_with_a_citation(journey: tuple[dict[str, Any], str]) -> None:
    seen, _ = journey
    outcome = seen["asked"][0]["outcome"]
    assert outcome["kind"] == "answer", outcome
    assert "500" in outcome["text"]
    assert {citation["uri"] for citation in outcome["citations"]} == {"finance/purchasing-limits.md"}
    assert 0 < outcome["usage"]["prompt_tokens"] <= engines.context(load())
    assert "500" in seen["told"]["output"]


def test_two_people_get_two_answers_to_one_question(journey: tuple[dict[str, Any], str]) -> None:
    """Guards the clause that `Rules.scope` makes and the second decision in `search.find`, with everything real."""
    seen, _ = journey
    nurse, controller = seen["asked"][1]["outcome"], seen["asked"][2]["outcome"]
    assert nurse["kind"] == "answer"
    assert "penicillin" in nurse["text"].lower()
    assert {citation["uri"] for citation in nurse["citations"]} == {"nursing/icu/handover-2026-05-14.txt"}
    assert "penicillin" not in json.dumps(controller).lower()
    assert all("handover" not in citation["uri"] for citation in controller.get("citations", ()))


def test_what_the_documents_do_not_say_is_refused(journey: tuple[dict[str, Any], str]) -> None:
    seen, _ = journey
    outcome = seen["asked"][3]["outcome"]
    assert outcome["kind"] == "refusal", outcome
    assert "wifi" in outcome["looked_for"]


def test_a_contractor_finds_public_documents_only(journey: tuple[dict[str, Any], str]) -> None:
    seen, _ = journey
    assert seen["contractor finds"]
    assert all(uri.startswith(("shared/", "facilities/contractors/")) for uri in seen["contractor finds"])
