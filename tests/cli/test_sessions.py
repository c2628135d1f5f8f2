"""`muniment sessions`: on a data folder, whether the stack is up or not."""

import json
from datetime import timedelta
from pathlib import Path

from appliance import wiring
from appliance.records import Event
from appliance.settings import Settings
from appliance.store.sessions import Session, utc_now
from tests.cli.test_cli import muniment


def kept(tmp_path: Path) -> Settings:
    """A data folder in which somebody is signed in."""
    settings = Settings(data=tmp_path)
    now = utc_now()
    made = Session("a" * 64, "aldermoor", "mara", "access", "refresh", now, now, now, now + timedelta(hours=1))
    wiring.sessions(settings).add(made)
    return settings


def recorded(settings: Settings) -> list[tuple[str, str]]:
    """What the ledger was told after the making of its own key: events and reasons."""
    told = [json.loads(body) for _, body, _ in wiring.ledger_reader(settings).rows()]
    return [(body["event"], body["reason"]) for body in told[1:]]


def test_ending_everybody_s_session(tmp_path: Path) -> None:
    settings = kept(tmp_path)
    told = muniment("sessions", "end-all", MUNIMENT_DATA=str(tmp_path))
    assert (told.returncode, told.stdout) == (0, "  ended: 1\n")
    assert wiring.sessions(settings).find("a" * 64) is None
    assert recorded(settings) == [(Event.SIGNED_OUT, "everybody")]


def test_a_fresh_key_ends_nothing_unless_told_to(tmp_path: Path) -> None:
    settings = kept(tmp_path)
    told = muniment("sessions", "rotate", MUNIMENT_DATA=str(tmp_path))
    assert (told.returncode, told.stdout) == (0, "  a fresh key is in use; 0 old ones are gone\n")
    assert wiring.sessions(settings).find("a" * 64) is not None
    assert muniment("sessions", "rotate", "--forget", MUNIMENT_DATA=str(tmp_path)).returncode == 0
    assert wiring.sessions(settings).find("a" * 64) is None
    assert recorded(settings) == [(Event.KEYS_CHANGED, "sessions"), (Event.KEYS_CHANGED, "sessions-forgotten")]
