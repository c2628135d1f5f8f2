"""The only line to the outside: one request over a checked connection, and what came back.

Everything about the other side is doubted: where its name leads, who answers there, and each byte that it says. What
fails is told by a code, and whether a byte of the request may have left; only where none has is it tried again.
"""

import hashlib
import os
import socket
import ssl
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.escalation import addresses, completions
from appliance.escalation.addresses import Address, is_outside
from appliance.escalation.speech import Speech, exchanged, left, tunnelled
from appliance.records.escalations import Became, Destination, Outcome

ATTEMPTS: Final = 3
CONNECT_S: Final = 10.0
_AGAIN: Final = {"connect", "tls"}
"""Why there was no line: what another attempt may mend. Nothing was said over it."""
_KEY_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Route:
    """How this site lets its door out.

    `credentials` is the folder of the keys, `NAME.key` for each destination; `seconds` bounds everything together; `ca`
    is trusted instead of the system's authorities; `proxy` (host, port) is asked to CONNECT, to an address that was
    checked here, or (`named`) to the name.
    """

    credentials: Path
    seconds: float = 120.0
    ca: Path | None = None
    proxy: tuple[str, int] | None = None
    named: bool = False


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name as the system tells them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Outward:
    """Asks destinations over `route`. Many threads at once.

    `resolve` and `outside` are for tests, which speak to servers on this machine: no setting leads to them.
    """

    def __init__(
        self,
        route: Route,
        *,
        resolve: Callable[[str, int], Sequence[str]] = resolved,
        outside: Callable[[Address], bool] = is_outside,
    ) -> None:
        self._route = route
        self._resolve = resolve
        self._outside = outside
        self._tls: ssl.SSLContext | None = None

    def send(self, destination: Destination, body: bytes, price: int) -> Outcome:
        """Send exactly `body`, once, and read the answer. Never raises for what the other side does.

        What was delivered costs `price` (in millionths) unless the provider says, credibly, that it was less.
        """
        end = time.monotonic() + self._route.seconds
        key = credential(self._route.credentials, destination.name)
        if key is None:
            return _unsent("credentials")
        line = self._line(destination, end)
        if isinstance(line, str):
            return _unsent(line)
        with line:
            answer = exchanged(Speech(line, end), destination.url, key, body)
        told = answer if isinstance(answer, str) else completions.read(answer)
        if isinstance(told, str):
            return Outcome(Became.FAILED, delivered=True, reason=told, spent=price)
        tokens_in, tokens_out, spent = _cost(destination, told, price)
        return Outcome(
            Became.ANSWERED, delivered=True, text=told.text, tokens_in=tokens_in, tokens_out=tokens_out, spent=spent
        )

    def places(self, destination: Destination) -> Sequence[str] | str:
        """Where its name leads, or to the proxy alone: one look-up, every address checked. Or why nowhere."""
        host, port = _where(destination)
        if self._route.proxy is not None and self._route.named:
            return [host]
        try:
            told = self._resolve(host, port)
        except (OSError, UnicodeError):
            return "name"
        found = [addresses.parsed(one) for one in told]
        inside = [one for one in found if one is None or not self._outside(one)]
        if inside or not found:
            return "address"  # one is enough: who lets a name lead in here once does not get the other addresses
        return [str(one) for one in found]

    def fault(self) -> str:
        """Why nobody at all could be believed to be who he says; "" if the authorities to trust can be read."""
        try:
            self._trusting()
        except OSError as error:
            return f"cannot be read ({type(error).__name__})"
        return ""

    # --- The line -----------------------------------------------------------------------------------------------------

    def _line(self, destination: Destination, end: float) -> ssl.SSLSocket | str:
        """A line over which nothing was said yet, to one of the addresses that were checked; or why there is none."""
        places = self.places(destination)
        if isinstance(places, str):
            return places
        try:
            tls = self._trusting()
        except OSError:
            return "authorities"
        reason = "connect"
        for place in islice(cycle(places), ATTEMPTS):
            found = self._tried(tls, place, destination, end)
            if not isinstance(found, str):
                return found
            reason = found
            if reason not in _AGAIN:
                break
        return reason

    def _trusting(self) -> ssl.SSLContext:
        """What says whom to believe: read once, since that takes longer than all else here. Raises OSError."""
        if self._tls is None:
            self._tls = _tls(self._route.ca)
        return self._tls

    def _tried(self, tls: ssl.SSLContext, place: str, destination: Destination, end: float) -> ssl.SSLSocket | str:
        host, port = _where(destination)
        try:
            bare = self._connected(place, port, end)
        except OSError:
            return "connect"
        if isinstance(bare, str):
            return bare
        try:
            bare.settimeout(left(end))
            line = tls.wrap_socket(bare, server_hostname=host)
        except ssl.SSLCertVerificationError:
            return "certificate"
        except OSError:
            return "tls"
        finally:
            bare.close()  # wrapping took the connection out of it
        if destination.pins and spki(line.getpeercert(binary_form=True) or b"") not in destination.pins:
            line.close()
            return "pin"
        return line

    def _connected(self, place: str, port: int, end: float) -> socket.socket | str:
        """A connection to `place`, through the proxy if there is one, or why that will not. Raises OSError."""
        proxy = self._route.proxy
        bare = socket.create_connection(proxy or (place, port), timeout=min(CONNECT_S, left(end)))
        if proxy is None or tunnelled(Speech(bare, end), place, port):
            return bare
        bare.close()
        return "proxy"


def credential(folder: Path, name: str) -> str | None:
    """The key for a destination, from a file that only this user may read; None if there is none that may be used."""
    try:
        opened = os.open(folder / f"{name}.key", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            state = os.fstat(opened)
            if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077 or state.st_size > _KEY_BYTES:
                return None
            key = os.read(opened, _KEY_BYTES).rstrip(b"\r\n")
        finally:
            os.close(opened)
    except OSError:
        return None
    return key.decode("ascii") if key and all(0x21 <= byte <= 0x7E for byte in key) else None


def _unsent(reason: str) -> Outcome:
    return Outcome(Became.FAILED, delivered=False, reason=reason)


def _cost(destination: Destination, told: completions.Completion, price: int) -> tuple[int, int, int]:
    """Tokens in and out, and what they cost: as the provider says, as long as it is no more than was agreed."""
    if told.tokens_in is None or told.tokens_out is None:
        return 0, 0, price
    cost = destination.price(told.tokens_in, told.tokens_out)
    return (told.tokens_in, told.tokens_out, cost) if cost <= price else (0, 0, price)


def _where(destination: Destination) -> tuple[str, int]:
    parts = urlsplit(destination.url)
    return parts.hostname or "", parts.port or 443


def _tls(ca: Path | None) -> ssl.SSLContext:
    """Names and chains are verified; keys of sessions are written nowhere, whatever the environment says.

    Raises OSError (ssl.SSLError) if `ca` cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies both; `create_default_context` heeds SSLKEYLOGFILE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca)
    return context


def spki(certificate: bytes) -> str:
    """SHA-256 (hexadecimal) of the public key (SPKI) in a certificate (DER); "" if none can be read in it."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
