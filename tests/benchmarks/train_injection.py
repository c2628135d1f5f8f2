"""Fit the weights of the injection signs on one half of a labelled set and write them into the lexicon.

    MUNIMENT_EVALUATION_DATA=… python -m tests.benchmarks.train_injection [--write]

Half of the set, by the digest of each id, is for fitting and for looking at; the other is for the report of
`bench_injection`. Nothing of the set is kept but a number for each sign. Weights are never below 0.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.privacy.labelling.injection import DISGUISED, HIDDEN, terms, windows
from appliance.privacy.labelling.lexicon import FILE, Lexicon, shipped
from appliance.privacy.labelling.signs import OF_WORDS

NAMES = (*OF_WORDS, *shipped().phrases, *shipped().frames, "odd_letters", DISGUISED, HIDDEN)
FOLDS = 5
ROUNDS = 3
"""How often the window of a text that speaks for it is chosen anew, by the weights of the round before."""
FALSE_ALARMS = 0.025
"""Of the benign texts of the fitting half, scored by weights that did not see them; chance may double it."""
GIVEN = {
    HIDDEN: 1.0,
    DISGUISED: 2.5,
    "odd_letters": 1.2,
    "data_url": 1.0,
    "leaking_link": 5.5,
    "picture_with_query": 1.5,
    "you_no_rules": 1.5,
    "in_other_letters": 5.5,
    "drop_prior_rules": 5.5,
    "drop_you_rules": 5.5,
    "reveal_you_secret": 4.0,
    "to_the_model": 5.5,
    "behind_the_user": 2.5,
    "chat_markup": 5.5,
    "into_memory": 3.5,
    "new_orders": 2.0,
    "notice": 1.5,
}
"""The least that a sign weighs: what speaks for itself, and is too rare in any set to be fitted."""
RIDGE = 0.6


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text of the set."""

    id: str
    text: str
    attack: bool
    category: str
    source: str


def examples(file: Path) -> list[Example]:
    """The set, in the order of its file."""
    told = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [
        Example(str(one["id"]), one["text"], one["label"] == 1, one["category"] or "", one["source"]) for one in told
    ]


def for_fitting(example: Example) -> bool:
    """Whether it lies in the half that weights are fitted on."""
    return hashlib.sha256(example.id.encode()).digest()[0] % 2 == 0


def documents(folder: Path, *, fitting: bool) -> list[Example]:
    """Texts of the kind that a house keeps, every second for fitting: regulations and abstracts. None is an attack."""
    found = []
    for name, file, every in (
        ("regulations", "corpora/cfpb_regulations.jsonl", 2),
        ("abstracts", "retrieval/scifact/corpus.jsonl", 20),
    ):
        lines = (folder / file).read_text("utf-8").splitlines()[0 if fitting else 1 :: every]
        texts = (json.loads(line)["text"][:6_000] for line in lines)
        found += [Example(f"{name}-{number}", text, False, "documents", name) for number, text in enumerate(texts)]
    return found


Rows = list[NDArray[np.float64]]


def rows(given: Sequence[Example], lexicon: Lexicon) -> Rows:
    """For each text a row of sign strengths for each of its windows."""
    return [np.stack([vector(terms(window, lexicon)) for window in windows(one.text)]) for one in given]


def vector(found: Mapping[str, float]) -> NDArray[np.float64]:
    """The strengths in the order of NAMES."""
    return np.array([found.get(name, 0.0) for name in NAMES])


def evened(given: Sequence[Example]) -> NDArray[np.float64]:
    """How much each text counts: a source with few texts is not drowned by one with many."""
    kinds = [(one.attack, one.source.removesuffix("_train")) for one in given]
    size = Counter(kinds)
    told = np.array([size[kind] ** -0.5 for kind in kinds])
    return told * len(told) / told.sum()


def fit(found: Rows, attacks: NDArray[np.bool_], counted: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Weights (none below 0) and bias: of each text the window that speaks most for it counts."""
    chosen = np.stack([one.max(axis=0) for one in found])
    weights, bias = np.zeros(chosen.shape[1]), 0.0
    for _ in range(ROUNDS):
        weights, bias = _logistic(chosen, attacks, counted)
        chosen = np.stack([one[int(np.argmax(one @ weights))] for one in found])
    return weights, bias


def _logistic(
    x: NDArray[np.float64], attacks: NDArray[np.bool_], counted: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Ridge-penalised logistic regression by accelerated projected gradient."""
    y = attacks.astype(float)
    floor = np.array([GIVEN.get(name, 0.0) for name in NAMES])
    step = 4.0 / (np.linalg.norm(np.column_stack([x, np.ones(len(x))]) * np.sqrt(counted)[:, None], 2) ** 2 + 4 * RIDGE)
    weights, bias, ahead, ahead_bias, momentum = floor.copy(), 0.0, floor.copy(), 0.0, 1.0
    for _ in range(3_000):
        error = counted * (1 / (1 + np.exp(-(x @ ahead + ahead_bias))) - y)
        fresh = np.maximum(ahead - step * (x.T @ error + RIDGE * ahead), floor)
        fresh_bias = ahead_bias - step * error.sum()
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        pull = (momentum - 1) / following
        ahead, ahead_bias = fresh + pull * (fresh - weights), fresh_bias + pull * (fresh_bias - bias)
        weights, bias, momentum = fresh, fresh_bias, following
    return weights, float(bias)


def scores(found: Rows, weights: NDArray[np.float64], bias: float) -> NDArray[np.float64]:
    """The score of each text: that of its highest window."""
    return np.array([1 / (1 + np.exp(-(float((one @ weights).max()) + bias))) for one in found])


def out_of_fold(given: Sequence[Example], found: Rows, fold: Callable[[Example], Any]) -> NDArray[np.float64]:
    """Scores by weights that were fitted without the text's own fold."""
    attacks, folds = np.array([one.attack for one in given]), np.array([fold(one) for one in given])
    told, counted = np.zeros(len(given)), evened(given)
    for held in sorted(set(folds.tolist())):
        rest = [row for row, own in zip(found, folds, strict=True) if own != held]
        weights, bias = fit(rest, attacks[folds != held], counted[folds != held])
        told[folds == held] = scores([row for row, own in zip(found, folds, strict=True) if own == held], weights, bias)
    return told


def threshold(told: NDArray[np.float64], attacks: NDArray[np.bool_]) -> float:
    """The lowest score that at most FALSE_ALARMS of the benign reach."""
    return float(np.quantile(told[~attacks], 1 - FALSE_ALARMS)) + 1e-4


def by_digest(example: Example) -> int:
    """The fold of a text."""
    return hashlib.sha256(example.id.encode()).digest()[1] % FOLDS


def written(text: str, weights: NDArray[np.float64], bias: float, at: float) -> str:
    """The lexicon `text` with these weights in the place of its own."""
    text = re.sub(
        r"(?m)^threshold = .*\nbias = .*$",
        f"threshold = {at:.3f}\nbias = {bias:.3f}",
        text.split("\n# --- Fitted", maxsplit=1)[0].rstrip(),
    )
    listed = [f"{name} = {weight:.3f}" for name, weight in zip(NAMES, weights, strict=True) if weight >= 0.0005]
    quoted = [re.sub(r"^(\S*[^\w\s-]\S*) =", r'"\1" =', line) for line in sorted(listed)]
    return "\n".join(
        [text, "", "# --- Fitted: `python -m tests.benchmarks.train_injection --write`", "", "[weights]", *quoted, ""]
    )


def told_of(given: Sequence[Example], told: NDArray[np.float64], at: float) -> Iterator[str]:
    """How many of each source are flagged at `at`, a line each."""
    for source in ("", *sorted({one.source for one in given})):
        for attack in (True, False):
            own = [score >= at for one, score in zip(given, told.tolist(), strict=True)
                   if one.attack is attack and source in {"", one.source}]  # fmt: skip
            if own:
                kind = "attacks" if attack else "benign"
                yield f"{source or 'all':20} {kind:8} {np.mean(own):6.3f} flagged of {len(own)} at {at:.3f}"


def main() -> None:
    """Fit, show what cross-validation says, and write on demand."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    folder = Path(os.environ["MUNIMENT_EVALUATION_DATA"])
    given = [one for one in examples(folder / "injection" / "dev.jsonl") if for_fitting(one)]
    given += documents(folder, fitting=True)
    attacks = np.array([one.attack for one in given])
    found = rows(given, shipped())
    told = out_of_fold(given, found, by_digest)
    short = np.array([one.category != "documents" for one in given])
    at = threshold(told[short], attacks[short])
    weights, bias = fit(found, attacks, evened(given))
    sys.stdout.write("\n".join(told_of(given, told, at)) + "\n")
    for weight, name in sorted(zip(weights.tolist(), NAMES, strict=True), reverse=True):
        sys.stdout.write(f"    {weight:6.2f} {name}\n")
    if asked.parse_args().write:
        text = FILE.read_text("utf-8")
        FILE.write_text(written(text, weights, bias, at), "utf-8")


if __name__ == "__main__":
    main()
