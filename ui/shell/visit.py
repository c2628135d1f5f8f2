"""What every part of a visit shares: the way to the API, and how a problem looks."""

import os
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from ui.house.client import Api
from ui.house.problem import Problem
from ui.shell import notices, troubles
from ui.words.speech import say


def zone() -> tzinfo:
    """Where the browser says that it is; UTC if it says nothing that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC


def department(name: str) -> str:
    """As people write it: "nursing" is Nursing, "hr" is HR. It comes from outside still."""
    return name.upper() if len(name) <= 3 else name.title()  # an abbreviation


def api() -> Api:
    """The API of this visit."""
    if "api" not in st.session_state:
        st.session_state["api"] = Api(os.environ.get("MUNIMENT_API_URL", "http://127.0.0.1:8765"))
    made: Api = st.session_state["api"]
    return made


def show_problem(problem: Problem) -> None:
    """What happened and what to do. Whoever is not signed in any more finds the way back here."""
    st.html(notices.problem(*troubles.told(problem), problem.request_id))
    kind = st.session_state.get("kind")
    if problem.code == "not-authenticated" and kind is not None and kind.login:
        st.html(notices.way(say("Sign in"), kind.login))
