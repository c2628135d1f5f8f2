"""The recorded list of flags and variables is what the installed vLLM says of itself."""

import json

from tests.vllm.conftest import PYTHON
from tests.vllm.known import RECORD, installed


def test_the_record_is_what_the_installed_vllm_says() -> None:
    found, recorded = installed(PYTHON), json.loads(RECORD.read_text("utf-8"))
    assert found["version"] == recorded["version"], "write the record anew: python -m tests.vllm.known PYTHON"
    assert found["flags"] == recorded["flags"]
    assert found["variables"] == recorded["variables"]
