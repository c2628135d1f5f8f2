"""The rules of nftables: by user, what may leave this machine. Only the door's user opens connections outside."""

from collections.abc import Iterable, Sequence

from appliance.operations.firewall import INSIDE, Plan, family

_HEAD = """\
#!/usr/sbin/nft -f
# What may leave this machine, by user: written by `muniment firewall` from the settings. Write it anew when they
# change, or when a name of the house's gets another address. The users must exist when it is loaded. It speaks of what
# this machine begins; who may come in is the site's.

table inet muniment
delete table inet muniment

table inet muniment {
"""


def nftables(plan: Plan) -> str:
    """The file, for `nft -f`: it takes the place of what it wrote before and touches no other table."""
    chains = [_out(plan)]
    if plan.door:
        chains.append(_door(plan))
    return _HEAD + "\n".join(chains) + "}\n"


def _out(plan: Plan) -> str:
    site, rules = plan.site, []
    rules.append('ct direction reply accept comment "answers to who has come in"')
    if plan.door:
        rules.append(f"meta skuid {_user(site.door_user)} goto door")
    if plan.names:
        rules += [f"meta skuid {_user(site.user)} {rule}" for rule in _resolvers(site.resolvers)]
    rules.append(f'meta skuid {_user(site.user)} th dport 53 goto refused comment "a name carries content"')
    rules.append('oifname "lo" accept')
    rules.append("icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept")
    for at in plan.house:
        rules.append(f'{_to([at.address])} tcp dport {at.peer.port} accept comment "{at.peer.what}"')
    rules += [f"meta skuid {_user(user)} accept" for user in site.spared]
    rules.append("goto refused")
    refused = [
        'limit rate 5/minute burst 20 packets log prefix "muniment refused " flags skuid',
        "counter reject with icmpx admin-prohibited",
    ]
    return (
        _chain("out", ["type filter hook output priority filter; policy drop;", "", *rules])
        + "\n"
        + _chain("refused", refused)
    )


def _door(plan: Plan) -> str:
    site = plan.site
    rules = _resolvers(site.resolvers)
    if plan.proxy:
        rules += [f"{_to([one])} tcp dport {plan.proxy.port} accept" for one in plan.addresses[plan.proxy.host]]
    elif site.outside:
        rules += [f"{to} meta l4proto tcp accept" for to in _each(site.outside)]
    else:
        rules += [f"{to} goto refused" for to in _each(INSIDE)]
        rules.append("meta l4proto tcp accept")
    return _chain("door", [*rules, "goto refused"])


def _resolvers(addresses: Sequence[str]) -> list[str]:
    return [f"{_to([one])} th dport 53 meta l4proto {{ tcp, udp }} accept" for one in addresses]


def _each(networks: Iterable[str]) -> list[str]:
    told = list(networks)
    return [_to(of) for of in ([one for one in told if family(one) == version] for version in (4, 6)) if of]


def _to(networks: Sequence[str]) -> str:
    word = "ip daddr" if family(networks[0]) == 4 else "ip6 daddr"
    return f"{word} {networks[0]}" if len(networks) == 1 else f"{word} {{ {', '.join(networks)} }}"


def _user(name: str) -> str:
    return name if name.isdecimal() else f'"{name}"'


def _chain(name: str, lines: Sequence[str]) -> str:
    body = "".join(f"        {line}\n" if line else "\n" for line in lines)
    return f"    chain {name} {{\n{body}    }}\n"
