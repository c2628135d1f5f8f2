"""`muniment firewall SITE --into FOLDER`: rules for the site's firewall, from the settings. It loads none of them."""

import socket
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from appliance.errors import OperatorError
from appliance.settings import load

console = Console(highlight=False)


def firewall(
    site: Annotated[
        Path, typer.Argument(help="What no setting says: users, resolvers; see deploy/firewall/site.toml.")
    ],
    into: Annotated[Path, typer.Option("--into", help="The folder to write into.")],
) -> None:
    """Write rules that keep the house inside: for nftables by user, for systemd by unit, for Kubernetes by pod.

    Names in the settings are looked up now; the rules hold their addresses.
    """
    from appliance.operations.firewall import Site, plan
    from appliance.operations.firewall_rules import nftables
    from appliance.operations.firewall_units import network_policies, systemd

    made = plan(load(), Site.parsed(_read(site)), _addresses)
    files = {"nftables.conf": nftables(made), "network-policy.yaml": network_policies(made)}
    files |= {f"systemd/{path}": text for path, text in systemd(made).items()}
    for path, text in files.items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text)
        console.print(f"  {into / path}", markup=False)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorError(
            "The site's file cannot be read as TOML.", advice="See deploy/firewall/site.toml."
        ) from error


def _addresses(name: str) -> Sequence[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except OSError:  # whoever asked says that nobody knows it
        return []
