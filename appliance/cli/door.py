"""`muniment door`: runs the one process that may reach outside; `muniment door check` says whether it could."""

import logging
import os
import resource
import signal
import sys
from contextlib import closing
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table

from appliance.access.destinations import Destinations
from appliance.audit.checkpoints import public_file, public_keys
from appliance.errors import MunimentError, SettingsRefused
from appliance.escalation import door_socket, outward
from appliance.escalation.door import Believed, Door
from appliance.escalation.door_book import Book
from appliance.operations.policies import policies
from appliance.settings import Settings, load

console = Console(highlight=False)
app = typer.Typer(help="The one door to the outside.")


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the door until it is stopped; what is under way is waited for."""
    if context.invoked_subcommand is None:
        opened(load())


@app.command()
def check() -> None:
    """Say whether socket, policies, keys, credentials and addresses are in order. Sends nothing; exit code 1 if not."""
    settings = _with_a_door(load())
    table = Table("what", "state", box=None)
    faults = 0
    for what, state, good in _findings(settings):
        table.add_row(what, state)
        faults += not good
    console.print(table)
    raise typer.Exit(1 if faults else 0)


def opened(settings: Settings) -> None:
    """Be the door of this installation. Raises an error of ours if it cannot be."""
    _with_a_door(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what passes through its memory does not end in a file
    signal.signal(signal.SIGTERM, _stopped)
    with closing(Book(settings.door_book_folder)) as book:
        door = Door(believed(settings), book, outward.Outward(route(settings)))
        peers = settings.door_peers or frozenset({os.getuid()})
        given = door_socket.given()
        if given is not None:
            with given:
                door_socket.serve(given, door, peers=peers)
        elif settings.door_socket is not None:
            with door_socket.listening(settings.door_socket) as listener:
                door_socket.serve(listener, door, peers=peers)


def believed(settings: Settings) -> Believed:
    """What the door of this installation goes by: the signed set in force here, and the ledger's public key."""
    active = policies(settings)

    def in_force() -> tuple[str, Destinations]:
        found = active.current()
        return found.version, found.destinations

    return Believed(settings.tenant, in_force, lambda: public_keys([public_file(settings.checkpoint_key)]))


def route(settings: Settings) -> outward.Route:
    """How this installation lets its door out."""
    host, _, port = (settings.door_proxy or "").removeprefix("http://").rpartition(":")
    return outward.Route(
        settings.door_credentials_folder,
        seconds=settings.door_seconds,
        ca=settings.door_ca,
        proxy=(host, int(port)) if settings.door_proxy else None,
        named=settings.door_resolves == "proxy",
    )


def _findings(settings: Settings) -> list[tuple[str, str, bool]]:
    """What was looked at, what was found, and whether that is as it should be."""
    found = []
    listens = settings.door_socket is not None and door_socket.listens(settings.door_socket)
    found.append(("socket", "a door listens" if listens else "no door listens", listens))
    trusted = believed(settings)
    try:
        keys = trusted.keys()
        found.append(("ledger's key", ", ".join(keys), True))
    except MunimentError as error:
        found.append(("ledger's key", str(error), False))
    reach = outward.Outward(route(settings))
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
        key = outward.credential(settings.door_credentials_folder, name) is not None
        found.append((f"{name}: credentials", "are there" if key else "none that may be used", key))
        places = reach.places(one)
        told = {"name": "its name is not known here", "address": "its name leads inside"}
        good = not isinstance(places, str)
        found.append((f"{name}: address", told.get(str(places), ", ".join(places)), good))
    return found


def _with_a_door(settings: Settings) -> Settings:
    if settings.egress != "policy":
        raise SettingsRefused(f"There is no door: egress={settings.egress}.", advice="Nothing may leave.")
    return settings


def _stopped(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)
