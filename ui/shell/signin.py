"""Who is at the portal, whichever way people sign in here: as a persona of the demonstration, or at the issuer's."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final, TypeVar

import streamlit as st

from ui.house.client import Credential, Kind, Person
from ui.house.problem import Problem
from ui.shell import frame, notices, personas, session
from ui.shell.visit import api, show_problem
from ui.words.speech import OWN, language, say, say_html

__all__ = ["api", "banner", "followed", "person", "show_problem", "signed_in"]

Seen = TypeVar("Seen")
_HERE: Final = "person-here"


def banner() -> None:
    """Above every page: that this is the demonstration. Who cannot tell draws nothing; the page then says why."""
    try:
        shown = _kind().kind == "demo"
    except Problem:
        shown = False
    if shown:
        words = say_html("Demo: invented hospital, anyone on this machine can be any persona")
        with frame.above():
            st.html(f'<div class="mun-banner" role="alert">{words}</div>')


def person() -> Person:
    """Who is signed in. Draws the sidebar; without anyone it draws how to sign in and ends the page there."""
    try:
        kind = _kind()
        if kind.kind == "programs":
            nobody = say("Nobody signs in here."), say("This installation answers programs only.")
            st.html(notices.problem(*nobody, ""))
            st.stop()
        return _told(_demo() if kind.kind == "demo" else session.person(kind))
    except Problem as problem:
        show_problem(problem)
        if st.button(say("Try again"), icon=":material/refresh:"):
            st.rerun()
        st.stop()


def _demo() -> Person:
    chosen = personas.person()
    return signed_in(chosen, lambda who: api().me(who))


def here() -> str:
    """The id of who is here, once the page has begun (`person`)."""
    return str(st.session_state[_HERE])


def _told(one: Person) -> Person:
    """His language becomes the visit's, and above his page stands whether the house's directory answers."""
    st.session_state[_HERE] = one.id
    spoken = language()
    st.session_state[OWN] = one.language
    if language() != spoken:
        st.rerun()  # what is drawn already was said in another one
    if one.narrowed:
        what = say("The house's directory does not answer.")
        then = say("Until it does, only public documents are served. Nothing was lost; tell the operator if it stays.")
        st.html(notices.problem(what, then, ""))
    return one


def demo() -> bool:
    """Whether one is here as a persona of the demonstration, whose token is no cookie. Raises Problem."""
    return _kind().kind == "demo"


def signed_in(who: str, call: Callable[[Credential], Seen]) -> Seen:
    """`call` with the credential of the person `who`; once more with a fresh one if the old one has ended."""
    try:
        return call(_credential(who))
    except Problem as problem:
        if problem.code != "not-authenticated" or _kind().kind != "demo":
            raise
        return call(personas.credential(who, fresh=True))


def followed(who: str, call: Callable[[Credential], Iterator[Seen]]) -> Iterator[Seen]:
    """The same for what comes bit by bit; leaving it ends the call."""
    try:
        with closing(call(_credential(who))) as story:  # type: ignore[type-var]
            yield from story
            return
    except Problem as problem:
        if problem.code != "not-authenticated" or _kind().kind != "demo":
            raise
    with closing(call(personas.credential(who, fresh=True))) as story:  # type: ignore[type-var]
        yield from story


def _credential(who: str) -> Credential:
    kind = _kind()
    return session.credential(kind) if kind.kind == "oidc" else personas.credential(who)


def _kind() -> Kind:
    """How people sign in here. Asked once in a visit: it changes only when the appliance is set up anew."""
    if "kind" not in st.session_state:
        st.session_state["kind"] = api().kind()
    kind: Kind = st.session_state["kind"]
    return kind
