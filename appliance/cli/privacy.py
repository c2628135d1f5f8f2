"""`muniment privacy …`: what counts as personal data here, proven."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from appliance.cli import privacy_vaults
from appliance.errors import PolicyRefused
from appliance.settings import load

DETECTION: Final = "detection.yaml"
"""The file of a policy set that says what counts as personal data."""
console = Console(highlight=False)
app = typer.Typer(help="Personal data and secrets: what counts as such here.", no_args_is_help=True)
app.add_typer(privacy_vaults.app, name="vaults")


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="the site's file; without one, that of the shipped policies", dir_okay=False)
    ] = None,
) -> None:
    """Prove thresholds and recognisers, and run their examples; exit code 1 with every fault, by line and field."""
    from appliance.privacy.detecting import site

    try:
        read = site.read(file or load().policies / DETECTION)
    except PolicyRefused as error:
        for fault in error.faults or (str(error),):
            console.print(Text(fault, style="red"), soft_wrap=True)
        raise typer.Exit(1) from None
    examples = sum(len(rule.written.matches) + len(rule.written.near_misses) for rule in read.recognisers)
    console.print(
        f"{len(read.thresholds)} thresholds and {len(read.recognisers)} recognisers of the site;"
        f" all {examples} examples come out as they should."
    )
