"""The curators' page: what is held back, and a word about each. Never about what one gave oneself."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.documents import client, markup, style
from ui.documents.client import Held
from ui.house.client import Credential, Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.speech import lang, later, say

AT_ONCE: Final = 10
LONGEST: Final = 500
"""Characters of a reason that the box takes; the appliance has its own bound."""
AGAIN, AGAIN_LATER, AWAY = (
    later("It is tried again in its turn."),
    later("It is tried again at the next run."),
    later("It is thrown away."),
)
_DONE, _TRAIL = "curating-done", "curating-trail"


def show() -> None:
    """Draw what waits, the oldest first."""
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Held back")}</h1>')
    lead = say(
        "Files that could not be read, or that nobody says who may read. Nobody sees what is in them. Your looks and "
        "your words are on record; what you gave yourself is for another curator."
    )
    st.html(f'<div {lang()} class="mun-answer">{lead}</div>')
    if done := st.session_state.pop(_DONE, ""):
        st.html(f'<div class="mun-done" role="status">{say(done)}</div>')
    trail: list[str] = st.session_state.setdefault(_TRAIL, {}).setdefault(person.id, [])
    after = trail[-1] if trail else ""
    try:
        found = signin.signed_in(person.id, lambda who: client.inbox(signin.api(), who, after=after, limit=AT_ONCE))
    except Problem as problem:
        trail.clear()
        signin.show_problem(problem)
        return
    if not found.held:
        trail.clear()
        st.html(notices.note(say("Nothing is held back"), say("What cannot be read comes here with its reason.")))
    for one in found.held:
        with st.container(key=f"held-{one.id}", border=True):
            st.html(markup.held(one, zone()))
            _decide(person, one)
    with st.container(horizontal=True):
        if trail:
            st.button(say("Back"), icon=":material/chevron_left:", on_click=_back, args=(trail,))
        if found.next:
            st.button(say("More"), icon=":material/chevron_right:", on_click=trail.append, args=(found.next,))


def _decide(person: Person, one: Held) -> None:
    with st.container(horizontal=True):
        if st.button(say("Let it be tried again"), key=f"release-{one.id}", icon=":material/replay:"):
            told = AGAIN if one.uploaded else AGAIN_LATER
            _done(person, lambda who: client.release(signin.api(), who, one.id), told)
        with st.popover(say("Throw it away"), icon=":material/delete:"), st.form(f"discard-{one.id}", border=False):
            reason = st.text_area(say("Why? Who gave it is told"), max_chars=LONGEST, key=f"why-{one.id}")
            hint = say("Its bytes go.") if one.uploaded else say("It stays where it lies, and out of the house.")
            st.html(f'<div class="mun-note">{hint}</div>')
            if st.form_submit_button(say("Throw it away now"), type="primary"):
                _done(person, lambda who: client.discard(signin.api(), who, one.id, reason), AWAY)


def _done(person: Person, call: Callable[[Credential], None], told: str) -> None:
    try:
        signin.signed_in(person.id, call)
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.session_state[_DONE] = told
    st.rerun()


def _back(trail: list[str]) -> None:
    trail.pop()
