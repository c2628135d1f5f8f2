"""The same for systemd, which keeps a unit to addresses, and Kubernetes, which keeps a pod to addresses and ports."""

from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from appliance.errors import OperatorError
from appliance.operations.firewall import INSIDE, At, Plan, family
from appliance.operations.reach import Reach

_HEAD = """\
# Written by `muniment firewall` from the settings; write it anew when they change.
[Service]
"""
_DOOR_HEAD = f"""\
{_HEAD}# A list of a unit's own is emptied first: what is allowed there would stay allowed.
IPAddressAllow=
"""


def systemd(plan: Plan) -> dict[str, str]:
    """Drop-ins by their path below /etc/systemd/system: one for each part, one for all of them in one unit, the door's.

    Raises OperatorError if the API listens for others and nobody said who they are: systemd would turn them away.
    """
    if not (plan.listens_here_only or plan.site.clients):
        raise OperatorError(
            "The API listens for other machines, and their networks are not named.",
            advice="Name them as `clients` in the site's file, or every one of them would be turned away.",
        )
    units = {f"muniment-{part.part}": _unit(plan, [part]) for part in plan.parts}
    units["muniment"] = _unit(plan, plan.parts)
    if plan.door:
        units["muniment-door"] = _door_unit(plan)
    return {f"{name}.service.d/50-walls.conf": text for name, text in units.items()}


def _unit(plan: Plan, parts: Sequence[Reach]) -> str:
    networked = [part for part in parts if part.peers or part.listens]
    allowed = ["localhost"] if networked else []
    allowed += sorted({at.address for part in networked for at in plan.at(part)})
    if any(part.names for part in networked):
        allowed += plan.site.resolvers
    if any(part.part == "api" for part in networked):
        allowed += plan.site.clients
    families = "AF_UNIX AF_NETLINK" + (" AF_INET AF_INET6" if networked else "")
    lines = [
        "NoNewPrivileges=yes",
        "SystemCallArchitectures=native",
        f"RestrictAddressFamilies={families}",
        "IPAddressDeny=any",
        *(f"IPAddressAllow={one}" for one in allowed),
        "SocketBindDeny=any",
        *(f"SocketBindAllow=tcp:{port}" for part in networked for port in part.bind),
    ]
    return _HEAD + _lines(lines)


def _door_unit(plan: Plan) -> str:
    """Allowed goes before denied. Without a list of its own the door goes everywhere that is not inside."""
    allowed = [*plan.site.resolvers, *(plan.addresses[plan.proxy.host] if plan.proxy else plan.site.outside)]
    denied = ["any"] if plan.proxy or plan.site.outside else INSIDE
    lines = [*(f"IPAddressAllow={one}" for one in allowed), *(f"IPAddressDeny={one}" for one in denied)]
    return _DOOR_HEAD + _lines(lines)


def network_policies(plan: Plan) -> str:
    """Policies for the pods of the house: by the first nobody goes out, the next ones name who may, and where."""
    told = [_policy("closed", None, [])]
    for part in plan.parts:
        rules = [_rule([at.address], at.peer.port) for at in _once(plan.at(part))]
        if rules:
            told.append(_policy(part.part, part.part, [*rules, *(_resolving(plan) if part.names else [])]))
    if plan.door:
        told.append(_policy("door", "door", [*_resolving(plan), *_leaving(plan)]))
    head = "# Written by `muniment firewall` from the settings; write it anew when they change.\n"
    return head + yaml.safe_dump_all(told, sort_keys=False)


def _once(ats: Iterable[At]) -> list[At]:
    found = {(at.address, at.peer.port): at for at in ats}
    return [found[key] for key in sorted(found)]


def _policy(name: str, component: str | None, egress: list[Any]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "muniment"}
    labels |= {"app.kubernetes.io/component": component} if component else {}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"muniment-{name}"},
        "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Egress"], "egress": egress},
    }


def _rule(addresses: Sequence[str], port: int | None, protocols: Sequence[str] = ("TCP",)) -> dict[str, Any]:
    ports = [{"protocol": protocol} | ({"port": port} if port else {}) for protocol in protocols]
    return {"to": [{"ipBlock": {"cidr": _network(one)}} for one in addresses], "ports": ports}


def _resolving(plan: Plan) -> list[dict[str, Any]]:
    return [_rule(plan.site.resolvers, 53, ("UDP", "TCP"))] if plan.site.resolvers else []


def _leaving(plan: Plan) -> list[dict[str, Any]]:
    if plan.proxy:
        return [_rule(plan.addresses[plan.proxy.host], plan.proxy.port)]
    if plan.site.outside:
        return [_rule(plan.site.outside, None)]
    blocks = {4: "0.0.0.0/0", 6: "::/0"}
    everywhere = [
        {"ipBlock": {"cidr": block, "except": [one for one in INSIDE if family(one) == version]}}
        for version, block in blocks.items()
    ]
    return [{"to": everywhere, "ports": [{"protocol": "TCP"}]}]


def _network(address: str) -> str:
    return address if "/" in address else f"{address}/{32 if family(address) == 4 else 128}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
