"""Which addresses lie outside, so that a name which somebody else controls leads nowhere in here. Pure."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

_PUBLIC_6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_INSIDE_4: Final = (
    IPv4Network("168.63.129.16/32"),  # public by its number, but a cloud answers there with what a machine is told
    IPv4Network("192.0.0.0/24"),  # protocols' own, and the metadata of one cloud
    IPv4Network("192.88.99.0/24"),  # relays of 6to4: whoever is nearest
)
_INSIDE_6: Final = (
    IPv6Network("2001::/23"),  # Teredo, benchmarks, ORCHID: an address wrapped in another, or none
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)


def parsed(told: str) -> Address | None:
    """The address that a resolver told; None for what is none, or is tied to an interface of this machine."""
    try:
        found = ip_address(told)
    except ValueError:
        return None
    return None if isinstance(found, IPv6Address) and found.scope_id is not None else found


def is_outside(address: Address) -> bool:
    """Whether it is a single machine of the public network.

    Private, loopback, link-local (the metadata of clouds), shared, multicast, reserved and unspecified ones are not;
    nor is an address of version 6 that holds one of version 4 which is not.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _INSIDE_4)
    held = _held(address)
    if held is not None:
        return is_outside(held)
    return address in _PUBLIC_6 and address.is_global and not any(address in net for net in _INSIDE_6)


def _held(address: IPv6Address) -> IPv4Address | None:
    """The address of version 4 that traffic to `address` ends at: mapped, 6to4 or NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
