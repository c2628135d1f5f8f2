"""Thumbs under an answer, and why."""

from typing import Final

import streamlit as st

from ui.ask import client
from ui.ask.client import Answer, Refusal
from ui.ask.turns import Turn
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import signin
from ui.words.speech import later, say

REASONS: Final = (
    {
        "wrong": later("It is wrong"),
        "incomplete": later("Something is missing"),
        "outdated": later("It holds no longer"),
        "wrong-source": later("The source is the wrong one"),
        "misunderstood": later("That was not my question"),
        "should-have-answered": later("It should have been answered"),
        "other": later("Something else"),
    },
    {"right": later("It is right"), "other": later("Something else")},
)
"""Why a thumb points down (0) or up (1), by the API's word for it."""


def rate(person: Person, turn: Turn, outcome: Answer | Refusal) -> None:
    """Thumbs, and why. Only what is kept can be rated."""
    if not turn.conversation:
        return
    thumb = st.feedback("thumbs", key=f"thumb-{outcome.id}")
    if turn.rated:
        st.html(f'<div class="mun-note" role="status">{say("Thank you; this is kept with the answer.")}</div>')
    if thumb is None or turn.rated:
        return
    with st.form(f"why-{outcome.id}"):
        words = REASONS[thumb]
        reason = st.selectbox(
            say("Why?"), list(words), format_func=lambda word: say(words[word]) if word in words else ""
        )
        note = st.text_input(say("In your own words, if you like"), max_chars=500)
        if not st.form_submit_button(say("Send")):
            return
    try:
        feedback = {"verdict": ("down", "up")[thumb], "reason": reason, "note": note}
        signin.signed_in(person.id, lambda who: client.rate(signin.api(), who, outcome.id, **feedback))
    except Problem as problem:
        signin.show_problem(problem)
    else:
        turn.rated = True
        st.rerun()
