"""The officers' page: emergencies that wait for somebody else than the person who opened them."""

from collections.abc import Callable

import streamlit as st

from ui.emergency import client, markup
from ui.house.client import Credential, Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin
from ui.shell.urgency import BARRED, OFFICERS, RUNS, Emergency
from ui.shell.visit import zone
from ui.words.speech import lang, later, say, say_html

VERDICTS = {"justified": later("Justified"), "not-justified": later("Not justified")}
LONGEST = 500
"""Characters of a note that the box takes; the appliance has its own bound."""


def show() -> None:
    """Draw what waits, the most pressing first. One's own is never among it: the house does not tell it here."""
    person, told = entering.enter(watch=False)
    st.html(f'<h1 {lang()} class="mun-head">{say_html("Emergencies to review")}</h1>')
    if not told.reviews:
        st.html(notices.note(say("Not for you"), say("Security officers review emergencies.")))
        return
    waiting = [(kind, one) for kind in OFFICERS for one in told.of(kind)]
    if not waiting:
        st.html(f'<div {lang()} class="mun-answer">{say_html("Nothing waits for you.")}</div>')
    for kind, one in waiting:
        with st.container(border=True):
            st.html(markup.emergency(one, zone(), kind))
            _act(person, kind, one)


def _act(person: Person, kind: str, one: Emergency) -> None:
    if kind == RUNS:
        if st.button(say("End it now"), key=f"end-{one.id}", icon=":material/stop_circle:"):
            entering.ended(person, one)
    elif kind == BARRED:
        if st.button(say("Let this person open one again"), key=f"lift-{one.id}"):
            _do(person, lambda who: client.lift(signin.api(), who, one.id))
    else:
        _judge(person, one)


def _judge(person: Person, one: Emergency) -> None:
    with st.form(f"review-{one.id}", border=False):
        verdict = st.radio(
            say("Was it justified?"),
            list(VERDICTS),
            index=None,
            format_func=lambda one: say(VERDICTS[one]),
            horizontal=True,
        )
        note = st.text_area(say("What your verdict rests on"), max_chars=LONGEST)
        if not st.form_submit_button(say("Record the verdict")):
            return
    if verdict is None:
        st.html(notices.note(say("Nothing was recorded"), say("Say first whether it was justified.")))
        return
    _do(person, lambda who: client.review(signin.api(), who, one.id, verdict=verdict, note=note))


def _do(person: Person, call: Callable[[Credential], None]) -> None:
    try:
        signin.signed_in(person.id, call)
    except Problem as problem:
        signin.show_problem(problem)
    else:
        st.rerun()
