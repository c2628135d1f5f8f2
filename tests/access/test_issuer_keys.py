"""The issuer's keys: fetched seldom, believed for a while, and never instead of an answer."""

import threading
import time

import pytest

from appliance.access.issuer_keys import ABSENT, FRESH, PAUSE, WAITING, IssuerKeys
from appliance.errors import IssuerUnavailable, NotAuthenticated
from tests.access.issuer import Issuer

PATIENCE = 3600.0


class Watch:
    """A stop watch in the test's hand."""

    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


class House:
    def __init__(self) -> None:
        self.issuer, self.watch = Issuer(), Watch()
        self.keys = IssuerKeys(self.issuer.published, patience=PATIENCE, clock=self.watch)

    def knows(self, kid: str = "") -> bool:
        try:
            return self.keys(kid or self.issuer.kid).kid == (kid or self.issuer.kid)
        except NotAuthenticated:
            return False


@pytest.fixture
def house() -> House:
    return House()


def test_no_fetch_per_call(house: House) -> None:
    """Fails if `FRESH` is not looked at."""
    for _ in range(1_000):
        assert house.knows()
    assert house.issuer.asked == 1
    house.watch.at += FRESH + 1
    assert house.knows()
    assert house.knows()
    assert house.issuer.asked == 2


def test_strangers_who_wait_for_a_slow_issuer_are_few() -> None:
    """Guards `self._places.acquire` in `IssuerKeys._look_for`: known keys go on being found, and nobody queues up."""
    issuer, watch, inside, go = Issuer(), Watch(), threading.Event(), threading.Event()

    def slow() -> bytes:
        if issuer.asked:
            inside.set()
            assert go.wait(10)
        return issuer.published()

    keys = IssuerKeys(slow, patience=PATIENCE, clock=watch)
    assert keys(issuer.kid).kid == issuer.kid
    watch.at += PAUSE
    ended: list[type[Exception]] = []

    def stranger(kid: str) -> None:
        try:
            keys(kid)
        except (NotAuthenticated, IssuerUnavailable) as error:
            ended.append(type(error))

    threads = [threading.Thread(target=stranger, args=(f"made-up-{number}",)) for number in range(WAITING + 3)]
    for one in threads:
        one.start()
    assert inside.wait(10)
    until = time.monotonic() + 10
    while len(ended) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == [IssuerUnavailable] * 3
    assert keys(issuer.kid).kid == issuer.kid
    go.set()
    for one in threads:
        one.join(10)
    assert ended[3:] == [NotAuthenticated] * WAITING
    assert issuer.asked == 2
    watch.at += PAUSE
    issuer.rotate()
    assert keys(issuer.kid).kid == issuer.kid


def test_a_rotated_key_is_found_at_once(house: House) -> None:
    """Fails if an unknown key id does not have the set fetched."""
    assert house.knows()
    old = house.issuer.kid
    house.watch.at += PAUSE
    house.issuer.rotate()
    assert house.knows()
    assert house.issuer.asked == 2
    assert not house.knows(old)  # withdrawn with the same fetch


def test_a_withdrawn_key_is_believed_for_a_while_and_no_longer(house: House) -> None:
    """Fails if the keys of before are kept beside those of a fetch."""
    assert house.knows()
    old = house.issuer.kid
    house.issuer.rotate()
    assert house.knows(old)
    house.watch.at += FRESH + 1
    assert not house.knows(old)


def test_unknown_ids_do_not_make_us_ask_again(house: House) -> None:
    """Fails if `PAUSE` is not looked at, or `_absent`: the second id would be asked for once more after each pause."""
    assert house.knows()
    house.watch.at += PAUSE
    for number in range(500):
        assert not house.knows(f"forged-{number}")
    assert house.issuer.asked == 2
    for _ in range(5):
        house.watch.at += PAUSE
        assert not house.knows("forged-0")
    assert house.issuer.asked == 2
    house.issuer.rotate()
    assert house.knows()  # the forged ids have not used up its turn
    assert house.issuer.asked == 3


def test_ids_that_are_remembered_are_bounded_and_forgotten(house: House) -> None:
    assert house.knows()
    for number in range(ABSENT + 5):
        house.watch.at += PAUSE if number < 12 else 0  # a dozen are enough to be asked for one by one
        house.knows(f"forged-{number}")
    assert len(house.keys._absent) <= ABSENT
    house.keys._absent.update(f"forged-{number}" for number in range(ABSENT))
    house.watch.at += PAUSE
    assert not house.knows("one more")
    assert len(house.keys._absent) <= ABSENT + 12
    house.watch.at += FRESH + 1
    assert house.knows()
    assert house.keys._absent == set()


def test_an_issuer_that_is_away_stops_nobody_at_once(house: House) -> None:
    """Fails if keys are not used while the issuer is away, or beyond `patience`: the last call must raise."""
    assert house.knows()
    house.issuer.away = True
    for _ in range(10):
        house.watch.at += (PATIENCE - 1) / 10
        assert house.knows()
    house.watch.at += 2
    with pytest.raises(IssuerUnavailable):
        house.knows()
    house.issuer.away = False
    house.watch.at += PAUSE
    assert house.knows()


def test_a_dead_issuer_is_not_waited_for_twice(house: House) -> None:
    """Fails if a failed fetch is tried again at once."""
    house.issuer.away = True
    for _ in range(50):
        with pytest.raises(IssuerUnavailable):
            house.knows()
    assert house.issuer.asked == 1
    house.watch.at += PAUSE
    with pytest.raises(IssuerUnavailable):
        house.knows()
    assert house.issuer.asked == 2


def test_nobody_can_tell_of_a_new_key_while_the_issuer_is_away(house: House) -> None:
    """Fails if an unknown key id is refused, as if the issuer had said so."""
    assert house.knows()
    house.watch.at += PAUSE
    house.issuer.away = True
    with pytest.raises(IssuerUnavailable):
        house.knows("perhaps-new")
    assert house.knows()


@pytest.mark.parametrize("nonsense", [b"", b"<html>", b"{}", b'{"keys": 7}', b"[" * 100_000, b"\xff\xfe"])
def test_nonsense_from_the_issuer_is_no_key_set(house: House, nonsense: bytes) -> None:
    """Fails if nonsense replaces the keys that are known, or raises something foreign."""
    assert house.knows()
    house.issuer.says = nonsense
    house.watch.at += FRESH + 1
    assert house.knows()
    fresh = House()
    fresh.issuer.says = nonsense
    with pytest.raises(IssuerUnavailable):
        fresh.knows()


def test_an_issuer_that_withdraws_every_key_is_believed(house: House) -> None:
    """Empty means no: fails if an empty set is taken for a failure and the old keys stay."""
    assert house.knows()
    house.issuer.says = b'{"keys": []}'
    house.watch.at += FRESH + 1
    assert not house.knows()


def test_one_fetches_while_the_others_go_on() -> None:
    issuer, watch, inside, go = Issuer(), Watch(), threading.Event(), threading.Event()
    waits = False

    def slowly() -> bytes:
        inside.set()
        assert not waits or go.wait(10)
        return issuer.published()

    keys = IssuerKeys(slowly, patience=PATIENCE, clock=watch)
    assert keys(issuer.kid)
    waits, watch.at = True, watch.at + FRESH + 1
    inside.clear()
    first = threading.Thread(target=keys, args=(issuer.kid,))
    first.start()
    assert inside.wait(10)
    began = time.monotonic()
    assert keys(issuer.kid)
    assert time.monotonic() - began < 5
    go.set()
    first.join(10)
    assert issuer.asked == 2
