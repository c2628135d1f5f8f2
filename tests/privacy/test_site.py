"""A site's detection file: proven by its examples, refused with line and field."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from appliance.cli.main import app
from appliance.errors import DetectorUnavailable, PolicyRefused
from appliance.privacy.detecting import site
from appliance.privacy.detecting.rules import Rules
from appliance.records import Entity
from appliance.settings import ROOT

GOOD = """\
other: 0.5
thresholds: {PHONE: 0.4, WARD_BADGE: 0.6}
recognisers:
  - name: ward-badge
    entity: WARD_BADGE
    pattern: '\\bWB-\\d{6}\\b'
    score: 0.3
    labels: [Badge, ausweis]
    labelled: 0.9
    matches:
      - {text: "badge WB-004713", finds: "WB-004713"}
    near_misses: ["form WB-12", "WB-004713 without a word"]
"""
FAULTS = {
    "not YAML": ("other: [", "did not find expected node content"),
    "empty": ("", "file"),
    "no threshold for the others": (GOOD.replace("other: 0.5", ""), "other"),
    "a threshold over 1": (GOOD.replace("PHONE: 0.4", "PHONE: 1.4"), "line 2: thresholds.PHONE"),
    "not a number": (GOOD.replace("PHONE: 0.4", "PHONE: .nan"), "line 2: thresholds.PHONE"),
    "a kind that nobody finds": (GOOD.replace("PHONE: 0.4", "PHONES: 0.4"), "line 2: thresholds: PHONES"),
    "a field too many": (GOOD.replace("    score:", "    scores: 1\n    score:"), "line 7: recognisers.0.scores"),
    "no example": (
        GOOD.replace('      - {text: "badge WB-004713", finds: "WB-004713"}\n', "").replace("matches:", "matches: []"),
        "line 10: recognisers.0.matches",
    ),
    "no near miss": (GOOD[: GOOD.index("    near_misses")], "recognisers.0.near_misses"),
    "an example not found": (GOOD.replace("badge WB-004713", "badge WB-00471"), "ward-badge: matches.0"),
    "a near miss found": (GOOD.replace("form WB-12", "Ausweis WB-123456"), "ward-badge: near_misses.0"),
    "no pattern": (GOOD.replace("\\bWB-", "(WB-"), "line 4, ward-badge: pattern"),
    "an exponential pattern": (
        GOOD.replace("'\\bWB-\\d{6}\\b'", "'(?:[A-Z]+[0-9-]*)+\\d{6}$'"),
        "ward-badge: pattern: takes too long",
    ),
    "a quadratic pattern": (
        GOOD.replace("'\\bWB-\\d{6}\\b'", "'\\w*\\w*\\w*-\\d{6}'"),
        "ward-badge: pattern: takes too long",
    ),
    "an unknown check": (GOOD.replace("    score:", "    check: mod5\n    score:"), "recognisers.0.check"),
    "a score that finds nothing": (
        GOOD.replace("score: 0.3", "score: 0").replace("labelled: 0.9", "labelled: 0"),
        "above 0",
    ),
    "a value that is none": (GOOD + "x: !!int ''\n", "no YAML"),
    "as deep as a well": (GOOD + f"x: {'[' * 31}", "nested"),
    "large": (GOOD + "#" * (256 * 1024), "larger"),
    "one name twice": (GOOD + GOOD[GOOD.index("  - name") :], "named twice: ward-badge"),
}


def test_a_good_file_brings_thresholds_for_every_kind_and_a_recogniser() -> None:
    found = site.proven(GOOD.encode(), name="site.yaml")
    assert found.thresholds["PHONE"] == 0.4
    assert found.thresholds["MRN"] == 0.5
    assert set(found.thresholds) == {*map(str, Entity), "WARD_BADGE"}
    text = "Her badge: WB-123456"
    assert Rules(found.recognisers).version != Rules().version
    (hits,) = Rules(found.recognisers).detect([text], "en")
    assert [(text[hit.start : hit.end], hit.entity, hit.score, hit.source) for hit in hits] == [
        ("WB-123456", "WARD_BADGE", 0.9, "site/ward-badge")
    ]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line_and_field(name: str) -> None:
    content, told = FAULTS[name]
    with pytest.raises(PolicyRefused) as refused:
        site.proven(content.encode(), name="site.yaml")
    assert any(told in fault for fault in refused.value.faults), refused.value.faults
    assert all(fault.startswith("site.yaml") for fault in refused.value.faults)


def test_a_pattern_that_is_slow_after_all_is_an_error_and_not_an_empty_result() -> None:
    """Guards `raise DetectorUnavailable` in `SiteRecogniser.spans`."""
    (rule,) = site.proven(GOOD.encode(), name="site.yaml").recognisers
    slow = site.SiteRecogniser(rule.written, site.regex.compile(r"(?:a|a)+$"), None)
    with pytest.raises(DetectorUnavailable):
        slow.spans("a" * 200 + "!", 0.05)


def test_all_recognisers_together_have_a_time() -> None:
    """Guards `if time.monotonic() > ends:`: each by itself may be quick enough, and there are hundreds."""
    with pytest.raises(PolicyRefused, match="to be tried"):
        site.proven(GOOD.encode(), name="site.yaml", seconds=-1.0)


def test_the_shipped_file_is_good_and_names_every_kind() -> None:
    shipped = site.read(ROOT / "policies" / "detection.yaml")
    assert not shipped.recognisers
    text = (ROOT / "policies" / "detection.yaml").read_text("utf-8")
    assert not [entity for entity in Entity if f"  {entity}: " not in text]


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [(GOOD, 0, "1 recognisers"), (FAULTS["a near miss found"][0], 1, "near_misses.0")],
    ids=["good", "bad"],
)
def test_check_tells_every_fault_and_ends_with_1(tmp_path: Path, content: str, code: int, told: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(content, "utf-8")
    result = CliRunner().invoke(app, ["privacy", "check", str(file)], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_check_without_a_file_proves_the_shipped_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["privacy", "check"], env={"MUNIMENT_DATA": str(tmp_path)})
    assert result.exit_code == 0, result.output
    missing = CliRunner().invoke(app, ["privacy", "check", str(tmp_path / "none.yaml")])
    assert missing.exit_code == 1
