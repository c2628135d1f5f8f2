"""Uploads of which an attempt fails: what is the file's own fault is given up, what is not is tried until it works."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from appliance.errors import DetectorUnavailable, StoreUnavailable
from appliance.models.engines import Endpoint
from appliance.records.privacy import Finding
from appliance.retrieval.index import Index
from ingest.jobs import ATTEMPTS, POISON, each
from ingest.worker import Parsers
from tests.ingest.upload_house import House
from tests.ingest.uploading import jobs_of


@pytest.fixture
def house(tmp_path: Path, store: Endpoint, index: Index, parsers: Parsers) -> Iterator[House]:
    built = House(tmp_path, store, index, parsers)
    yield built
    built.bell.close()


class Failing:
    """Tools that cannot be used, and how often they were tried."""

    def __init__(self, error: Exception) -> None:
        self.error, self.tried = error, 0

    def __call__(self, step: str) -> None:
        if step == "indexed":
            self.tried += 1
            raise self.error


@pytest.mark.parametrize("error", [StoreUnavailable("It does not answer."), ValueError("the text of a document")])
def test_a_file_that_always_fails_is_quarantined_and_blocks_nobody(
    house: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Guards `upload.attempts > ATTEMPTS` in `Jobs._attempt`; the log names no content."""
    poison = house.upload()
    failing = Failing(error)
    jobs = house.jobs(failing)
    waits = [wait for _ in range(ATTEMPTS) for wait in house.work(jobs)]
    assert waits == [10, 40, 160, 600, 600]
    good = house.upload(name="good.md")
    house.work(jobs_of(house.settings, house.index, house.parsers))
    assert failing.tried == ATTEMPTS
    assert house.status(poison) == ("quarantined", POISON)
    assert house.status(good) == ("stored", "")
    assert "the text of a document" not in caplog.text


def test_a_full_disk_or_a_broken_installation_is_not_the_file_s_fault(house: House) -> None:
    """Guards `counted=False` in `Jobs._attempt`."""
    from appliance.errors import RegistryUnavailable

    document = house.upload()
    jobs = house.jobs(Failing(RegistryUnavailable("The archive cannot be written.")))
    for _ in range(ATTEMPTS + 2):
        assert house.work(jobs) == [10.0]
    house.work()
    assert house.status(document) == ("stored", "")


def test_an_outage_of_the_store_is_counted_against_no_file(house: House) -> None:
    """Guards the question for `_answer` in `Jobs._attempt`."""
    document = house.upload()
    away = Index(Endpoint("http://store", socket=house.settings.data / "no.sock"), seconds=1)
    jobs = jobs_of(house.settings, away, house.parsers)
    for _ in range(ATTEMPTS + 2):
        assert house.work(jobs) == [10.0]
    away.close()
    house.work()
    assert house.status(document) == ("stored", "")


class Dead:
    """Detectors that are away, or only not for a text that is their end."""

    version = "dead"

    def __init__(self, *, harmless: bool) -> None:
        self.harmless = harmless

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:  # noqa: ARG002  # dead in every language
        if self.harmless and texts[0].startswith("Is anybody there?"):
            return [[]]
        raise DetectorUnavailable("They are away.")


def test_an_outage_of_the_detectors_is_counted_against_no_file(house: House) -> None:
    """Guards `tools.marking.check()`: nothing came in unlooked at, and nothing is lost."""
    document = house.upload()
    jobs = jobs_of(house.settings, house.index, house.parsers, finder=Dead(harmless=False))
    for _ in range(ATTEMPTS + 2):
        assert house.work(jobs) == [10.0]
    assert house.status(document)[0] == "queued"
    house.work()
    assert house.status(document) == ("stored", "")


def test_a_file_that_is_the_end_of_every_detector_is_the_cause(house: House) -> None:
    """Guards the question for `_answer` in `Jobs._attempt`: it is not tried for ever."""
    document = house.upload()
    jobs = jobs_of(house.settings, house.index, house.parsers, finder=Dead(harmless=True))
    for _ in range(ATTEMPTS + 1):
        house.work(jobs)
    assert house.status(document) == ("quarantined", POISON)


def test_a_step_of_a_round_that_fails_does_not_stop_the_next() -> None:
    """Guards the `try` inside the loop of `each`."""
    taken: list[str] = []

    def fails() -> None:
        raise StoreUnavailable("It does not answer.")

    each(fails, lambda: taken.append("next"))
    assert taken == ["next"]
