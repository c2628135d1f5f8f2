"""The files that `muniment firewall` writes: as they stand in deploy/firewall/example, whole, and read by `nft`."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from appliance.errors import OperatorError
from appliance.operations.firewall import INSIDE, Site, plan
from appliance.operations.firewall_rules import nftables
from appliance.operations.firewall_units import network_policies, systemd
from appliance.settings import ROOT, Settings
from tests.left_out import left_out
from tests.walls.test_reach import CLUSTER, OIDC

EXAMPLE = ROOT / "deploy" / "firewall" / "example"
ADDRESSES = {"idp.bank.example": ["10.2.0.31", "fd00:2::31"], "mail.bank.example": ["10.2.0.32"]}
DOOR: dict[str, Any] = {"egress": "policy", "door_runs": "apart", "door_socket": "/run/muniment-door/door.sock"}


def nobody(_: str) -> Sequence[str]:
    return []


def written() -> dict[str, str]:
    """What is written for the example."""
    settings = Settings(**tomllib.loads((EXAMPLE / "settings.toml").read_text()))
    made = plan(settings, Site.parsed(tomllib.loads((EXAMPLE / "site.toml").read_text())), ADDRESSES.__getitem__)
    files = {"nftables.conf": nftables(made), "network-policy.yaml": network_policies(made)}
    return files | {f"systemd/{path}": text for path, text in systemd(made).items()}


def test_the_example_is_what_is_written_today() -> None:
    """Write it anew with `python -m tests.walls.test_firewall`, and read the difference."""
    stands = {
        str(path.relative_to(EXAMPLE)): path.read_text()
        for path in EXAMPLE.rglob("*")
        if path.is_file() and path.suffix in {".conf", ".yaml"}
    }
    assert stands == written()


HOUSES: dict[str, Settings] = {
    "the demonstration": Settings(),
    "a house without a door": Settings(**OIDC | {"issuer": "https://10.0.0.9/realms/house"}),
    "a house with a door": Settings(**OIDC | DOOR | {"issuer": "https://10.0.0.9/realms/house"}),
    "a door with a proxy": Settings(
        **OIDC | DOOR | {"issuer": "https://[fd00::9]/realms/h", "door_proxy": "http://10.0.0.3:3128"}
    ),
}


@pytest.mark.parametrize("name", HOUSES)
def test_nft_reads_the_rules(name: str) -> None:
    if shutil.which("nft") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        left_out("THE RULES OF NFTABLES, READ BY NFT", "nft is not installed (apt-get install nftables)")
    site = Site(
        user="1001", door_user="1002", resolvers=("10.0.0.53", "fd00::53"), spared=("0",), outside=("203.0.113.0/24",)
    )
    for made in (plan(HOUSES[name], site, nobody), plan(HOUSES[name], Site(user="1001", door_user="1002"), nobody)):
        command = ["unshare", "-rn", "nft", "-c", "-f", "-"]
        done = subprocess.run(command, input=nftables(made), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_without_a_door_nobody_is_let_out() -> None:
    """Guards `if plan.door` in `firewall_rules`: only a door goes anywhere that is not named."""
    rules = nftables(plan(HOUSES["a house without a door"], Site(), nobody))
    assert "muniment-door" not in rules
    accepted = re.findall(r"^ +(.*) accept\b", rules, re.M)
    assert accepted == [
        "ct direction reply",
        'oifname "lo"',
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit }",
        "ip daddr 10.0.0.9 tcp dport 443",
    ]


def test_a_door_with_the_user_of_the_house_gets_no_rules() -> None:
    """Guards the check of `door_runs` in `firewall.plan`: rules by user could not tell the API from the door."""
    with pytest.raises(OperatorError, match="own user"):
        plan(Settings(**OIDC | DOOR | {"door_runs": "here"}), Site(), nobody)


def test_a_name_that_nobody_knows_gets_no_rules() -> None:
    with pytest.raises(OperatorError, match="issuer"):
        plan(Settings(**OIDC), Site(), nobody)


@pytest.mark.parametrize(
    "told",
    [
        {"user": 'muniment" accept; #'},
        {"user": "muniment", "door_user": "muniment"},
        {"spared": ["muniment"]},
        {"resolvers": ["ns.bank.example"]},
        {"clients": ["10.2.0.1/16"]},
        {"outside": "203.0.113.0/24"},
        {"users": ["muniment"]},
    ],
)
def test_what_is_no_site_is_refused(told: dict[str, Any]) -> None:
    """Guards `Site.parsed` and its checks: what stands in the operator's file goes into rules that root loads."""
    with pytest.raises(OperatorError):
        Site.parsed(told)


def test_the_template_of_the_site_is_the_default() -> None:
    assert Site.parsed(tomllib.loads((ROOT / "deploy" / "firewall" / "site.toml").read_text())) == Site()


def test_units_without_a_network_have_none() -> None:
    units = systemd(plan(Settings(), Site(), nobody))
    for name in ("store", "model", "worker"):
        unit = units[f"muniment-{name}.service.d/50-walls.conf"]
        assert "RestrictAddressFamilies=AF_UNIX AF_NETLINK\n" in unit
        assert "Allow=" not in unit
    assert "IPAddressAllow=localhost\n" in units["muniment-api.service.d/50-walls.conf"]
    assert "muniment-door.service.d/50-walls.conf" not in units


def test_who_comes_from_other_machines_must_be_named() -> None:
    made = plan(Settings(**CLUSTER | {"host": "10.2.0.10"}), Site(), lambda _: ["10.0.0.9"])
    with pytest.raises(OperatorError, match="listens for other machines"):
        systemd(made)


def test_pods_go_nowhere_but_where_a_policy_names() -> None:
    """Guards the policy `muniment-closed`, which has no rule, and so closes every pod that has no other."""
    told = {one["metadata"]["name"]: one["spec"] for one in yaml.safe_load_all(written()["network-policy.yaml"])}
    assert told["muniment-closed"]["egress"] == []
    assert all(one["policyTypes"] == ["Egress"] for one in told.values())
    wide = {name for name, spec in told.items() if "0.0.0.0/0" in str(spec)}
    assert wide == {"muniment-door"}
    blocks = [to["ipBlock"] for to in told["muniment-door"]["egress"][-1]["to"]]
    assert [network for block in blocks for network in block["except"]] == list(INSIDE)


if __name__ == "__main__":
    for path, text in written().items():
        (EXAMPLE / path).parent.mkdir(parents=True, exist_ok=True)
        (EXAMPLE / path).write_text(text)
