"""The child process that turns GGUF into safetensors: `python -m appliance.models.converter --source F --into D`.

It runs with the Python of vLLM's environment, so it imports nothing of ours. Its files are the same bytes each time
(the manifest pins them): what depends on where they were made is left out.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

_WRITERS_OWN = ("_model_name_or_path", "is_local", "local_files_only")
_WANTED = frozenset(
    {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}
)


def main() -> int:
    """Convert. Exit code 1 with one line on stderr if a library is missing or the file cannot be read."""
    parser = argparse.ArgumentParser(prog="converter", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="the GGUF file")
    parser.add_argument("--into", type=Path, required=True, help="an empty folder")
    asked = parser.parse_args()
    try:
        convert(asked.source, asked.into)
    except (ImportError, OSError, ValueError, KeyError, RuntimeError, MemoryError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def convert(source: Path, into: Path) -> None:
    """Write the weights of `source` in bfloat16, its tokenizer and its chat template to `into`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    home, file = str(source.parent), source.name
    tokenizer: Any = AutoTokenizer.from_pretrained(home, gguf_file=file, trust_remote_code=False)
    tokenizer.save_pretrained(into)
    model: Any = AutoModelForCausalLM.from_pretrained(
        home,
        gguf_file=file,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
        trust_remote_code=False,
    )
    model.save_pretrained(into, max_shard_size="100GB")
    for path in list(into.iterdir()):
        if path.name not in _WANTED:
            path.unlink()  # generation_config.json: temperature and the like are said with each request
    for name in ("config.json", "tokenizer_config.json"):
        plain = json.loads((into / name).read_text("utf-8"))
        kept = {key: value for key, value in plain.items() if key not in _WRITERS_OWN}
        (into / name).write_text(json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
