"""The portal's process: `python -m ui.serve --port 8766`, on 127.0.0.1 alone, set up by `.streamlit/config.toml`."""

import argparse
import os
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from streamlit import net_util
from streamlit.web import cli

from ui.shell import uploads

APP = Path(__file__).with_name("app.py")


def main() -> None:
    """Serve until SIGTERM. Ends with status 1 if the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m ui.serve", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    _forget_other_configuration()
    _stay_inside()
    _import_early()
    uploads.instead_of_streamlits()
    cli.main(["run", str(APP), "--server.port", str(port), *_public()], prog_name="streamlit")


def _import_early() -> None:
    """Import what draws plots before anybody comes.

    Streamlit would import pandas with the first plot, and Altair looks into it as soon as it is there, even by half:
    whoever drew a plot in another visit at that moment got an error. And nobody's first page waits for it.
    """
    for name in ("altair", "pandas"):
        import_module(name)


def _public() -> list[str]:
    """The one name under which a proxy of the site's leads here, if there is one; then no other opens a session."""
    host = urlsplit(os.environ.get("MUNIMENT_PUBLIC_URL", "")).hostname
    return ["--server.allowedHosts", host] if host else []


def _stay_inside() -> None:
    """Take from Streamlit the two questions that it asks the outside.

    A web socket with a foreign Origin makes Streamlit (1.67, `server_util.is_url_from_allowed_origins`) compare that
    origin with this machine's addresses, which it finds by connecting to 8.8.8.8 and by asking a host of Amazon's. So
    any page in the browser could make the appliance speak to the outside. No option prevents it: with enableCORS off
    the list is not walked, but then every origin is let in. Both functions are looked up in `net_util` at each call,
    and both may say None, which the caller skips: a foreign origin then matches nothing and is refused.
    """
    net_util.get_internal_ip = _unknown
    net_util.get_external_ip = _unknown


def _unknown() -> str | None:
    return None


def _forget_other_configuration() -> None:
    """Drop STREAMLIT_* from this process: Streamlit would let them win over the file that protects."""
    for name in [name for name in os.environ if name.startswith("STREAMLIT_")]:
        del os.environ[name]


if __name__ == "__main__":
    main()
