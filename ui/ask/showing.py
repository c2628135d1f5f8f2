"""How a question and what came of it are drawn: sentences, sources, what can be done now, and what after a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ui.ask import client, copying, filtering, markup
from ui.ask.client import Answer, Citation, Near, Refusal
from ui.ask.rating import rate
from ui.ask.turns import Turn
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import outside, signin
from ui.shell.outside import Wish
from ui.words.said import said
from ui.words.speech import say

BOX = "question"
"""The key of the box in which one asks."""


@contextmanager
def asker(turn: Turn) -> Iterator[None]:
    """What the person said; the house's part comes within."""
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f"<div>{said(turn.question)}</div>{filtering.told(turn.filters)}")
    with st.chat_message("assistant", avatar=":material/menu_book:"):
        yield


def show(person: Person, number: int, turn: Turn) -> None:
    """One question and what came of it."""
    with asker(turn):
        if turn.released:
            st.html(markup.sentences(turn.released, origin=_origin(turn)))
        end(person, number, turn)


def end(person: Person, number: int, turn: Turn) -> None:
    """What stands below the sentences."""
    if turn.gone:
        st.html(f'<div class="mun-note">{say(markup.GONE)}</div>')
    match turn.outcome:
        case Answer() as answer:
            _answered(person, number, turn, answer)
        case Refusal() as refusal:
            st.html(markup.understood(refusal.understood) + markup.refusal(refusal, filtered=bool(turn.filters)))
            _after(person, number, turn, refusal)
            rate(person, turn, refusal)
        case Problem() as problem:
            if turn.released:
                st.html(f'<div class="mun-note">{say("The answer stopped here; it is not complete.")}</div>')
            signin.show_problem(problem)
        case None:
            st.html(f'<div class="mun-note">{say(markup.INTERRUPTED)}</div>')


def open_page(passage: str) -> None:
    """Before the page is drawn again: the button may not be there any more by then."""
    st.session_state["opening"] = passage


def _origin(turn: Turn) -> str:
    return turn.outcome.origin if isinstance(turn.outcome, Answer) else ""


def _answered(person: Person, number: int, turn: Turn, answer: Answer) -> None:
    st.html(
        (markup.urgent() if answer.emergency else "") + markup.understood(answer.understood) + markup.closing(answer)
    )
    for citation in answer.citations:
        _card(person, number, citation)
    if turn.released:
        with st.popover(say("Copy with sources"), icon=":material/content_copy:"):
            # text as it is: no mark-up is read in it, and the button that copies it is Streamlit's own
            st.code(copying.plain(turn.question, turn.released), language=None, wrap_lines=True)
    rate(person, turn, answer)


def _card(person: Person, number: int, citation: Citation) -> None:
    with st.container(border=True):
        st.html(markup.card(citation))
        st.button(
            say("Open page {page}", page=citation.page),
            key=f"{person.id}-{number}-{citation.number}",
            icon=":material/find_in_page:",
            on_click=open_page,
            args=(citation.passage,),
        )


# --- After a refusal --------------------------------------------------------------------------------------------------


def _after(person: Person, number: int, turn: Turn, refusal: Refusal) -> None:
    """What can be done: say it otherwise, look at everything, see who keeps such documents, ask outside."""
    key = f"{person.id}-{number}"
    wished = False
    with st.container(horizontal=True, key=f"after-{key}"):
        st.button(
            say("Say it otherwise"),
            key=f"again-{key}",
            icon=":material/edit:",
            on_click=_rephrase,
            args=(turn.question,),
        )
        if turn.filters:
            st.button(
                say("Ask without filters"), key=f"all-{key}", icon=":material/filter_alt_off:", on_click=_unfiltered,
                args=(turn.question,),
            )  # fmt: skip
        st.button(say("Whom could I ask?"), key=f"who-{key}", icon=":material/group:", on_click=_look, args=(turn,))
        if outside.offered() and refusal.code != "WITHDRAWN":
            wished = st.button(say("Ask outside"), key=f"out-{key}", icon=":material/outbound:")
    if wished:
        outside.go(Wish(turn.question, turn.conversation, refusal.id if turn.conversation else ""))
    if turn.looks:
        _nearest(person, key, turn)


def _rephrase(question: str) -> None:
    st.session_state[BOX] = question


def _unfiltered(question: str) -> None:
    filtering.clear()
    st.session_state["example"] = question


def _look(turn: Turn) -> None:
    turn.looks = not turn.looks


def _nearest(person: Person, key: str, turn: Turn) -> None:
    """The documents that come nearest among those that may be read now, and who keeps them. Looked for anew each time:
    what could be read a minute ago may not be his any more."""
    try:
        found = signin.signed_in(person.id, lambda who: client.near(signin.api(), who, turn.question))
    except Problem as problem:
        signin.show_problem(problem)
        return
    each: dict[str, Near] = {}
    for one in found:
        each.setdefault(one.document, one)
    if not each:
        st.html(markup.nobody())
        return
    st.html(f'<div class="mun-note">{say("The nearest that you may read. Their departments know more:")}</div>')
    for place, one in enumerate(each.values()):
        with st.container(border=True):
            st.html(markup.near(one))
            st.button(
                say("Open page {page}", page=one.page), key=f"near-{key}-{place}", icon=":material/find_in_page:",
                on_click=open_page, args=(one.passage,),
            )  # fmt: skip
