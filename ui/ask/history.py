"""What one asked before: found by one's own words, opened, taken away, deleted. Each says until when it is kept."""

import streamlit as st

from ui.ask import client, markup, style
from ui.ask.client import Heading, Headings
from ui.ask.turns import reopen
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, files, signin, ways
from ui.shell.visit import zone
from ui.words.speech import lang, language, say

_OPENING, _PLACES = "history-opening", "history-places"


def show() -> None:
    """Draw the page."""
    if st.session_state.pop(_OPENING, ""):
        st.switch_page(ways.page("ask"))
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(
        f'<h1 {lang()} class="mun-head">{say("What you asked before")}</h1><div {lang()} class="mun-answer">'
        f"{say('Only you see this. What you may not read any more is left out when you open it.')}</div>"
    )
    words = st.text_input(
        say("Search your questions"), max_chars=200, key="history-search", on_change=_from_the_first,
        placeholder=say("Words that you asked with"),
    )  # fmt: skip
    try:
        found = _page(person, words)
    except Problem as problem:
        if problem.code == "not-found":  # a house without conversations
            _nothing("", 0)
        else:
            signin.show_problem(problem)
        return
    if not found.conversations:
        _nothing(words, found.days)
        return
    for heading in found.conversations:
        _one(person, heading)
    _turning(found)
    if not words:
        _all(person)


def _page(person: Person, words: str) -> Headings:
    places: list[str] = st.session_state.setdefault(_PLACES, [""])
    return signin.signed_in(
        person.id, lambda who: client.headings(signin.api(), who, search=words, before=places[-1])
    )  # fmt: skip


def _from_the_first() -> None:
    st.session_state[_PLACES] = [""]


def _nothing(words: str, days: int) -> None:
    st.html(markup.nothing(words, days))
    if not words:
        st.page_link(ways.page("ask"), label=say("Ask a question"), icon=":material/chat_bubble:")


def _one(person: Person, heading: Heading) -> None:
    with st.container(border=True, key=f"kept-{heading.id}"):
        st.html(markup.heading(heading, zone()))
        with st.container(horizontal=True):
            st.button(
                say("Open"), key=f"open-{heading.id}", icon=":material/forum:", on_click=_open,
                args=(person.id, heading.id),
            )  # fmt: skip
            files.offer(
                person.id, say("As PDF"), client.export(heading.id), name=say("conversation.pdf"),
                key=f"pdf-{heading.id}", format="pdf", language=language(),
            )  # fmt: skip
            with st.popover(say("Delete"), icon=":material/delete:"):
                st.html(f"<div>{say('It is gone then, from here and from the house. Nobody can bring it back.')}</div>")
                st.button(
                    say("Delete it"), key=f"delete-{heading.id}", type="primary", on_click=_delete,
                    args=(person.id, heading.id),
                )  # fmt: skip


def _turning(found: Headings) -> None:
    places: list[str] = st.session_state[_PLACES]
    with st.container(horizontal=True, key="history-turning"):
        if len(places) > 1:
            st.button(say("Newer ones"), on_click=_back, icon=":material/arrow_back:")
        if found.next:
            st.button(say("Older ones"), on_click=places.append, args=(found.next,), icon=":material/arrow_forward:")


def _back() -> None:
    st.session_state[_PLACES] = st.session_state[_PLACES][:-1]


def _all(person: Person) -> None:
    with st.popover(say("Delete all"), icon=":material/delete_sweep:"):
        st.html(f"<div>{say('Everything that you asked is gone then, on all pages of this list.')}</div>")
        sure = st.checkbox(say("Yes, all of it"), key="history-sure")
        st.button(say("Delete everything"), type="primary", disabled=not sure, on_click=_delete, args=(person.id, ""))


def _open(who: str, conversation: str) -> None:
    """Before the page is drawn again; a conversation that is gone meanwhile is told here."""
    try:
        reopen(who, conversation)
    except Problem as problem:
        signin.show_problem(problem)
    else:
        st.session_state[_OPENING] = conversation


def _delete(who: str, conversation: str) -> None:
    try:
        signin.signed_in(who, lambda one: client.delete(signin.api(), one, conversation))
    except Problem as problem:
        signin.show_problem(problem)
    _from_the_first()
