"""How an officer says of whom or of what he asks."""

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import client
from ui.office.client import Known, Matter
from ui.shell import notices, signin
from ui.words.said import seen
from ui.words.speech import say


def somebody(officer: Person, key: str) -> Known | None:
    """One of those who are known; None if nobody is chosen, or nobody known, which is told."""
    try:
        people = signin.signed_in(officer.id, lambda who: client.people(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return None
    if not people:
        st.html(
            notices.note(
                say("Nobody is known here"),
                say("The operator describes the people in a file and names it in the setting `office_people`."),
            )
        )
        return None
    by_id = {one.id: one for one in people}
    chosen = st.selectbox(
        say("Person"),
        list(by_id),
        index=None,
        key=key,
        placeholder=say("Choose somebody"),
        format_func=lambda one: seen(f"{by_id[one].name or one} · {one}"),
    )
    return by_id.get(chosen or "")


def document(officer: Person, key: str) -> Matter | None:
    """One of the documents; None if none is chosen, or none is there, which is told."""
    part = st.text_input(
        say("Part of where the document lies"),
        key=f"{key}-part",
        max_chars=200,
        placeholder="hr/",
        icon=":material/search:",
    )
    try:
        found = signin.signed_in(officer.id, lambda who: client.documents(signin.api(), who, part))
    except Problem as problem:
        signin.show_problem(problem)
        return None
    if not found.documents:
        st.html(notices.note(say("No such document"), say("Shorten what you look for: part of the path is enough.")))
        return None
    by_id = {one.id: one for one in found.documents}
    chosen = st.selectbox(
        say("Document"),
        list(by_id),
        index=None,
        key=key,
        placeholder=say("Choose a document"),
        format_func=lambda one: seen(by_id[one].uri),
    )
    if found.more:
        st.html(f'<div class="mun-note">{say("More documents match than are listed: say more of the path.")}</div>')
    return by_id.get(chosen or "")
