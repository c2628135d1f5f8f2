"""What every part of a visit shares: the way to the API, and how a problem looks."""

import os

import streamlit as st

from ui import markup
from ui.client import Api, Problem


def api() -> Api:
    """The API of this visit."""
    if "api" not in st.session_state:
        st.session_state["api"] = Api(os.environ.get("MUNIMENT_API_URL", "http://127.0.0.1:8765"))
    made: Api = st.session_state["api"]
    return made


def show_problem(problem: Problem) -> None:
    """What happened and what to do. Whoever is not signed in any more finds the way back here."""
    st.html(markup.problem(problem.detail, problem.advice, problem.request_id))
    kind = st.session_state.get("kind")
    if problem.code == "not-authenticated" and kind is not None and kind.login:
        st.html(markup.way("Sign in", kind.login))
