"""Nothing shows that something exists: a hidden document, page, conversation or answer and a missing one are the same.

500 pairs of each: `python -m tests.benchmarks.bench_existence`. Here are fewer, and a bound that noise does not reach.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from appliance.api.beat import BEAT
from tests.api.serving import served
from tests.attacks.timing.house import NURSES, House, built
from tests.attacks.timing.pairs import cases, compared

PAIRS = 8
FAR = 4 * BEAT
"""Medians of so few pairs lie whole beats apart where the machine is busy; the benchmark has the narrow bound."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="pairs-") as sockets,
        built(tmp_path_factory.mktemp("house"), Path(sockets)) as made,
    ):
        yield made


def test_hidden_and_missing_are_told_in_the_same_bytes_and_on_the_same_beat(house: House) -> None:
    """Guards the sleep in `Beat`, `_reads` in `Shelf.one`, `self._own` in `Conversations`: in status, headers, bytes.

    The clock: nothing leaves before the first beat.
    """
    house.write("nursing/falls.md", ["A fall is written down at once."], access=NURSES)
    with (
        served(house.app()) as address,
        httpx.Client(base_url=address, headers=house.headers("mara"), trust_env=False) as mara,
    ):
        for probe, ids in cases(house, 6):
            found = compared(mara, probe, ids, PAIRS)
            assert {one.status for one in found.heard} == {404}, probe.name
            assert len(found.heard) == 1, probe.name
            assert min(*found.hidden, *found.missing) >= BEAT, probe.name
            assert found.apart < FAR, probe.name
