"""A packed encoder becomes the pinned files or nothing, and what it becomes is read by the real library."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import FetchFailed, ModelDamaged
from appliance.models import manifest, packed
from appliance.models.fetching import fetch
from appliance.models.manifest import Entry, File
from appliance.models.unpacking import Unpacking, unpack
from appliance.retrieval.embedding import SentenceTransformerEmbedder
from tests.models import packing


def pinned(path: str, data: bytes) -> File:
    return File(path, len(data), hashlib.sha256(data).hexdigest())


ORIGIN = Entry("toy-q4", "embedding", "packed", "CC0-1.0", "here", (pinned("toy.e5s1", packing.packed()),))


def made(folder: Path) -> dict[str, bytes]:
    unpack(packed.read(packing.packed()), folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def result(folder: Path) -> Entry:
    files = tuple(pinned(path, data) for path, data in made(folder).items())
    return Entry("toy", "embedding", "sentence-transformers", "CC0-1.0", "here", files, made_from="toy-q4")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models" / "toy-q4").mkdir(parents=True)
    (tmp_path / "models" / "toy-q4" / "toy.e5s1").write_bytes(packing.packed())
    return tmp_path / "models"


def test_the_shipped_embedding_model_is_made_from_one_that_a_package_brings() -> None:
    shipped = manifest.entry("embedding")
    origin = manifest.named(shipped.made_from)
    assert origin.engine == "packed"
    assert origin.files[0].pieces
    assert shipped.licence == origin.licence == "MIT"


def test_what_was_unpacked_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert made(tmp_path / "one") == made(tmp_path / "two")


def test_the_weights_are_what_the_blocks_say(tmp_path: Path) -> None:
    model = packed.read(packing.packed())
    weights = model.tensor("emb.word", len(packing.PIECES), packing.WIDTH)
    kind, numbers, offset = model._tensors["emb.word"]
    assert (kind, numbers) == (1, weights.size)
    block = packing.packed()[offset : offset + 18]
    (scale,) = struct.unpack("<e", block[:2])
    by_hand = [((block[2 + j] & 15) - 8) * scale for j in range(16)] + [
        ((block[2 + j] >> 4) - 8) * scale for j in range(16)
    ]
    assert np.allclose(weights[0], by_hand, atol=1e-3)


def test_the_library_reads_what_was_made_and_questions_differ_from_passages(models: Path, tmp_path: Path) -> None:
    entry = result(tmp_path / "expected")
    assert set(fetch(entry, models, Unpacking(ORIGIN, models))) == {file.path for file in entry.files}
    embedder = SentenceTransformerEmbedder(models / "toy")
    asked, told = embedder.embed_questions(["wash hands"]), embedder.embed(["wash hands"])
    assert asked.shape == told.shape == (1, packing.WIDTH)
    assert not np.allclose(asked, told, atol=1e-3)
    assert embedder.count_tokens("wash\u200bhands\u0007") == embedder.count_tokens("wash hands") == 4


def test_other_bytes_than_the_pinned_ones_are_not_installed(models: Path, tmp_path: Path) -> None:
    """Guards `found != file.sha256` in `fetching._admit`, for what was unpacked here too."""
    entry = result(tmp_path / "expected")
    wrong = File(entry.files[0].path, entry.files[0].bytes, "0" * 64)
    other = Entry("toy", "embedding", "s", "CC0-1.0", "here", (wrong, *entry.files[1:]), made_from="toy-q4")
    with pytest.raises(ModelDamaged, match="as brought is damaged"):
        fetch(other, models, Unpacking(ORIGIN, models))
    assert not list((models / "toy").rglob("*"))


def test_it_starts_from_verified_bytes_only(models: Path, tmp_path: Path) -> None:
    """Guards the call of `verified` in `Unpacking.bring`."""
    damaged = bytearray(packing.packed())
    damaged[-1] ^= 1
    (models / "toy-q4" / "toy.e5s1").write_bytes(damaged)
    with pytest.raises(ModelDamaged, match=r"toy\.e5s1"):
        fetch(result(tmp_path / "expected"), models, Unpacking(ORIGIN, models))


def test_a_model_of_another_origin_is_refused(models: Path, tmp_path: Path) -> None:
    entry = result(tmp_path / "expected")
    stranger = Entry("toy", "embedding", "s", "CC0-1.0", "here", entry.files, made_from="another")
    with pytest.raises(FetchFailed, match="not made from"):
        fetch(stranger, models, Unpacking(ORIGIN, models))


@pytest.mark.parametrize("raw", [b"", b"GGUF" + bytes(90), packing.packed()[:60], packing.packed()[:300]])
def test_what_is_no_packed_model_is_damaged(raw: bytes) -> None:
    with pytest.raises(ModelDamaged):
        packed.read(raw)
