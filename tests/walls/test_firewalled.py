"""The rules at work: a machine with users and a neighbour, in namespaces of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from appliance.operations.firewall import Site, plan
from appliance.operations.firewall_rules import nftables
from appliance.settings import ROOT, Settings
from tests.left_out import left_out
from tests.walls.firewalled import CLOCK, DOOR, HOUSE, PEER
from tests.walls.test_firewall import DOOR as WITH_A_DOOR
from tests.walls.test_firewall import nobody
from tests.walls.test_reach import OIDC

EVERYTHING = {
    "outside", "outside, IPv6", "the issuer", "somebody inside",
    "this machine", "a name server outside", "one on this machine",
}  # fmt: skip
Seen = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Who reaches whom, before and after the rules are loaded."""
    for tool in ("nft", "ip", "unshare"):
        if shutil.which(tool) is None:
            left_out("THE FIREWALL AT WORK", f"{tool} is not installed (apt-get install nftables iproute2)")
    if os.getuid() != 0:
        left_out("THE FIREWALL AT WORK", "only root may become each of the users")
    folder = tmp_path_factory.mktemp("firewall")
    settings = Settings(**OIDC | WITH_A_DOOR | {"issuer": f"https://{PEER}/realms/house"})
    site = Site(user=str(HOUSE), door_user=str(DOOR), spared=(str(CLOCK),))
    (folder / "rules").write_text(nftables(plan(settings, site, nobody)))
    command = ["unshare", "-n", sys.executable, "-m", "tests.walls.firewalled"]
    told = [str(folder / "seen"), str(folder / "rules")]
    done = subprocess.run([*command, *told], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if not (folder / "seen").exists():
        left_out("THE FIREWALL AT WORK", f"no machine of its own can be made here: {done.stderr[-300:]}")
    return {
        when: {user: set(reached) for user, reached in users.items()}
        for when, users in json.loads((folder / "seen").read_text()).items()
    }


def test_without_the_rules_everybody_reaches_everybody(seen: Seen) -> None:
    """The control that lets the others fail."""
    assert all(reached == EVERYTHING for reached in seen["before"].values())


def test_the_door_alone_opens_connections_outside(seen: Seen) -> None:
    """Guards `goto refused` at the end of `out` in `firewall_rules._out`, and `policy drop` behind it."""
    assert {user for user, reached in seen["after"].items() if "outside" in reached} == {"door", "clock"}


def test_the_house_reaches_this_machine_and_whom_the_settings_name_and_asks_no_name_server(seen: Seen) -> None:
    """Guards the rule on port 53 in `firewall_rules._out`: through a resolver of this machine a name would leave."""
    assert seen["after"]["house"] == {"the issuer", "this machine"}


def test_the_door_reaches_nobody_inside(seen: Seen) -> None:
    """Guards the rules from `INSIDE` in `firewall_rules._door`."""
    assert seen["after"]["door"] == {"outside", "outside, IPv6"}


def test_whom_the_site_spares_is_left_alone_and_root_is_not(seen: Seen) -> None:
    assert seen["after"]["clock"] == EVERYTHING
    assert seen["after"]["root"] == seen["after"]["other"] == {"the issuer", "this machine", "one on this machine"}
