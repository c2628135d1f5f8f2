"""Invented results of an invented set, the same each time: what pages and comparisons are tested on, without a model.

`python -m tests.workshop.invented FOLDER` writes pages of them, to be looked at.
"""

import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.workshop.comparison import compare
from appliance.workshop.evaluation import Case, Golden, score
from appliance.workshop.page import render
from appliance.workshop.report import Report

KINDS = ("fact", "superseded", "table", "two-documents", "refuse-absent", "refuse-forbidden")
LIBRARY = tuple(f"invented/{name}.md" for name in ("lamps", "keys", "boats", "clocks", "bridges", "wells"))
IDENTITY = {"Muniment": "0.1.0", "chat model": "an invented model (0123456789ab)", "answering": "ba9876543210"}
TOLD = "The wick is {} cm long <script>alert(1)</script> & dry. [1]"


def golden(number: int) -> Golden:
    """One question: six kinds in turn, every fourth in German."""
    kind, language = KINDS[number % len(KINDS)], "de" if number % 4 == 3 else "en"
    uri = LIBRARY[number % len(LIBRARY)]
    words = "Wie lang ist der Docht der Lampe" if language == "de" else "How long is the wick of lamp"
    if kind.startswith("refuse"):
        return Golden(f"q{number:02}", "ada", language, kind, f"{words} {number}?", "refuse", (), (), uri)
    documents = (uri, LIBRARY[(number + 1) % len(LIBRARY)]) if kind == "two-documents" else (uri,)
    evidence = tuple(f"The wick of lamp {number} in {place} is {number + 30} cm long." for place in documents)
    points = ((f"{number + 30} cm", f"{number + 30} centimetres"), ("dry",))
    return Golden(
        f"q{number:02}", "ada", language, kind, f"{words} {number}?", "answer", documents, points, "", evidence
    )


def questions(number: int = 48) -> list[Golden]:
    """The first `number` questions."""
    return [golden(one) for one in range(number)]


def usage(seconds: float) -> dict[str, Any]:
    """What an answer cost."""
    return {"prompt_tokens": 640, "answer_tokens": 31, "first_sentence_s": seconds * 0.8, "total_s": seconds}


def answered(text: str, *uris: str, withheld: int = 0, seconds: float = 6.0) -> dict[str, Any]:
    """An answer as the API tells it."""
    cited = [{"uri": uri} for uri in uris]
    return {"kind": "answer", "text": text, "citations": cited, "withheld": withheld, "usage": usage(seconds)}


def refused(code: str = "NOT_ANSWERED", seconds: float = 4.0) -> dict[str, Any]:
    """A refusal as the API tells it."""
    return {"kind": "refusal", "code": code, "usage": usage(seconds)}


def case(asked: Golden, luck: random.Random, *, worse: float = 0.0) -> Case:
    """What came: mostly right, sometimes not, `worse` as often again."""
    passages = [{"uri": uri, "text": "Nothing of the kind."} for uri in luck.sample(LIBRARY, 5)]
    for place, (uri, sentence) in enumerate(zip(asked.documents, asked.evidence, strict=True)):
        if luck.random() > 0.1:
            passages.insert(luck.choice((0, 0, 0, 1, 2, 6)) + place, {"uri": uri, "text": f"Lamps. {sentence} So."})
    seconds, drawn = luck.lognormvariate(1.6, 0.5), luck.random() - worse
    told: dict[str, Any] = refused(luck.choice(("NO_EVIDENCE", "NOT_ANSWERED", "NOT_VERIFIED")), seconds)
    if asked.expect == "answer" and drawn > 0.12:
        figure = asked.points[0][0] if drawn > 0.25 else "9"
        cited = asked.documents if drawn > 0.2 else (LIBRARY[0], *asked.documents)
        told = answered(TOLD.format(figure), *cited, withheld=int(drawn < 0.35), seconds=seconds)
    if asked.expect == "refuse" and drawn < 0.1:
        told = answered(TOLD.format(4), asked.near, seconds=seconds)
    return score(asked, told, passages, readable=LIBRARY)


def cases(asked: Sequence[Golden], *, seed: int = 1, worse: float = 0.0) -> tuple[Case, ...]:
    """A case for each question."""
    luck = random.Random(seed)  # noqa: S311  # invented results, not secrets
    return tuple(case(one, luck, worse=worse) for one in asked)


def report(*, run: str = "second", golden_set: str = "golden", seed: int = 1, worse: float = 0.0) -> Report:
    """A finished run over the invented questions."""
    finished = datetime(2026, 3, 1 if run == "first" else 2, 9, 30, tzinfo=UTC)
    return Report(run, golden_set, finished, IDENTITY, 6, cases(questions(), seed=seed, worse=worse))


def main() -> None:
    """Write pages to look at: a good run compared with a worse one, and the frozen set."""
    folder = Path(sys.argv[1])
    before, now = report(run="first", worse=0.1), report()
    since = compare(before.run, before.cases, now.cases)
    (folder / "page.html").write_text(render(now, questions(), since), "utf-8")
    (folder / "frozen.html").write_text(render(report(golden_set="unseen"), questions(), None), "utf-8")


if __name__ == "__main__":
    main()
