"""The parts as production puts them together: the enclosed detectors label what comes in, by the set in force."""

import shutil
from pathlib import Path

import pytest

from appliance import wiring
from appliance.access import demo_officers
from appliance.errors import PolicyRefused
from appliance.operations import policies
from appliance.records import Access, Document, Level
from appliance.settings import ROOT, load

LISTED = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ())
LETTER = "Please call Mrs Annegret Vossbeck on +44 20 7946 0958 before noon."


def document() -> Document:
    return Document("d", "a.txt", "0" * 64, "A letter", "text/plain", "en", 1, LISTED)


@pytest.mark.parametrize(("detection", "unscanned"), [("on", False), ("off", True)])
def test_what_comes_in_is_looked_through_or_says_that_it_was_not(
    tmp_path: Path, detection: str, unscanned: bool
) -> None:
    """Guards `finder = detection(settings)` in `wiring.marking`, and `marks.labels | {UNSCANNED}` in `Marking`."""
    settings = load(data=tmp_path, detection=detection, models=load().models_folder)
    told = wiring.marking(settings).labels(document(), LISTED, [LETTER], [(0, 1, 0, len(LETTER), LETTER, "en")])
    assert ("unscanned" in told.labels) is unscanned
    assert (told.passages[0].entities.get("PHONE") == 1) is not unscanned


def test_a_key_of_many_lines_is_found_whole(tmp_path: Path) -> None:
    """Guards `enclosed` among the `whole` of `detecting/parts.py`: a rule cannot cover what is cut before it."""
    settings = load(data=tmp_path, models=load().models_folder)
    key = "-----BEGIN PRIVATE KEY-----\n" + "a1B2c3D4e5\n" * 1_000 + "-----END PRIVATE KEY-----"
    (found,) = wiring.detection(settings).find([key], language="en")
    assert [(one.start, one.end, one.entity) for one in found] == [(0, len(key), "SECRET")]


@pytest.mark.parametrize("content", [None, "thresholds: {PERSON: 7}", "thresholds: {PERSON: 0.5", "nonsense: 1"])
def test_a_set_by_which_nobody_could_look_does_not_come_into_force(tmp_path: Path, content: str | None) -> None:
    """Guards `detectors.examine(found)` in `operations.policies`: whoever signs it, it is refused."""
    settings = load(data=tmp_path / "data")
    before = policies.in_force(settings).current().source
    folder = shutil.copytree(ROOT / "policies", tmp_path / "policies")
    (folder / "detection.yaml").unlink()
    if content is not None:
        (folder / "detection.yaml").write_text(content)
    active = policies.policies(settings)
    with pytest.raises(PolicyRefused, match=r"detection\.yaml"):
        demo_officers.keep_in_force(
            active, folder, officers=settings.officers_folder, recorded=policies.recording(settings)
        )
    assert active.current().source == before
