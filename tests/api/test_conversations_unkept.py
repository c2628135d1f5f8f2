"""A house that keeps no conversations says so, and keeps none."""

from pathlib import Path

from tests.api.test_conversations import WEEKDAYS, House, ask


def test_a_house_of_no_days_says_so_and_keeps_nothing(tmp_path: Path, database: str) -> None:
    mara = House(tmp_path, database, days=0).client("mara")
    assert ask(mara, WEEKDAYS)["conversation"] is None
    assert mara.get("/v1/conversations").json() == {"conversations": [], "next": None, "days": 0}
