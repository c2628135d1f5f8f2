"""An installation on disk that has a door: settings, officers, a signed set with one destination, the ledger's key."""

import os
import subprocess
import sys
from pathlib import Path

from appliance.access import signing
from appliance.access.active import ActivePolicies
from appliance.access.destinations import FILE
from appliance.access.policy_set import PolicySet, read
from appliance.audit.checkpoints import signer
from appliance.escalation import door_socket
from appliance.settings import ROOT, Settings, load
from tests.escalation.parcels import TENANT, Ledger, told
from tests.escalation.provider import eventually


class Installation:
    """`port` is where its one destination listens, `ca` who vouches for that."""

    def __init__(self, folder: Path, *, port: int, ca: Path, seconds: float = 20.0) -> None:
        self.folder = folder
        self.config = folder / "muniment.toml"
        self.socket = folder / "run-door" / "door.sock"
        lines = {
            "identity": "oidc", "issuer": "https://sso.example", "audience": "muniment", "directory": "absent",
            "ledger_witness": "syslog:/dev/log", "egress": "policy", "tenant": TENANT, "data": str(folder / "data"),
            "officers": str(folder / "officers"), "door_socket": str(self.socket), "door_ca": str(ca),
        }  # fmt: skip
        self.config.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
        with self.config.open("a") as file:
            file.write(f"door_seconds = {seconds}\n")
        self.settings = self.loaded()
        self._sign(port)
        self.ledger = Ledger(signer(self.settings.checkpoint_key))
        self.settings.door_credentials_folder.mkdir(mode=0o700, parents=True)
        (self.settings.door_book_folder).chmod(0o700)
        key = self.settings.door_credentials_folder / "specialist.key"
        key.touch(mode=0o600)
        key.write_text("sk-invented-1\n")

    def loaded(self, **more: object) -> Settings:
        """Its settings, and `more`."""
        before = os.environ.get("MUNIMENT_CONFIG")
        os.environ["MUNIMENT_CONFIG"] = str(self.config)
        try:
            return load(**more)
        finally:
            os.environ.pop("MUNIMENT_CONFIG")
            if before is not None:
                os.environ["MUNIMENT_CONFIG"] = before

    @property
    def environment(self) -> dict[str, str]:
        """For a process of it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
        return kept | {"MUNIMENT_CONFIG": str(self.config)}

    def door(self, module: str = "tests.escalation.door_process") -> "subprocess.Popen[bytes]":
        """A door of it, at work. End it with `kill` or `terminate`, and wait."""
        log = (self.folder / "door.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", *module.split()], env=self.environment, stdout=log, stderr=log, cwd=ROOT
        )
        log.close()
        eventually(lambda: process.poll() is not None or door_socket.listens(self.socket), 60)
        assert process.poll() is None, (self.folder / "door.log").read_text()
        return process

    def _sign(self, port: int) -> None:
        text = told(port, approval="always", person="1", department="2", house="3", pin="")
        found = PolicySet({**read(ROOT / "policies").files, FILE: text.encode()})
        self.policy = found.version
        for name in ("ada", "bruno"):
            signing.keep_pair(name, self.folder / "keys")
            (self.folder / "officers").mkdir(exist_ok=True)
            (self.folder / "officers" / f"{name}.pub").write_bytes((self.folder / "keys" / f"{name}.pub").read_bytes())
        given = {
            name: signing.signed(found.digest, signing.private_key(self.folder / "keys" / f"{name}.key"))
            for name in ("ada", "bruno")
        }
        active = ActivePolicies(self.settings.data / "policies", officers=self.settings.officers_folder)
        active.activate(found, given, recorded=lambda _activation: None)
