"""Signing in at the house's issuer. The browser has one opaque cookie, which the portal only passes on to the API.

Whether the session is open is asked at every drawing of the page: signed out in one window is signed out in all.
"""

from typing import Final

import streamlit as st

from ui.house.client import Credential, Kind, Person, session
from ui.house.problem import Problem
from ui.shell import notices
from ui.shell.visit import api, show_problem
from ui.words.said import said

TOLD: Final = {
    "denied": ("Nobody was signed in.", "The sign-in was cancelled, or the house's sign-in refused it. Try again."),
    "stale": ("This sign-in took too long, or another one was begun beside it.", "Nothing happened. Sign in again."),
    "refused": (
        "The house's sign-in knows you, but Muniment cannot let you in.",
        "Tell the operator; your account may lack a group or a clearance.",
    ),
    "unavailable": (
        "The house's sign-in does not answer.",
        "Nothing was lost. Try again in a minute; if it stays, tell the operator.",
    ),
}
"""How a sign-in ended, by the word that the API sends the browser back with; any other word says nothing."""
LEFT: Final = "left"
"""Where the visit keeps that its person has signed out, and where the issuer's own session may be ended."""


def person(kind: Kind) -> Person:
    """Who is signed in. Draws the sidebar; without anyone it draws the button and ends the page there.

    Raises Problem if the API cannot tell.
    """
    if LEFT in st.session_state:
        _goodbye(kind, st.session_state[LEFT])
        st.stop()
    if not _cookie(kind):
        _welcome(kind)
        st.stop()
    try:
        one = api().session(credential(kind)).person
    except Problem as problem:
        if problem.code != "not-authenticated":
            raise
        _welcome(kind, ended=True)
        st.stop()
    with st.sidebar:
        st.html(
            '<div class="mun-title" style="font-size:1.3rem">Muniment</div>'
            f'<div class="mun-title">{said(one.name)}</div>'
            f'<div class="mun-meta">{said(one.department.title())}</div>'
        )
        st.button("Sign out", icon=":material/logout:", on_click=_leave, args=(kind,))
    return one


def credential(kind: Kind) -> Credential:
    """The browser's own cookie, to be passed on."""
    return session(_cookie(kind))


def _cookie(kind: Kind) -> str:
    return st.context.cookies.get(kind.cookie, "")


def _leave(kind: Kind) -> None:
    try:
        onward = api().sign_out(credential(kind))
    except Problem as problem:
        show_problem(problem)
        return
    kept = {name: st.session_state[name] for name in ("api", "kind") if name in st.session_state}
    st.session_state.clear()  # nothing that was asked stays in this visit's memory
    st.session_state.update(kept | {LEFT: onward})


def _welcome(kind: Kind, *, ended: bool = False) -> None:
    st.html(
        '<h1 class="mun-head">Ask the house its own documents</h1><div class="mun-answer">Answers come only from what '
        "you may read, each sentence with the page it stands on. Where the documents are silent, Muniment says so."
        "</div>"
    )
    told = TOLD.get(st.query_params.get("sign-in", ""))
    if told:
        st.html(notices.problem(*told, ""))
    elif ended:
        st.html(notices.note("Your sign-in has ended", "You were away for a while, or signed out. Sign in to go on."))
    st.html(notices.way("Sign in", kind.login))


def _goodbye(kind: Kind, onward: str) -> None:
    st.html(notices.note("You are signed out", "This browser can no longer ask in your name."))
    st.html(notices.way("Sign in", kind.login))
    if onward:
        st.html(
            '<div class="mun-note">On a machine that others use too, also end your sign-in at the house\'s own '
            "sign-in page, which may still know you.</div>" + notices.way("Sign out there too", onward, quiet=True)
        )
