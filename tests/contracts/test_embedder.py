"""What every embedder keeps to: the fake of the tests and the model of an installation."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import EmbedderUnavailable
from appliance.retrieval.embedding import Embedder, SentenceTransformerEmbedder
from tests.contracts.hashing_embedder import HashingEmbedder

TEXTS = ["Wash your hands for thirty seconds.", "Hände desinfizieren.", "", "hands " * 2_000, "a\x00b"]


def hashing(_: Path) -> Embedder:
    return HashingEmbedder()


def tiny_model(folder: Path) -> Embedder:
    """A sentence-transformers model of a few kilobytes, made here: the real code on random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "wash", "your", "hands", "for", "thirty", "seconds", "."]
    raw = folder / "raw"
    raw.mkdir()
    (raw / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(7)
    shape = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(shape).save_pretrained(raw)
    BertTokenizerFast(vocab_file=str(raw / "vocab.txt")).save_pretrained(raw)
    transformer = Transformer(str(raw), max_seq_length=32)
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save(str(folder / "tiny"))
    return SentenceTransformerEmbedder(folder / "tiny", threads=1)


@pytest.fixture(scope="module", params=[hashing, tiny_model])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    make: Callable[[Path], Embedder] = request.param
    return make(tmp_path_factory.mktemp("model"))


def test_one_row_for_each_text(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32


def test_every_row_has_length_one(embedder: Embedder) -> None:
    assert np.allclose(np.linalg.norm(embedder.embed(TEXTS), axis=1), 1.0, atol=1e-5)


def test_the_same_texts_give_the_same_rows(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))


def test_rows_keep_the_order_of_the_texts(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    for row, text in zip(together, TEXTS, strict=True):
        assert float(row @ embedder.embed([text])[0]) > 0.99


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_the_name_tells_models_apart(embedder: Embedder) -> None:
    assert "@" in embedder.name
    assert embedder.name == embedder.name.strip()


def test_tokens_are_counted_beyond_what_is_read(embedder: Embedder) -> None:
    assert embedder.count_tokens(TEXTS[3]) > embedder.max_tokens > 0


def test_another_weight_is_another_name(tmp_path: Path) -> None:
    embedder = tiny_model(tmp_path)
    before = embedder.name
    weights = next((tmp_path / "tiny").rglob("*.safetensors"))
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    assert SentenceTransformerEmbedder(tmp_path / "tiny").name != before


@pytest.mark.parametrize("fault", ["absent", "torn", "pickled"])
def test_a_model_that_cannot_be_used_is_an_error(fault: str, tmp_path: Path) -> None:
    tiny_model(tmp_path)
    folder = tmp_path / "tiny"
    weights = next(folder.rglob("*.safetensors"))
    match fault:
        case "absent":
            folder = tmp_path / "nowhere"
        case "torn":
            weights.write_bytes(weights.read_bytes()[:100])
        case "pickled":
            weights.rename(weights.with_name("pytorch_model.bin"))
    with pytest.raises(EmbedderUnavailable):
        SentenceTransformerEmbedder(folder).embed(["hands"])
