"""The core of Muniment: it answers questions from an institution's own documents.

This file is the one place where offline and no-telemetry switches are set. It runs before any library that could
call home is imported, because every room of the appliance (and `ingest`) lies below this package. Child processes
inherit the switches through the environment.
"""

import os

SILENCE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "ANONYMIZED_TELEMETRY": "false",
    "ORT_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "OTEL_SDK_DISABLED": "true",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Switches of the libraries that would otherwise download or report at run time, with the value that silences each."""

os.environ.update(SILENCE)
