"""`muniment privacy people load | staff | list | remove`: whom the house knows. No name is printed or logged."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from appliance.errors import BadRequest, Conflict
from appliance.settings import Settings
from appliance.settings import load as load_settings

if TYPE_CHECKING:
    from appliance.privacy.known.naming import Person, Surnames
    from appliance.privacy.known.people_file import PeopleFile

console = Console(highlight=False)
app = typer.Typer(help="Known persons: who is looked for in every text, by lists of the house.", no_args_is_help=True)
ListName = Annotated[str, typer.Option("--list", help="the list's name: patients, customers, …", metavar="NAME")]
_NAME: Final = r"[a-z][a-z0-9-]{0,62}"
_SHOWN: Final = 20
_STEP: Final = 1_000
STAFF: Final = "staff"
_T = TypeVar("_T")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV with a header, UTF-8", exists=True, dir_okay=False)],
    name: ListName,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="what a column holds: an entity, GIVEN, SURNAME, or -", metavar="NAME=ENTITY"),
    ] = None,
    surnames: Annotated[
        Literal["distinctive", "never"],
        typer.Option("--surnames", help="whether a rare surname counts alone"),
    ] = "distinctive",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="load the others although rows are bad")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Load a list, in the place of the one of its name. Only keyed hashes are kept; delete the file afterwards."""
    from appliance.privacy.known.people_file import PeopleFile

    rows = PeopleFile(file, _columns(column or []))
    bad = [row for row in _counted(rows.rows(), "checking") if row.person is None]
    for row in bad[:_SHOWN]:
        console.print(f"  row {row.number}: {row.fault}", style="red")
    if len(bad) > _SHOWN:
        console.print(f"  … and {len(bad) - _SHOWN} more", style="red")
    if bad and not skip_bad:
        raise BadRequest(
            f"{len(bad)} rows are bad. Nothing was loaded.", advice="Mend them, or give --skip-bad to leave them out."
        )
    _keep(name, _persons(rows), surnames, left_out=len(bad))


@app.command()
def staff() -> None:
    """Load the people of the directory as the list `staff`. Run it when people join: by a timer, every night."""
    from appliance.operations.staff import staff as working_here

    _keep(STAFF, working_here(load_settings()), "distinctive")


@app.command("list")
def show() -> None:
    """Show the lists: how many persons, how many digests, of which kinds; exit code 1 if their key is not at hand."""
    from appliance.privacy.known.book import KEPT_BYTES
    from appliance.privacy.known.parts import known, known_lists

    settings = load_settings()
    lists = known_lists(settings).lists()
    table = Table(Column("list", no_wrap=True), "persons", "digests", "entities", "loaded", box=None)
    for one in lists:
        entities = ", ".join(entity for entity in one.entities if entity)
        table.add_row(
            one.name, f"{one.persons:,}", f"{one.size // KEPT_BYTES:,}", entities, f"{one.loaded:%F %H:%M} UTC"
        )
    console.print(table if lists else "No list is loaded: nobody is known.")
    known(settings).detect([""], "en")  # raises if key and lists do not belong together


@app.command()
def remove(name: ListName) -> None:
    """Forget a list, on the disk too."""
    from appliance.privacy.known.parts import known_lists

    settings = load_settings()
    if not known_lists(settings).remove(name):
        raise Conflict("There is no list of this name.", advice="See `muniment privacy people list`.")
    _record(settings, f"{name} removed")
    console.print(f"  the list {name} is gone")


def _keep(name: str, persons: "Iterable[Person]", surnames: "Surnames", *, left_out: int = 0) -> None:
    import re

    from appliance.privacy.known import loading
    from appliance.privacy.known.parts import known_key, known_lists

    if not re.fullmatch(_NAME, name):
        raise BadRequest("A list's name is of small letters, digits and dashes.")
    settings = load_settings()
    loaded = loading.load(
        name, _counted(persons, "hashing"), known_lists(settings), known_key(settings), surnames=surnames
    )
    _record(settings, f"{name} {loaded.persons}")
    console.print(f"  {name}: {loaded.persons:,} persons are known, in {loaded.digests:,} digests")
    if left_out:
        console.print(f"  left out: {left_out:,} bad rows", style="bold red")
    if not loaded.persons:
        console.print("  the list is empty: it finds nobody", style="bold red")


def _persons(rows: "PeopleFile") -> "Iterator[Person]":
    return (row.person for row in rows.rows() if row.person is not None)


def _columns(said: list[str]) -> dict[str, str]:
    pairs = [one.rpartition("=") for one in said]
    if any(not name or not meaning for name, _, meaning in pairs):
        raise BadRequest("A column is said as NAME=ENTITY.")
    return {name: meaning for name, _, meaning in pairs}


def _counted(rows: Iterable[_T], doing: str) -> Iterator[_T]:
    """The rows, while a line tells how many have gone by."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing)
        for number, row in enumerate(rows, 1):
            yield row
            if number % _STEP == 0:
                progress.update(task, completed=number)


def _record(settings: Settings, reason: str) -> None:
    from appliance import wiring
    from appliance.audit.parts import operators
    from appliance.records import Event

    wiring.ledger_of(settings).ledger.append(operators(Event.KNOWN_CHANGED, settings, reason=reason))
