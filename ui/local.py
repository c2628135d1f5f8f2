"""Whether a request comes straight from this machine. The API asks the same of its own callers."""

from collections.abc import Mapping

NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDING = ("forwarded", "via", "x-forwarded-", "x-real-ip", "x-client-ip", "true-client-ip")
"""How the names of the headers begin that a proxy adds."""


def objection(headers: Mapping[str, str]) -> str:
    """Why this request is not served, in words for a person; "" if it may be."""
    if any(name.lower().startswith(FORWARDING) for name in headers):
        return "The demonstration is not served through a proxy."
    host = next((value for name, value in headers.items() if name.lower() == "host"), "")
    if _name(host) not in NAMES:
        return "The demonstration answers to localhost only."
    return ""


def _name(host: str) -> str:
    """The host's name without its port: "localhost:8766" -> "localhost", "[::1]:80" -> "[::1]"."""
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()
