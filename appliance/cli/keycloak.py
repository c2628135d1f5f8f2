"""`muniment keycloak …`: set up the realm, and read who is in it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from appliance import settings as configuration
from appliance.errors import SettingsRefused

if TYPE_CHECKING:
    from appliance.operations.keycloak import Keycloak
    from appliance.settings import Settings

app = typer.Typer(help="Set up the realm in Keycloak, and read who is in it.", no_args_is_help=True)
Admin = Annotated[str, typer.Option("--admin", help="The administrator's user name.")]
Home = Annotated[str, typer.Option("--home", help="The realm that the administrator belongs to.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="A file with the password; asked for without it.")
]
DIRECTORY = "directory.json"


@app.command()
def bootstrap(
    admin: Admin = "admin",
    home: Home = "master",
    password_file: PasswordFile = None,
    program: Annotated[list[str] | None, typer.Option(help="Also a client with an account of its own.")] = None,
    secret_to: Annotated[Path | None, typer.Option(help="Write the portal's client secret into this new file.")] = None,
    directory_secret_to: Annotated[
        Path | None, typer.Option(help="Write the secret with which people are looked up into this new file.")
    ] = None,
) -> None:
    """Bring the realm of `issuer` to hold what the appliance needs. Do it as often as you like."""
    from appliance.operations.realm import PORTAL, realm

    out, settings = Console(highlight=False), configuration.load()
    keycloak = _keycloak(settings, (admin, home), password_file)
    same = 0
    for step in keycloak.bring(realm(keycloak.realm, settings), programs=tuple(program or ())):
        if step.outcome == "as it was":
            same += 1
        else:
            out.print(f"{step.kind} {step.name}: {step.outcome}", markup=False)
    out.print(f"{same} parts were as they should be.")
    if secret_to is not None:
        _write_new(secret_to, keycloak.secret(settings.client_id or PORTAL))
        out.print("The portal's secret was written; set client_secret to it and remove the file.")
    if directory_secret_to is not None:
        _write_new(directory_secret_to, keycloak.secret(settings.directory_client))
        out.print("The directory's secret was written; set directory_secret to it and remove the file.")


@app.command()
def sync(admin: Admin = "admin", home: Home = "master", password_file: PasswordFile = None) -> None:
    """Read people and groups into the directory's snapshot in the data folder."""
    from appliance.operations import directory

    settings = configuration.load()
    taken = directory.directory(_keycloak(settings, (admin, home), password_file))
    directory.write(taken, settings.data / DIRECTORY)
    Console(highlight=False).print(f"{len(taken.people)} people and {len(taken.groups)} groups.")


def _keycloak(settings: "Settings", account: tuple[str, str], password_file: Path | None) -> "Keycloak":
    from appliance.operations.keycloak import Administrator, Keycloak

    if settings.identity != "oidc":
        raise SettingsRefused("There is no Keycloak with identity=demo.", advice="Set `identity`: see deploy/keycloak.")
    told = typer.prompt("Password", hide_input=True) if password_file is None else password_file.read_text("utf-8")
    return Keycloak(settings, Administrator(account[0], told.rstrip("\n"), account[1]))


def _write_new(file: Path, secret: str) -> None:
    """For its owner only; a file that is there is not overwritten."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(f"{secret}\n")
