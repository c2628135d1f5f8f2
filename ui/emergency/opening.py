"""The Emergency access page: open one, and what became of one's own."""

import streamlit as st

from ui.emergency import client, markup
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin
from ui.shell.urgency import MINE_RUNS, Told
from ui.shell.visit import zone
from ui.words.speech import lang, say, say_html

USUAL = 15
"""Minutes that the form begins with, where so many are allowed."""
LONGEST = 500
"""Characters of a reason that the box takes; the appliance has its own bound."""


def show() -> None:
    """Draw the page: what it is, the form unless one runs, and those before."""
    person, told = entering.enter()
    st.html(f'<h1 {lang()} class="mun-head">{say_html("Emergency access")}</h1>')
    if told.of(MINE_RUNS):
        st.html(
            notices.note(
                say("One of yours is open"),
                say("Ask your question. End it as soon as you do not need it any more."),
            )
        )
    elif told.longest:
        st.html(markup.break_glass())
        _form(person, told)
    else:
        st.html(notices.note(say("Not for you"), say("The rules of this house open nothing for you in an emergency.")))
    _before(person)


def _form(person: Person, told: Told) -> None:
    with st.form("emergency-form"):
        reason = st.text_area(say("Why? One sentence that tells somebody else what has happened"), max_chars=LONGEST)
        left, right = st.columns(2)
        minutes = left.number_input(say("Minutes"), 1, told.longest, min(USUAL, told.longest))
        purpose = right.selectbox(say("Purpose"), told.purposes)
        if not st.form_submit_button(say("Open emergency access"), type="primary"):
            return
    try:
        signin.signed_in(
            person.id, lambda who: client.begin(signin.api(), who, reason=reason, minutes=int(minutes), purpose=purpose)
        )
    except Problem as problem:
        signin.show_problem(problem)
    else:
        st.rerun()


def _before(person: Person) -> None:
    try:
        mine = signin.signed_in(person.id, lambda who: client.mine(signin.api(), who))
    except Problem as problem:
        if problem.code not in {"not-found", "not-allowed"}:  # who may open none is told so above
            signin.show_problem(problem)
        return
    if mine:
        st.html(f'<h2 class="mun-title">{say_html("Yours")}</h2>')
    for one in mine:
        with st.container(border=True):
            st.html(markup.emergency(one, zone()))
