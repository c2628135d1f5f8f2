"""How well the shipped detectors do on invented letters, and on house rules that name nobody. Floors, not figures."""

from pathlib import Path

import pytest

from appliance.errors import ModelDamaged, ModelMissing
from appliance.models import manifest
from appliance.privacy.detecting import site
from appliance.privacy.detecting.presidio import Presidio
from appliance.privacy.detecting.rampart import Rampart
from appliance.privacy.detecting.rules import Rules
from appliance.privacy.detection import Detection
from appliance.privacy.judging import label_map
from appliance.privacy.judging.bench import Report, run
from appliance.privacy.judging.sample import read
from appliance.settings import ROOT, load

HERE = Path(__file__).parent
LABELS = label_map.read()
THRESHOLDS = site.read(ROOT / "policies" / "detection.yaml").thresholds


def measured(detection: Detection, name: str) -> Report:
    return run(read(HERE / f"{name}.jsonl", LABELS), detection, name=name, direct=LABELS.direct)


@pytest.fixture(scope="module")
def rules() -> Detection:
    return Detection([Rules()], thresholds=THRESHOLDS)


@pytest.fixture(scope="module")
def everything() -> Detection:
    try:
        names, tokens = (
            manifest.verified(manifest.entry(role), load().models_folder) for role in ("names", "personal-data")
        )
    except (ModelMissing, ModelDamaged):
        pytest.skip("the models of personal data are not fetched")
    return Detection([Rules(), Presidio(names), Rampart(tokens)], thresholds=THRESHOLDS)


def test_rules_alone_find_most_of_the_letters(rules: Detection) -> None:
    held = measured(rules, "letters").overall
    assert (held.recall or 0) >= 0.68
    assert (held.precision or 0) >= 0.95


def test_rules_alone_find_nothing_in_house_rules(rules: Detection) -> None:
    assert measured(rules, "clean").overall.findings <= 2


def test_all_detectors_find_nearly_all_of_the_letters(everything: Detection) -> None:
    made = measured(everything, "letters")
    assert (made.overall.recall or 0) >= 0.93
    assert (made.overall.precision or 0) >= 0.93
    assert {name: round(held.recall or 0, 2) >= 0.88 for name, held in made.languages.items()} == {
        "de": True,
        "en": True,
    }


def test_all_detectors_leave_house_rules_alone(everything: Detection) -> None:
    """Guards the filter in `Detection._look`: without it more than 200 words of 149 clean lines are somebody."""
    assert measured(everything, "clean").overall.findings <= 15
