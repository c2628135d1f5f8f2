"""How long after a person has left he is still given what he may not have: the worst of 30 tries of each kind.

    python -m tests.benchmarks.bench_revocation_people [--tries 30] [--only KIND ...] [--out FILE]

As `bench_revocation`, which says what is counted, with people who sign in at the certified OpenID provider and are
looked up in the stand-in for Keycloak every five seconds, as in production (`tests/identity/site.py`). A change is
acknowledged when Keycloak, or our own route, has answered; for a sign-out at the issuer's, when he has told us.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from tests.benchmarks.bench_revocation import Person, row, table, tried
from tests.identity import provider as providers
from tests.identity.site import Site, site

ASKED_S: Final = 15.0


def group_removed(place: Site, person: str, _cookie: str) -> None:
    """Out of the group that reads the document, with another left."""
    place.leave(person, "staff")


def last_group_removed(place: Site, person: str, _cookie: str) -> None:
    """Out of both."""
    place.leave(person, "stores")
    place.leave(person, "staff")


def disabled(place: Site, person: str, _cookie: str) -> None:
    """Disabled in the directory."""
    place.disable(person)


def signed_out(place: Site, _person: str, cookie: str) -> None:
    """Signed out at the portal, in another window."""
    url = f"{place.house.address}/v1/session/logout"
    httpx.post(url, headers=place.headers(cookie), timeout=60, trust_env=False).raise_for_status()


def signed_out_elsewhere(place: Site, person: str, cookie: str) -> None:
    """Signed out at the issuer's, who tells us over the back channel."""
    place.provider.log_out(person, providers.PORTAL, place.sid(cookie))


KINDS: Final[dict[str, Callable[[Site, str, str], None]]] = {
    "group removed": group_removed,
    "last group removed": last_group_removed,
    "disabled": disabled,
    "signed out": signed_out,
    "signed out elsewhere": signed_out_elsewhere,
}


def signed_in(place: Site, person: str) -> str:
    """The cookie of a person who signs in, however busy this machine is: what is measured comes after it."""
    for _ in range(5):
        try:
            return place.sign_in(person)
        except AssertionError:
            time.sleep(2)
    return place.sign_in(person)


def measured(place: Site, kind: str, tries: int) -> Iterator[dict[str, Any]]:
    """The worst of so many tries of one kind, by route and over all of them. What never came after it is 0."""
    worst: dict[str, float] = {}
    for number in range(tries):
        person = place.person("staff", "stores")
        cookie = signed_in(place, person)

        def change(person: str = person, cookie: str = cookie) -> float:
            time.sleep(random.uniform(0, 5))  # noqa: S311  # anywhere between two looks at the directory
            KINDS[kind](place, person, cookie)
            return time.monotonic()

        for name, seconds in tried(Person(place.house, place.headers(cookie)), change):
            worst[name] = max(seconds, worst.get(name, 0.0))
        sys.stderr.write(f"{kind}: {number + 1} of {tries}, worst {max(worst.values()):.3f} s\n")
    for name, seconds in worst.items():
        yield row(f"{kind}: {name}", seconds)
    yield row(f"{kind}: worst of {tries}", max(worst.values()), f"<= {ASKED_S:g}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="How long who has left is still given something.")
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--only", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", ".*verify=<str>.*", DeprecationWarning)  # of the library for Keycloak
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as place:
        place.house.fresh()
        for kind in chosen.only:
            fresh = list(measured(place, kind, chosen.tries))
            rows += fresh
            if chosen.out is not None:  # at once: there may be no end
                with chosen.out.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(one) + "\n" for one in fresh)
    sys.stdout.write("\n".join(table(rows)) + "\n")


if __name__ == "__main__":
    main()
