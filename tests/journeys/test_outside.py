"""The whole way out and back with real parts: gate, door, TLS, and every byte that reached the other side."""

from collections.abc import Iterator

import pytest

from appliance.errors import ModelMissing
from appliance.models.manifest import entry, locate
from appliance.settings import load
from tests.journeys import outside_page
from tests.journeys.outside_house import CANARIES, House, outside_house
from tests.journeys.outside_other import reciting
from tests.journeys.outside_page import Told
from tests.journeys.outside_run import journey
from tests.left_out import left_out

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[Told], list[str]]]:
    try:
        for role in ("names", "personal-data"):
            locate(entry(role), load().models_folder)
    except ModelMissing as missing:
        left_out("THE WAY OUT", f"{missing} {missing.advice}")
    with outside_house(tmp_path_factory.mktemp("out"), reciting) as house:
        yield house, *journey(house)


def test_nothing_private_left_and_what_left_was_looked_at_recorded_and_restored(
    walked: tuple[House, list[Told], list[str]],
) -> None:
    """Guards `restore(preview.answer` in `Outside._answer`, with everything real around it."""
    house, told, faults = walked
    assert faults == []
    denied, held, at_once = told
    assert denied.left == b""
    assert "Corvin Aldersby" in "".join(piece["original"] for piece in denied.shown["pieces"])
    assert "Edda Marlowe-Quist agrees in writing" in held.answer, "restored, and verified"
    assert "Person_" in held.back
    assert at_once.answer == "An opened vial of heparin stays in the fridge of the pharmacy. [1]"
    assert [event.split()[0] for event in held.events] == [
        "escalation-proposed", "escalation-awaiting", "approval", "escalation-approved", "escalation-sent",
        "escalation-answered", "escalation-shown",
    ]  # fmt: skip
    assert len(house.other.asked) == 2


def test_the_page_tells_it_and_not_the_key(walked: tuple[House, list[Told], list[str]]) -> None:
    _, told, faults = walked
    page = outside_page.render(told, model="a server", faults=faults)
    assert "sk-invented-1" not in page
    assert "no-private-text-leaves" in page
    assert all(word not in one.bytes for one in told for word in CANARIES)


def test_no_log_of_api_or_door_names_anybody(walked: tuple[House, list[Told], list[str]]) -> None:
    house, _, _ = walked
    logs = "".join((house.folder / f"{part}.log").read_text() for part in ("api", "door"))
    assert [word for word in (*CANARIES, "sk-invented", "heparin") if word.lower() in logs.lower()] == []
