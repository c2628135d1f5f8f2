"""Models are these very bytes or they are refused; formats that run code are refused whatever their bytes."""

import hashlib
from pathlib import Path

import pytest

from appliance.errors import ModelDamaged, ModelMissing
from appliance.models import manifest
from appliance.models.manifest import Entry, File, entries, entry, locate, verified, verify

WEIGHTS = b"GGUF, as it were"
SHA = hashlib.sha256(WEIGHTS).hexdigest()
MODEL = Entry("toy", "chat", "llama.cpp", "CC0-1.0", "here", (File("toy.gguf", len(WEIGHTS), SHA),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "toy.gguf").write_bytes(WEIGHTS)
    return tmp_path


def written(tmp_path: Path, path: str) -> Path:
    manifest_file = tmp_path / "manifest.toml"
    manifest_file.write_text(
        '[[model]]\nname = "m"\nrole = "chat"\nengine = "e"\nlicence = "l"\nsource = "s"\n'
        f'[[model.file]]\npath = "{path}"\nbytes = 1\nsha256 = "00"\n'
    )
    return manifest_file


def test_the_shipped_manifest_pins_every_file_of_each_model() -> None:
    assert {model.role for model in entries()} == {"chat", "embedding", "ocr", "names", "personal-data"}
    for model in entries():
        assert model.licence
        assert all(len(file.sha256) == 64 and file.bytes > 0 for file in model.files)
        assert model.made_from or all(file.pieces for file in model.files)
        assert not model.made_from or manifest.named(model.made_from).role == model.role
    assert len(entry("chat").packages) == 22
    assert entry("chat").bytes == 1_117_320_768


def test_a_role_that_no_model_fills_is_named() -> None:
    with pytest.raises(ModelMissing, match="no embedding model for vllm"):
        entry("embedding", "vllm")
    with pytest.raises(ModelMissing, match="no model toy"):
        manifest.named("toy")


OWN = """
[[model]]
name = "own"
role = "chat"
engine = "vllm"
licence = "Apache-2.0"
source = "carried here"
[[model.file]]
path = "model.safetensors"
bytes = 1
sha256 = "{sha}"
"""


def test_the_sites_own_manifest_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN.format(sha=SHA))
    assert manifest.chat("vllm", own).name == "own"
    assert manifest.chat("llama.cpp", own) == entry("chat", "llama.cpp")
    assert manifest.chat("vllm") == entry("chat", "vllm")
    own.write_text("no TOML [")
    with pytest.raises(ModelMissing, match="cannot be read"):
        manifest.chat("vllm", own)


@pytest.mark.parametrize("sha", ["", "to be filled in", SHA[:-1], SHA.upper()])
def test_a_file_without_a_digest_is_refused(tmp_path: Path, sha: str) -> None:
    """Guards `_SHA256.fullmatch` in `_file`: an entry that nobody pinned must not look like one that somebody did."""
    (tmp_path / "own.toml").write_text(OWN.format(sha=sha))
    with pytest.raises(ModelDamaged, match="pins no digest"):
        manifest.chat("vllm", tmp_path / "own.toml")


@pytest.mark.parametrize("path", ["m.bin", "m.pt", "m.pkl", "m.ckpt", "m.h5", "modeling.py", "m.safetensors.exe", "m"])
def test_only_formats_that_hold_numbers_are_accepted(tmp_path: Path, path: str) -> None:
    """Guards `path.suffix not in FORMATS` in `_file`: without it a manifest could name a pickle."""
    with pytest.raises(ModelDamaged, match="only"):
        entries(written(tmp_path, path))


@pytest.mark.parametrize("path", ["/etc/m.gguf", "../m.gguf", "a/../../m.gguf"])
def test_a_path_stays_in_the_models_folder(tmp_path: Path, path: str) -> None:
    """Guards `if path.is_absolute() or ".." in path.parts` in `_file`."""
    with pytest.raises(ModelDamaged, match="outside"):
        entries(written(tmp_path, path))


def test_a_whole_model_is_verified_and_found(folder: Path) -> None:
    verify(MODEL, folder)
    assert verified(MODEL, folder) == locate(MODEL, folder) == folder / "toy" / "toy.gguf"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=f"toy.gguf.*{SHA}"):
        verify(MODEL, tmp_path)
    with pytest.raises(ModelMissing, match="toy"):
        locate(MODEL, tmp_path)


def test_a_damaged_model_is_named_with_both_digests(folder: Path) -> None:
    """Guards `if found != file.sha256` in `verify`: without it any bytes would be loaded."""
    (folder / "toy" / "toy.gguf").write_bytes(b"Gguf, as it were")
    found = hashlib.sha256(b"Gguf, as it were").hexdigest()
    with pytest.raises(ModelDamaged, match=f"toy.gguf.*expected SHA-256 {SHA}, found {found}"):
        verify(MODEL, folder)


def test_a_file_that_nobody_pinned_is_refused(folder: Path) -> None:
    """Guards `_refuse_strangers`: a loader may prefer the pickle beside the pinned file."""
    verified(MODEL, folder)
    (folder / "toy" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    for check in (verify, verified):
        with pytest.raises(ModelDamaged, match=r"pytorch_model\.bin does not belong"):
            check(MODEL, folder)


def test_an_unchanged_model_is_hashed_once(folder: Path) -> None:
    reads: list[str] = []
    for _ in range(2):
        verified(MODEL, folder, lambda name, _done, _total: reads.append(name))
    assert reads == ["toy.gguf"]


@pytest.mark.parametrize("stamps", ["", "null", "[]", '{"toy": []}', "\x00"])
def test_an_unreadable_stamp_means_hash_again(folder: Path, stamps: str) -> None:
    (folder / ".verified.json").write_text(stamps)
    (folder / "toy" / "toy.gguf").write_bytes(b"Gguf, as it were")
    with pytest.raises(ModelDamaged):
        verified(MODEL, folder)


def test_a_changed_model_is_hashed_again(folder: Path) -> None:
    verified(MODEL, folder)
    (folder / "toy" / "toy.gguf").write_bytes(b"Gguf, as it were!")
    with pytest.raises(ModelDamaged):
        verified(MODEL, folder)


def test_the_manifest_lies_in_the_package() -> None:
    assert manifest.MANIFEST.is_file()


def test_a_folder_where_no_stamp_can_be_written_does_as_well(folder: Path) -> None:
    (folder / ".verified.json").mkdir()
    assert verified(MODEL, folder) == folder / "toy" / "toy.gguf"
