"""`make demo`: start the stack, ingest the sample institution, ask a few questions as different people.

Every step is the command that an operator or a member of staff would type; this only types them in order.
"""

import os
import subprocess
import sys
import time

from rich.console import Console
from rich.rule import Rule

from appliance.operations.parts import parts, stack
from appliance.settings import load

console = Console(highlight=False)
ALLERGY = "What is the man in ICU bed 4 allergic to?"
QUESTIONS = [
    ("dana", "Where do people gather outside when the main house has to be emptied?"),
    ("mara", ALLERGY),
    ("viktor", ALLERGY),
    ("viktor", "Welchen Rabatt gibt Meridian, wenn wir bis Ende Juni unterschreiben?"),
    ("mara", "On which radio frequency do I reach the helicopter pilot?"),
]


def muniment(*arguments: str, **settings: str) -> None:
    """Run one command of ours, with its output as it is; stop the walk if it fails. `settings` hold for it alone."""
    environment = os.environ | {f"MUNIMENT_{name.upper()}": value for name, value in settings.items()}
    if subprocess.run([sys.executable, "-m", "appliance.cli", *arguments], env=environment, check=False).returncode:
        sys.exit(1)


def main() -> None:
    """The walk."""
    settings = load()
    running = [part for part in stack(settings).running() if part.process()]
    if len(running) == len(parts(settings)):
        console.print("The stack is up already.")
    else:
        if running:  # a part has died: start all anew
            muniment("down")
        muniment("up")
    muniment("ingest", str(settings.demo_corpus), detection="off")  # minutes that the first answer need not wait for
    for persona, question in QUESTIONS:
        console.print(Rule(f"{persona} asks", align="left"))
        console.print(question, style="bold", markup=False)
        began = time.monotonic()
        muniment("ask", question, "--as", persona)
        console.print(f"  answered in {time.monotonic() - began:.1f} s", style="dim")
    console.print(Rule())
    console.print("Nothing was looked through for personal data yet: `.venv/bin/muniment documents relabel --apply`.")
    console.print(f"Now ask your own in the portal: {settings.portal_url}    (`.venv/bin/muniment down` stops it)")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped. What was started still runs: `.venv/bin/muniment down` stops it.")
