"""`muniment models convert | pin`, as an operator types them."""

import os
import subprocess
import sys
from pathlib import Path

from appliance.models.manifest import chat
from appliance.settings import ROOT

ENTRY = ROOT / "deploy" / "vllm" / "models" / "qwen2.5-7b-instruct.toml"


def models(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "appliance.cli", "models", *arguments],
        env=os.environ | environment | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip


def test_a_carried_model_is_pinned_once_and_then_verified(tmp_path: Path) -> None:
    home = tmp_path / "models" / "qwen2.5-7b-instruct"
    home.mkdir(parents=True)
    (home / "model.safetensors").write_text("weights, as it were")
    own = tmp_path / "own.toml"
    told = models("pin", str(ENTRY), str(home))
    assert (told.returncode, told.stdout.splitlines()[0]) == (0, "[[model]]")
    assert models("pin", str(ENTRY), str(home), "--into", str(own)).returncode == 0
    assert own.read_text("utf-8") == told.stdout
    assert chat("vllm", own).licence == "Apache-2.0"
    again = models("pin", str(ENTRY), str(home), "--into", str(own))
    assert (again.returncode, again.stderr.count("File exists")) == (2, 1)


def test_a_conversion_without_its_origin_is_told_in_two_lines(tmp_path: Path) -> None:
    told = models("convert", MUNIMENT_MODELS=str(tmp_path))
    assert told.returncode == 2
    assert "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf" in told.stderr
    assert "muniment models fetch" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_list_names_both_forms_of_the_chat_model() -> None:
    shown = models("list").stdout
    assert "qwen2.5-coder-1.5b-instruct-q4-k-m" in shown
    assert "qwen2.5-coder-1.5b-instruct-bf16" in shown
