"""The demonstration's sign-in. The token lives in this browser session's memory on the server, never in a cookie."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

import streamlit as st

from ui import markup
from ui.client import Answer, Api, CitedPage, Persona, Problem, Refusal, Sentence

Seen = TypeVar("Seen")
BANNER = '<div class="mun-banner" role="alert">Demo: invented hospital, anyone on this machine can be any persona</div>'

WHO = "who"
"""Where the session keeps the id of who is signed in."""


def api() -> Api:
    """The API of this session."""
    if "api" not in st.session_state:
        st.session_state["api"] = Api(os.environ.get("MUNIMENT_API_URL", "http://127.0.0.1:8765"))
    made: Api = st.session_state["api"]
    return made


def show_problem(problem: Problem) -> None:
    """What happened and what to do."""
    st.html(markup.problem(problem.detail, problem.advice, problem.request_id))


def person() -> Persona:
    """Who is signed in. Draws the sidebar; without anyone it draws the choice of personas and ends the page there."""
    try:
        everyone = {persona.id: persona for persona in api().personas()}
    except Problem as problem:
        show_problem(problem)
        if st.button("Try again", icon=":material/refresh:"):
            st.rerun()
        st.stop()
    if WHO in st.session_state and "picker" not in st.session_state:
        # Streamlit forgets a widget's value when the page changes; who one is must outlast that.
        st.session_state["picker"] = st.session_state[WHO]
    with st.sidebar:
        st.html('<div class="mun-title" style="font-size:1.3rem">Muniment</div>')
        chosen = st.selectbox(
            "You are",
            list(everyone),
            index=None,
            format_func=lambda persona_id: everyone[persona_id].name if persona_id in everyone else "",
            placeholder="Choose a persona",
            key="picker",
            on_change=lambda: _become(st.session_state["picker"]),
        )
        if chosen is not None:
            one = everyone[chosen]
            st.html(f'<div class="mun-meta">{markup.said(one.title)}<br>{markup.said(one.department.title())}</div>')
    if chosen is None:
        _welcome(list(everyone.values()))
        st.stop()
    return everyone[chosen]


def _welcome(everyone: list[Persona]) -> None:
    st.html(
        '<h1 class="mun-head">Ask the house its own documents</h1><div class="mun-answer">Answers come only from what '
        "you may read, each sentence with the page it stands on. Where the documents are silent, Muniment says so."
        "<br>Begin by choosing who you are: people read different things, and get different answers.</div>"
    )
    for persona in everyone:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(
                f'<div class="mun-title">{markup.said(persona.name)}</div>'
                f'<div class="mun-meta">{markup.said(persona.title)}</div>',
                width="content",
            )
            st.button("Sign in", key=f"be-{persona.id}", on_click=_become, args=(persona.id,))


def _become(persona_id: str | None) -> None:
    st.session_state[WHO] = st.session_state["picker"] = persona_id


def _token(persona: str, *, fresh: bool = False) -> str:
    tokens: dict[str, str] = st.session_state.setdefault("tokens", {})
    if fresh or persona not in tokens:
        tokens[persona] = api().sign_in(persona)
    return tokens[persona]


def signed_in(persona: str, call: Callable[[str], Seen]) -> Seen:
    """`call` with a token; once more with a fresh one if the appliance was started anew meanwhile."""
    try:
        return call(_token(persona))
    except Problem as problem:
        if problem.code != "not-authenticated":
            raise
        return call(_token(persona, fresh=True))


def asked(persona: str, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
    """The story of a question; leaving it closes the connection, and that stops the engine."""
    try:
        with closing(api().ask(_token(persona), question, conversation)) as story:  # type: ignore[type-var]
            yield from story
            return
    except Problem as problem:
        if problem.code != "not-authenticated":
            raise
    with closing(api().ask(_token(persona, fresh=True), question, conversation)) as story:  # type: ignore[type-var]
        yield from story


def cited(persona: str, passage: str) -> tuple[CitedPage, bytes | None]:
    """A cited page and its picture, if it has one."""
    page = signed_in(persona, lambda token: api().page(token, passage))
    if page.picture is None:
        return page, None
    path = page.picture
    return page, signed_in(persona, lambda token: api().picture(token, path))
