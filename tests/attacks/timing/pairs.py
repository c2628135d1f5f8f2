"""Pairs of requests, one for what is hidden and one for what is not there, in turns; and whether a clock tells them
apart.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import httpx
from scipy.stats import mannwhitneyu

from tests.attacks.timing.house import House

QUESTION: Final = "What was the settlement of case 3?"
JUDGED: Final = {"verdict": "down", "reason": "wrong"}


@dataclass(frozen=True, slots=True)
class Probe:
    """A way to ask for something by its id: `body` may hold the id too."""

    name: str
    method: str
    path: str
    body: Callable[[str], dict[str, Any]] | None = None


DOCUMENT: Final = (
    Probe("document", "GET", "/v1/documents/{}"),
    Probe("who reads a document", "GET", "/v1/documents/{}/why"),
    Probe("versions of a document", "GET", "/v1/documents/{}/versions"),
    Probe("remove a document", "DELETE", "/v1/documents/{}"),
    Probe("original", "GET", "/v1/documents/{}/original"),
    Probe("documents after it", "GET", "/v1/documents?after={}"),
)
PASSAGE: Final = (
    Probe("page", "GET", "/v1/passages/{}"),
    Probe("picture", "GET", "/v1/passages/{}/picture"),
    Probe("page turned", "GET", "/v1/passages/{}/pages/1"),
)
CONVERSATION: Final = (
    Probe("conversation", "GET", "/v1/conversations/{}"),
    Probe("export", "GET", "/v1/conversations/{}/export"),
    Probe("delete a conversation", "DELETE", "/v1/conversations/{}"),
    Probe("ask in it", "POST", "/v1/ask", lambda found: {"question": QUESTION, "conversation": found}),
)
ANSWER: Final = (Probe("feedback", "POST", "/v1/answers/{}/feedback", lambda _: dict(JUDGED)),)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer without what differs by right: the request's id and the date."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, response: httpx.Response) -> "Heard":
        number = response.headers.get("x-request-id", "")
        headers = sorted((k, v) for k, v in response.headers.items() if k not in {"date", "x-request-id"})
        return cls(response.status_code, tuple(headers), response.content.replace(number.encode(), b"(id)"))


@dataclass(frozen=True, slots=True)
class Compared:
    """Seconds of each kind, pair by pair, and every answer that was heard."""

    hidden: tuple[float, ...]
    missing: tuple[float, ...]
    heard: frozenset[Heard]

    @property
    def apart(self) -> float:
        """How far the medians lie apart, in seconds."""
        return abs(median(self.hidden) - median(self.missing))

    @property
    def p(self) -> float:
        """Mann-Whitney: how often chance alone would part the two so far. Small means that they differ."""
        return float(mannwhitneyu(self.hidden, self.missing).pvalue)

    @property
    def auc(self) -> float:
        """How often who guesses by the clock which one is hidden is right; 0.5 is a coin."""
        won = mannwhitneyu(self.hidden, self.missing).statistic / (len(self.hidden) * len(self.missing))
        return float(max(won, 1 - won))


def cases(house: House, many: int) -> Iterator[tuple[Probe, Sequence[str]]]:
    """Every probe with the ids of what is hidden from Mara."""
    documents = house.hidden(many)
    talks = [house.conversation("helen", f"{QUESTION} And case {number}?") for number in range(min(many, 5))]
    for probes, ids in (
        (DOCUMENT, [one.id for one in documents]),
        (PASSAGE, [house.passage_of(one) for one in documents]),
        (CONVERSATION, [talk for talk, _ in talks]),
        (ANSWER, [answer for _, answer in talks]),
    ):
        for probe in probes:
            yield probe, ids


def compared(client: httpx.Client, probe: Probe, ids: Sequence[str], pairs: int) -> Compared:
    """Ask `pairs` times for one of `ids` and for one that nothing has, each first as often as not."""
    chance = random.Random(probe.name)  # noqa: S311  # an order, not a secret
    taken: dict[bool, list[float]] = {True: [], False: []}
    heard = set()
    for number in range(-2, pairs):  # the first ones warm up
        one = {True: ids[number % len(ids)], False: str(uuid.UUID(int=chance.getrandbits(128), version=4))}
        for kind in chance.sample([True, False], 2):
            body = probe.body(one[kind]) if probe.body else None
            began = time.perf_counter()
            response = client.request(probe.method, probe.path.format(one[kind]), json=body)
            took = time.perf_counter() - began
            if number >= 0:
                taken[kind].append(took)
                heard.add(Heard.of(response))
    return Compared(tuple(taken[True]), tuple(taken[False]), frozenset(heard))
