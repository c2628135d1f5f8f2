"""`muniment documents list | add | status | remove`: documents as one of the demo's personas."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from appliance.cli.client import Client
from appliance.settings import load

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
    """Show one document: queued, running, stored, or quarantined and why; exit code 1 if it is quarantined."""
    shown = Client(load(), persona).get(f"/v1/documents/{document}")
    _show(shown)
    raise typer.Exit(1 if shown["status"] == "quarantined" else 0)


@app.command()
def remove(document: Id, persona: Persona) -> None:
    """Remove an upload of this persona's: from now on nobody can read it."""
    Client(load(), persona).delete(f"/v1/documents/{document}")
    console.print("Removed.")


def _show(document: dict[str, Any]) -> None:
    reason = f": {document['reason']}" if document["reason"] else ""
    console.print(Text(f"{document['id']}  {document['status']}{reason}"))
    console.print(Text(f"  {document['uri']}, {document['level']}, {', '.join(document['readers'])}", style="dim"))
