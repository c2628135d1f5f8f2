"""`muniment sessions end-all | rotate`."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from appliance.audit.parts import operators
from appliance.records import Event
from appliance.settings import load

console = Console(highlight=False)
app = typer.Typer(help="People who are signed in at the portal.", no_args_is_help=True)


@app.command("end-all")
def end_all() -> None:
    """End everybody's session, at once and for good. Their tokens stay good at the issuer until they expire."""
    from appliance import wiring

    settings = load()
    ended = wiring.sessions(settings).remove_all()
    console.print(f"  ended: {ended}")
    wiring.ledger_of(settings).ledger.append(operators(Event.SIGNED_OUT, settings, reason="everybody"))


@app.command()
def rotate(
    forget: Annotated[bool, typer.Option("--forget", help="drop the old keys too: every session ends")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Seal sessions with a fresh key from now on; an old one goes once nothing that it sealed can still be open."""
    from appliance import wiring

    settings = load()
    keep = timedelta(0) if forget else timedelta(hours=settings.session_hours)
    gone = wiring.session_keys(settings).rotate(keep=keep)
    console.print(f"  a fresh key is in use; {gone} old ones are gone")
    reason = "sessions-forgotten" if forget else "sessions"
    wiring.ledger_of(settings).ledger.append(operators(Event.KEYS_CHANGED, settings, reason=reason))
