"""`muniment outside …`: what would leave beside what was asked; send it, withdraw it, approve another's."""

import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from appliance.cli.client import Client
from appliance.errors import BadRequest
from appliance.settings import load

console = Console(highlight=False)
app = typer.Typer(help="Questions to models outside: by policy, redacted, approved.", no_args_is_help=True)
Token = Annotated[
    Path, typer.Option("--token", help="a file with your access token", exists=True, dir_okay=False, metavar="FILE")
]
Reason = Annotated[str, typer.Option("--reason", help="what your word rests on, for the record")]
_OVER: Final = frozenset({"answered", "failed", "denied", "expired"})
_SECONDS: Final = 2.0
_OBEYED: Final = frozenset({"Cc", "Cf"})
"""Characters that turn, move or command: controls, and marks of direction."""
_PATH: Final = "/v1/escalations"


@app.command()
def destinations(token: Token) -> None:
    """Show the models outside that the rules name."""
    with _client(token) as client:
        told = client.get(f"{_PATH}/destinations")
    table = Table("name", "model", "region", "contract", "covers", f"{told['currency']} per million, in / out", "kept")
    for one in told["destinations"]:
        price = f"{one['price_in']} / {one['price_out']}"
        kept = f"{one['retention_days']} days"
        table.add_row(one["name"], one["model"], one["region"], one["contract"], ", ".join(one["classes"]), price, kept)
    console.print(table if told["destinations"] else "No destination: nothing leaves this house.")


@app.command()
def ask(
    question: str,
    to: Annotated[str, typer.Option("--to", help="the destination's name")],
    token: Token,
    *,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="without passages that may not leave")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="everything but what could be sent")] = False,
) -> None:
    """Look at what would leave, then send it or let it be. Ends with 1 if nothing came of it."""
    asked = {"question": question, "destination": to, "leave_out": leave_out, "dry_run": dry_run}
    with _client(token) as client:
        with console.status("Redacting, and looking again at what would leave …"):
            shown = client.post(_PATH, asked)
        _print(shown)
        if dry_run or shown["state"] != "proposed":
            raise typer.Exit(0 if dry_run else 1)
        if not typer.confirm("Send exactly these bytes?"):
            client.post(f"{_PATH}/{shown['id']}/withdraw", {})
            console.print("Withdrawn; what was prepared is destroyed.")
            raise typer.Exit(1)
        _followed(client, client.post(f"{_PATH}/{shown['id']}/send", {"digest": shown["digest"]}))


@app.command("list")
def listed(token: Token) -> None:
    """Show your own, the newest first."""
    with _client(token) as client:
        _table(client.get(_PATH)["escalations"])


@app.command()
def show(escalation: str, token: Token) -> None:
    """Show one of your own as it is now, with the answer once there is one."""
    with _client(token) as client:
        _print(client.get(f"{_PATH}/{escalation}"))


@app.command()
def withdraw(escalation: str, token: Token) -> None:
    """Take one back that has not been sent."""
    with _client(token) as client:
        console.print(client.post(f"{_PATH}/{escalation}/withdraw", {})["state"])


@app.command()
def approvals(token: Token) -> None:
    """Show what waits for your approval, whole; never your own."""
    with _client(token) as client:
        waiting = client.get(f"{_PATH}/approvals")["escalations"]
    for one in waiting:
        _print(one)
    if not waiting:
        console.print("Nothing waits.")


@app.command()
def approve(escalation: str, digest: str, reason: Reason, token: Token) -> None:
    """Approve exactly the bytes of DIGEST, as `approvals` shows it."""
    _judged(escalation, digest, reason, token, approved=True)


@app.command()
def reject(escalation: str, digest: str, reason: Reason, token: Token) -> None:
    """Reject it."""
    _judged(escalation, digest, reason, token, approved=False)


@contextmanager
def _client(token: Path) -> Iterator[Client]:
    try:
        client = Client.bearing(load(), token.read_text("ascii").strip())
    except UnicodeDecodeError:
        raise BadRequest("That file holds no access token.") from None
    try:
        yield client
    finally:
        client.close()


def _judged(escalation: str, digest: str, reason: str, token: Path, *, approved: bool) -> None:
    told = {"digest": digest, "approved": approved, "reason": reason}
    with _client(token) as client:
        console.print(client.post(f"{_PATH}/{escalation}/judge", told)["state"])


def _followed(client: Client, shown: dict[str, Any]) -> None:
    """Wait for the answer. Who goes away finds it later with `show`."""
    with console.status("") as waiting:
        while shown["state"] not in _OVER:
            words = "waits for somebody's approval" if shown["state"] == "awaiting" else "is on its way"
            waiting.update(f"It {words}; `muniment outside show {shown['id']}` finds it later …")
            time.sleep(_SECONDS)
            shown = client.get(f"{_PATH}/{shown['id']}")
    _answered(shown)
    raise typer.Exit(0 if shown["state"] == "answered" else 1)


def _print(shown: dict[str, Any]) -> None:
    """Side by side what is asked in the house and what would leave, then what decides."""
    console.print(Text(f"{shown['id']}  {shown['state']}  to {shown['destination']}", style="bold"))
    table = Table("in the house", "what would leave", show_lines=True, expand=True)
    for piece in shown["pieces"]:
        table.add_row(_marked(piece["original"], piece, "start", "end"), _marked(piece["leaving"], piece, "at", ""))
    if shown["pieces"]:
        console.print(table)
    for rule in shown["rules"]:
        console.print(Text(f"  {rule['id']}: {rule['reason']}", style="dim"))
    verdict = f"{shown['verdict']}; " if shown["verdict"] else ""
    console.print(Text(f"  {verdict}costs at most {shown['price']}; digest {shown['digest']}", style="dim"))
    _answered(shown)


def _marked(text: str | None, piece: dict[str, Any], start: str, end: str) -> Text:
    """`text` with every replaced place in colour, and nothing in it that a terminal obeys."""
    if text is None:
        return Text("(not for you)", style="dim")
    told = Text("".join(one if one == "\n" or unicodedata.category(one) not in _OBEYED else "\ufffd" for one in text))
    for one in piece["replaced"]:
        begins = one[start]
        told.stylize("black on yellow", begins, one[end] if end else begins + len(one["put"]))
    return told


def _answered(shown: dict[str, Any]) -> None:
    answer = shown["answer"]
    if answer is None:
        why = f" ({shown['reason']})" if shown["reason"] else ""
        console.print(Text(f"  {shown['state']}{why}", style="yellow"))
    elif answer["kind"] == "refusal":
        console.print(Text(answer["reason"], style="yellow"))
    else:
        console.print(Text("From outside, verified against the passages that went with it:", style="magenta"))
        for sentence in answer["sentences"]:
            marks = "".join(f" [{citation['number']}]" for citation in sentence["citations"])
            console.print(Text(sentence["text"]) + Text(marks, style="cyan"))


def _table(escalations: list[dict[str, Any]]) -> None:
    table = Table("id", "state", "why", "to", "spent", "created")
    for one in escalations:
        table.add_row(one["id"], one["state"], one["reason"], one["destination"], one["spent"], one["created"][:16])
    console.print(table if escalations else "You have asked nothing outside.")
