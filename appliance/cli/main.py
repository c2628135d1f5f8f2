"""The command line's commands and how its errors look."""

import os
import sys
from importlib.metadata import entry_points

import typer
from rich.console import Console

from appliance.cli import (
    asking,
    documents,
    door,
    escalations,
    evaluation,
    firewall,
    keycloak,
    ledger,
    models,
    policy,
    policy_questions,
    privacy,
    privacy_bench,
    privacy_people,
    processes,
    selftest,
    sessions,
)
from appliance.errors import MunimentError

EXIT_FAULT = 2

app = typer.Typer(
    name="muniment",
    help="Ask an institution's own documents; nothing leaves the house unless policy says so.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("up")(processes.up)
app.command("down")(processes.down)
app.command("status")(processes.status)
app.command("serve", hidden=True)(processes.serve)
app.command("ask")(asking.ask)
app.command("search")(asking.search)
app.command("eval")(evaluation.evaluate)
app.command("firewall")(firewall.firewall)
app.add_typer(documents.app, name="documents")
app.add_typer(escalations.app, name="outside")
app.add_typer(door.app, name="door")
app.add_typer(models.app, name="models")
app.add_typer(keycloak.app, name="keycloak")
app.add_typer(ledger.app, name="ledger")
app.add_typer(sessions.app, name="sessions")
app.add_typer(selftest.app, name="selftest")
policy.app.add_typer(policy_questions.app)
app.add_typer(policy.app, name="policy")
privacy.app.add_typer(privacy_people.app, name="people")
privacy.app.command("bench")(privacy_bench.bench)
privacy.app.command("show")(privacy_bench.show)
app.add_typer(privacy.app, name="privacy")


def main() -> None:
    """Run one command. What it writes is for its own user only.

    An error of ours is told in two lines: what happened, and what to do; exit code 2.
    """
    os.umask(0o077)
    for entry in entry_points(group="muniment.commands"):
        app.command(entry.name)(entry.load())
    try:
        app()
    except MunimentError as error:
        errors = Console(stderr=True, highlight=False)
        errors.print(f"Error: {error}", style="bold red", markup=False)
        if error.advice:
            errors.print(error.advice, markup=False)
        sys.exit(EXIT_FAULT)
    except OSError as error:
        told = f"{error.strerror}: {error.filename}" if error.strerror and error.filename else f"{error!r}"
        Console(stderr=True, highlight=False).print(f"Error: {told}", style="bold red", markup=False)
        sys.exit(EXIT_FAULT)
    except KeyboardInterrupt:
        sys.exit(130)
