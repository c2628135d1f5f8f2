"""What somebody wants asked outside, on its way from the page where he asked in the house to the page that prepares it."""

from typing import Final, NamedTuple

import streamlit as st

from ui.house.problem import Problem
from ui.outside import client
from ui.outside.client import Destinations
from ui.shell import signin, ways

_WISH: Final = "outside-wish"
_KNOWN: Final = "outside-destinations"


class Wish(NamedTuple):
    """A question: a `turn` of a `conversation` of his, else the words themselves."""

    question: str
    conversation: str = ""
    turn: str = ""


def offered(person: str) -> bool:
    """Whether there is any place outside that this person could ask. Looked up once in a visit."""
    return bool(destinations(person).destinations)


def destinations(person: str) -> Destinations:
    """Where he could ask; none in a house without a way out, or for whom nothing may be shown."""
    known: dict[str, Destinations] = st.session_state.setdefault(_KNOWN, {})
    if person not in known:
        try:
            known[person] = signin.signed_in(person, lambda who: client.destinations(signin.api(), who))
        except Problem as problem:
            if problem.code not in {"not-found", "not-allowed"}:
                return Destinations()  # nothing is remembered: it is asked again
            known[person] = Destinations()
    return known[person]


def go(wish: Wish) -> None:
    """Take it to the page that prepares it."""
    st.session_state[_WISH] = wish
    st.switch_page(ways.page("outside"))


def taken() -> Wish | None:
    """What was brought here, once."""
    wish: Wish | None = st.session_state.pop(_WISH, None)
    return wish
