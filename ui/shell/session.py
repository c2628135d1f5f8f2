"""Signing in at the house's issuer. The browser has one opaque cookie, which the portal only passes on to the API.

Whether the session is open is asked at every drawing of the page: signed out in one window is signed out in all.
"""

from typing import Final

import streamlit as st

from ui.house.client import Credential, Kind, Person, session
from ui.house.problem import Problem
from ui.shell import frame, idle, notices
from ui.shell.visit import api, department, show_problem, zone
from ui.words.said import said
from ui.words.speech import CHOSEN, lang, later, say, say_html

TOLD: Final = {
    "denied": (
        later("Nobody was signed in."),
        later("The sign-in was cancelled, or the house's sign-in refused it. Try again."),
    ),
    "stale": (
        later("This sign-in took too long, or another one was begun beside it."),
        later("Nothing happened. Sign in again."),
    ),
    "refused": (
        later("The house's sign-in knows you, but Muniment cannot let you in."),
        later("Tell the operator; your account may lack a group or a clearance."),
    ),
    "unavailable": (
        later("The house's sign-in does not answer."),
        later("Nothing was lost. Try again in a minute; if it stays, tell the operator."),
    ),
}
"""How a sign-in ended, by the word that the API sends the browser back with; any other word says nothing."""
LEFT: Final = "left"
"""Where the visit keeps that its person has signed out, and where the issuer's own session may be ended."""
_KEPT: Final = ("api", "kind", CHOSEN)
"""What outlasts signing out: nothing that was asked or shown."""


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
        opened = api().session(credential(kind))
    except Problem as problem:
        if problem.code != "not-authenticated":
            raise
        _welcome(kind, ended=True)
        st.stop()
    one = opened.person
    with frame.head():
        st.html(
            f'<div class="mun-title">{said(one.name)}</div>'
            f'<div class="mun-meta">{said(department(one.department))}</div>'
        )
    with frame.foot():
        st.button(say("Sign out"), icon=":material/logout:", on_click=_leave, args=(kind,))
        label = say("Sign out everywhere")
        st.button(label, type="tertiary", on_click=_leave, args=(kind,), kwargs={"everywhere": True})
    idle.watch(opened, kind.login, zone())
    return one


def credential(kind: Kind) -> Credential:
    """The browser's own cookie, to be passed on."""
    return session(_cookie(kind))


def _cookie(kind: Kind) -> str:
    return st.context.cookies.get(kind.cookie, "")


def _leave(kind: Kind, *, everywhere: bool = False) -> None:
    try:
        onward = api().sign_out(credential(kind), everywhere=everywhere)
    except Problem as problem:
        show_problem(problem)
        return
    kept = {name: st.session_state[name] for name in _KEPT if name in st.session_state}
    st.session_state.clear()  # nothing that was asked stays in this visit's memory
    st.session_state.update(kept | {LEFT: onward})


def _welcome(kind: Kind, *, ended: bool = False) -> None:
    st.html(
        f'<h1 {lang()} class="mun-head">{say_html("Ask the house its own documents")}</h1>'
        f'<div {lang()} class="mun-answer">'
        + say_html(
            "Answers come only from what you may read, each sentence with the page it stands on. Where the documents "
            "are silent, Muniment says so."
        )
        + "</div>"
    )
    told = TOLD.get(st.query_params.get("sign-in", ""))
    if told:
        st.html(notices.problem(say(told[0]), say(told[1]), ""))
    elif ended:
        then = say("You were away for a while, or signed out. Sign in to go on.")
        st.html(notices.note(say("Your sign-in has ended"), then))
    st.html(notices.way(say("Sign in"), kind.login))


def _goodbye(kind: Kind, onward: str) -> None:
    st.html(notices.note(say("You are signed out"), say("This browser can no longer ask in your name.")))
    st.html(notices.way(say("Sign in"), kind.login))
    if onward:
        words = say_html(
            "On a machine that others use too, also end your sign-in at the house's own sign-in page, which may still "
            "know you."
        )
        further = notices.way(say("Sign out there too"), onward, quiet=True)
        st.html(f'<div class="mun-note">{words}</div>{further}')
