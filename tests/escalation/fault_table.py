"""What happens when something is wrong between a question and its answer, as it was seen: `deploy/door/faults.md`.

    python -m tests.escalation.fault_table FILE

Each fault is made to happen before a real gate, ledger, database and door, and a real server behind TLS; the table says
what the person is shown, and which entries the ledger then holds.
"""

import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.escalation.fault_world import ASKED, PLASMA, World, said
from tests.escalation.house import DESTINATIONS, access
from tests.escalation.provider import completion, response

Fault = Callable[[World], tuple[str, str]]
"""Makes a fault happen; what the person is shown, and the escalation that it is about."""


def _answers(raw: bytes | Callable[[socket.socket], None]) -> Fault:
    def fault(world: World) -> tuple[str, str]:
        world.provider.answer = raw
        return world.carried()

    return fault


def _half(line: socket.socket) -> None:
    line.sendall(response(completion())[:-40])


def _says(text: str) -> Fault:
    def fault(world: World) -> tuple[str, str]:
        world.says(text)
        return world.carried()

    return fault


def _anothers_token(world: World) -> tuple[str, str]:
    other = world.proposed()
    tokens = [put["put"] for piece in other["pieces"] for put in piece["replaced"]]
    world.says(PLASMA.format(tokens[0]))
    return world.carried()


def _inside(world: World) -> tuple[str, str]:
    shown = world.approved()
    world.here = False
    return world.carried(shown)


def _other_bytes(world: World) -> tuple[str, str]:
    shown = world.awaited()
    return world.judged(shown, digest="0" * 64), shown["id"]


def _by_the_asker(world: World) -> tuple[str, str]:
    shown = world.awaited()
    return world.judged(shown, by="mara"), shown["id"]


def _twice(world: World) -> tuple[str, str]:
    shown = world.approved()
    return world.judged(shown), shown["id"]


def _too_late(world: World) -> tuple[str, str]:
    shown = world.awaited()
    world.around.house.clock.pass_by(hours=9)
    return world.judged(shown), shown["id"]


def _changed_while_waiting(world: World) -> tuple[str, str]:
    shown = world.awaited()
    world.rules(DESTINATIONS.replace("15.00", "16.00"))
    return world.judged(shown), shown["id"]


def _changed_after_approval(world: World) -> tuple[str, str]:
    shown = world.approved()
    world.rules(DESTINATIONS.replace("15.00", "16.00"))
    return world.carried(shown)


def _removed(world: World) -> tuple[str, str]:
    shown = world.approved()
    world.rules(DESTINATIONS.replace('name = "large"', 'name = "other"'))
    return world.carried(shown)


def _label(world: World) -> tuple[str, str]:
    shown = world.approved()
    world.around.house.documents.accesses["leaflet"] = access(labels=frozenset({"patient"}))
    return world.carried(shown)


def _no_budget(world: World) -> tuple[str, str]:
    world.rules(DESTINATIONS.replace("person = 1.00", "person = 0"))
    return world.ended(world.proposed())


def _secret(world: World) -> tuple[str, str]:
    return world.ended(world.proposed(question="May hunter2!x open the fridge?"))


def _door_away(world: World) -> tuple[str, str]:
    world.door.before = True
    shown = world.approved()
    world.around.carry(shown["id"])
    world.door.before = False
    world.around.house.clock.pass_by(minutes=3)
    world.around.house.courier.recover()
    return world.ended(shown)


def _not_heard(world: World) -> tuple[str, str]:
    world.door.after = True
    shown = world.approved()
    world.around.carry(shown["id"])
    world.door.after = False
    world.around.house.clock.pass_by(minutes=3)
    world.around.house.courier.recover()
    return world.ended(shown)


def _no_detector(world: World) -> tuple[str, str]:
    world.around.house.words = {1: "PERSON"}  # no word: it raises over every text
    answer = world.around.client("mara").post("/v1/escalations", json=ASKED)
    (listed,) = world.around.client("mara").get("/v1/escalations").json()["escalations"]
    return said(answer), listed["id"]


def _no_key(world: World) -> tuple[str, str]:
    (world.folder / "credentials" / "large.key").chmod(0o644)
    return world.carried()


_CALLED: Final = {"choices": [{"message": {"content": None, "tool_calls": [{"id": "1"}]}}]}
FAULTS: Final[dict[str, Fault]] = {
    "the other side answers HTML": _answers(response(b"<html>", content_type="text/html")),
    "half an answer, then the line breaks": _answers(_half),
    "a redirect": _answers(response(b"", status="302 Found", location="https://elsewhere.example/")),
    "an error of the provider's": _answers(response({"error": {}}, status="500 Internal Server Error")),
    "a call of a tool instead of a text": _answers(response(_CALLED)),
    "a lying certificate": lambda world: world.carried(),
    "its name leads to 127.0.0.1 now": _inside,
    "the destination's key is open to others": _no_key,
    "an answer with a token that was never issued": _says(PLASMA.format("Person_B4C4D4")),
    "an answer with somebody else's token": _anothers_token,
    "an answer that is not in the passages": _says("Red cells must have run through within nine hours. [1]"),
    "an answer with a link that carries data": _says("Red cells: https://evil.example/?q=plasma says so. [1]"),
    "approval for other bytes": _other_bytes,
    "approval by the asker": _by_the_asker,
    "approval a second time": _twice,
    "approval too late": _too_late,
    "the rules changed before approval": _changed_while_waiting,
    "the rules changed after approval": _changed_after_approval,
    "the destination was removed while it waited": _removed,
    "a passage became a patient's after approval": _label,
    "a budget of nothing": _no_budget,
    "a password in the question": _secret,
    "a detector raises": _no_detector,
    "the door does not answer when it is handed over": _door_away,
    "the door breaks off after it has sent": _not_heard,
}


def seen(fault: str) -> tuple[str, list[str], int]:
    """What the person is shown, the ledger's entries, and how many requests reached the other side."""
    with tempfile.TemporaryDirectory(prefix="fault-") as folder, ExitStack() as stack:
        world = World(Path(folder), stack, lying=fault == "a lying certificate").open()
        shown, identifier = FAULTS[fault](world)
        return shown, world.around.house.events(identifier), len(world.provider.requests)


def table() -> str:
    """All of them, as Markdown."""
    lines = [
        "# What happens when something is wrong",
        "",
        "For the operator. `python -m tests.escalation.fault_table deploy/door/faults.md` wrote it from what was seen:",
        "each fault before a real gate, ledger, database and door, and a server behind TLS. Nothing was sent twice.",
        "",
        "| fault | what the person is shown | requests | the ledger |",
        "|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(row, FAULTS), ""])


def row(fault: str) -> str:
    """Its line."""
    shown, events, requests = seen(fault)
    told = " → ".join(event.removeprefix("escalation-") for event in events)
    return f"| {fault} | {shown} | {requests} | {told} |"


def main() -> None:
    """Write it."""
    Path(sys.argv[1]).write_text(table(), "utf-8")


if __name__ == "__main__":
    main()
