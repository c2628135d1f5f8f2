"""The officers' page: what waits for another person's word before it leaves, the very bytes of it."""

from typing import Final

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.outside import beside, client, markup, style
from ui.outside.client import Destinations, Shown
from ui.outside.places import places_of
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.speech import lang, say, say_html

LONGEST: Final = 500
"""Characters of a reason that the box takes; the appliance has its own bound."""
MOST: Final = 10
"""Drawn at once; the oldest come first, so the next ones follow when these are decided."""
_DONE: Final = "outside-judged"


def show() -> None:
    """Draw what waits, the oldest first. One's own is never among it: the house does not tell it here."""
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Approvals")}</h1>')
    if (done := st.session_state.pop(_DONE, None)) is not None:
        told = say("Approved; it leaves now.") if done else say("Rejected; what was prepared is destroyed.")
        st.html(f'<div class="mun-verdict mun-yes" role="status">{told}</div>')
    try:
        waiting = signin.signed_in(person.id, lambda who: client.waiting(signin.api(), who))
        places = places_of(person) if waiting else Destinations()
    except Problem as problem:
        _none(problem)
        return
    if not waiting:
        st.html(
            notices.note(
                say("Nothing waits for you"),
                say("What staff want to ask outside and needs another person's word comes here. Your own does not."),
            )
        )
        return
    if len(waiting) > MOST:
        st.html(
            f'<div class="mun-note">{say("The oldest are here. Waiting in all: {count}", count=len(waiting))}</div>'
        )
    for one in waiting[:MOST]:
        with st.container(border=True):
            _one(person, one, places)


def _none(problem: Problem) -> None:
    if problem.code == "not-found":
        st.html(notices.note(say("Nothing leaves this house"), say("There is no way out, so nothing waits for you.")))
    else:
        signin.show_problem(problem)


def _one(person: Person, shown: Shown, places: Destinations) -> None:
    st.html(f'<h2 class="mun-sub">{say_html("{name} asks {place}", name=shown.name, place=shown.destination)}</h2>')
    if (where := places.named(shown.destination)) is not None:
        st.html(markup.destination(where, places.currency))
    decided = "" if shown.verdict is None else markup.decision(shown, shown.verdict, places.currency)
    st.html(decided + markup.bound(shown, zone()))
    hint = say("On the left stands only what you may read yourself; the question itself is its asker's.")
    st.html(f'<div class="mun-note">{hint}</div>' + beside.taken_out(shown.pieces) + beside.beside(shown.pieces))
    if shown.body is not None:
        with st.expander(say("The exact bytes"), icon=":material/data_object:", expanded=True):
            st.html(markup.bytes_of(shown.body))
    if st.toggle(say("What this person asked outside before"), key=f"earlier-{shown.id}"):
        _earlier(person, shown, places)
    _judge(person, shown)


def _earlier(person: Person, shown: Shown, places: Destinations) -> None:
    try:
        before = signin.signed_in(person.id, lambda who: client.earlier(signin.api(), who, shown.id))
    except Problem as problem:
        signin.show_problem(problem)
        return
    if not before:
        st.html(f'<div class="mun-note">{say("Nothing.")}</div>')
    st.html("".join(f'<div class="mun-earlier">{markup.line(one, places.currency, zone())}</div>' for one in before))


def _judge(person: Person, shown: Shown) -> None:
    with st.form(f"judge-{shown.id}", border=False):
        reason = st.text_area(say("What your word rests on"), max_chars=LONGEST, key=f"reason-{shown.id}")
        with st.container(horizontal=True):
            yes = st.form_submit_button(say("Approve exactly these bytes"), type="primary", icon=":material/check:")
            no = st.form_submit_button(say("Reject"), icon=":material/block:")
    if not (yes or no):
        return
    if not reason.strip():
        st.html(notices.note(say("Nothing was recorded"), say("Write first what your word rests on.")))
        return
    try:
        signin.signed_in(person.id, lambda who: client.judge(signin.api(), who, shown, approved=yes, reason=reason))
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.session_state[_DONE] = yes
    st.rerun()
