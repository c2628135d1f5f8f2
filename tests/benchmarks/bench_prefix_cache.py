"""Whether the time to the first token tells that somebody else's prompt was read before.

    python -m tests.benchmarks.bench_prefix_cache [--rounds 5] [--out FILE] [--again]

Starts the real engine, in a process of its own, and asks it with prompts as the desk makes them, of one token of answer
each. In every round the passages are new, and one person asks (they are read), asks again (they are not: the control
that the cache works and the clock sees it), then two others ask with the very same passages and question: one with
other rights, one with equal rights. Last, the first person asks with other passages of the same length: what reading
costs. At most 30 calls. Last of all, the same without any salt: what a stranger's clock would show.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final
from uuid import uuid4

from appliance.answering import prompts
from appliance.answering.excerpts import Excerpt
from appliance.answering.salting import UNSALTED, Salt, salt
from appliance.models.engines import BEGINNING
from appliance.models.local import Finished, OpenAIChatModel
from appliance.records import Level, Principal, Question
from tests.answering.test_prompts import passage
from tests.contracts.chat_models import running_engine
from tests.rules import scope_of

ONE: Final = Principal("mara", "Mara", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "portal")
OTHERS: Final = {
    "other rights": replace(ONE, id="tom", groups=frozenset({"staff", "icu"})),
    "equal rights": replace(ONE, id="ines"),
}
CALLS: Final = 30
BUDGET: Final = 900
QUESTION: Final = Question("Until when are the visits on this ward?", "en")
AGAIN, ANEW = "the same person again", "the same person, other passages"


@dataclass(frozen=True)
class Row:
    """One line of the report."""

    name: str
    value: float
    unit: str
    asked: str
    calls: int


@dataclass(frozen=True)
class Read:
    """What a prompt took: seconds to its first token, its tokens, and how many of them were not read anew."""

    seconds: float
    tokens: int
    cached: int


def excerpts() -> list[Excerpt]:
    """Passages that nobody was ever asked about, of always the same length."""
    texts = [f"{uuid4().hex}: visits on this ward end at 20:00 and begin at 14:00. " * 4 for _ in range(2)]
    return [Excerpt(passage(text, number=number), text) for number, text in enumerate(texts, 1)]


def read(model: OpenAIChatModel, held: Sequence[Excerpt], with_: Salt) -> Read:
    """Ask the engine, and hear one token."""
    prompt = prompts.build(QUESTION, held, budget=BUDGET, salt=with_)
    began = perf_counter()
    *pieces, end = model.stream(prompt.messages, max_tokens=1, salt=prompt.salt)
    seconds = perf_counter() - began
    if not isinstance(end, Finished):
        raise TypeError(f"the answer did not end, after {len(pieces)} pieces")
    return Read(seconds, end.prompt_tokens, end.cached_tokens)


def measured(model: OpenAIChatModel, rounds: int) -> dict[str, list[Read]]:
    """What each kind of call took, round by round. The first reading of the constant beginning is not counted."""
    found: dict[str, list[Read]] = defaultdict(list)
    mine = salt(scope_of(ONE))
    read(model, excerpts(), mine)
    for _ in range(rounds):
        held = excerpts()
        read(model, held, mine)
        found[AGAIN].append(read(model, held, mine))
        for name, other in OTHERS.items():
            found[name].append(read(model, held, salt(scope_of(other))))
        found[ANEW].append(read(model, excerpts(), mine))
    held = excerpts()
    read(model, held, UNSALTED)
    found["without a salt"].append(read(model, held, UNSALTED))
    return found


def report(found: dict[str, list[Read]], calls: int) -> list[Row]:
    """Medians, as shares of what reading other passages takes, and the tokens that were not read anew at most."""
    whole = median(one.seconds for one in found[ANEW])
    asked = {AGAIN: "<= 0.5", "without a salt": "<= 0.5", **dict.fromkeys(OTHERS, ">= 0.8")}
    rows = [Row("first token, other passages", whole, "s", "", calls)]
    for name, bound in asked.items():
        share = median(one.seconds for one in found[name]) / whole
        rows.append(Row(f"first token, {name}, by other passages", share, "", bound, len(found[name])))
        most = max(one.cached for one in found[name])
        shared = f"<= {min(one.cached for one in found[ANEW]) + 8}" if name in OTHERS else ""
        rows.append(Row(f"tokens not read anew, {name}", most, f"of {found[name][0].tokens}", shared, len(found[name])))
    beginning = max(one.cached for one in found[ANEW])
    return [*rows, Row("tokens not read anew, other passages", beginning, "", f"<= {BEGINNING}", len(found[ANEW]))]


def main() -> int:
    """Measure, print, and write the rows. Exit code 1 if another's prompt can be told by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", action="store_true", help="measure again what the file holds")
    chosen = parser.parse_args()
    if chosen.out and chosen.out.exists() and not chosen.again:
        return 0
    calls = 3 + 5 * chosen.rounds
    if calls > CALLS:
        parser.error(f"{calls} calls are more than {CALLS}")
    with tempfile.TemporaryDirectory(prefix="prefix-") as folder, running_engine(Path(folder)) as (endpoint, _, _):
        found = measured(OpenAIChatModel(endpoint, seconds=600), chosen.rounds)
    rows = report(found, calls)
    for name, reads in found.items():
        told = ", ".join(f"{one.seconds:.2f} s ({one.cached} of {one.tokens})" for one in reads)
        sys.stdout.write(f"{name}: {told}\n")
    text = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    sys.stdout.write(text)
    if chosen.out:
        chosen.out.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
