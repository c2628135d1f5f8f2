"""`muniment policy …`: the officers' commands. Nothing that they print is written into a log."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from appliance.access import policy_set, signing, tables
from appliance.access.active import ActivePolicies, signatures
from appliance.access.policy_set import SIGNATURES, PolicySet
from appliance.access.ruleset import cases, compiled
from appliance.errors import MunimentError, PolicyRefused, PolicyUnavailable
from appliance.privacy.labelling import label_tables
from appliance.settings import load

console = Console(highlight=False)
app = typer.Typer(help="Policies: check, sign and activate a set; explain what it decides.", no_args_is_help=True)
Set = Annotated[
    Path | None, typer.Argument(help="the folder of the set; without one, the shipped set", file_okay=False)
]
Officer = Annotated[str, typer.Option("--officer", help="the officer's name", metavar="NAME")]


@app.command()
def keygen(
    officer: Officer,
    to: Annotated[
        Path, typer.Option("--to", help="where both files go: a place of the officer's own", file_okay=False)
    ],
) -> None:
    """Make an officer's key pair: NAME.pub is for the officers' folder, NAME.key stays with the officer."""
    private, public = signing.keep_pair(officer, to)
    console.print(Text(f"{private}  keep this; nobody else may have it"))
    console.print(Text(f"{public}  for the officers' folder: {load().officers_folder}"))


@app.command()
def sign(
    folder: Annotated[Path, typer.Argument(help="the folder of the set", exists=True, file_okay=False)],
    officer: Officer,
    key: Annotated[Path, typer.Option("--key", help="the officer's NAME.key", exists=True, dir_okay=False)],
) -> None:
    """Vouch for a set as it lies there now. A set with a fault is not signed."""
    found = policy_set.read(folder)
    compiled(found, tables_too=True)
    label_tables.examine(found)
    place = folder / SIGNATURES / f"{signing.named(officer)}.sig"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(signing.signed(found.digest, signing.private_key(key)))
    console.print(Text(f"{officer} vouches for policy set {found.version} ({len(found.files)} files)."))


@app.command()
def check(folder: Set = None) -> None:
    """Show every fault of a set, and who has signed it; exit code 1 if it could not be activated for a fault."""
    settings = load()
    found = policy_set.read(folder or settings.policies)
    console.print(Text(f"Policy set {found.version}, {len(found.files)} files."))
    try:
        rows = cases(found)
        wrong = [*tables.faults(compiled(found).engine, rows), *label_tables.faults(found)]
        decided = len(rows) + len(label_tables.rows(found.text(label_tables.TABLE)))
    except PolicyRefused as error:
        wrong, decided = list(error.faults) or [str(error)], 0
    for fault in wrong:
        console.print(Text(f"  {fault}", style="red"))
    if not wrong:
        console.print(f"All {decided} rows of the tables come out as they should.")
    console.print(Text(_vouched(found, folder or settings.policies, settings.officers_folder)))
    raise typer.Exit(1 if wrong else 0)


@app.command()
def activate(folder: Set = None) -> None:
    """Bring a set into force that two officers have signed. Running processes notice it within a second."""
    from appliance.operations import policies

    settings = load()
    place = folder or settings.policies
    found = policy_set.read(place)
    activation = policies.activate(settings, found, signatures(place))
    console.print(Text(f"Policy set {found.version} is in force. Vouched for by {', '.join(activation.officers)}."))


@app.command()
def status() -> None:
    """Show which set is in force and whether it is the newest; exit code 1 if it is not, or if there is none."""
    active = _active()
    try:
        version = active.current().version
        active.check()
    except PolicyUnavailable as fault:
        console.print(Text(str(fault), style="bold red"))
        raise typer.Exit(1) from None
    newest = active.history()[0]
    console.print(Text(f"Policy set {version} is in force since {newest.at}, by {', '.join(newest.officers)}."))


@app.command()
def history() -> None:
    """List the sets that were brought into force here, the newest first."""
    table = Table(Column("version", no_wrap=True), "last activated", "vouched for by", box=None)
    for one in _active().history():
        table.add_row(one.digest[:12], one.at, ", ".join(one.officers))
    console.print(table)


def _active() -> ActivePolicies:
    from appliance.operations import policies

    return policies.policies(load())


def _vouched(found: PolicySet, folder: Path, officers: Path) -> str:
    try:
        names = signing.vouched(found.digest, signatures(folder), signing.officers(officers))
    except MunimentError as error:
        return f"Not signed: {error}"
    return f"Signed by {', '.join(names)}."
