"""What stands around every page: what stays in view above it, and the sidebar's two ends."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.words.speech import CHOSEN, LANGUAGES, language

_ABOVE, _HEAD, _FOOT = "frame-above", "frame-head", "frame-foot"


def begin() -> None:
    """Draw the frame: everything else is drawn into its parts, or below it."""
    with st.sidebar:
        st.html('<div class="mun-brand">Muniment</div>')
        parts = {_HEAD: st.container(), _FOOT: st.container(key="foot")}
    with st.container(key="banner"):
        parts[_ABOVE] = st.container()
    st.session_state.update(parts)
    with foot():
        _languages()


def above() -> DeltaGenerator:
    """What stays in view above the page."""
    part: DeltaGenerator = st.session_state[_ABOVE]
    return part


def head() -> DeltaGenerator:
    """The sidebar's upper part: who is here, and where one can go."""
    part: DeltaGenerator = st.session_state[_HEAD]
    return part


def foot() -> DeltaGenerator:
    """The sidebar's lower part: the language, and the way out."""
    part: DeltaGenerator = st.session_state[_FOOT]
    return part


def _languages() -> None:
    """Each language by its own name, whatever is spoken now."""
    key = "language-switch"
    st.session_state[key] = language()  # what the person's own is may be known only now
    st.radio(
        "Language · Sprache",
        list(LANGUAGES),
        format_func=lambda one: LANGUAGES[one],
        key=key,
        horizontal=True,
        on_change=lambda: st.session_state.update({CHOSEN: st.session_state[key]}),
    )
