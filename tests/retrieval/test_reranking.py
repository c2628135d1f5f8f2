"""The optional cross-encoder: a tiny one with fixed random weights, loaded from a folder as a real one would be."""

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from appliance.errors import EmbedderUnavailable, ModelMissing
from appliance.retrieval.reranking import CrossEncoderReranker, reranked
from tests.retrieval.conftest import passage

TEXTS = ["wash hands", "call the doctor", "the canteen opens", "rinse the wound", "hands of the doctor"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of two layers and some forty words."""
    made = tmp_path_factory.mktemp("reranker")
    words = sorted({word for text in TEXTS for word in text.split()})
    (made / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]), "utf-8")
    BertTokenizerFast(str(made / "vocab.txt")).save_pretrained(made)
    torch.manual_seed(11)
    shape = BertConfig(
        vocab_size=len(words) + 5, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, num_labels=1, initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(shape).save_pretrained(made, safe_serialization=True)
    return made


def test_the_order_follows_its_scores(folder: Path) -> None:
    reranker = CrossEncoderReranker(folder)
    scores = reranker.scores("wash the wound", TEXTS)
    assert scores == reranker.scores("wash the wound", TEXTS)
    assert len(set(scores)) == len(TEXTS)
    hits = [passage(f"d{number}#0", text, score=1.0 - number / 10) for number, text in enumerate(TEXTS)]
    expected = [text for _, text in sorted(zip(scores, TEXTS, strict=True), reverse=True)]
    found = reranked(hits, scores)
    assert [one.text for one in found] == expected
    assert [one.score for one in found] == [one.score for one in hits]
    assert expected != TEXTS
    assert reranker.scores("wash", []) == []


def test_hits_beyond_the_scores_stay_behind() -> None:
    hits = [passage(f"d{number}#0") for number in range(4)]
    assert [one.document for one in reranked(hits, [0.1, 0.2])] == ["d1", "d0", "d2", "d3"]


def test_a_missing_folder_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        CrossEncoderReranker(tmp_path / "nowhere")


def test_pickled_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    """Guards the glob of safetensors in `CrossEncoderReranker`: a pickle would run code when it is read."""
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelMissing):
        CrossEncoderReranker(tmp_path)


def test_damaged_weights_stop_the_start(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(b"x" if file.suffix == ".safetensors" else file.read_bytes())
    with pytest.raises(EmbedderUnavailable):
        CrossEncoderReranker(tmp_path)
