"""Pin a model that a person carried here: what it is from an entry without files, its files and digests as they lie."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from appliance.errors import FetchFailed
from appliance.models.manifest import FORMATS, Progress, digest, silent

_SAID: Final = ("name", "role", "engine", "licence", "source", "hub")
_ADVICE: Final = "The entries in deploy/vllm/models show the form."


def pinned(entry: Path, folder: Path, progress: Progress = silent) -> tuple[str, tuple[str, ...]]:
    """The text of a manifest for the model in `folder`, and the files there that it leaves out.

    `entry` is a TOML file with one `[[model]]` that says all but the files. `leave` in it lists files that are not to
    be loaded; files of other formats than `manifest.FORMATS` are always left out. The digests say that these bytes
    stay these bytes; whether they are the publisher's is for the person who carried them to compare. Raises
    FetchFailed if `entry` or `folder` cannot be read, or holds no weights.
    """
    said = _said(entry)
    left_out = set(map(str, said.get("leave", ())))
    try:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        names = [path.relative_to(folder).as_posix() for path in found]
        kept = [name for name in names if Path(name).suffix in FORMATS and name not in left_out]
        if not any(name.endswith((".safetensors", ".gguf")) for name in kept):
            raise FetchFailed(f"{folder} holds no weights in safetensors or GGUF.", advice="Name the model's folder.")
        tables = [_table(name, folder / name, progress) for name in kept]
    except OSError as error:
        raise FetchFailed(f"{folder} cannot be read: {error.strerror}.", advice="Nothing was written.") from error
    head = "\n".join(f"{key} = {_quoted(str(said[key]))}" for key in _SAID if key in said)
    text = "\n\n".join((f"[[model]]\n{head}", *tables)) + "\n"
    return text, tuple(name for name in names if name not in kept)


def _said(entry: Path) -> dict[str, Any]:
    try:
        [said] = tomllib.loads(entry.read_text("utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FetchFailed(f"{entry} is no entry of one model.", advice=_ADVICE) from error
    missing = [key for key in _SAID if key != "hub" and not said.get(key)]
    if missing or "file" in said:
        fault = f"says nothing of {', '.join(missing)}" if missing else "lists files already"
        raise FetchFailed(f"{entry} {fault}.", advice=_ADVICE)
    return dict(said)


def _table(name: str, path: Path, progress: Progress) -> str:
    sha = digest(path, progress)
    return f'[[model.file]]\npath = {_quoted(name)}\nbytes = {path.stat().st_size}\nsha256 = "{sha}"'


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)
