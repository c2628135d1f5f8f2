"""Whom each part of the house may reach, as the settings name them. Pure; what closes the parts is made from it.

`appliance.closing` closes a process by it, `appliance.tripwire` compares with it, `firewall` writes rules from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import make_url

from appliance.settings import Settings

_HTTP: Final = {"http": 80, "https": 443}
_MAIL: Final = {"smtp": 25, "smtps": 465}
_POSTGRESQL: Final = 5432
HERE: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, order=True)
class Peer:
    """Somebody that the settings name: his name or address in lower case, a port of TCP, and what he is."""

    host: str
    port: int
    what: str

    @property
    def named(self) -> bool:
        """Whether his name must be looked up."""
        try:
            ip_address(self.host)
        except ValueError:
            return self.host != "localhost"
        return False


@dataclass(frozen=True, slots=True)
class Reach:
    """What one part may reach, and the port that it listens on, if it has one."""

    part: str
    peers: tuple[Peer, ...] = ()
    listens: int | None = None

    @property
    def connect(self) -> list[int]:
        """The ports that it may connect to."""
        return sorted({peer.port for peer in self.peers})

    @property
    def bind(self) -> list[int]:
        """The ports that it may listen on."""
        return [] if self.listens is None else [self.listens]

    @property
    def names(self) -> bool:
        """Whether it looks up names."""
        return any(peer.named for peer in self.peers)


def store(_: Settings) -> Reach:
    """The store of one machine: asked through a socket with a path, it asks nobody."""
    return Reach("store")


def model(_: Settings) -> Reach:
    """The engine of one machine, likewise."""
    return Reach("model")


def worker(settings: Settings) -> Reach:
    """The worker: nobody on one machine; in a cluster store and database."""
    return Reach("worker", (*_store(settings), *_database(settings)))


def portal(settings: Settings) -> Reach:
    """The portal speaks to the API and to browsers."""
    return Reach("portal", (Peer(settings.host, settings.api_port, "API"),), settings.portal_port)


def api(settings: Settings) -> Reach:
    """The API: the issuer and the directory beside it, the mail server, in a cluster store, database and model."""
    peers = (*_store(settings), *_model(settings), *_database(settings), *_issuer(settings), *_mail(settings))
    also = (_also(one) for one in sorted(settings.also_reached))
    return Reach("api", (*peers, *also), settings.api_port)


def parts(settings: Settings) -> Sequence[Reach]:
    """Every part of the house but the door, as it is started here; those elsewhere are the site's to close."""
    here = (store(settings), model(settings)) if settings.size == "single" else ()
    return (*here, worker(settings), api(settings), portal(settings))


def _store(settings: Settings) -> tuple[Peer, ...]:
    return _at(settings.store_url, "store")


def _model(settings: Settings) -> tuple[Peer, ...]:
    return _at(settings.model_url, "model")


def _issuer(settings: Settings) -> tuple[Peer, ...]:
    return _at(settings.issuer, "issuer")


def _mail(settings: Settings) -> tuple[Peer, ...]:
    return _at(settings.notice_smtp, "mail")


def _database(settings: Settings) -> tuple[Peer, ...]:
    """The hosts that the driver of a PostgreSQL address is told; a path is a socket, and no host."""
    url = make_url(settings.database)
    if not url.drivername.startswith("postgresql"):
        return ()
    _, told = url.get_dialect()().create_connect_args(url)
    hosts = str(told.get("hostaddr") or told.get("host") or "").split(",")
    ports = [int(port or _POSTGRESQL) for port in str(told.get("port") or "").split(",")]
    each = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)
    pairs = zip(hosts, each, strict=True)
    return tuple(Peer(host.lower(), port, "database") for host, port in pairs if host[:1] not in {"/", ""})


def _at(url: str | None, what: str) -> tuple[Peer, ...]:
    if not url:
        return ()
    where = urlsplit(url)
    return (Peer(where.hostname or "", where.port or (_HTTP | _MAIL)[where.scheme], what),)


def _also(told: str) -> Peer:
    host, _, port = told.rpartition(":")
    return Peer(host.strip("[]").lower(), int(port), "also")
