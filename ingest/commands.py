"""`muniment ingest PATH`: the story of a document with a progress bar, and a table of how the files ended."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from appliance import settings as house
from appliance.errors import OperatorError
from appliance.settings import Settings
from ingest.records import AccessChanged, Discovered, Event, Finished, Quarantined, Removed, Run, Stored, Unchanged

_WORDS = {
    Stored: "stored",
    Unchanged: "unchanged",
    AccessChanged: "access changed",
    Removed: "removed",
    Quarantined: "quarantined",
}


def ingest(
    path: Annotated[Path, typer.Argument(help="The folder of documents, or a folder in the demo corpus.")],
) -> None:
    """Bring a folder of documents into the house; running again brings in only what has changed.

    Who may read a document is said by the .access.yaml of its folder; without one it is quarantined.
    """
    settings = house.load()
    root = corpus(path, settings)
    run = _watched(root, path, settings)
    report(run, Console(highlight=False))


def corpus(path: Path, settings: Settings) -> Path:
    """The folder from which URIs count when `path` is ingested. Raises OperatorError where `path` must not be."""
    if not path.is_dir():
        raise OperatorError("There is no such folder to ingest.", advice="Nothing was changed. Check the path.")
    if settings.identity != "demo":
        return path.resolve()
    root = settings.demo_corpus.resolve()
    if not path.resolve().is_relative_to(root):
        raise OperatorError(
            "With identity=demo only the demo corpus may be ingested: anybody at this machine can be any persona and "
            "would read the documents.",
            advice="For another invented corpus set MUNIMENT_DEMO_CORPUS to its folder; for real documents use "
            "identity=oidc.",
        )
    return root


def _watched(root: Path, path: Path, settings: Settings) -> Run:
    from appliance import wiring
    from ingest.pipeline import Pipeline, gather

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Ingesting", total=None)
        parts = wiring.ingest_parts(settings)
        marking = wiring.marking(settings)
        pipeline = Pipeline(parts.registry, parts.archive, parts.index, parts.embedder, settings, marking=marking)
        source = pipeline.source(root, path)
        return gather(pipeline.ingest(source), lambda event: _advance(progress, task, event))


def _advance(progress: Progress, task: TaskID, event: Event) -> None:
    match event:
        case Discovered(files, vanished, _):
            progress.update(task, total=files + vanished)
        case Finished(_, done, of):
            progress.update(task, completed=done, total=of)


def report(run: Run, console: Console) -> None:
    """How the files ended, by count; then each quarantined one with its reason, and the notices."""
    table = Table(title="Ingest", title_justify="left")
    table.add_column("outcome")
    table.add_column("files", justify="right")
    for kind, words in _WORDS.items():
        table.add_row(words, str(run.count(kind)))
    table.add_section()
    table.add_row("all", str(len(run.outcomes)))
    console.print(table)
    passages = sum(outcome.passages for outcome in run.outcomes if isinstance(outcome, Stored))
    if passages:
        console.print(f"{passages} passages stored.")
    if run.quarantined:
        console.print("\nQuarantined, readable by nobody:")
        for outcome in run.quarantined:
            console.print(f"  {escape(outcome.uri)}: {escape(outcome.reason)}", soft_wrap=True)
    for stored in (outcome for outcome in run.outcomes if isinstance(outcome, Stored)):
        for remark in stored.remarks:
            console.print(f"Notice: {escape(stored.uri)}: {escape(remark)}", soft_wrap=True)
    for notice in run.notices:
        console.print(f"Notice: {escape(notice)}", soft_wrap=True)
