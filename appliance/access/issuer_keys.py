"""The issuer's keys, fetched seldom: no token makes us ask twice, and an issuer that is away stops nobody at once.

- What is known is used for FRESH seconds, then fetched again by whoever comes first, while the others go on with it.
- A key id that is not known has the set fetched once, at most every PAUSE seconds however many such tokens come; ids
  that were not there are remembered for FRESH seconds, so that they cannot use up a rotation's turn.
- While the issuer is away the keys that we have serve, until they are `patience` seconds old: then every token is an
  error (503), never an acceptance. The next try is PAUSE seconds later, so nobody waits for a dead issuer twice.

Ages are of the monotonic clock; setting the system's time changes nothing here.
"""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx

from appliance.access.keys import PublicKey, key_set
from appliance.access.tokens import refused
from appliance.errors import IssuerUnavailable, SettingsRefused

FRESH: Final = 300.0
PAUSE: Final = 20.0
SECONDS: Final = 5.0
"""Patience with the issuer, for each of two documents."""
LARGEST: Final = 256 * 1024
"""Bytes of a document of the issuer's."""
ABSENT: Final = 1_000
"""Unknown key ids that are remembered."""
WAITING: Final = 4
"""Callers with unknown key ids that may wait for the issuer at once: the Gate has eight places, and whoever has no
genuine token must not take them all while the issuer is slow."""

log = logging.getLogger(__name__)


class IssuerKeys:
    """The keys that `fetch` gives. `patience` is how long (s) they serve without it; `clock` counts seconds.

    `fetch` returns the bytes of a key set, or raises IssuerUnavailable.
    """

    def __init__(
        self, fetch: Callable[[], bytes], *, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._patience = patience
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._away = False
        self._absent: set[str] = set()
        self._turn = threading.Lock()
        self._places = threading.Semaphore(WAITING)

    def __call__(self, kid: str) -> PublicKey:
        """The key with this id. Raises NotAuthenticated if the issuer has none, IssuerUnavailable if we cannot know."""
        if self._clock() - self._fetched > FRESH:
            self._renew(wait=not self._serve())
        if not self._serve():
            raise _unavailable()
        key = self._keys.get(kid)
        if key is None and kid not in self._absent:
            self._look_for(kid)
            key = self._keys.get(kid)
        if key is None:
            raise _unavailable() if self._away else refused()
        return key

    def _look_for(self, kid: str) -> None:
        if not self._places.acquire(blocking=False):
            raise _unavailable()
        try:
            self._renew(wait=True, missing=kid)
        finally:
            self._places.release()

    def _serve(self) -> bool:
        """Whether what we have is young enough to be believed."""
        return self._clock() - self._fetched <= self._patience

    def _renew(self, *, wait: bool, missing: str = "") -> None:
        """Fetch the set, unless that was tried a moment ago, or somebody is at it and we need not wait."""
        if not self._turn.acquire(blocking=wait):
            return
        try:
            if missing in self._keys or self._clock() - self._tried < PAUSE:
                return
            self._tried, self._away = self._clock(), True
            self._keys, self._fetched = key_set(self._fetch()), self._clock()
            self._away = False
            self._remember(missing)
        except IssuerUnavailable:
            log.warning("The issuer's keys could not be fetched; those that are known serve for a while.")
        except (ValueError, RecursionError):
            log.warning("What the issuer says are its keys is no set of keys; those that are known serve for a while.")
        finally:
            self._turn.release()

    def _remember(self, missing: str) -> None:
        if not missing:
            self._absent.clear()
        elif len(self._absent) < ABSENT:
            self._absent.add(missing)


class IssuerDocuments:
    """Reads the key set of `issuer` over TLS; `ca` is a file of certificates to trust instead of the system's.

    Connections are not kept: minutes lie between two fetches. Raises SettingsRefused if `ca` holds no certificates.
    """

    def __init__(self, issuer: str, ca: Path | None = None) -> None:
        self._issuer = issuer
        try:
            self._tls = ssl.create_default_context(cafile=None if ca is None else str(ca))
        except OSError as error:  # an ssl.SSLError is one too
            raise SettingsRefused("issuer_ca is no file of certificates (PEM).") from error

    def __call__(self) -> bytes:
        """The bytes of the key set that the issuer's description of itself points at. Raises IssuerUnavailable."""
        try:
            with httpx.Client(verify=self._tls, timeout=SECONDS, trust_env=False, follow_redirects=False) as http:
                described = _read(http, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                return _read(http, self._described(described))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unavailable() from error

    def _described(self, text: bytes) -> str:
        """The address of the keys, if the description is this issuer's own and the address is https."""
        try:
            told: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _unavailable() from error
        where = told.get("jwks_uri") if isinstance(told, dict) and told.get("issuer") == self._issuer else None
        if not isinstance(where, str) or not where.startswith("https://"):
            raise _unavailable()
        return where


def _read(http: httpx.Client, url: str) -> bytes:
    """A document, bounded in time and size."""
    until = time.monotonic() + SECONDS
    with http.stream("GET", url) as answer:
        read = b""
        for piece in answer.raise_for_status().iter_bytes():
            read += piece
            if len(read) > LARGEST or time.monotonic() > until:
                raise _unavailable()
        return read


def _unavailable() -> IssuerUnavailable:
    return IssuerUnavailable("The issuer's keys cannot be fetched, so nobody can tell whether a token is genuine.")
