"""What the pages of documents make of texts from outside: text, and nothing else."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from ui.documents import markup
from ui.documents.client import Document, Group, Held, Need, Rule, Versions, Why

BAD: Final = "<img src=x onerror=alert(1)> **x** \u202e"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE: Final = Rule(name=BAD, reason=BAD)


def document(**more: Any) -> Document:
    plain = {
        "id": "d1", "uri": BAD, "title": BAD, "media_type": BAD, "language": BAD, "pages": 3, "level": BAD,
        "department": BAD, "labels": [BAD], "valid_from": date(2026, 3, 1), "superseded": True, "own": True,
        "status": "quarantined", "reason": BAD, "readers": [BAD], "bytes": 7, "received": NOON, "readable": False,
    }  # fmt: skip
    return Document.model_validate(plain | more)


def held(**more: Any) -> Held:
    plain = {
        "id": "d1", "reason": BAD, "since": NOON, "ending": BAD, "bytes": 7, "level": BAD, "department": BAD,
        "uploaded": True, "name": BAD, "uri": BAD, "uploader": BAD, "readers": [BAD],
    }  # fmt: skip
    return Held.model_validate(plain | more)


def why(**more: Any) -> Why:
    needs = [Need(kind=kind, value=BAD, rules=[RULE]) for kind in (*markup.NEEDS, "program")]
    group = Group(group=BAD, allowed=True, rules=[RULE], needs=needs)
    plain = {
        "rules": [RULE], "owner": True, "level": BAD, "department": BAD, "labels": [BAD], "hold": True,
        "groups": [group, Group(group=BAD, allowed=False, rules=[RULE], needs=[])],
    }  # fmt: skip
    return Why.model_validate(plain | more)


@pytest.mark.parametrize(
    "made",
    [
        markup.row(document(), 1),
        markup.row(document(status="discarded", title=""), 1),
        markup.facts(document(), UTC),
        markup.outcome(document()),
        markup.outcome(document(status="discarded")),
        markup.versions(Versions(newer=document(), older=[document(title="")])),
        markup.mine(why()),
        markup.groups(why()),
        markup.held(held(), UTC),
        markup.held(held(name=""), UTC),
    ],
    ids=["row", "discarded row", "facts", "held back", "discarded", "versions", "mine", "groups", "held", "nameless"],
)
def test_what_comes_from_outside_stays_text(made: str) -> None:
    """Fails if a `said` is left out of `ui.documents.markup`."""
    assert "<img" not in made
    assert "&lt;img src=x onerror=alert(1)&gt; **x** [U+202E]" in made
    assert "\u202e" not in made


def test_what_is_known_is_said_in_our_words_and_what_is_not_is_left_out() -> None:
    assert markup.level("internal") == "internal"
    assert markup.reason("it is encrypted") == "it is encrypted"
    assert markup.reason("it is larger than file_mib allows") == "it is larger than this house takes"
    assert markup.state(document(status="stored")) == ""
    assert markup.outcome(document(status="stored", readable=True)) == ""
    assert markup.versions(Versions(newer=None, older=[])) == ""
    nameless = markup.held(held(name="", uri="", uploader="", readers=[], level="", department=""), UTC)
    assert "Given by" not in nameless
    assert "no list says who reads it" in nameless
    assert "program" not in markup.groups(why())
