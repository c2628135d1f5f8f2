"""`muniment …`: the command line. `main` is what the installed script calls."""

from appliance.cli.main import main

__all__ = ["main"]
