"""Whether there is a way outside, and how a question gets to the page that prepares one for it."""

from typing import Final, NamedTuple

import streamlit as st

from ui.house.client import Read
from ui.house.problem import Problem
from ui.shell import signin, ways

PATH: Final = "/v1/escalations/destinations"
PENDING: Final = "/v1/escalations/approvals/count"
_WISH, _THERE = "outside-wish", "outside-there"


class Wish(NamedTuple):
    """What somebody wants asked: a `turn` of a `conversation` of his, else the words of `question` themselves."""

    question: str
    conversation: str = ""
    turn: str = ""


class _Named(Read):
    name: str


class _Places(Read):
    destinations: list[_Named]


class _Pending(Read):
    waiting: int


def there() -> bool:
    """Whether this house has a way out at all. Looked up once in a visit."""
    return _known()[0]


def offered() -> bool:
    """Whether there is any place outside that who is here could ask. Looked up once in a visit."""
    return _known()[1]


def pending() -> int:
    """How many questions wait for the word of who is here. What cannot be asked now is not told."""
    try:
        return signin.signed_in(signin.here(), lambda who: signin.api().get(who, PENDING, _Pending)).waiting
    except Problem:
        return 0


def go(wish: Wish) -> None:
    """Take it to the page that prepares it."""
    st.session_state[_WISH] = wish
    st.switch_page(ways.page("outside"))


def taken() -> Wish | None:
    """What was brought, once."""
    wish: Wish | None = st.session_state.pop(_WISH, None)
    return wish


def _known() -> tuple[bool, bool]:
    """Whether there is a way out, and whether he is told of a place there."""
    person = signin.here()
    known: dict[str, tuple[bool, bool]] = st.session_state.setdefault(_THERE, {})
    if person not in known:
        try:
            found = signin.signed_in(person, lambda who: signin.api().get(who, PATH, _Places))
        except Problem as problem:
            if problem.code not in {"not-found", "not-allowed"}:
                return False, False  # not remembered: it is asked again
            known[person] = problem.code == "not-allowed", False
        else:
            known[person] = True, bool(found.destinations)
    return known[person]
