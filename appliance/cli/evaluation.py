"""`muniment eval`: the golden questions, asked through the API as the people who would ask them."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from appliance.cli.client import Client
from appliance.settings import ROOT, Settings, load
from appliance.workshop.evaluation import Case, Golden, from_line, read, score, summary, to_line

console = Console(highlight=False)
GOLDEN = ROOT / "tests" / "journeys" / "golden.jsonl"


def evaluate(
    golden: Annotated[Path, typer.Option("--set", help="golden questions, a JSON object a line")] = GOLDEN,
    run: Annotated[str, typer.Option(help="a name for this run; a run that was cut short is resumed")] = "latest",
    again: Annotated[bool, typer.Option("--again", help="forget what this run has already asked")] = False,  # noqa: FBT002  # a command-line flag
) -> None:
    """Ask every golden question and tell how good the answers are; exit code 1 on an access violation."""
    settings = load()
    questions = read(golden)
    folder = settings.data / "evaluations"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = folder / f"{run}.jsonl"
    if again:
        record.unlink(missing_ok=True)
    done = {case.id: case for case in map(from_line, record.read_text().splitlines())} if record.exists() else {}
    readable = _readable(settings)
    left = [question for question in questions if question.id not in done]
    clients: dict[str, Client] = {}
    with record.open("a") as lines:
        for question in track(left, "Asking …", console=console, transient=True):
            client = clients.setdefault(question.persona, Client(settings, question.persona))
            case = score(question, client.post("/v1/ask", {"question": question.question}), readable=readable(question))
            done[case.id] = case
            lines.write(to_line(case) + "\n")
            lines.flush()
    cases = [done[question.id] for question in questions]
    (folder / f"{run}.json").write_text(json.dumps(summary(cases), indent=2))
    _show(cases)
    raise typer.Exit(1 if any(case.violation for case in cases) else 0)


def _readable(settings: Settings) -> Callable[[Golden], set[str]]:
    """For a question's persona, the uris of the documents that the registry lets that person read."""
    from appliance import wiring
    from appliance.access.policy import may_read
    from appliance.store.database import open_database
    from appliance.store.registry import Registry

    identity = wiring.identity(settings)
    documents = Registry(open_database(settings.database)).documents()

    def uris(question: Golden) -> set[str]:
        principal = identity.principal(f"Bearer {identity.token(question.persona)}")
        return {document.uri for document in documents if may_read(principal, document.access)}

    return uris


def _show(cases: list[Case]) -> None:
    wrong = Table("id", "kind", "expected", "came", "points", "citations", "cited", box=None, title="not wholly right")
    for case in cases:
        if not case.right:
            came = "answer" if case.answered else "refusal"
            shares = (f"{case.points:.2f}", f"{case.citations:.2f}")
            wrong.add_row(case.id, case.kind, case.expect, came, *shares, ", ".join(case.cited))
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kinds[f"{case.kind} ({case.language})"].append(case)
    by_kind = Table("kind", "questions", "wholly right", "seconds", box=None)
    for kind, members in sorted(kinds.items()):
        seconds = sum(case.total_s for case in members) / len(members)
        by_kind.add_row(kind, str(len(members)), str(sum(case.right for case in members)), f"{seconds:.1f}")
    figures = Table("figure", "value", box=None)
    for name, value in summary(cases).items():
        figures.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    for table in (wrong, by_kind, figures):
        console.print(table)
        console.print()
