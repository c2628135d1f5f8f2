"""The officers' questions: `muniment policy explain | readers | readable | diff`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from appliance.access import overview, policy_set
from appliance.access.cedar import Decision
from appliance.access.explaining import Explanation, explained
from appliance.access.overview import Place
from appliance.access.ruleset import Ruleset, compiled
from appliance.cli.policy_people import everybody, somebody
from appliance.errors import BadRequest
from appliance.records import Action, Document
from appliance.settings import Settings, load

console = Console(highlight=False)
app = typer.Typer()
Who = Annotated[str, typer.Option("--as", help="whom it is about: a persona, or an id in --people", metavar="WHO")]
People = Annotated[Path | None, typer.Option("--people", help="a JSON file that describes people", dir_okay=False)]
Which = Annotated[str, typer.Option("--document", help="a document's id or its path", metavar="D")]


@app.command()
def explain(
    who: Who,
    document: Which,
    action: Annotated[Action, typer.Option(help="what is to be done with it")] = Action.READ,
    purpose: Annotated[str, typer.Option(help="the purpose that is stated")] = "",
    people: People = None,
) -> None:
    """Say which rule allows or denies it, and what would have to be different."""
    settings = load()
    principal = somebody(settings, who, people, purpose)
    found = _document(settings, document)
    destination = "somewhere" if action is Action.ESCALATE else ""
    explanation = explained(_ruleset(settings), principal, action, found.access, destination=destination)
    console.print(Text(f"{who}, {action}, {found.uri}: {'allowed' if explanation.decision.allowed else 'denied'}"))
    _tell(explanation)


@app.command()
def readers(document: Which, people: People = None) -> None:
    """Say who of those who are known may read a document, and which rule decides."""
    settings = load()
    found = _document(settings, document)
    table = Table(Column("person", no_wrap=True), "may read", "by", box=None)
    for who, decision in overview.readers(_ruleset(settings), everybody(settings, people), found):
        table.add_row(Text(who.id), "yes" if decision.allowed else "no", Text(_by(decision)))
    console.print(Text(found.uri))
    console.print(table)


@app.command()
def readable(
    who: Who,
    people: People = None,
    each: Annotated[bool, typer.Option("--list", help="name every document")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Say what a person may read: how many documents in which folder and of which level."""
    settings = load()
    found = overview.readable(_ruleset(settings), somebody(settings, who, people), _documents(settings))
    console.print(Text(f"{who} may read {len(found)} documents."))
    console.print(_places({"documents": overview.counted(found)}))
    if each:
        for one in found:
            console.print(Text(f"  {one.uri}, {one.access.level.name.lower()}"))


@app.command()
def diff(
    folder: Annotated[Path, typer.Argument(help="the folder of the other set", exists=True, file_okay=False)],
    people: People = None,
) -> None:
    """Say what another set would open and close, for everyone who is known. It need not be signed."""
    settings = load()
    other = compiled(policy_set.read(folder))
    known, documents = everybody(settings, people), _documents(settings)
    old = _ruleset(settings)
    found = overview.differences(old, other, known, documents)
    console.print(
        f"From {old.version} to {other.version}: {len(found)} of {len(known)} people, {len(documents)} documents."
    )
    for one in found:
        console.print(Text(f"{one.person}: {sum(one.opened.values())} open, {sum(one.closed.values())} close"))
        console.print(_places({"open": one.opened, "close": one.closed}))


def _tell(explanation: Explanation) -> None:
    for name, reason in explanation.reasons:
        console.print(Text(f"  by {name}: {reason}"))
    if not explanation.reasons:
        console.print("  no rule permits it")
    for words in explanation.decision.errors:
        console.print(Text(f"  {words}", style="red"))
    otherwise = "denied" if explanation.decision.allowed else "allowed"
    for together in explanation.changes:
        console.print(Text(f"  it would be {otherwise} if {', and '.join(together)}"))
    if not explanation.changes:
        console.print(f"  no few changes would have it {otherwise}")


def _by(decision: Decision) -> str:
    return ", ".join(decision.policies or decision.errors) or "no rule permits it"


def _places(columns: Mapping[str, Mapping[Place, int]]) -> Table:
    table = Table("folder", "level", *(Column(name, justify="right") for name in columns), box=None)
    for place in sorted({place for counts in columns.values() for place in counts}):
        table.add_row(Text(place[0] or "(none)"), place[1], *(str(counts.get(place, 0)) for counts in columns.values()))
    return table


def _ruleset(settings: Settings) -> Ruleset:
    from appliance.operations import policies

    return policies.policies(settings).current()


def _documents(settings: Settings) -> Sequence[Document]:
    from appliance.store.database import open_database
    from appliance.store.registry import Registry

    return Registry(open_database(settings.database)).documents()


def _document(settings: Settings, named: str) -> Document:
    found = [one for one in _documents(settings) if named in (one.id, one.uri)]
    if len(found) != 1:
        raise BadRequest(
            "There is no such document, or several.", advice="`muniment policy readable --as WHO --list` names them."
        )
    return found[0]
