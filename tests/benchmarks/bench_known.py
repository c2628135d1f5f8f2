"""How long a text is searched for known persons: `python -m tests.benchmarks.bench_known [COUNT ...]`.

Invented persons with a number, a telephone and a birthday each; texts of 2,000 characters out of the sample
institution's documents, in half of which two of them are mentioned. Judged is the processor's time, the best of several
rounds; beside it stands what the plainest search takes that has every name in clear: words and pairs of words of the
lowered text in a set. That one finds one spelling only.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from appliance.privacy.known.book import KEPT_BYTES
from appliance.privacy.known.detector import Known
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.loading import load
from appliance.privacy.known.naming import Person
from appliance.settings import ROOT
from appliance.store.database import open_database
from appliance.store.known import KnownLists

LENGTH: Final = 2_000
TEXTS: Final = 40
ROUNDS: Final = 5
AT_MOST_MS: Final = 8
LOADED_SECONDS: Final = 60
_SYLLABLES: Final = "ba be bo da de do fa fe ga go ha ka ke ko la le lo ma me mo na ne no ra re ro sa ta to wa".split()
_ENDS: Final = "bach berg brink dorf feld hagen hoff kamp lund mark ner rath sen stett thal wald wig".split()


def people(count: int) -> Iterator[Person]:
    """The same for the same count."""
    drawn = random.Random(count)  # noqa: S311 - invented people
    begin = date(1930, 1, 1)
    for number in range(count):
        given = "".join(drawn.choices(_SYLLABLES, k=drawn.choice((2, 3)))).capitalize()
        surname = ("".join(drawn.choices(_SYLLABLES, k=drawn.choice((1, 2)))) + drawn.choice(_ENDS)).capitalize()
        born = begin + timedelta(days=drawn.randrange(30_000))
        telephone = f"+49 30 {drawn.randrange(1_000_000, 9_999_999)}"
        yield Person(given, surname, (born,), (("MRN", f"{70_000_000 + number}"), ("PHONE", telephone)))


def texts(known: Sequence[Person]) -> list[str]:
    """Pieces of the sample documents; somebody stands in every second one."""
    prose = "\n".join(
        path.read_text("utf-8") for path in sorted((ROOT / "deploy" / "demo" / "documents").rglob("*.md"))
    )
    drawn = random.Random(1)  # noqa: S311 - a benchmark's own choice
    made = []
    for number in range(TEXTS):
        start = drawn.randrange(len(prose) - LENGTH)
        text = prose[start : start + LENGTH]
        if number % 2:
            one, other = drawn.sample(known, 2)
            named = f"{other.surname.upper()}, {other.given}"
            text = f"{text[:600]} {one.given} {one.surname} {text[600:1400]} {named} {text[1400:]}"
        made.append(text[:LENGTH])
    return made


def milliseconds(search: Callable[[str], object], said: Sequence[str]) -> float:
    """Of one text, at best."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in said:
            search(text)
        rounds.append(time.process_time() - began)
    return min(rounds) / len(said) * 1_000


def plain(known: Sequence[Person]) -> Callable[[str], object]:
    """The plainest search, with names in clear."""
    names = {one.surname.lower() for one in known} | {f"{one.given} {one.surname}".lower() for one in known}
    names |= {f"{one.surname}, {one.given}".lower() for one in known}

    def search(text: str) -> list[str]:
        said = text.lower().split()
        return [one for one in (*said, *map(" ".join, pairwise(said))) if one in names]

    return search


def measured(count: int, folder: Path) -> Iterator[dict[str, object]]:
    """The rows of one size."""
    known = list(people(count))
    lists, key = KnownLists(open_database(f"sqlite:///{folder / f'{count}.sqlite'}")), KnownKey(folder / "known.key")
    began = time.process_time()
    loaded = load("patients", known, lists, key)
    hashing = time.process_time() - began
    detector = Known(lists, key)
    said = texts(known)
    began = time.process_time()
    found = [detector.detect([text], "en")[0] for text in said]
    opening = time.process_time() - began
    if not all(len(found[number]) >= 2 for number in range(1, TEXTS, 2)):
        sys.exit("somebody who is mentioned was not found")
    ours = milliseconds(lambda text: detector.detect([text], "en"), said)
    second = milliseconds(detector.residual, said)
    theirs = milliseconds(plain(known), said)
    most = f"<= {AT_MOST_MS}" if count <= 100_000 else ""
    yield {"name": f"{count:,} persons: a text of {LENGTH:,} characters", "value": ours, "unit": "ms", "asked": most}
    yield {"name": f"{count:,} persons: the second, stricter look", "value": second, "unit": "ms"}
    yield {"name": f"{count:,} persons: against names in clear", "value": ours / theirs, "unit": "times"}
    yield {"name": f"{count:,} persons: digests", "value": loaded.digests, "unit": ""}
    yield {"name": f"{count:,} persons: held", "value": loaded.digests * KEPT_BYTES / 2**20, "unit": "MiB"}
    yield {"name": f"{count:,} persons: first opening and {TEXTS} texts", "value": opening, "unit": "s"}
    yield {"name": f"{count:,} persons: loading", "value": hashing, "unit": "s", "asked": f"<= {LOADED_SECONDS}"}


def main() -> None:
    """Measure each size, tell it, and append it to --out."""
    parser = argparse.ArgumentParser(description="How long a text is searched for known persons.")
    parser.add_argument("counts", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for count in chosen.counts:
            for row in measured(count, Path(folder)):
                sys.stdout.write(f"{row['name']:<60} {row['value']:>12,.2f} {row['unit']}\n")
                sys.stdout.flush()
                if chosen.out:
                    with chosen.out.open("a", encoding="utf-8") as out:
                        out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
