"""Make what sentence-transformers reads (safetensors, a tokenizer) of a packed encoder, once; the manifest pins it all.

It is a source of `fetching.fetch`, as `conversion.py` is, but needs no library besides numpy: the same bytes each time.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import FetchFailed
from appliance.models import packed
from appliance.models.fetching import room
from appliance.models.manifest import Entry, File, Progress, verified
from appliance.models.packed import Packed, Shape, Vocabulary

PROMPTS: Final = {"query": "query: ", "document": "passage: "}
"""What the model was trained to read before a question and before a passage."""

_MODULES: Final = (("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"))
_DENSE: Final = (("q", "attention.self.query"), ("k", "attention.self.key"), ("v", "attention.self.value"),
                 ("ao", "attention.output.dense"), ("fi", "intermediate.dense"), ("fo", "output.dense"))  # fmt: skip
_NORMS: Final = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))
_MASK: Final = "<mask>"
_SPACE: Final = (0x20,)


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Files made from the packed model `origin`, which lies in `models`."""

    origin: Entry
    models: Path

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """See `Source.bring`. Raises also ModelMissing or ModelDamaged for the model that is unpacked."""
        if entry.made_from != self.origin.name:
            raise FetchFailed(f"The model {entry.name} is not made from {self.origin.name}.")
        source = verified(self.origin, self.models, progress)
        room(scratch, entry.files)
        into = scratch / "files"
        try:
            unpack(packed.read(source.read_bytes()), into)
        except OSError as error:
            raise FetchFailed(f"The packed model could not be unpacked: {error.strerror}.") from error
        for file in wanted:
            progress(file.path, file.bytes, file.bytes)


def unpack(model: Packed, into: Path) -> None:
    """Write `model` as a folder of sentence-transformers, weights in half precision, to `into`."""
    (into / "1_Pooling").mkdir(parents=True, exist_ok=True)
    _write_tensors(into / "model.safetensors", dict(_tensors(model)))
    shape, vocabulary = model.shape, model.vocabulary
    plain: dict[str, Any] = {
        "config.json": _configuration(shape, vocabulary),
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (kind, path) in enumerate(_MODULES)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.width, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
        "tokenizer.json": _tokenizer(vocabulary),
        "tokenizer_config.json": _special(vocabulary)
        | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": shape.positions},
    }
    for name, told in plain.items():
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (into / name).write_text(text + "\n", encoding="utf-8")


def _tensors(model: Packed) -> Iterator[tuple[str, NDArray[np.float16]]]:
    """Every tensor by the name that the library has for it."""
    shape, width, inner = model.shape, model.shape.width, model.shape.inner
    yield "embeddings.word_embeddings.weight", model.tensor("emb.word", shape.vocabulary, width)
    yield "embeddings.position_embeddings.weight", model.tensor("emb.pos", shape.positions, width)
    yield "embeddings.token_type_embeddings.weight", model.tensor("emb.type", shape.types, width)
    yield "embeddings.LayerNorm.weight", model.tensor("emb.ln.w", width)
    yield "embeddings.LayerNorm.bias", model.tensor("emb.ln.b", width)
    for layer in range(shape.layers):
        for short, name in _DENSE:
            rows, columns = (inner if short == "fi" else width), (inner if short == "fo" else width)
            yield f"encoder.layer.{layer}.{name}.weight", model.tensor(f"l{layer}.{short}.w", rows, columns)
            yield f"encoder.layer.{layer}.{name}.bias", model.tensor(f"l{layer}.{short}.b", rows)
        for short, name in _NORMS:
            yield f"encoder.layer.{layer}.{name}.weight", model.tensor(f"l{layer}.{short}.w", width)
            yield f"encoder.layer.{layer}.{name}.bias", model.tensor(f"l{layer}.{short}.b", width)
    # nobody reads the pooler, and the library makes up what a file lacks
    yield "pooler.dense.weight", np.zeros((width, width), "<f2")
    yield "pooler.dense.bias", np.zeros(width, "<f2")


def _write_tensors(path: Path, tensors: dict[str, NDArray[np.float16]]) -> None:
    """The safetensors format: the length of a header, the header as JSON, the numbers. Written here to the byte."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    told = json.dumps(header, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 8)
    with path.open("wb") as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for tensor in tensors.values():
            file.write(tensor.tobytes())


def _configuration(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "layer_norm_eps": 1e-12,  # as published; the packed file has it in single precision
        "max_position_embeddings": shape.positions,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": vocabulary.padding,
        "position_embedding_type": "absolute",
        "type_vocab_size": shape.types,
        "vocab_size": shape.vocabulary,
    }


def _special(vocabulary: Vocabulary) -> dict[str, str]:
    pieces = vocabulary.pieces
    start, end = pieces[vocabulary.start], pieces[vocabulary.end]
    first = {"bos_token": start, "cls_token": start, "eos_token": end, "sep_token": end}
    return first | {
        "pad_token": pieces[vocabulary.padding],
        "unk_token": pieces[vocabulary.unknown],
        "mask_token": _MASK,
    }


def _tokenizer(vocabulary: Vocabulary) -> dict[str, Any]:
    """The tokenizer in the JSON of the library `tokenizers`."""
    pieces = vocabulary.pieces
    special = (vocabulary.start, vocabulary.padding, vocabulary.end, vocabulary.unknown, pieces.index(_MASK))
    marks = {"single_word": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": number, "content": pieces[number], "lstrip": pieces[number] == _MASK, **marks}
            for number in sorted(special)
        ],
        "normalizer": _normalizer(vocabulary),
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", **_WORDS}],
        },
        "post_processor": _framed(vocabulary),
        "decoder": {"type": "Metaspace", **_WORDS},
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unknown,
            "vocab": [list(pair) for pair in zip(pieces, vocabulary.scores, strict=True)],
            "byte_fallback": False,
        },
    }


_WORDS: Final = {"replacement": "▁", "prepend_scheme": "always", "split": True}


def _normalizer(vocabulary: Vocabulary) -> dict[str, Any]:
    gone = [character for character, read in vocabulary.read_as.items() if not read]
    blank = [character for character, read in vocabulary.read_as.items() if read == _SPACE]
    steps = [_replaced(_any_of(gone), ""), _replaced(_any_of(blank), " "), {"type": "NFKC"}, _replaced(" {2,}", " ")]
    return {"type": "Sequence", "normalizers": steps}


def _any_of(characters: list[int]) -> str:
    return "[" + "".join(f"\\x{{{character:x}}}" for character in sorted(characters)) + "]"


def _replaced(pattern: str, by: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": by}


def _framed(vocabulary: Vocabulary) -> dict[str, Any]:
    """Start and end around a text; two texts are never read together."""
    start, end = vocabulary.pieces[vocabulary.start], vocabulary.pieces[vocabulary.end]
    first, last = ({"SpecialToken": {"id": name, "type_id": 0}} for name in (start, end))
    single = [first, {"Sequence": {"id": "A", "type_id": 0}}, last]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": [*single, {"Sequence": {"id": "B", "type_id": 0}}, last],
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]}
            for name, number in ((start, vocabulary.start), (end, vocabulary.end))
        },
    }
