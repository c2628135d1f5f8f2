"""Rampart: a small BERT that labels names, addresses and numbers, with onnxruntime. Fragments of a word become whole.

It knows English; German names, streets and numbers it finds as well as their form is like that of English ones
(decision 0027 has the figures).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import DetectorUnavailable
from appliance.records.privacy import Entity, Finding

_WINDOW: Final = 254
"""Tokens of one window, without the two that frame it. The model reads 512 at most; shorter ones are faster."""
_OVERLAP: Final = 48
_AT_ONCE: Final = 8
_CERTAIN: Final = 0.5
_WORD_END: Final = 64
_ENTITIES: Final = {
    "GIVEN_NAME": Entity.PERSON,
    "SURNAME": Entity.PERSON,
    "EMAIL": Entity.EMAIL,
    "PHONE": Entity.PHONE,
    "URL": Entity.URL,
    "TAX_ID": Entity.TAX_ID,
    "BANK_ACCOUNT": Entity.ACCOUNT,
    "ROUTING_NUMBER": Entity.ROUTING,
    "GOVERNMENT_ID": Entity.NATIONAL_ID,
    "PASSPORT": Entity.PASSPORT,
    "DRIVERS_LICENSE": Entity.DRIVING_LICENCE,
    "BUILDING_NUMBER": Entity.ADDRESS,
    "STREET_NAME": Entity.ADDRESS,
    "SECONDARY_ADDRESS": Entity.ADDRESS,
    "CITY": Entity.LOCATION,
    "STATE": Entity.LOCATION,
    "ZIP_CODE": Entity.POSTCODE,
}
_KINDS: Final = tuple(_ENTITIES)
_SSN: Final = re.compile(r"\d{3}[- ]?\d{2}[- ]?\d{4}")
_GAP: Final = re.compile(r"[ \t\u00a0]{0,2}[-'’.]?[ \t\u00a0]?|")
_COMMA: Final = re.compile(r",[ \t\u00a0]")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class _Window:
    """Tokens `first` to `last` (exclusive) of the text numbered `of`; those before `own` are the last window's."""

    of: int
    first: int
    own: int
    last: int


class Rampart:
    """The model in `folder`, on `threads` threads. For several threads."""

    name = "rampart"

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
            options.log_severity_level = 4
            model = str(folder / "onnx" / "model_q4.onnx")
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise bare exceptions
            raise DetectorUnavailable(f"Rampart cannot be loaded ({type(error).__name__}).") from error
        self._labels = _labels(folder / "config.json")
        self._frame = [self._tokens.encode("").ids[place] for place in (0, -1)]

    def detect(self, texts: Sequence[str], _: str, /) -> list[list[Finding]]:
        """For each text, the names, addresses and numbers in it."""
        try:
            encoded = self._tokens.encode_batch(list(texts), add_special_tokens=False)
            tokens = self._labelled([one.ids for one in encoded])
        except Exception as error:
            raise DetectorUnavailable(f"Rampart failed ({type(error).__name__}).") from error
        return [
            list(_findings(text, _certain(one.offsets, scores)))
            for text, one, scores in zip(texts, encoded, tokens, strict=True)
        ]

    def _labelled(self, texts: Sequence[Sequence[int]]) -> list[Floats]:
        """For each text, of each of its tokens how likely it is of each kind."""
        scores = [np.zeros((len(ids), len(_KINDS)), np.float32) for ids in texts]
        windows = sorted(_windows(texts), key=lambda window: window.last - window.first)
        for begin in range(0, len(windows), _AT_ONCE):
            batch = windows[begin : begin + _AT_ONCE]
            likely = self._likely([texts[one.of][one.first : one.last] for one in batch])
            for window, row in zip(batch, likely, strict=True):
                scores[window.of][window.own : window.last] = row[
                    window.own - window.first : window.last - window.first
                ]
        return scores

    def _likely(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Windows x tokens x kinds."""
        ids = np.zeros((len(batch), max(map(len, batch)) + 2), np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            framed = [self._frame[0], *window, self._frame[1]]
            ids[row, : len(framed)] = framed
            mask[row, : len(framed)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (logits,) = self._session.run(None, inputs)
        shifted = np.exp(logits - logits.max(-1, keepdims=True))
        likely: Floats = (shifted / shifted.sum(-1, keepdims=True)) @ self._labels
        return likely[:, 1:-1]


def _labels(config: Path) -> Floats:
    """Labels x kinds: 1 where the label begins or goes on with the kind. Raises DetectorUnavailable."""
    import json

    try:
        named: dict[str, Any] = json.loads(config.read_text("utf-8"))["id2label"]
        table = np.zeros((len(named), len(_KINDS)), np.float32)
        for number, label in named.items():
            if label != "O":
                table[int(number), _KINDS.index(label[2:])] = 1
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DetectorUnavailable("Rampart's labels cannot be read.") from error
    return table


def _windows(texts: Sequence[Sequence[int]]) -> Iterator[_Window]:
    """Windows over the tokens of each text; in an overlap the first half is the earlier window's."""
    for number, ids in enumerate(texts):
        first = 0
        while first < len(ids):
            last = min(first + _WINDOW, len(ids))
            yield _Window(number, first, first + (_OVERLAP // 2 if first else 0), last)
            first = len(ids) if last == len(ids) else last - _OVERLAP


def _certain(offsets: Sequence[tuple[int, int]], scores: Floats) -> Iterator[_Token]:
    """The tokens that are more likely of some kind than of none."""
    if not len(scores):
        return
    best = scores.argmax(-1)
    for number in np.flatnonzero(scores.sum(-1) >= _CERTAIN).tolist():
        start, end = offsets[number]
        score = min(float(scores[number].sum()), 1.0)
        if end > start:
            yield _Token(start, end, _KINDS[best[number]], score)


def _findings(text: str, tokens: Iterator[_Token]) -> Iterator[Finding]:
    """Tokens that follow each other and are of one entity, as one finding grown to the borders of its words."""
    run: list[_Token] = []
    for token in tokens:
        if run and not _goes_on(text, run[-1], token):
            yield _finding(text, run)
            run = []
        run.append(token)
    if run:
        yield _finding(text, run)


def _goes_on(text: str, left: _Token, right: _Token) -> bool:
    if _ENTITIES[left.kind] != _ENTITIES[right.kind]:
        return False
    if left.kind == "SURNAME" and right.kind == "GIVEN_NAME" and _COMMA.fullmatch(text, left.end, right.start):
        return True
    return _GAP.fullmatch(text, left.end, right.start) is not None


def _finding(text: str, run: Sequence[_Token]) -> Finding:
    start, end = run[0].start, run[-1].end
    while start > max(0, run[0].start - _WORD_END) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < min(len(text), run[-1].end + _WORD_END) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    entity = _ENTITIES[run[0].kind]
    if entity is Entity.TAX_ID and _SSN.fullmatch(text, start, end):
        entity = Entity.SSN
    return Finding(start, end, str(entity), max(token.score for token in run), "rampart")
