"""`muniment up | down | status`, and the API's own process.

The wiring imports every room; it is imported where it is needed, so that `ask` and `--help` start at once.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from appliance.errors import DependencyError, NotRunning
from appliance.settings import load

if TYPE_CHECKING:
    from fastapi import FastAPI

console = Console(highlight=False)
BANNER = "Demo identity: anyone on this machine can be any of the invented personas."


def up() -> None:
    """Start store, model, worker, API and portal; return when all are ready."""
    from appliance.operations import parts

    settings = load()
    with console.status("Starting …") as status:
        for name, seconds in parts.stack(settings).up(parts.parts(settings)):
            console.print(f"  {name:<7} ready after {seconds:4.1f} s")
            status.update(f"{name} is ready; starting the next …")
    console.print(f"Portal: {settings.portal_url}    API: {settings.api_url}")
    if settings.identity == "demo":
        console.print(BANNER, style="bold red")


def down() -> None:
    """Stop everything that `up` started."""
    from appliance.operations import parts

    try:
        stopped = parts.stack(load()).down()
    except NotRunning as nothing:
        console.print(str(nothing))  # what was asked for is so already
        return
    console.print(f"Stopped: {', '.join(stopped)}.")


def status() -> None:
    """Show each part of the stack; exit code 1 unless all are ready."""
    from appliance import wiring
    from appliance.operations import parts, policies, walls

    settings = load()
    running = {part.name: part for part in parts.stack(settings).running()}
    if not running:
        raise NotRunning("The stack is not up.")
    table = Table("part", "state", "process", "memory MiB", "network", box=None)
    faults = 0
    for name, check in parts.checks(settings).items():
        process = running[name].process() if name in running else None
        state = "stopped" if process is None else _state(check)
        faults += state != "ready"
        memory = f"{process.memory_info().rss / 2**20:,.0f}" if process else ""
        network = walls.told(process.pid) if process else ""
        table.add_row(name, state, str(process.pid) if process else "", memory, network)
    for name, check in {
        "ledger": lambda: wiring.check_ledger(settings),
        "policies": policies.policies(settings).check,
    }.items():
        state = _state(check)
        faults += state != "ready"
        table.add_row(name, state, "", "", "")
    console.print(table)
    raise typer.Exit(1 if faults else 0)


def _state(check: Callable[[], None]) -> str:
    """What a check says: "ready", or what is wrong."""
    try:
        check()
    except DependencyError as error:
        return str(error)
    return "ready"


def serve() -> None:
    """Run the API (started by `up`): in this process, or in as many workers as settings ask for."""
    from appliance.operations import reach, walls

    settings = load()
    walls.close(reach.api(settings))  # before anything starts a thread; workers inherit it

    from appliance.operations import workers

    workers.run(settings, worker, named="appliance.cli.processes:worker")


def worker() -> "FastAPI":
    """The app of one process of the API."""
    from appliance.operations import reach, walls

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = load()
    walls.watch(reach.api(settings))

    from appliance import wiring  # what its libraries do while they are imported is watched too

    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # httpx would log every URL
    return wiring.api(settings)
