"""The page on which one asks outside: see what would leave, send it or let it be, and find what came back."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.house.client import Credential, Person
from ui.house.problem import Problem
from ui.outside import beside, client, markup, style
from ui.outside.client import Destinations, Escalation, Shown
from ui.outside.places import places_of
from ui.shell import entering, notices, outside, signin, ways
from ui.shell.looking import Looking
from ui.shell.outside import Wish
from ui.shell.visit import zone
from ui.words.said import said
from ui.words.speech import lang, say

LONGEST: Final = 2_000
"""Characters of a question that the box takes; the appliance has its own bound."""
EACH_SECONDS: Final = 2.0
_ID, _ABOUT, _DRAFT = "escalation", "outside-about", "outside-draft"
_LOOKING: Final = Looking("outside-until")
_TAKEN_BACK: Final = frozenset({"proposed", "awaiting", "approved"})


def show() -> None:
    """Draw one that the address names, or how to ask and what was asked before."""
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Ask outside")}</h1>')
    try:
        places = places_of(person)
    except Problem as problem:
        signin.show_problem(problem)
        return
    brought = outside.taken()
    if brought is not None:
        st.query_params.clear()
        st.session_state[_ABOUT], st.session_state[_DRAFT] = brought, brought.question
    if chosen := st.query_params.get(_ID, ""):
        _one(person, chosen, places)
        return
    if not places.destinations:
        st.html(
            notices.note(
                say("Nothing leaves this house"),
                say("There is no place outside that you could ask. The security officers decide that."),
            )
        )
        return
    _ask(person, places)
    _listed(person, places)


# --- Asking -----------------------------------------------------------------------------------------------------------


def _ask(person: Person, places: Destinations) -> None:
    lead = say(
        "For what the documents of this house do not tell. You see exactly what would leave, with names replaced, "
        "before anything does."
    )
    st.html(f'<div {lang()} class="mun-answer">{lead}</div>')
    about: Wish | None = st.session_state.get(_ABOUT)
    if about is not None and about.conversation:
        told = say("You asked this in the house; it goes as it was understood there.")
        st.html(f'<div class="mun-note">{told}</div><blockquote class="mun-quote">{said(about.question)}</blockquote>')
        st.button(say("Ask something else"), on_click=_forget, type="tertiary", icon=":material/edit:")
    with st.form("outside-ask"):
        question = about.question if about is not None and about.conversation else _box()
        names = [one.name for one in places.destinations]
        where = st.selectbox(say("Where to"), names)
        leave_out = st.checkbox(say("Without the passages that may not leave"))
        asked = st.form_submit_button(say("See what would leave"), type="primary", icon=":material/visibility:")
    for one in places.destinations:
        st.html(markup.destination(one, places.currency))
    again = st.session_state.pop("outside-again", None)
    if again is not None:
        _propose(person, again[0], again[1], places, leave_out=True)
    elif asked:
        kept = about if about is not None and about.conversation else Wish(question)
        _propose(person, kept, str(where), places, leave_out=leave_out)


def _box() -> str:
    return st.text_area(say("Your question"), key=_DRAFT, max_chars=LONGEST)


def _forget() -> None:
    st.session_state.pop(_ABOUT, None)
    st.session_state[_DRAFT] = ""


def _propose(person: Person, asked: Wish, where: str, places: Destinations, *, leave_out: bool) -> None:
    """Have it prepared. What may be sent gets an address of its own; what may not is shown once and kept nowhere."""
    try:
        with st.spinner(say("Replacing what is private, and looking again at what would leave …")):
            shown = signin.signed_in(
                person.id,
                lambda who: client.propose(
                    signin.api(), who, destination=where, question=asked.question, conversation=asked.conversation,
                    turn=asked.turn, leave_out=leave_out,
                ),
            )  # fmt: skip
    except Problem as problem:
        signin.show_problem(problem)
        return
    if not shown.over:
        st.session_state.pop(_ABOUT, None)
        st.query_params[_ID] = shown.id
        st.rerun()
    _whole(shown, places)
    if not leave_out:
        st.button(
            say("Try it without the passages that may not leave"), on_click=_again, args=(asked, where),
            icon=":material/content_cut:",
        )  # fmt: skip


def _again(asked: Wish, where: str) -> None:
    st.session_state["outside-again"] = (asked, where)


# --- One of them ------------------------------------------------------------------------------------------------------


def _one(person: Person, chosen: str, places: Destinations) -> None:
    st.button(say("All of mine"), on_click=st.query_params.clear, type="tertiary", icon=":material/arrow_back:")
    try:
        shown = signin.signed_in(person.id, lambda who: client.show(signin.api(), who, chosen))
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.html(markup.state(shown, zone()))
    if shown.answer is not None:
        st.html(markup.answer(shown.answer, shown.destination))
        _cited(shown)
    if shown.state == "proposed":
        _decide(person, shown, places)
        return
    _followed(person, shown)
    _whole(shown, places)


def _decide(person: Person, shown: Shown, places: Destinations) -> None:
    _whole(shown, places)
    with st.container(horizontal=True):
        words = say("Send exactly this") if shown.verdict == "permitted" else say("Send this for approval")
        if st.button(words, type="primary", icon=":material/send:", disabled=shown.verdict in {"denied", None}):
            _act(person, lambda who: client.send(signin.api(), who, shown))
        _withdrawing(person, shown)


def _withdrawing(person: Person, shown: Shown) -> None:
    if st.button(say("Withdraw it"), icon=":material/undo:"):
        _act(person, lambda who: client.withdraw(signin.api(), who, shown.id))


def _act(person: Person, call: Callable[[Credential], object]) -> None:
    try:
        signin.signed_in(person.id, call)
    except Problem as problem:
        signin.show_problem(problem)
        return
    _LOOKING.begin()
    st.rerun()


def _followed(person: Person, shown: Shown) -> None:
    """While it is under way: looks by itself for a while, then when asked to."""
    if shown.over:
        return
    if _LOOKING.goes_on():
        _watch(person.id, shown.id, shown.state)
    else:
        note = say("You can leave this page; what comes back is kept for you here.")
        st.html(f'<div class="mun-note">{note}</div>')
        if st.button(say("Look again"), icon=":material/refresh:"):
            _LOOKING.begin()
            st.rerun()
    if shown.state in _TAKEN_BACK:
        _withdrawing(person, shown)


@st.fragment(run_every=EACH_SECONDS)
def _watch(person: str, escalation: str, state: str) -> None:
    """Look whether it has come further; nothing else of the page is drawn anew until it has, or the time is over."""
    if not _LOOKING.goes_on():
        st.rerun()
    words = say("Waiting for an officer …") if state == "awaiting" else say("Waiting for the answer …")
    st.html(f'<div class="mun-wait">{words}</div>')
    try:
        known = signin.signed_in(person, lambda who: client.mine(signin.api(), who))
    except Problem as problem:
        if problem.code == "not-authenticated":
            st.rerun()  # the whole page then leads to the way in
        signin.show_problem(problem)  # and is looked at again in a moment: it recovers by itself
        return
    now = next((one.state for one in known if one.id == escalation), "")
    if now != state:
        st.rerun()


def _whole(shown: Shown, places: Destinations) -> None:
    """What would leave, beside what was asked, and what the rules say of it."""
    if shown.verdict is not None:
        state = markup.state(shown, zone()) if shown.over else ""
        st.html(state + markup.decision(shown, shown.verdict, places.currency))
    if shown.pieces:
        left = shown.state in {"sent", "answered"}
        head = f'<h2 class="mun-sub">{say("In this house, and outside")}</h2>'
        st.html(head + beside.taken_out(shown.pieces) + beside.beside(shown.pieces, left=left))
    if (where := places.named(shown.destination)) is not None:
        st.html(markup.destination(where, places.currency))
    if shown.body is not None:
        with st.expander(say("The exact bytes"), icon=":material/data_object:"):
            st.html(markup.bytes_of(shown.body))


def _cited(shown: Shown) -> None:
    if shown.answer is None or shown.answer.kind != "answer":
        return
    for citation in shown.answer.citations:
        with st.container(border=True):
            st.html(markup.card(citation))
            st.page_link(
                ways.page("cited"), label=say("Open page {page}", page=citation.page), icon=":material/find_in_page:",
                query_params={"passage": citation.passage},
            )  # fmt: skip


# --- What was asked before --------------------------------------------------------------------------------------------


def _listed(person: Person, places: Destinations) -> None:
    try:
        known = signin.signed_in(person.id, lambda who: client.mine(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return
    if not known:
        return
    st.html(f'<h2 class="mun-sub">{say("What you asked outside before")}</h2>')
    for one in known:
        _line(one, places.currency)


def _line(one: Escalation, currency: str) -> None:
    with st.container(border=True):
        st.html(markup.line(one, currency, zone()))
        st.button(say("Look at it"), key=f"look-{one.id}", on_click=_look, args=(one.id,), icon=":material/visibility:")


def _look(escalation: str) -> None:
    st.query_params[_ID] = escalation
    _LOOKING.begin()
