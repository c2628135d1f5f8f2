"""Days, times and sizes as each language writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from ui.words.speech import CHOSEN
from ui.words.times import hour, moment, size

BERLIN = ZoneInfo("Europe/Berlin")
MARCH, JULY = datetime(2026, 3, 3, 13, 5, tzinfo=UTC), datetime(2026, 7, 3, 12, 5, tzinfo=UTC)


def test_in_english() -> None:
    assert moment(MARCH, BERLIN) == "3 March 2026, 14:05 CET"
    assert (size(0), size(999), size(1_000), size(3_240_000)) == ("0 bytes", "999 bytes", "1.0 kB", "3.2 MB")


def test_in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(st.session_state, CHOSEN, "de")
    assert moment(MARCH, BERLIN) == "3. März 2026, 14:05 MEZ"
    assert (hour(JULY, BERLIN), hour(JULY, UTC)) == ("14:05 MESZ", "12:05 UTC")
    assert (size(999), size(3_240_000)) == ("999 Byte", "3,2 MB")
