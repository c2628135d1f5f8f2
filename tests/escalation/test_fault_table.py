"""The table of faults that operators read says what happens: all of them are in it, and some are seen again here."""

import pytest

from appliance.settings import ROOT
from tests.escalation.fault_table import FAULTS, row

LINES = (ROOT / "deploy" / "door" / "faults.md").read_text("utf-8").splitlines()


def test_every_fault_has_its_line() -> None:
    assert [line.split(" | ")[0].removeprefix("| ") for line in LINES if line.startswith("| ")][1:] == list(FAULTS)


@pytest.mark.parametrize("fault", ["its name leads to 127.0.0.1 now", "the door breaks off after it has sent"])
def test_it_happens_as_the_table_says(fault: str) -> None:
    assert row(fault) in LINES
