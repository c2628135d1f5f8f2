"""Pinning a carried model: what may be loaded is listed with its digests, the rest is left out and named."""

import hashlib
from pathlib import Path

import pytest

from appliance.errors import FetchFailed
from appliance.models.manifest import chat, verify
from appliance.models.pinning import pinned
from appliance.settings import ROOT

ENTRY = """
[[model]]
name = "toy"
role = "chat"
engine = "vllm"
licence = "Apache-2.0"
source = 'The "toy" of the house'
leave = ["consolidated.safetensors"]
"""


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "toy"
    folder.mkdir(parents=True)
    for name in ("model-00001.safetensors", "config.json", "consolidated.safetensors", "README.md", "custom.py"):
        (folder / name).write_text(name)
    (tmp_path / "entry.toml").write_text(ENTRY)
    return folder


def test_what_is_pinned_is_what_the_manifest_then_verifies(tmp_path: Path, carried: Path) -> None:
    text, left_out = pinned(tmp_path / "entry.toml", carried)
    assert left_out == ("README.md", "consolidated.safetensors", "custom.py")
    (tmp_path / "own.toml").write_text(text)
    model = chat("vllm", tmp_path / "own.toml")
    assert [file.path for file in model.files] == ["config.json", "model-00001.safetensors"]
    assert model.files[0].sha256 == hashlib.sha256(b"config.json").hexdigest()
    for name in left_out:
        (carried / name).unlink()
    verify(model, tmp_path / "models")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("", "no entry of one model"),
        ("[[model", "no entry of one model"),
        (ENTRY + ENTRY, "no entry of one model"),
        (ENTRY.replace('licence = "Apache-2.0"', ""), "says nothing of licence"),
        (ENTRY + '[[model.file]]\npath = "x"', "lists files already"),
    ],
)
def test_an_entry_that_does_not_say_what_it_is_is_refused(
    tmp_path: Path, carried: Path, entry: str, words: str
) -> None:
    (tmp_path / "entry.toml").write_text(entry)
    with pytest.raises(FetchFailed, match=words):
        pinned(tmp_path / "entry.toml", carried)


def test_a_folder_without_weights_is_refused(tmp_path: Path, carried: Path) -> None:
    for weights in carried.glob("*.safetensors"):
        weights.unlink()
    with pytest.raises(FetchFailed, match="holds no weights"):
        pinned(tmp_path / "entry.toml", carried)


@pytest.mark.parametrize("entry", sorted((ROOT / "deploy" / "vllm" / "models").glob("*.toml")), ids=lambda p: p.stem)
def test_the_entries_that_are_offered_can_be_pinned(entry: Path, carried: Path) -> None:
    text, _ = pinned(entry, carried)
    assert "Apache-2.0" in text
    assert "sha256" not in entry.read_text("utf-8"), "no digest is claimed for bytes that nobody has seen"
