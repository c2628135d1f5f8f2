"""What a firewall of the site must know: users, addresses, ports. Pure, from the settings and what the site says.

`firewall_rules` writes it for nftables, `firewall_units` for systemd and Kubernetes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from appliance.errors import OperatorError
from appliance.operations import reach
from appliance.operations.reach import Peer, Reach
from appliance.settings import Settings

INSIDE: Final = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
    "::/127", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "fc00::/7", "fe80::/10", "ff00::/8",
)  # fmt: skip
"""Networks where nothing outside is: private, of this machine, of a provider's metadata, of many, of none."""

_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}|[0-9]{1,10}")
Resolve = Callable[[str], Sequence[str]]
"""Takes a name, returns its addresses."""
_ADVICE: Final = "See deploy/firewall/site.toml."


@dataclass(frozen=True, slots=True)
class Site:
    """What no setting says: users of this machine, its resolvers, users whom the rules spare.

    `clients` are networks whose people come to the API by themselves, `outside` those where the door may go; an empty
    `outside` is everywhere that is not `INSIDE`.
    """

    user: str = "muniment"
    door_user: str = "muniment-door"
    resolvers: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, told: Mapping[str, Any]) -> "Site":
        """From the operator's file. Raises OperatorError for a key that is unknown or a value of another shape."""
        lists = {"resolvers", "spared", "clients", "outside"}
        given: dict[str, Any] = {}
        for name, value in told.items():
            if name in {"user", "door_user"} and isinstance(value, str):
                given[name] = value
            elif name in lists and isinstance(value, list) and all(isinstance(one, str) for one in value):
                given[name] = tuple(value)
            else:
                raise OperatorError("The site's file has a key or a value that is none.", advice=_ADVICE)
        return cls(**given)

    def __post_init__(self) -> None:
        for user in (self.user, self.door_user, *self.spared):
            if not _USER.fullmatch(user):
                raise OperatorError(f"{user!r} is no user's name.", advice="Name system users, or their numbers.")
        if len({self.user, self.door_user, *self.spared}) != 2 + len(self.spared):
            raise OperatorError("One user is named twice.", advice="The house and the door have users of their own.")
        try:
            for told in self.resolvers:
                ip_address(told)
            for told in (*self.clients, *self.outside):
                ip_network(told)
        except ValueError as error:
            raise OperatorError("A resolver is an address, and a network is one like 10.2.0.0/16.") from error


@dataclass(frozen=True, slots=True)
class At:
    """A peer and one of his addresses."""

    peer: Peer
    address: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Who may reach what. `proxy` is the door's, if it has one; `door` is whether there is a door at all."""

    site: Site
    parts: tuple[Reach, ...]
    addresses: Mapping[str, tuple[str, ...]]
    door: bool
    proxy: Peer | None
    listens_here_only: bool

    def at(self, reached: Reach) -> list[At]:
        """Where the peers of a part are, those on this machine left out."""
        return [At(peer, address) for peer in reached.peers for address in self.where(peer)]

    def where(self, peer: Peer) -> tuple[str, ...]:
        """The addresses of a peer that are not this machine's."""
        found = ((one, ip_address(one)) for one in self.addresses[peer.host])
        return tuple(told for told, address in found if not (address.is_loopback or address.is_unspecified))

    @property
    def house(self) -> list[At]:
        """Where anybody's peers are, each once, in order."""
        found = {(at.address, at.peer.port): at for part in self.parts for at in self.at(part)}
        return [found[key] for key in sorted(found)]

    @property
    def names(self) -> bool:
        """Whether the house looks up names."""
        return any(part.names for part in self.parts)


def plan(settings: Settings, site: Site, resolve: Resolve) -> Plan:
    """Make the plan, with each name looked up once by `resolve`.

    Raises OperatorError if a name has no address, or the door has no user of its own by which it could be told apart.
    """
    door = settings.egress == "policy"
    if door and settings.door_runs == "here":
        raise OperatorError(
            "The door runs as the house's own user, so no firewall can tell it from the house.",
            advice="Set door_runs to apart, and give the door its unit and its user; see deploy/door/README.md.",
        )
    where = urlsplit(settings.door_proxy or "")
    proxy = Peer(where.hostname, where.port, "proxy") if door and where.hostname and where.port else None
    parts = tuple(reach.parts(settings))
    peers = {peer for part in parts for peer in part.peers} | ({proxy} if proxy else set())
    addresses = {peer.host: _addresses(peer, resolve) for peer in sorted(peers)}
    here_only = ip_address("127.0.0.1" if settings.host == "localhost" else settings.host).is_loopback
    return Plan(site, parts, addresses, door, proxy, here_only)


def _addresses(peer: Peer, resolve: Resolve) -> tuple[str, ...]:
    if peer.host == "localhost":
        return ("127.0.0.1",)
    found = tuple(sorted(set(resolve(peer.host)))) if peer.named else (peer.host,)
    if not found:
        raise OperatorError(
            f"The {peer.what} has a name that nobody knows here, so no rule can be written for it.",
            advice="Write it into /etc/hosts, or run this where the house's resolver is asked.",
        )
    return found


def family(address: str) -> int:
    """4 or 6, of an address or of a network."""
    return ip_network(address).version
