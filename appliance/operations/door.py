"""The door's own process: put together from settings, with as little else in it as can be.

`muniment up` and the unit of `deploy/door/` start it; the command line's other rooms are not even loaded.
"""

import contextlib
import logging
import os
import resource
import signal
import sys
from typing import Final, NoReturn
from urllib.parse import urlsplit

from appliance import closing
from appliance.access.active import ActivePolicies
from appliance.access.destinations import Destinations
from appliance.audit.checkpoints import public_file, public_keys
from appliance.errors import MunimentError, SettingsRefused
from appliance.escalation import door_socket
from appliance.escalation.door import Believed, Door, Outside
from appliance.escalation.door_book import Book
from appliance.escalation.outward import Outward, Route
from appliance.operations.reach import Peer
from appliance.settings import Settings, load

_HTTPS: Final = 443
log = logging.getLogger(__name__)


def run(settings: Settings, outside: Outside | None = None) -> None:
    """Be the door of this installation until stopped; what is under way is waited for.

    Raises an error of ours if it cannot be. `outside` is for tests, whose models outside are on this machine: no
    setting leads to it.
    """
    with_a_door(settings)
    _close(settings)  # before anything starts a thread
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what passes through its memory does not end in a file
    signal.signal(signal.SIGTERM, _stopped)
    with contextlib.closing(Book(settings.door_book_folder)) as book:
        door = Door(believed(settings), book, outside or Outward(route(settings)))
        peers = settings.door_peers or frozenset({os.getuid()})
        given = door_socket.given()
        if given is not None:
            with given:
                door_socket.serve(given, door, peers=peers)
        elif settings.door_socket is not None:
            with door_socket.listening(settings.door_socket) as listener:
                door_socket.serve(listener, door, peers=peers)


def believed(settings: Settings) -> Believed:
    """What the door of this installation goes by: the signed set in force here, and the ledger's public key."""
    active = ActivePolicies(settings.data / "policies", officers=settings.officers_folder)

    def in_force() -> tuple[str, Destinations]:
        found = active.current()
        return found.version, found.destinations

    return Believed(settings.tenant, in_force, lambda: public_keys([public_file(settings.checkpoint_key)]))


def ports(settings: Settings) -> list[int]:
    """The ports that it may connect to once closed: the proxy's, or 443 and those of the destinations in force."""
    way = route(settings)
    if way.proxy is not None:
        return [way.proxy[1]]
    try:
        _, destinations = believed(settings).policies()
    except MunimentError:
        return [_HTTPS]
    return sorted({_HTTPS, *(urlsplit(one.url).port or _HTTPS for one in destinations.named.values())})


def _close(settings: Settings) -> None:
    """Let the kernel keep this process from everything but those ports, and the resolver if it looks up names.

    Raises OSError if the kernel has the locks and refuses to put them on.
    """
    way = route(settings)
    names = way.proxy is None or not way.named or Peer(*way.proxy, "proxy").named
    if not closing.closed():
        told = closing.close(ports(settings), names=names)
        log.info("door: %s", told.told())


def route(settings: Settings) -> Route:
    """How this installation lets its door out."""
    host, _, port = (settings.door_proxy or "").removeprefix("http://").rpartition(":")
    return Route(
        settings.door_credentials_folder,
        seconds=settings.door_seconds,
        ca=settings.door_ca,
        proxy=(host, int(port)) if settings.door_proxy else None,
        named=settings.door_resolves == "proxy",
    )


def with_a_door(settings: Settings) -> Settings:
    """The same settings. Raises SettingsRefused unless something may leave at all."""
    if settings.egress != "policy":
        raise SettingsRefused(f"There is no door: egress={settings.egress}.", advice="Nothing may leave.")
    return settings


def _stopped(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    """The process. What it cannot do is told in its log, in two lines; exit code 2."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        run(load())
    except MunimentError as error:
        log.error("%s %s", error, error.advice)  # noqa: TRY400  # its words say it all
        sys.exit(2)


if __name__ == "__main__":
    main()
