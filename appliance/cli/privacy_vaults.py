"""`muniment privacy vaults sweep | end`: what the tokens of redacted texts stand for, destroyed."""

from typing import Annotated

import typer
from rich.console import Console

from appliance.settings import load

console = Console(highlight=False)
app = typer.Typer(help="What the tokens of redacted texts stand for.", no_args_is_help=True)


@app.command()
def sweep() -> None:
    """Destroy the vaults of threads that are over, and keys that no thread can need. The worker does it too."""
    from appliance import wiring

    console.print(f"  destroyed: {wiring.vaults(load()).sweep()}")


@app.command()
def end(thread: Annotated[str, typer.Argument(help="the thread's id")]) -> None:
    """Destroy the vault of one thread now; its tokens are never turned back again. Exit code 1 if there is none."""
    from appliance import wiring

    gone = wiring.vaults(load()).end(thread)
    console.print("  destroyed" if gone else "  there is no vault of that name")
    raise typer.Exit(0 if gone else 1)
