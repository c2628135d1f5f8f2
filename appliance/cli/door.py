"""`muniment door`: runs the one process that may reach outside; `muniment door check` says whether it could."""

import os
import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from appliance.errors import MunimentError
from appliance.escalation import door_socket
from appliance.escalation.outward import Outward, credential
from appliance.operations import door
from appliance.settings import Settings, load

console = Console(highlight=False)
app = typer.Typer(help="The one door to the outside.")


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the door until it is stopped; what is under way is waited for."""
    if context.invoked_subcommand is None:
        door.with_a_door(load())
        # All that the command line has loaded is left behind.
        os.execv(sys.executable, [sys.executable, "-m", door.__name__])  # noqa: S606  # a fixed list


@app.command()
def check() -> None:
    """Say whether socket, policies, keys, credentials and addresses are in order. Sends nothing; exit code 1 if not."""
    settings = door.with_a_door(load())
    table = Table("what", "state", box=None)
    faults = 0
    for what, state, good in _findings(settings):
        table.add_row(what, state)
        faults += not good
    console.print(table)
    raise typer.Exit(1 if faults else 0)


def _socket(path: Path | None) -> tuple[str, str, bool]:
    """As the gate's user sees it; the door's own may not open it where systemd made it for the gate's."""
    if path is not None and path.is_socket() and not os.access(path, os.W_OK):
        return "socket", "is there, for another user; ask as him whether a door listens", True
    listens = path is not None and door_socket.listens(path)
    return "socket", "a door listens" if listens else "no door listens", listens


def _findings(settings: Settings) -> list[tuple[str, str, bool]]:
    """What was looked at, what was found, and whether that is as it should be."""
    found = []
    found.append(_socket(settings.door_socket))
    trusted = door.believed(settings)
    try:
        keys = trusted.keys()
        found.append(("ledger's key", ", ".join(keys), True))
    except MunimentError as error:
        found.append(("ledger's key", str(error), False))
    reach = Outward(door.route(settings))
    fault = reach.fault()
    found.append(("authorities", fault or "are read", not fault))
    try:
        version, destinations = trusted.policies()
    except MunimentError as error:
        return [*found, ("policies", str(error), False)]
    budgets = destinations.budgets
    some = all((budgets.person, budgets.department, budgets.house))
    found.append(("policies", version, True))
    found.append(("budgets", destinations.currency if some else "one of them is nothing: nothing leaves", some))
    if not destinations.named:
        found.append(("destinations", "there is none: nothing leaves", False))
    for name, one in destinations.named.items():
        key = credential(settings.door_credentials_folder, name) is not None
        found.append((f"{name}: credentials", "are there" if key else "none that may be used", key))
        places = reach.places(one)
        told = {"name": "its name is not known here", "address": "its name leads inside"}
        good = not isinstance(places, str)
        found.append((f"{name}: address", told.get(str(places), ", ".join(places)), good))
    return found
