"""`muniment documents list | add | status | remove | relabel`: documents as one of the demo's personas."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from appliance.cli.client import Client
from appliance.records import Access, Event
from appliance.settings import Settings, load

if TYPE_CHECKING:
    from appliance.operations.relabelling import Change

console = Console(highlight=False)
app = typer.Typer(help="Documents: which ones a persona sees, and uploads of his own.", no_args_is_help=True)
Persona = Annotated[str, typer.Option("--as", help="the persona who acts", metavar="PERSONA")]
Id = Annotated[str, typer.Argument(help="the id that `add` and `list` show")]
_PAGE = 200


@app.command("list")
def list_(
    persona: Persona,
    own: Annotated[bool, typer.Option("--own", help="only uploads of this persona")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Show the documents that this persona may read, and the persona's uploads with how far each has come."""
    client, after = Client(load(), persona), ""
    table = Table(Column("id", no_wrap=True), "status", "level", "where", box=None)
    while True:
        page = client.get("/v1/documents", after=after, limit=_PAGE)
        for document in page["documents"]:
            if document["own"] or not own:
                table.add_row(document["id"], document["status"], document["level"], Text(document["uri"]))
        after = page["next"] or ""
        if not after:
            break
    console.print(table)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="the file to upload")],
    persona: Persona,
    readers: Annotated[list[str], typer.Option("--reader", help="a group that may read it; give it several times")],
    level: Annotated[str, typer.Option(help="public, internal, confidential or restricted")],
    name: Annotated[str, typer.Option(help="the name to keep it under; the same again is a new version")] = "",
) -> None:
    """Upload a file. When this returns it is safe; `status` tells when it can be asked about."""
    with file.open("rb") as content:
        shown = Client(load(), persona).send(
            "/v1/documents", content, name=name or file.name, level=level, readers=readers
        )
    _show(shown)


@app.command()
def status(document: Id, persona: Persona) -> None:
    """Show one document: queued, running, stored, or quarantined or discarded and why; exit code 1 for the last two."""
    shown = Client(load(), persona).get(f"/v1/documents/{document}")
    _show(shown)
    raise typer.Exit(1 if shown["status"] in ("quarantined", "discarded") else 0)


@app.command()
def remove(document: Id, persona: Persona) -> None:
    """Remove an upload of this persona's: from now on nobody can read it."""
    Client(load(), persona).delete(f"/v1/documents/{document}")
    console.print("Removed.")


@app.command()
def relabel(
    apply: Annotated[bool, typer.Option("--apply", help="write it; without this nothing is changed")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Show what the rules in force would say of every document now, and write it with --apply.

    Nothing is parsed or embedded again. Stopped half-way, the next run goes on where it stopped.
    """
    from appliance import wiring
    from appliance.operations.alone import alone

    settings = load()
    work = wiring.relabelling(settings)
    found: list[Change] = []
    with alone(settings.data), Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Labels", total=work.total())
        with _recorded(settings, found) if apply else nullcontext():
            for change in work.changes(only_old=apply):
                written = not apply or work.apply(change)
                progress.advance(task)
                if change.differs and written:
                    found.append(replace(change, labels=replace(change.labels, passages=())))
    _changes(found, apply=apply)


def _changes(found: Sequence["Change"], *, apply: bool) -> None:
    """What changes, by label and document by document; those that become less readable are marked."""
    table = Table("document", "from", "to", "", box=None)
    counts: Counter[str] = Counter()
    for change in found:
        old, new = change.document.access, change.access
        counts.update(f"+ {label}" for label in new.labels - old.labels)
        counts.update(f"- {label}" for label in old.labels - new.labels)
        counts.update([f"{old.level.name.lower()} -> {new.level.name.lower()}"] if old.level != new.level else [])
        marks = "fewer may read it" if change.narrower else "more may read it" if change.wider else ""
        table.add_row(Text(change.document.uri), _told(old), _told(new), marks)
    console.print(table)
    for what, times in sorted(counts.items()):
        console.print(Text(f"{times:6} {what}"))
    console.print(f"{len(found)} documents {'were changed' if apply else 'would change; --apply writes it'}.")


def _told(access: Access) -> str:
    return f"{access.level.name.lower()} {', '.join(sorted(access.labels))}"


@contextmanager
def _recorded(settings: Settings, found: Sequence["Change"]) -> Iterator[None]:
    """In the ledger before anything is written, and with how many documents, however it ends. Raises LedgerUnavailable.

    Delete `begins` or the `finally` and `test_documents.py::test_a_relabelling_is_recorded_however_it_ends` fails.
    """
    from appliance import wiring
    from appliance.audit.parts import operators

    ledger = wiring.ledger_of(settings).ledger
    ledger.append(operators(Event.RELABELLED, settings, reason="begins"))
    try:
        yield
    finally:
        narrower, wider = sum(one.narrower for one in found), sum(one.wider for one in found)
        told = f"{len(found)} changed, {narrower} for fewer, {wider} for more"
        ledger.append(operators(Event.RELABELLED, settings, reason=told))


def _show(document: dict[str, Any]) -> None:
    reason = f": {document['reason']}" if document["reason"] else ""
    console.print(Text(f"{document['id']}  {document['status']}{reason}"))
    console.print(Text(f"  {document['uri']}, {document['level']}, {', '.join(document['readers'])}", style="dim"))
