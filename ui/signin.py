"""Who is at the portal, whichever way people sign in here: as a persona of the demonstration, or at the issuer's."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final, TypeVar

import streamlit as st

from ui import markup, personas, session
from ui.client import Answer, CitedPage, Credential, Kind, Person, Refusal, Sentence
from ui.problem import Problem
from ui.visit import ABOVE, api, show_problem

__all__ = ["api", "asked", "banner", "cited", "person", "show_problem", "signed_in"]

Seen = TypeVar("Seen")
BANNER = '<div class="mun-banner" role="alert">Demo: invented hospital, anyone on this machine can be any persona</div>'


NARROWED: Final = (
    "The house's directory does not answer.",
    "Until it does, only public documents are served. Nothing was lost; tell the operator if it stays.",
)
"""Above every page while nobody can tell what people may read."""


def banner() -> None:
    """What stays in view above every page: that this is the demonstration, and room for what comes later. Who cannot
    tell draws nothing; the page then says why."""
    try:
        shown = _kind().kind == "demo"
    except Problem:
        shown = False
    with st.container(key="banner"):
        if shown:
            st.html(BANNER)
        st.session_state[ABOVE] = st.container()


def person() -> Person:
    """Who is signed in. Draws the sidebar; without anyone it draws how to sign in and ends the page there."""
    try:
        kind = _kind()
        if kind.kind == "programs":
            st.html(markup.problem("Nobody signs in here.", "This installation answers programs only.", ""))
            st.stop()
        return _told(personas.person() if kind.kind == "demo" else session.person(kind))
    except Problem as problem:
        show_problem(problem)
        if st.button("Try again", icon=":material/refresh:"):
            st.rerun()
        st.stop()


def _told(one: Person) -> Person:
    if one.narrowed:
        st.html(markup.problem(*NARROWED, ""))
    return one


def signed_in(who: str, call: Callable[[Credential], Seen]) -> Seen:
    """`call` with the credential of the person `who`; once more with a fresh one if the old one has ended."""
    try:
        return call(_credential(who))
    except Problem as problem:
        if problem.code != "not-authenticated" or _kind().kind != "demo":
            raise
        return call(personas.credential(who, fresh=True))


def asked(who: str, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
    """The story of a question; leaving it closes the connection, and that stops the engine."""
    try:
        with closing(api().ask(_credential(who), question, conversation)) as story:  # type: ignore[type-var]
            yield from story
            return
    except Problem as problem:
        if problem.code != "not-authenticated" or _kind().kind != "demo":
            raise
    fresh = personas.credential(who, fresh=True)
    with closing(api().ask(fresh, question, conversation)) as story:  # type: ignore[type-var]
        yield from story


def cited(who: str, passage: str) -> tuple[CitedPage, bytes | None]:
    """A cited page and its picture, if it has one."""
    page = signed_in(who, lambda credential: api().page(credential, passage))
    if page.picture is None:
        return page, None
    path = page.picture
    return page, signed_in(who, lambda credential: api().picture(credential, path))


def _credential(who: str) -> Credential:
    kind = _kind()
    return session.credential(kind) if kind.kind == "oidc" else personas.credential(who)


def _kind() -> Kind:
    """How people sign in here. Asked once in a visit: it changes only when the appliance is set up anew."""
    if "kind" not in st.session_state:
        st.session_state["kind"] = api().kind()
    kind: Kind = st.session_state["kind"]
    return kind
