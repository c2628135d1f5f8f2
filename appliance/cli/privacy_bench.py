"""`muniment privacy bench` and `show`: how well detection works on a sample, and what redaction makes of a text."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from appliance.errors import BadRequest
from appliance.settings import Settings, load

if TYPE_CHECKING:
    from appliance.privacy.judging.before_after import Gone, Piece
    from appliance.privacy.judging.bench import Report
    from appliance.records.privacy import Finding

console = Console(highlight=False)
_STYLES = {"token": "black on cyan", "generalise": "black on green", "remove": "white on grey37", "": "black on yellow"}


def bench(
    file: Annotated[Path, typer.Option("--set", help="the labelled sample: JSON, a line for each document")],
    report: Annotated[Path | None, typer.Option(help="write the figures to this file, as JSON")] = None,
    page: Annotated[Path | None, typer.Option(help="write a page to this file; it shows texts of the sample")] = None,
    labels: Annotated[Path | None, typer.Option("--map", help="what the sample calls our kinds (TOML)")] = None,
    language: Annotated[str, typer.Option(help="of documents that do not tell theirs")] = "en",
    with_texts: Annotated[bool, typer.Option("--with-texts", help="misses and false alarms in the report too")] = False,  # noqa: FBT002  # a flag
) -> None:
    """How much of what people marked is found, and how much of what is found is right, by kind and language."""
    from appliance import wiring
    from appliance.privacy.judging import label_map, sample
    from appliance.privacy.judging.bench import run, to_json
    from appliance.privacy.judging.bench_page import render

    known = label_map.read(labels)
    documents = sample.read(file, known, language=language)
    made = run(documents, wiring.detection(load()), name=file.name, direct=known.direct)
    _show(made)
    if report:
        _write(report, to_json(made, with_texts=with_texts))
    if page:
        _write(page, render(made))
        console.print(f"The page, which shows texts of the sample: {page}", soft_wrap=True, markup=False)


def show(
    file: Annotated[Path, typer.Argument(help="a text", dir_okay=False)],
    destinations: Annotated[list[str] | None, typer.Option("--for", help="a destination; once for each")] = None,
    language: Annotated[str, typer.Option(help="of the text, two letters")] = "en",
    page: Annotated[Path | None, typer.Option(help="write it as a page to this file, side by side")] = None,
) -> None:
    """A text as it is, as it would go to each destination, and restored. Nothing is sent and nothing is kept."""
    from appliance import wiring
    from appliance.privacy.judging.before_after import found, render

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest("There is no such text.", advice="Give a file in UTF-8.") from error
    settings = load()
    (findings,) = wiring.detection(settings).find([text], language=language)
    before = found(text, findings)
    gone = _gone(settings, text, findings, destinations or [])
    if page:
        _write(page, render(file.name, before, gone))
        console.print(f"The page, which shows the text: {page}", soft_wrap=True, markup=False)
        return
    with console.pager(styles=True):
        _sheet("As it is", before)
        for one in gone:
            _sheet(f"To {one.redacted.destination}", one.pieces)
            console.rule(f"Restored from {one.redacted.destination}{', as it was' if one.whole else ''}")
            console.print(Text(one.restored))


def _gone(settings: Settings, text: str, findings: "list[Finding]", destinations: list[str]) -> "list[Gone]":
    from appliance.access.redactions import Redactions
    from appliance.privacy.judging.before_after import Gone
    from appliance.privacy.redacting.restoring import undone
    from appliance.privacy.redacting.vault import Vaults
    from appliance.privacy.redaction import redact
    from appliance.store.database import open_database
    from appliance.store.vault_keys import VaultKeys
    from appliance.store.vaults import VaultTable

    rules = Redactions.parsed((settings.policies / "redaction.toml").read_text("utf-8"))
    wanted = destinations or sorted(rules.ways)
    if strange := [name for name in wanted if name not in rules.ways]:
        raise BadRequest(f"No destination is named {strange[0]}.", advice=f"There are {', '.join(sorted(rules.ways))}.")
    made = []
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/show.sqlite")
        vaults = Vaults(VaultTable(engine), VaultKeys(Path(folder) / "keys.json"))
        for number, destination in enumerate(wanted):
            vault = vaults.begin(f"show-{number}")
            told = redact(text, findings, rules=rules, destination=destination, vault=vault)
            back = undone(told, vault, may_show=lambda _: True).text
            made.append(Gone(told, back, back == text))
            vaults.end(vault.thread)
        engine.dispose()
    return made


def _sheet(title: str, pieces: "list[Piece]") -> None:
    console.rule(title)
    text = Text()
    for piece in pieces:
        text.append(piece.text, _STYLES[piece.way] if piece.kind else "")
    console.print(text)


def _show(made: "Report") -> None:
    from appliance.privacy.judging.bench_page import share

    table = Table("kind", "marked", "covered", "recall", "found", "right", "precision", "F2", box=None)
    rows = [*made.kinds.items(), *(made.languages.items() if len(made.languages) > 1 else ()), ("all", made.overall)]
    for name, held in rows:
        counts = (str(held.spans), str(held.covered), share(held.recall), str(held.findings), str(held.right))
        table.add_row(name, *counts, share(held.precision), share(held.f2))
    console.print(table)
    console.print(
        f"{made.safe} of {len(made.judged)} documents have no uncovered direct identifier. "
        f"Detection {made.detection}, {made.seconds:.1f} s.",
        markup=False,
    )


def _write(path: Path, content: str) -> None:
    """For this user's eyes only."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(content, "utf-8")
