"""A stack of its own with engine=vllm, started once by `muniment up` and stopped by `muniment down`.

For `make test-vllm` only; the files that ask for it are named `real_*.py`, so that `make test` does not collect them.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from appliance.models.engines import Endpoint, endpoint
from appliance.operations.stack import Stack
from appliance.settings import ROOT, Settings, load
from tests.contracts.chat_models import real_model_settings

PYTHON = Path(os.environ.get("VLLM_TEST_PYTHON", ROOT / ".venv-vllm" / "bin" / "python"))
DOCUMENTS = ("shared/.access.yaml", "shared/fire-safety.pdf", "hr/.access.yaml", "hr/needlestick.md")
PATIENCE = 3_600


@dataclass(frozen=True)
class House:
    """A running stack: what it was started with, and all that its commands printed."""

    settings: Settings
    environment: dict[str, str]
    said: list[str]

    def muniment(self, *arguments: str) -> str:
        """Run one command; what it prints is kept for the report, and an exit code other than 0 fails."""
        done = subprocess.run(
            [sys.executable, "-m", "appliance.cli", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.said.append(f"$ muniment {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, self.said[-1] + self.log("model")[-6_000:]
        return done.stdout

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.settings)

    def log(self, part: str) -> str:
        path = self.settings.run_folder / "logs" / f"{part}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def engine(self) -> psutil.Process:
        """The engine's own process, the parent of vLLM's others."""
        [running] = [part for part in Stack(self.settings.run_folder).running() if part.name == "model"]
        return psutil.Process(running.pid)


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def corpus(folder: Path) -> Path:
    """A few documents of the sample institution, with their access lists, beside its personas."""
    demo = ROOT / "deploy" / "demo"
    for name in DOCUMENTS:
        (folder / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(demo / "documents" / name, folder / "documents" / name)
    shutil.copy(demo / "personas.yaml", folder / "personas.yaml")
    return folder / "documents"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("vllm")
    api_port, portal_port = free_ports()
    overrides: dict[str, Any] = {
        "engine": "vllm",
        "vllm_python": PYTHON,
        "vllm_cache_gib": 1,
        "data": folder / "d",
        "models": real_model_settings(folder).models_folder,
        "demo_corpus": corpus(folder),
        "prompt_tokens": 900,
        "engine_seconds": PATIENCE,
        "model_seconds": 600,
        "api_port": api_port,
        "portal_port": portal_port,
    }
    environment = os.environ | {f"MUNIMENT_{name.upper()}": str(value) for name, value in overrides.items()}
    running = House(load(**overrides), environment | {"PYTHONPATH": str(ROOT)}, [])
    running.muniment("models", "fetch")
    running.muniment("up")  # what it started it stops itself if it fails
    family: list[psutil.Process] = []
    try:
        family = [running.engine(), *running.engine().children(recursive=True)]
        running.muniment("status")
        running.muniment("ingest", str(running.settings.demo_corpus))
        yield running
    finally:
        running.muniment("down")
        sys.stderr.write("\n" + "\n".join(running.said))
    left = psutil.wait_procs(family, timeout=30)[1]
    assert not left, f"{len(left)} processes of vLLM outlived `muniment down`"
