"""How long after a change the last byte of what it takes away is still given: the worst of 30 tries of each kind.

    python -m tests.benchmarks.bench_revocation [--tries 30] [--only KIND ...] [--out FILE]

Over HTTP, with the real store, registry, policies and ledger (`changing_house.py`). In each try a person is answered in
three streams, one of them by a model that has fallen silent, and asks every other route again and again; then something
changes. Counted are seconds from the moment at which the change is acknowledged (it is committed, the set is active,
the deletion is answered, the purpose's end is there) to the last response that still held a word of the document, on
any route, and to the end of the last stream.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from tests.benchmarks.changing_house import BRIEF, MARK, OWNER, PURPOSE, READER, SILENT, TALKING, House, changing_house

ASKED_S: Final = 1.0
BEGUN_S: Final = 30.0
"""Within so long every stream has said something and every route has been answered."""
ENDED_S: Final = 20.0
ENDED: Final = "end of the last stream"
AFTER_S: Final = 0.4
"""For so long the routes are asked on after the last stream has ended."""
PAUSE_S: Final = 0.03
LASTS_S: Final = 6.0
"""How long a purpose lasts that comes to its end: until all streams have begun, and not until they are through."""


@dataclass
class Seen:
    """What one route gave: when it last held the document, and when it ended (streams). Times of one clock."""

    held: float = 0.0
    ended: float = 0.0
    begun: threading.Event = field(default_factory=threading.Event)

    def look(self, text: str) -> None:
        """Note whether `text`, which has just come, holds the document."""
        if MARK in text:
            self.held = time.monotonic()
            self.begun.set()


class TooLate(Exception):
    """The machine was so busy that a purpose was over before everything had begun: this was no try."""


class Person:
    """Somebody who has three answers under way and asks every route."""

    def __init__(self, house: House, headers: dict[str, str]) -> None:
        self._house = house
        self._client = httpx.Client(base_url=house.address, headers=headers, timeout=60, trust_env=False)
        self._over = threading.Event()
        told = self._client.post("/v1/ask", json={"question": BRIEF}).json()
        if MARK not in told.get("text", ""):
            raise TooLate
        self._conversation = told["conversation"]
        self.seen: dict[str, Seen] = {}

    def begin(self) -> list[threading.Thread]:
        """Start everything, and wait until each route has given something of the document."""
        ask, chat = "/v1/ask", "/v1/chat/completions"
        streams: dict[str, tuple[str, dict[str, Any]]] = {
            "answer under way": (ask, {"question": TALKING}),
            "answer of a silent model": (ask, {"question": SILENT}),
            "chat under way": (
                chat, {"model": "muniment", "stream": True, "messages": [{"role": "user", "content": TALKING}]}
            ),
        }  # fmt: skip
        again: dict[str, Callable[[], httpx.Response]] = {
            "search": lambda: self._client.post("/v1/search", json={"question": BRIEF, "limit": 3}),
            "cited page": lambda: self._client.get(f"/v1/passages/{self._house.passage}"),
            "document": lambda: self._client.get(f"/v1/documents/{self._house.document}"),
            "conversation": lambda: self._client.get(f"/v1/conversations/{self._conversation}"),
            "export": lambda: self._client.get(f"/v1/conversations/{self._conversation}/export"),
            "whole answer": lambda: self._client.post("/v1/ask", json={"question": BRIEF}),
        }
        self.seen = {name: Seen() for name in (*streams, *again)}
        threads = [
            *(threading.Thread(target=self._stream, args=(self.seen[name], *what)) for name, what in streams.items()),
            *(threading.Thread(target=self._again, args=(self.seen[name], call)) for name, call in again.items()),
        ]
        for thread in threads:
            thread.start()
        for name, seen in self.seen.items():
            if not seen.begun.wait(BEGUN_S):
                raise TooLate(name)
        return threads[: len(streams)]

    def end(self) -> None:
        """Ask nothing any more."""
        self._over.set()

    def _stream(self, seen: Seen, path: str, asked: dict[str, Any]) -> None:
        headers = {"Accept": "text/event-stream"}
        with self._client.stream("POST", path, json=asked, headers=headers) as response:
            for line in response.iter_lines():
                seen.look(line)
        seen.ended = time.monotonic()

    def _again(self, seen: Seen, call: Callable[[], httpx.Response]) -> None:
        while not self._over.is_set():
            seen.look(call().text)
            self._over.wait(PAUSE_S)


def tried(person: Person, change: Callable[[], float]) -> Iterator[tuple[str, float]]:
    """One try: by route, how many seconds after the change it last gave the document; and when streams had ended."""
    try:
        streams = person.begin()
        acknowledged = change()
    except TooLate:
        person.end()
        raise
    until = time.monotonic() + ENDED_S
    for thread in streams:
        thread.join(max(0.0, until - time.monotonic()))
        assert not thread.is_alive(), "a stream did not end"
    time.sleep(AFTER_S)
    person.end()
    for name, seen in person.seen.items():
        yield name, seen.held - acknowledged
    yield ENDED, max(seen.ended for seen in person.seen.values()) - acknowledged


# --- The kinds of change. Each sets the house up, yields who asks and the change, and clears up ----------------------

Try = tuple[Person, Callable[[], float]]


def acknowledged(change: Callable[[], object]) -> Callable[[], float]:
    """`change`, telling when it has returned."""

    def told() -> float:
        change()
        return time.monotonic()

    return told


@contextmanager
def access_list(house: House) -> Iterator[Try]:
    """Others may read it: acknowledged when the registry has committed."""
    house.fresh()
    try:
        yield Person(house, house.headers(READER)), acknowledged(house.narrow)
    finally:
        house.gone()


@contextmanager
def deletion(house: House) -> Iterator[Try]:
    """Its owner removes it: acknowledged when the request is answered."""
    house.fresh()

    def remove() -> None:
        with httpx.Client(base_url=house.address, headers=house.headers(OWNER), timeout=60, trust_env=False) as owner:
            owner.delete(f"/v1/documents/{house.document}").raise_for_status()

    try:
        yield Person(house, house.headers(READER)), acknowledged(remove)
    finally:
        house.gone()


@contextmanager
def policy_set(house: House) -> Iterator[Try]:
    """A set that forbids it is activated: acknowledged when `activate` has returned."""
    house.fresh()
    try:
        yield Person(house, house.headers(READER)), acknowledged(lambda: house.activate(forbidding=True))
    finally:
        house.activate(forbidding=False)
        house.gone()


@contextmanager
def purpose_withdrawn(house: House) -> Iterator[Try]:
    """The directory takes the purpose away that it is bound to: acknowledged when its file is replaced."""
    house.fresh(purpose=PURPOSE)
    house.purposes(PURPOSE)
    try:
        yield Person(house, house.headers(READER, PURPOSE)), acknowledged(lambda: house.purposes(""))
    finally:
        house.gone()


@contextmanager
def purpose_over(house: House) -> Iterator[Try]:
    """The purpose that it is bound to comes to its end: no one has to do anything."""
    house.fresh(purpose=PURPOSE)
    end, at = datetime.now(UTC) + timedelta(seconds=LASTS_S), time.monotonic() + LASTS_S
    house.purposes(f"{PURPOSE} until {end.isoformat()}")

    def passed() -> float:
        if time.monotonic() >= at:
            raise TooLate
        time.sleep(at - time.monotonic())
        return at

    try:
        yield Person(house, house.headers(READER, PURPOSE)), passed
    finally:
        house.gone()


KINDS: Final = {
    "access list changed": access_list,
    "document deleted": deletion,
    "policy set activated": policy_set,
    "purpose withdrawn": purpose_withdrawn,
    "purpose over": purpose_over,
}


def measured(house: House, kind: str, tries: int) -> Iterator[dict[str, Any]]:
    """The worst of so many tries of one kind, by route and over all of them. What never came after it is 0."""
    worst: dict[str, float] = {}
    number = late = 0
    while number < tries:
        try:
            with KINDS[kind](house) as (person, change):
                found = dict(tried(person, change))
        except TooLate:
            late += 1
            if late > tries:
                raise
            sys.stderr.write(f"{kind}: too late, tried again\n")
            time.sleep(1)
            continue
        number += 1
        worst = {name: max(seconds, worst.get(name, 0.0)) for name, seconds in found.items()}
        slowest = max(worst, key=lambda name: worst[name])
        sys.stderr.write(f"{kind}: {number} of {tries}, worst {worst[slowest]:.3f} s ({slowest})\n")
    ended = worst.pop(ENDED)
    for name, seconds in worst.items():
        yield row(f"{kind}: {name}", seconds)
    yield row(f"{kind}: last byte, worst of {tries}", max(worst.values()), f"<= {ASKED_S:g}")
    yield row(f"{kind}: {ENDED}", ended, f"<= {ASKED_S:g}")


def row(name: str, seconds: float, asked: str = "") -> dict[str, Any]:
    """One row of the table."""
    return {"benchmark": "revocation", "name": name, "value": round(seconds, 3), "unit": "s", "asked": asked}


def keep(rows: Sequence[dict[str, Any]], out: Path | None) -> None:
    """Write them down at once: what comes later may fail."""
    if out is not None:
        with out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Kinds down, routes across, in seconds."""
    cells = {tuple(one["name"].split(": ")): one["value"] for one in rows}
    kinds, routes = list(dict.fromkeys(kind for kind, _ in cells)), list(dict.fromkeys(route for _, route in cells))
    yield f"| worst, in s | {' | '.join(routes)} |"
    yield "|---" * (len(routes) + 1) + "|"
    for kind in kinds:
        yield f"| {kind} | {' | '.join(f'{cells[kind, route]:.2f}' for route in routes)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="How long what was taken away is still given.")
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--only", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, changing_house(Path(folder)) as house:
        for kind in chosen.only:
            measuring = list(measured(house, kind, chosen.tries))
            rows += measuring
            keep(measuring, chosen.out)
        told = [line for line in house.figures.exposition().decode().splitlines() if "seconds_count" in line]
    sys.stdout.write("\n".join((*table(rows), "", *told)) + "\n")


if __name__ == "__main__":
    main()
