"""What is asked and what would leave, side by side, as HTML."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ui.house.client import Api, bearer
from ui.outside import client
from ui.outside.beside import beside, taken_out
from ui.outside.client import Piece, Replaced, Shown
from ui.outside.markup import bound, bytes_of, money, state

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def put(kind: str, start: int, end: int, word: str, at: int) -> Replaced:
    return Replaced(kind=kind, start=start, end=end, put=word, at=at)


def piece(original: str | None, leaving: str | None, *replaced: Replaced, source: str = "p1") -> Piece:
    return Piece(source=source, original=original, leaving=leaving, replaced=list(replaced))


def shown(**more: Any) -> Shown:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    plain = {
        "id": "e1", "state": "awaiting", "reason": "", "destination": "careful", "asker": "mara", "name": "Mara",
        "department": "nursing", "digest": "9f2c", "price": "0.01", "spent": "0", "created": noon, "expires": noon,
        "approver": "", "why": "", "verdict": None, "rules": [], "pieces": [], "body": None, "labels": [],
        "level": None, "policy": "5d41", "local": "unasked", "answer": None,
    }  # fmt: skip
    return Shown.model_validate(plain | more)


def test_replaced_places_are_marked_on_both_sides_by_the_same_number() -> None:
    made = beside(
        [
            piece("If Tobias agrees.", "If Person_A agrees.", put("PERSON", 3, 9, "Person_A", 3)),
            piece("For Tobias?", "For Person_A?", put("PERSON", 4, 10, "Person_A", 4), source="question"),
        ]
    )
    assert made.count("<del") == made.count("<ins") == 2
    assert made.index("Passage 1") < made.index("The question")
    for mark in ('Tobias</bdi><sup title="name">1', 'Person_A</bdi><sup title="name">2'):
        assert mark in made


@pytest.mark.parametrize(
    "replaced",
    [put("PERSON", 5, 99, "x", 99), put("PERSON", -4, 2, "x", 99), put("PERSON", 6, 2, "", 3), put("X", 0, 0, "", 0)],
    ids=["beyond the end", "before the beginning", "turned round", "empty"],
)
def test_a_place_that_is_none_marks_nothing_and_loses_nothing(replaced: Replaced) -> None:
    made = beside([piece("original", "leaving", replaced)])
    assert "<del" not in made
    assert ">original<" in made
    assert ">leaving<" in made


def test_places_within_each_other_mark_once() -> None:
    made = beside([piece("abcdef", "x", put("PERSON", 0, 4, "x", 0), put("MRN", 2, 6, "y", 9))])
    assert made.count("<del") == 1
    assert ">ef<" in made


def test_what_comes_from_outside_is_escaped_wherever_it_stands() -> None:
    """Fails if `said` is deleted from any of these."""
    one = put(HOSTILE, 0, 5, HOSTILE, 0)
    everything = [
        beside([piece(HOSTILE, HOSTILE, one)]),
        taken_out([piece(HOSTILE, HOSTILE, one)]),
        bytes_of(HOSTILE),
        state(shown(state=HOSTILE, reason=HOSTILE, why=HOSTILE), UTC),
        state(shown(state="denied", reason=HOSTILE), UTC),
        bound(shown(name=HOSTILE, asker=HOSTILE, department=HOSTILE, labels=[HOSTILE], level=HOSTILE), UTC),
    ]
    for made in everything:
        assert "<img" not in made
        assert "\u202e" not in made
        assert "[U+202E]" in made


def test_an_id_from_the_address_is_one_step_of_a_path() -> None:
    """Fails if `quote` is deleted from `ui.outside.client._path`: the address is anybody's to write."""
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json=shown().model_dump(mode="json"))

    api = Api("http://127.0.0.1:1", transport=httpx.MockTransport(reply))
    client.show(api, bearer("t"), "../documents?x#y")
    assert asked == ["/v1/escalations/..%2Fdocuments%3Fx%23y"]


def test_what_is_not_for_him_is_said_to_be_so() -> None:
    assert beside([piece(None, "x")]).count("Not for you.") == 1
    assert beside([]) == ""


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0.0073", "0.0073 EUR"), ("0.00001", "&lt; 0.0001 EUR"), ("0", "0 EUR"), ("12.50", "12.5 EUR")],
)
def test_money_that_is_not_nothing_is_never_shown_as_nothing(amount: str, told: str) -> None:
    assert told in money(Decimal(amount), "EUR")


def test_a_question_whose_fate_nobody_knows_says_so_and_any_other_end_is_introduced() -> None:
    """Fails if `uncertain` is deleted from `ui.outside.markup.REASONS`: an asker would take it for not sent."""
    unknown = state(shown(state="failed", reason="uncertain"), UTC)
    assert "It may have left and been answered" in unknown
    assert "<code" not in unknown
    told = state(shown(state="failed", reason="certificate"), UTC)
    assert "No answer came of it." in told
    assert ">certificate<" in told
    assert "<code" not in state(shown(state="failed", reason=""), UTC)
