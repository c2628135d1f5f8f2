"""What the portal says again in words of its own, beside what the house says: neither may go on alone.

The portal imports nothing of the house; its tables repeat the house's words. Here, and only here, both sides are read.
"""

import dataclasses
import re
from collections import Counter
from itertools import product

import pytest

from appliance.access.cedar import Client
from appliance.access.explaining import Situation, _giving, _taking
from appliance.escalation import approvals, courier, door_book, gate
from appliance.records import Access, Level, Principal
from appliance.records.entries import Event
from appliance.records.escalations import OVER, State
from appliance.records.privacy import Entity
from ingest.jobs import POISON
from ingest.records import Fault
from ui.documents import markup as documents
from ui.office import ledger, turning
from ui.office import markup as office
from ui.outside import beside
from ui.outside import markup as outside
from ui.words import speech
from ui.words.levels import LEVELS


def test_every_event_can_be_searched_for_and_is_counted_once() -> None:
    """Fails if a line is deleted from `ui.office.markup.EVENTS` or an event from `ui.office.ledger.KINDS`."""
    events = {str(one) for one in Event}
    assert set(office.EVENTS) == events
    counted = Counter(name for names in ledger.KINDS.values() for name in names)
    assert set(counted) == events
    assert max(counted.values()) == 1


def test_every_event_has_words_of_its_own() -> None:
    german = speech.words("de")
    for words in (list(office.EVENTS.values()), [german[one] for one in office.EVENTS.values()]):
        assert len(set(words)) == len(words)


def test_every_reason_for_holding_a_file_back_is_said_in_words() -> None:
    """Fails if a line is deleted from `ui.documents.markup.REASONS` or `PLAINER`, or the house's words change."""
    told = {str(one) for one in Fault} | {POISON}
    assert set(documents.REASONS) | set(documents.PLAINER) == told
    assert not set(documents.REASONS) & set(documents.PLAINER)


def test_no_reason_names_a_setting_to_who_knows_none() -> None:
    for words in [*documents.REASONS, *documents.PLAINER.values()]:
        assert not re.search(r"[a-z]_[a-z]|`|\bsetting\b", words), words


def test_everything_private_has_a_word() -> None:
    """Fails if a line is deleted from `ui.outside.beside.KINDS`."""
    assert set(beside.KINDS) == {str(one) for one in Entity}


def test_every_state_of_a_question_outside_and_every_end_of_it_is_said() -> None:
    """Fails if `uncertain` is deleted from `ui.outside.markup.REASONS`: the one end of which nobody knows the fate."""
    assert set(outside.STATES) == {str(one) for one in State}
    assert set(outside.BY_CODE) == {str(one) for one in OVER} - {str(State.ANSWERED)}
    ends = {
        *(courier.LATE, courier.CHANGED, courier.BUDGET, gate.WITHDRAWN, gate.DRY_RUN, gate.NOT_PREPARED),
        *(approvals.REJECTED, door_book._TAKEN.reason),
    }
    assert ends <= set(outside.REASONS)


# --- What would turn a decision -------------------------------------------------------------------------------------

_STRANGER = Principal(
    "p1", "Somebody", "elsewhere", frozenset({"night"}), Level.PUBLIC, "unregistered", kind="program"
)  # fmt: skip
_INSIDER = Principal(
    "p1", "Somebody", "house", frozenset({"ward"}), Level.RESTRICTED, "portal", "nursing", roles=frozenset({"curator"}),
    walls=frozenset({"deal"}), treats=frozenset({"record"}), purposes=frozenset({"audit"}), purpose="audit",
)  # fmt: skip
_OPEN = Access("house", Level.CONFIDENTIAL, frozenset({"ward"}), "nursing", frozenset(), (), owner="p1")
_CLOSED = dataclasses.replace(
    _OPEN, labels=frozenset({"board-only"}), owner="p2", wall="deal", patient="record", purpose="audit", hold=True
)


def _changes() -> set[str]:
    """Every change that the house proposes, of every kind, in the words that officers are told."""
    found: set[str] = set()
    for who, access in product((_STRANGER, _INSIDER), (_OPEN, _CLOSED)):
        now = Situation(who, access, Client(who.client, known=who is _INSIDER, location="outside"))
        found |= {one.discreet or one.words for one in (*_giving(now, ["curator", "officer"]), *_taking(now))}
    return found


def test_every_change_that_would_turn_a_decision_is_of_a_form_that_is_said() -> None:
    """Fails if a line is deleted from `ui.office.turning.FORMS`, or the house proposes something new."""
    words = _changes()
    unsaid = [one for one in words if not any(pattern.fullmatch(one) for _, pattern in turning._PATTERNS)]
    assert not unsaid


@pytest.mark.parametrize("form", turning.FORMS)
def test_the_house_still_proposes_each_form(form: str) -> None:
    pattern = dict(turning._PATTERNS)[form]
    assert any(pattern.fullmatch(one) for one in _changes())


def test_levels_are_named_as_the_house_names_them() -> None:
    assert list(LEVELS) == [one.name.lower() for one in Level]
