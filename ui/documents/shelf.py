"""The Documents page: what one may see, searched and filtered, and each of them on its own address."""

from typing import Final

import streamlit as st

from ui.documents import client, markup, one, style
from ui.documents.client import Document, Page
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin
from ui.words.speech import later, say

AT_ONCE: Final = 20
KINDS: Final = {
    "": later("any kind of file"),
    "pdf": later("PDF"),
    "docx odt rtf doc": later("text document"),
    "pptx odp ppt": later("slides"),
    "xlsx csv ods xls": later("sheet"),
    "html htm": later("web page"),
    "eml msg": later("mail"),
    "md txt rst": later("plain text"),
    "png jpg jpeg tif tiff": later("picture"),
}
"""Endings of names that are one kind of file."""
STATES: Final = {
    "": later("whatever became of it"),
    "queued running": later("on its way"),
    "stored": later("in the house"),
    "quarantined discarded": later("held back or thrown away"),
}
_LEVELS: Final = {"": later("any level"), **markup.LEVELS}
_ASKED, _TRAIL = "documents-asked", "documents-trail"
Asked = list[tuple[str, str]]


def show() -> None:
    """Draw the one that the address names, or the list."""
    person, _ = entering.enter()
    st.html(style.CSS)
    if chosen := st.query_params.get(one.ID, ""):
        st.button(say("All documents"), icon=":material/arrow_back:", on_click=st.query_params.clear, type="tertiary")
        one.draw(person, chosen)
        return
    st.html(f'<h1 class="mun-head">{say("Documents that you may read")}</h1>')
    lead = say("And what you gave to the house yourself. What is not here is not there for you: nobody sees more.")
    st.html(f'<div class="mun-answer">{lead}</div>')
    _search(person)
    _listed(person)


def _search(person: Person) -> None:
    with st.form("documents-search"):
        first, second = st.columns([2, 1])
        words = first.text_input(say("Words of the title or the file's name"), max_chars=200)
        department = second.text_input(say("Department"), max_chars=100)
        left, middle, right = st.columns(3)
        kind = left.selectbox(say("Kind"), list(KINDS), format_func=lambda key: say(KINDS[key]))
        level = middle.selectbox(say("Level"), list(_LEVELS), format_func=lambda key: say(_LEVELS[key]))
        state = right.selectbox(say("State"), list(STATES), format_func=lambda key: say(STATES[key]))
        with st.container(horizontal=True):
            own = st.checkbox(say("Only what I gave"))
            current = st.checkbox(say("Without what has been replaced"))
        if not st.form_submit_button(say("Search"), type="primary", icon=":material/search:"):
            return
    asked: Asked = [("words", words), ("department", department)]
    asked += [("ending", ending) for ending in kind.split()] + [("status", one) for one in state.split()]
    asked += [("level", level)] + [("own", "true")] * own + [("current", "true")] * current
    _kept(_ASKED)[person.id] = [pair for pair in asked if pair[1]]
    _kept(_TRAIL)[person.id] = []


def _listed(person: Person) -> None:
    asked: Asked = _kept(_ASKED).setdefault(person.id, [])
    trail: list[str] = _kept(_TRAIL).setdefault(person.id, [])
    after = trail[-1] if trail else ""
    try:
        found = signin.signed_in(
            person.id, lambda who: client.page(signin.api(), who, asked, after=after, limit=AT_ONCE)
        )
    except Problem as problem:
        trail.clear()  # what the page began after may be gone
        signin.show_problem(problem)
        return
    if not found.documents:
        st.html(_nothing(asked))
    for number, document in enumerate(found.documents, start=1 + AT_ONCE * len(trail)):
        _row(document, number)
    _pager(found, trail)


def _nothing(asked: Asked) -> str:
    if asked:
        return notices.note(
            say("Nothing that you may read is like that"),
            say(
                "Use fewer words or fewer conditions. Whether there is something that you may not read, nobody is told."
            ),
        )
    return notices.note(
        say("There is nothing for you yet"),
        say("Documents come in by folders, and by what people give to the house. Give it one yourself."),
    )


def _row(document: Document, number: int) -> None:
    with st.container(key=f"document-{document.id}", border=True, horizontal=True, vertical_alignment="center"):
        with st.container():
            st.html(markup.row(document, number))
        st.button(
            say("Open {number}", number=number),
            key=f"open-{document.id}",
            icon=":material/description:",
            on_click=one.choose,
            args=(document.id,),
            width="content",
        )


def _pager(found: Page, trail: list[str]) -> None:
    with st.container(horizontal=True):
        if trail:
            st.button(say("Back"), icon=":material/chevron_left:", on_click=_back, args=(trail,))
        if found.next:
            st.button(say("More"), icon=":material/chevron_right:", on_click=trail.append, args=(found.next,))


def _kept(name: str) -> dict[str, list]:  # type: ignore[type-arg]  # each name has a list of its own kind
    kept: dict[str, list] = st.session_state.setdefault(name, {})  # type: ignore[type-arg]  # as above
    return kept


def _back(trail: list[str]) -> None:
    trail.pop()
