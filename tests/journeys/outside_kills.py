"""Door and API killed while questions are on their way: nothing is sent twice, everything has its outcome.

A person asks, sends and has it approved again and again while the processes are killed at random moments and started
anew. Afterwards the other side, the ledger, the door's book and what people were promised are compared.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console

from appliance import wiring
from appliance.audit.verification import verify
from appliance.records.escalations import OVER, State
from appliance.store.database import open_database
from appliance.store.escalations import EscalationTable
from tests.journeys.outside_house import DESTINATION, House, outside_house
from tests.journeys.outside_other import reciting

console = Console(highlight=False, width=118)
WHY: Final = "Looked at: no name and no number is in it."
WORDS: Final = "one two three four five six seven eight nine".split()
ENDS: Final = {"escalation-denied", "escalation-failed", "escalation-expired", "escalation-answered"}
SETTLED_S: Final = 240.0


@dataclass
class Asker:
    """Asks until told to stop; nothing that happens to the house may surprise him. `promised`: what he was told of."""

    house: House
    dice: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    promised: dict[str, str] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def work(self) -> None:
        """Until `over`."""
        while not self.over.wait(0.1):
            try:
                with closing(self.house.client("mara")) as client, closing(self.house.client("priya")) as officer:
                    while not self.over.wait(0.05):
                        self._once(client, officer)
            except (httpx.HTTPError, KeyError, ValueError):
                self.told["cut off"] += 1

    def _once(self, client: httpx.Client, officer: httpx.Client) -> None:
        bag = " ".join(self.dice.choice(WORDS) for _ in range(9))
        wish = {"destination": DESTINATION, "question": f"May plasma for Corvin Aldersby hang, bag {bag}?"}
        shown = client.post("/v1/escalations", json={**wish, "leave_out": True}).raise_for_status().json()
        self.promised[shown["id"]] = shown["body"]
        path, word = f"/v1/escalations/{shown['id']}", {"digest": shown["digest"]}
        self.told[shown["state"]] += 1
        client.post(f"{path}/send", json=word).raise_for_status()
        officer.post(f"{path}/judge", json={**word, "approved": True, "reason": WHY}).raise_for_status()
        self.told["approved"] += 1


def killed(folder: Path, *, times: int, seed: int, out: Path) -> list[str]:
    """Kill `times` processes, compare, write what was found, and return what is wrong."""
    dice = random.Random(seed)  # noqa: S311  # moments of a test, to be had again by their seed

    def slowly(request: bytes) -> bytes:
        time.sleep(0.4)
        return reciting(request)

    kills: Counter[str] = Counter()
    with outside_house(folder, slowly, seconds=5) as house:
        asker = Asker(house, random.Random(seed + 1))  # noqa: S311  # likewise
        thread = threading.Thread(target=asker.work, daemon=True)
        thread.start()
        for turn in range(times):
            before = len(house.other.asked)
            _until(lambda before=before: len(house.other.asked) > before)
            time.sleep(dice.uniform(0.0, 1.5))
            part = ("door", "api")[turn % 2]
            house.kill(part)
            kills[part] += 1
            time.sleep(dice.uniform(0.0, 0.5))
            house.start(part)
        asker.over.set()
        thread.join(150)
        faults = [*_settled(house, asker), *_compared(house, asker)]
        table = EscalationTable(open_database(house.settings.database))
        rows = [one for state in State for one in table.inside(state)]
        ends = Counter(f"{one.escalation.state} {one.escalation.reason}".strip() for one in rows)
    found = {
        "kills": kills, "seed": seed, "told": asker.told, "promised": len(asker.promised), "escalations": len(rows),
        "reached the other side": len(house.other.asked), "ends": ends, "faults": faults,
    }  # fmt: skip
    out.write_text(json.dumps(found, indent=1))
    console.print(json.dumps(found, indent=1), markup=False)
    return faults


def _until(holds: Any, seconds: float = SETTLED_S) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def _settled(house: House, asker: Asker) -> Iterator[str]:
    """What its asker did not bring to its end he takes back; then all ends, and what he was told of is there."""
    with closing(house.client("mara")) as client:

        def open_() -> list[dict[str, Any]]:
            listed = client.get("/v1/escalations").raise_for_status().json()["escalations"]
            return [one for one in listed if one["state"] not in {*OVER}]

        for one in open_():
            if one["state"] in (State.PROPOSED, State.AWAITING):
                with suppress(httpx.HTTPStatusError):
                    client.post(f"/v1/escalations/{one['id']}/withdraw").raise_for_status()
        with suppress(AssertionError):
            _until(lambda: not open_())
        yield from (f"{one['id']} is {one['state']} for ever" for one in open_())
        for identifier in asker.promised:
            told = client.get(f"/v1/escalations/{identifier}")
            if told.status_code != 200:
                yield f"{identifier} was promised and is not there"
            elif told.json()["state"] == State.ANSWERED and (told.json()["answer"] or {}).get("kind") != "answer":
                yield f"{identifier} was answered, and nothing is shown"


def _compared(house: House, asker: Asker) -> Iterator[str]:
    """The other side against the ledger, and the ledger against itself."""
    table = EscalationTable(open_database(house.settings.database))
    rows = {one.escalation.id: one.escalation for state in State for one in table.inside(state)}
    arrived = Counter(one.body.decode() for one in house.other.asked)
    yield from (f"a request came {count} times" for count in arrived.values() if count > 1)
    reader, recorded = list(wiring.ledger_reader(house.settings).rows()), dict[str, list[tuple[str, str]]]()
    for _, body, _ in reader:
        entry = json.loads(body)
        recorded.setdefault(entry.get("about", ""), []).append((entry["event"], entry.get("reason", "")))
    whose = {body: identifier for identifier, body in asker.promised.items()}
    for body in arrived:
        identifier = whose.get(body, "")
        digest = rows[identifier].digest if identifier in rows else "none"
        if ("escalation-sent", digest) not in recorded.get(identifier, ()):
            yield f"a request of {identifier or 'nobody'} came without its entry"
    for identifier, row in rows.items():
        events = recorded.get(identifier, [])
        ended = [event for event, reason in events if event in ENDS and reason != "void"]
        if events and not ended:
            yield f"{identifier} is {row.state}, and the ledger tells of no end"
    yield from verify(reader, keys={}).faults
