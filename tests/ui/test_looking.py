"""No open window keeps a session awake: a page looks by itself for a while only."""

import time

import pytest
import streamlit as st

from ui.shell.looking import FOR_SECONDS, Looking


def test_a_page_looks_for_a_while_after_what_its_person_did_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards the comparison in `Looking.goes_on`."""
    looking = Looking("here")
    monkeypatch.setitem(st.session_state, "here", 0.0)
    assert not looking.goes_on()
    looking.begin()
    assert looking.goes_on()
    assert not Looking("elsewhere").goes_on()
    assert st.session_state["here"] <= time.monotonic() + FOR_SECONDS <= time.monotonic() + 120.0
    monkeypatch.setitem(st.session_state, "here", time.monotonic())
    assert not looking.goes_on()
    looking.begin()
    looking.end()
    assert not looking.goes_on()
