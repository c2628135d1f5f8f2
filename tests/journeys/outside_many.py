"""Random conversations through gate and door to the other side: a line each, resumed where it was left.

People are known to the house and stand in questions and passages in several spellings; records of patients hold
canaries. Judged is what reached the other side, and whether each token that came back was turned into what it stood
for.
"""

import json
import random
import re
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from appliance import wiring
from appliance.privacy.known.naming import Person
from appliance.privacy.redacting.restoring import restore
from tests.benchmarks.gate_campaign import BEGINS, ENDS, GIVEN, SPELLINGS, _everything, _plain
from tests.journeys.outside_house import DESTINATION, House, outside_house
from tests.journeys.outside_other import Engine, Exchange

console = Console(highlight=False, width=118)
PEOPLE: Final = 120
WHY: Final = "Looked at: no name and no number is in it."
TOPICS: Final = (
    ("cells", "A bag of red cells must have run through within four hours.", "How long may the red cells for {} hang?"),
    ("plasma", "Plasma is thawed at 37 degrees and used within five days.", "How is the plasma for {} thawed?"),
    ("pump", "The pump is cleaned with soap after every use.", "With what is the pump of {} cleaned?"),
    ("bag", "A second nurse checks every bag before it is hung.", "Who checks the bag of {} before it is hung?"),
    ("bed", "The ward is rung before a bed is moved.", "What is done before the bed of {} is moved?"),
    ("keys", "The keys of the cupboard lie at the desk of the ward.", "Where are the keys for the cupboard of {}?"),
)


def people() -> list[Person]:
    """Invented; no two alike in anything."""
    surnames = [f"{begin}{end}" for begin in BEGINS for end in ENDS][:PEOPLE]
    return [
        Person(GIVEN[at % len(GIVEN)], one, (), (("MRN", f"MRN-{7_310_000 + at * 37}"),))
        for at, one in enumerate(surnames)
    ]


def documents(known: list[Person]) -> dict[str, str]:
    """A standard for each topic that names somebody, and records that hold canaries."""
    found = {}
    for at, (name, sentence, _) in enumerate(TOPICS):
        keeper = known[at * 5]
        text = f"# The {name}\n\n{sentence} Ask {keeper.given} {keeper.surname} if the {name} is not there.\n"
        found[f"icu/{name}.md"] = text
    for at in range(4):
        patient = known[40 + at]
        found[f"icu/patients/bed-{at}.md"] = (
            f"# Bed {at}\n\nPatient: {patient.given} {patient.surname}\nMRN: {patient.identifiers[0][1]}\n"
            f"Diagnosis: pneumonia\nAllergies: none\n\nThe {TOPICS[at][0]} of bed {at} is noted as {_canary(at)}.\n"
        )
    return found


def _canary(at: int) -> str:
    return f"Qx{730_000_000 + at * 1_117:09d}zj"


def many(engine: Engine, folder: Path, *, count: int, seed: int, out: Path) -> list[str]:
    """So many conversations; those that stand in `out` are not had again. Returns what is wrong."""
    known = people()
    done = {json.loads(line)["number"] for line in out.read_text().splitlines()} if out.exists() else set()
    left = [number for number in range(count) if number not in done]
    if left:
        with outside_house(folder, engine, documents=documents(known), patients=known) as house, out.open("a") as told:
            for number in left:
                line = _one(house, known, random.Random(seed * 1_000_003 + number))  # noqa: S311  # can be had again
                told.write(json.dumps({"number": number, **line}, ensure_ascii=False) + "\n")
                told.flush()
    return summary(out)


def summary(out: Path) -> list[str]:
    """The counts of all lines, for whoever watches; returns what is wrong."""
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    ends = Counter(f"{one['state']} {one['reason']}".strip() for one in lines)
    sent = [one for one in lines if one["sent"]]
    tokens, right = sum(one["tokens"] for one in sent), sum(one["right"] for one in sent)
    shown = sum(one["shown"] == "answer" for one in sent)
    console.print(f"{len(lines)} conversations, {len(sent)} left the house, {shown} answers were verified and shown")
    console.print(f"tokens that came back {tokens}, restored rightly {right}; ends: {dict(ends)}", markup=False)
    faults = [f"conversation {one['number']}: {fault}" for one in lines for fault in one["faults"]]
    console.print("faults:", "; ".join(faults) or "none", markup=False)
    return faults


def _one(house: House, known: list[Person], dice: random.Random) -> dict[str, Any]:
    person, spelled = dice.choice(known), dice.choice(SPELLINGS)
    named = dice.choice([f"{person.given} {person.surname}", person.surname, person.identifiers[0][1]])
    name, _, form = dice.choice(TOPICS)
    question = dice.choice([form, f"Whom does one ask for {{}} if the {name} is not there?"]).format(spelled(named))
    before, started = len(house.other.asked), time.monotonic()
    with closing(house.client("mara")) as client, closing(house.client("priya")) as officer:
        wish: dict[str, Any] = {"destination": DESTINATION, "leave_out": dice.random() < 0.8}
        if dice.random() < 0.5:
            here = client.post("/v1/ask", json={"question": question}).json()
            wish |= {"conversation": here["conversation"], "turn": here["id"]}
        else:
            wish |= {"question": question}
        answer = client.post("/v1/escalations", json=wish)
        if answer.status_code != 201:
            told = answer.json()
            return _line(question, {"state": "refused", "reason": told.get("code", "")}, [], [], 0, 0, started)
        shown = answer.json()
        ended = _sent(house, client, officer, shown)
    new = house.other.asked[before:]
    faults, tokens, right = _judged(house, person, shown, ended, new)
    return _line(question, ended, new, faults, tokens, right, started) | {"topic": name}


def _sent(house: House, client: Any, officer: Any, shown: dict[str, Any]) -> dict[str, Any]:
    path, word = f"/v1/escalations/{shown['id']}", {"digest": shown["digest"]}
    if shown["state"] != "proposed":
        return shown
    if client.post(f"{path}/send", json=word).raise_for_status().json()["state"] == "awaiting":
        officer.post(f"{path}/judge", json={**word, "approved": True, "reason": WHY}).raise_for_status()
    return house.over(client, shown["id"], seconds=400)


def _judged(
    house: House, person: Person, shown: dict[str, Any], ended: dict[str, Any], new: list[Exchange]
) -> tuple[list[str], int, int]:
    """What is wrong with one conversation; the tokens that came back, and those that were restored rightly."""
    faults: list[str] = []
    if len(new) != (ended["state"] in ("answered", "failed") and ended["reason"] != "never-arrived"):
        faults.append(f"{len(new)} requests for one that is {ended['state']}")
    hidden = [person.surname, person.identifiers[0][1], *map(_canary, range(4))]
    hidden += [one.surname for at, one in enumerate(people()) if at in (0, 5, 10, 15, 20, 25, 40, 41, 42, 43)]
    tokens = right = 0
    for one in new:
        read = _everything(one.heard.decode() + "\n" + json.loads(one.body)["messages"][-1]["content"])
        faults += [f"{word} reached the other side" for word in hidden if _plain(word) in read]
        if one.body != shown["body"].encode():
            faults.append("other bytes left than were shown")
        events = [entry["event"] for entry in house.entries(shown["id"]) if entry.get("reason") == shown["digest"]]
        needed = ["approval"] * (shown["verdict"] == "needs-approval") + ["escalation-sent"]
        faults += ["it left without its entries"] if events != needed else []
        if ended["state"] == "answered":
            tokens, right = _restored(house, shown, one.content)
            faults += ["a token was not restored rightly"] if tokens != right else []
    return faults, tokens, right


def _restored(house: House, shown: dict[str, Any], content: str) -> tuple[int, int]:
    """How many tokens of this conversation stand in `content`, and how many became what they stood for."""
    originals: dict[str, set[str]] = {}
    for piece in shown["pieces"]:
        for put in piece["replaced"]:
            if put["way"] == "token":
                originals.setdefault(put["put"], set()).add(piece["original"][put["start"] : put["end"]])
    if not originals:
        return 0, 0
    pieces = re.split("(" + "|".join(map(re.escape, originals)) + ")", content)
    text = restore(content, wiring.vaults(house.settings).open(shown["id"]), may_show=lambda _source: True).text
    wanted = ["(?:" + "|".join(map(re.escape, sorted(originals[one]))) + ")" if one in originals else re.escape(one)
              for one in pieces]  # fmt: skip
    count = sum(one in originals for one in pieces)
    return count, count if re.fullmatch("".join(wanted), text) else 0


def _line(
    question: str, ended: dict[str, Any], new: list[Exchange], faults: list[str], tokens: int, right: int,
    started: float,
) -> dict[str, Any]:  # fmt: skip
    answer = ended.get("answer") or {}
    return {
        "question": question, "state": ended["state"], "reason": ended["reason"], "sent": len(new),
        "said": new[0].content if new else "", "shown": answer.get("kind", ""), "answer": answer.get("text", ""),
        "tokens": tokens, "right": right, "faults": faults, "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
