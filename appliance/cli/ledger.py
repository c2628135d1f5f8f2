"""`muniment ledger verify | export | seen | checkpoint | erase`: the evidence, for those who must be able to prove."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from appliance.errors import BadRequest
from appliance.settings import Settings, load

if TYPE_CHECKING:
    from appliance.audit.chain import Row
    from appliance.audit.checkpoints import Checkpoint
    from appliance.audit.sight import Sighting
    from appliance.audit.verification import Line, Verification

console = Console(highlight=False)
app = typer.Typer(help="The ledger: verify it, take it out, and look up what a person saw.", no_args_is_help=True)
Who = Annotated[str, typer.Option("--as", help="the person's id, as tokens name him", metavar="WHO")]


@app.command()
def verify(
    checkpoint: Annotated[Path | None, typer.Option(help="checkpoints from the second place")] = None,
    file: Annotated[Path | None, typer.Option(help="an export; else the ledger of this installation")] = None,
    key: Annotated[list[Path] | None, typer.Option(help="a public key that signs checkpoints; several may be")] = None,
) -> None:
    """Say whether every entry is in its place, and up to where anybody vouches for that. Exit code 1 if not.

    With --file and --key nothing of this installation is needed: no network, no database, no secret.
    """
    from appliance.audit import checkpoints, export
    from appliance.audit.verification import verify as verified

    settings = load()
    keys = checkpoints.public_keys(key or _own_keys(settings))
    if checkpoint is not None and not keys:
        raise BadRequest("There is no public key to check checkpoints with.", advice="Name one with --key.")
    # asked before the ledger is read: what is written meanwhile speaks of entries that are not read
    size = checkpoint.stat().st_size if checkpoint is not None else 0
    given: Iterable[Checkpoint] = () if checkpoint is None else checkpoints.read(checkpoint, size=size)
    lines: Iterable[Line] = export.read(file) if file is not None else _lines(settings)
    found = verified(lines, keys=keys, checkpoints=given)
    _tell(found)
    raise typer.Exit(0 if found.whole else 1)


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="the file to write; it must not exist yet")],
) -> None:
    """Write the whole ledger with its checkpoints to a file that `verify --file` reads anywhere."""
    from appliance.audit import export as exporting

    lines = _lines(load())
    with to.open("x", encoding="utf-8", newline="\n") as out:
        count = exporting.write(lines, out)
    console.print(f"{count} entries written to {to}.", soft_wrap=True)


@app.command()
def seen(who: Who, days: Annotated[int, typer.Option(min=1, max=3_650)] = 7) -> None:
    """Show what a person asked, found and opened in the last days. That somebody looked is itself an entry."""
    from datetime import UTC, datetime, timedelta

    from appliance import wiring
    from appliance.audit import sight
    from appliance.audit.parts import operators
    from appliance.records import Event

    settings = load()
    parts = wiring.ledger_of(settings)
    parts.ledger.append(operators(Event.LEDGER_VIEWED, settings))
    since = datetime.now(UTC).date() - timedelta(days=days)
    keys = parts.keys.held(settings.tenant, who, since=since)
    _, registry, _ = wiring.promises(settings)
    known = {record.document: uri for uri, record in registry.by_uri(settings.tenant).items()}
    table = Table("entry", "time (UTC)", "what", "client", "policy", Column("documents", overflow="fold"), box=None)
    for sighting in sight.seen(parts.ledger, keys, (settings.tenant, who), known):
        _row(table, sighting)
    if table.row_count:
        console.print(table)
    console.print(
        f"{table.row_count} entries on {len(keys)} of the last {days} days. Where keys were destroyed, nothing shows."
    )


@app.command()
def checkpoint() -> None:
    """Sign how far the ledger has come and take that to the second place, now."""
    from appliance import wiring

    wiring.ledger_of(load()).notary.round()
    console.print("Signed, and taken to the second place.")


@app.command()
def erase(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Destroy a person's keys: the ledger stays whole, and nobody can say any more which entries are his."""
    from appliance import wiring
    from appliance.audit.parts import operators
    from appliance.records import Event

    settings = load()
    if not yes:
        typer.confirm("This cannot be undone. Destroy the keys?", abort=True)
    parts = wiring.ledger_of(settings)
    parts.ledger.append(operators(Event.PERSON_ERASED, settings))
    console.print(f"The keys of {parts.keys.erase(settings.tenant, who)} days were destroyed.")


def _own_keys(settings: Settings) -> list[Path]:
    from appliance.audit.checkpoints import public_file

    own = public_file(settings.checkpoint_key)
    return [own] if own.exists() else []


def _lines(settings: Settings) -> "Iterator[Row | Checkpoint]":
    """This installation's ledger as it is at this moment; what is appended meanwhile is left out."""
    from appliance import wiring
    from appliance.audit.export import joined

    reader = wiring.ledger_reader(settings)
    last = reader.last()
    return joined(reader.rows(upto=last), reader.kept(upto=last))


def _tell(found: "Verification") -> None:
    console.print(f"{found.entries} entries read, the last is number {found.last}.")
    for fault in found.faults:
        console.print(Text(f"✗ {fault}", style="bold red"))
    if found.untold:
        console.print(f"✗ and {found.untold} more", style="bold red")
    if found.whole:
        console.print("✓ Every entry is in its place and fits the one before.", style="green")
    for remark in found.remarks:
        console.print(Text(f"· {remark}", style="yellow"))
    if found.backwards:
        console.print(
            f"· {found.backwards} times an entry is earlier than the one before it (first: entry "
            f"{found.first_backwards}): a clock was set, or differs between machines.", style="yellow"
        )  # fmt: skip
    console.print(_vouched(found))


def _vouched(found: "Verification") -> Text:
    """Up to where somebody vouches, and what that is worth."""
    if found.vouched is None and not found.whole:
        return Text("No checkpoint agrees before the first fault, so nobody vouches for any of it.", style="yellow")
    if found.vouched is None:
        return Text(
            "Nobody vouches for any of it: without a checkpoint that agrees, whoever can write the database could "
            "have written all of it anew, or cut off its end.", style="yellow"
        )  # fmt: skip
    upto, tail = found.vouched, found.last - found.vouched.entry
    said = f"Vouched for up to entry {upto.entry}, by checkpoint {upto.number} of {upto.at}, key {upto.key}."
    if found.given is None:
        said += (
            " That checkpoint stands in the ledger itself: who holds the signing key could have made both anew, "
            "and both can be cut off. Give --checkpoint with those of the second place."
        )
    elif found.given.entry < upto.entry:
        said += f" The second place vouches up to entry {found.given.entry}."
    if tail:
        said += f" What follows it ({tail}) stands on the chain alone: it could have been cut off or written anew."
    return Text(said)


def _row(table: Table, sighting: "Sighting") -> None:
    gone = f"{sighting.unknown} no longer registered" if sighting.unknown else ""
    what = " ".join(filter(None, (sighting.event, sighting.reason)))
    documents = "\n".join(filter(None, (*sighting.documents, gone)))
    at = sighting.at[:19].replace("T", " ")
    table.add_row(str(sighting.number), at, what, sighting.client, sighting.policy, Text(documents))
