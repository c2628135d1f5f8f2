"""Questions on their way outside and back, with every byte that reached the other side.

    python -m tests.journeys.outside_run [--model reciting|real] [--out FOLDER] [--conversations N] [--kills N]

Three questions: one denied by its label, one held until another person approved it, one sent at once. `reciting` is a
small server that says again what it was told; `real` the shipped chat model in an engine of its own. With
`--conversations` so many random ones as well (`outside_many.py`), with `--kills` so many processes are killed
(`outside_kills.py`).
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from appliance.audit import receipts
from appliance.audit.checkpoints import public_file, public_keys
from appliance.records import Event
from appliance.store.database import open_database
from appliance.store.escalations import EscalationTable
from tests.journeys import outside_page
from tests.journeys.outside_house import CANARIES, DESTINATION, House, outside_house
from tests.journeys.outside_other import Engine, real_engine, reciting
from tests.journeys.outside_page import Told

console = Console(highlight=False, width=118)
WHY: Final = "The ward has to know today, and nothing in it names anybody."
DENIED: Final = ("Denied by its label", "mara", "What must Corvin Aldersby in bed 4 not be given?", False)
HELD: Final = ("Held, and approved", "mara", "Who agrees before thawed plasma is used for Corvin Aldersby?", True)
AT_ONCE: Final = ("Sent at once", "tobias", "What stays in the fridge of the pharmacy?", False)


def asked(house: House, title: str, persona: str, question: str, leave_out: bool) -> Told:
    """One question: in the house first, then outside; approved by the officer if that is asked for."""
    before = len(house.other.asked)
    with closing(house.client(persona)) as client, closing(house.client("priya")) as officer:
        started = time.monotonic()
        here = client.post("/v1/ask", json={"question": question}).json()
        wish: dict[str, Any] = {"destination": DESTINATION, "leave_out": leave_out}
        wish |= {"conversation": here["conversation"], "turn": here["id"]}
        proposed = client.post("/v1/escalations", json=wish)
        assert proposed.status_code == 201, proposed.text
        shown = proposed.json()
        path, word = f"/v1/escalations/{shown['id']}", {"digest": shown["digest"]}
        if shown["state"] == "proposed":
            sent = client.post(f"{path}/send", json=word).raise_for_status().json()
            if sent["state"] == "awaiting":
                said = {**word, "approved": True, "reason": WHY}
                officer.post(f"{path}/judge", json=said).raise_for_status()
        ended = house.over(client, shown["id"], seconds=300)
        seconds = time.monotonic() - started
    new = house.other.asked[before:]
    left = b"".join(bytes(one.heard) for one in new)
    back = "".join(one.content for one in new)
    return Told(title, persona, question, shown, ended, left, back, tuple(house.entries(shown["id"])), seconds)


def faults_of(house: House, told: list[Told]) -> list[str]:
    """What is wrong with it; nothing, if all is as it should be."""
    reached = house.other.everything.lower()
    faults = [f"{canary} reached the other side" for canary in CANARIES if canary.lower().encode() in reached]
    denied, held, at_once = told
    if denied.ended["state"] != "denied" or denied.left:
        faults.append("the denied one left")
    if "no-private-text-leaves" not in {one["id"] for one in denied.shown["rules"]}:
        faults.append("the denied one was not denied by its label")
    if (held.shown["verdict"], at_once.shown["verdict"]) != ("needs-approval", "permitted"):
        faults.append(f"held: {held.shown['verdict']}, sent at once: {at_once.shown['verdict']}")
    for one in (held, at_once):
        faults += _sent_faults(house, one)
    if len(house.other.asked) != 2:
        faults.append(f"{len(house.other.asked)} requests reached the other side")
    return faults


def _sent_faults(house: House, one: Told) -> Iterator[str]:
    """What left is what was looked at, recorded and approved; what came back is restored."""
    if one.left.partition(b"\r\n\r\n")[2] != one.shown["body"].encode():
        yield f"{one.title}: other bytes left than were shown"
    recorded = [(entry["event"], entry.get("reason", "")) for entry in one.entries]
    if (str(Event.ESCALATION_SENT), one.shown["digest"]) not in recorded:
        yield f"{one.title}: it left without its entry"
    if one.ended["state"] != "answered":
        yield f"{one.title}: {one.ended['state']}, {one.ended['reason']}"
    if not one.verified:
        yield f"{one.title}: nothing of the answer was shown"
    for put in (put for piece in one.shown["pieces"] for put in piece["replaced"]):
        if put["put"] in one.answer:
            yield f"{one.title}: {put['put']} was not restored"
    if one.shown["verdict"] == "needs-approval":
        kept = EscalationTable(open_database(house.settings.database)).find(house.settings.tenant, one.shown["id"])
        receipt = receipts.parsed(json.loads(kept.receipt)) if kept and kept.receipt else None
        keys = public_keys([public_file(house.settings.checkpoint_key)])
        if receipt is None or receipt.digest != one.shown["digest"] or not receipt.signed_by(keys):
            yield f"{one.title}: no receipt of its approval"


def journey(house: House) -> tuple[list[Told], list[str]]:
    """The three questions, and what is wrong with them."""
    told = [asked(house, *one) for one in (DENIED, HELD, AT_ONCE)]
    return told, faults_of(house, told)


@contextmanager
def other_side(model: str, folder: Path) -> Iterator[Engine]:
    """What answers out there."""
    from appliance.settings import load

    with real_engine(folder, load().models_folder) if model == "real" else nullcontext(reciting) as engine:
        yield engine


def report(told: list[Told], faults: list[str]) -> None:
    """What happened, for whoever watches."""
    for one in told:
        console.rule(f"{one.title}: {one.question}", align="left")
        rules = ", ".join(rule["id"] for rule in one.shown["rules"])
        console.print(f"decision   {one.shown['verdict']} by {rules}", markup=False)
        console.print(f"what left  {one.bytes or 'nothing'}", markup=False)
        console.print(f"came back  {one.back or 'nothing'}", markup=False)
        console.print(f"was shown  {one.answer or 'nothing'}", markup=False)
        console.print(f"ledger     {' -> '.join(one.events)}", markup=False)
    console.print("faults:", "; ".join(faults) or "none")


def main() -> int:
    """Exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=("reciting", "real"), default="reciting")
    parser.add_argument("--out", type=Path, help="a folder for the page, the record and the lines of conversations")
    parser.add_argument("--conversations", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends it leaves no process behind
    out: Path = said.out or Path(tempfile.mkdtemp(prefix="outside-"))
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="out-"))
    try:
        (folder / "engine").mkdir()
        with other_side(said.model, folder / "engine") as engine:
            faults = _all(said, engine, folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if faults else 0


def _all(said: argparse.Namespace, engine: Engine, folder: Path, out: Path) -> list[str]:
    if said.conversations:
        from tests.journeys.outside_many import many

        return many(engine, folder / "many", count=said.conversations, seed=said.seed, out=out / "conversations.jsonl")
    if said.kills:
        from tests.journeys.outside_kills import killed

        return killed(folder / "kills", times=said.kills, seed=said.seed, out=out / "kills.json")
    with outside_house(folder / "house", engine) as house:
        told, faults = journey(house)
    report(told, faults)
    named = "the shipped chat model in an engine of its own" if said.model == "real" else "a server that recites"
    (out / "outside.html").write_text(outside_page.render(told, model=named, faults=faults))
    record = {"model": said.model, "faults": faults, "told": [one.plain() for one in told]}
    (out / "outside.json").write_text(json.dumps(record, indent=1, ensure_ascii=False))
    console.print(f"page: {out / 'outside.html'}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
