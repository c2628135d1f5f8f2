"""Whether a request came the right way: straight from this machine, or to the public address of the house.

The API asks the same of its own callers.
"""

from collections.abc import Mapping

from ui.words.speech import later

NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDING = ("forwarded", "via", "x-forwarded-", "x-real-ip", "x-client-ip", "true-client-ip")
"""How the names of the headers begin that a proxy adds."""


def objection(headers: Mapping[str, str], public_url: str = "") -> str:
    """Why this request is not served, in words for a person (as `say` takes them); "" if it may be.

    With `public_url` (an https origin) a proxy of the site's stands before the portal and keeps the host's name.
    Without it, only this machine is served. Either way the page that opened the connection must be the portal's own:
    to a browser, every port of this machine is the same site, and it sends its cookies to all of them.
    """
    host, origin = _header(headers, "host"), _header(headers, "origin")
    if public_url:
        if host.lower() != public_url.removeprefix("https://") or origin not in {"", public_url}:
            return later("Muniment is not served under this address.")
        return ""
    if any(name.lower().startswith(FORWARDING) for name in headers):
        return later("The appliance is not served through a proxy.")
    if _name(host) not in NAMES:
        return later("The appliance answers to localhost only.")
    if origin not in {"", f"http://{host}"}:
        return later("Another page may not use the portal.")
    return ""


def _header(headers: Mapping[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def _name(host: str) -> str:
    """The host's name without its port: "localhost:8766" -> "localhost", "[::1]:80" -> "[::1]"."""
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()
