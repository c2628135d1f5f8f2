"""The Documents page: what one may see, searched and filtered, and each of them on its own address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.documents import client, one, style
from ui.documents.client import Page
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin
from ui.words import levels
from ui.words.speech import lang, later, say

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
LEVELS: Final = {"": later("any level"), **levels.LEVELS}
_WANTED, _TRAIL = "documents-wanted", "documents-trail"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: kept for the visit, and shown in the form wherever he comes back from."""

    words: str = ""
    department: str = ""
    kind: str = ""
    level: str = ""
    state: str = ""
    own: bool = False
    current: bool = False

    def asked(self) -> list[tuple[str, str]]:
        """As the house is asked for it."""
        told = [("words", self.words), ("department", self.department), ("level", self.level)]
        told += [("ending", one) for one in self.kind.split()] + [("status", one) for one in self.state.split()]
        told += [("own", "true")] * self.own + [("current", "true")] * self.current
        return [pair for pair in told if pair[1].strip()]


def show() -> None:
    """Draw the one that the address names, or the list."""
    person, _ = entering.enter()
    st.html(style.CSS)
    if chosen := st.query_params.get(one.ID, ""):
        st.button(say("All documents"), icon=":material/arrow_back:", on_click=st.query_params.clear, type="tertiary")
        one.draw(person, chosen)
        return
    st.html(f'<h1 {lang()} class="mun-head">{say("Documents that you may read")}</h1>')
    lead = say(
        "With what you gave to the house yourself, and how far it has come. Open one to see why you may read it."
    )
    st.html(f'<div {lang()} class="mun-answer">{lead}</div>')
    _search(person)
    _listed(person)


def _search(person: Person) -> None:
    now: Wanted = _kept(_WANTED).get(person.id, Wanted())
    named = sorted({*_departments(person), *([now.department] if now.department else [])})
    with st.form("documents-search"):
        first, second = st.columns([2, 1])
        words = first.text_input(say("Words of the title or the file's name"), now.words, max_chars=200)
        department = second.selectbox(
            say("Department"),
            named,
            index=named.index(now.department) if now.department else None,
            placeholder=say("any department"),
            accept_new_options=True,
        )
        left, middle, right = st.columns(3)
        kind = _chosen(left, say("Kind"), KINDS, now.kind)
        level = _chosen(middle, say("Level"), LEVELS, now.level)
        state = _chosen(right, say("State"), STATES, now.state)
        with st.container(horizontal=True):
            own = st.checkbox(say("Only what I gave"), now.own)
            current = st.checkbox(say("Without what has been replaced"), now.current)
        with st.container(horizontal=True):
            given = st.form_submit_button(say("Search"), type="primary", icon=":material/search:")
            anew = st.form_submit_button(say("Show everything"), type="tertiary") if now != Wanted() else False
    if given or anew:
        wanted = Wanted(words, (department or "")[:100], kind, level, state, own, current)
        _kept(_WANTED)[person.id] = Wanted() if anew else wanted
        _kept(_TRAIL)[person.id] = []
        st.rerun()


def _chosen(where: DeltaGenerator, label: str, words: Mapping[str, str], now: str) -> str:
    keys = list(words)
    return where.selectbox(label, keys, keys.index(now), format_func=lambda key: say(words[key]))


def _departments(person: Person) -> list[str]:
    """Some that there are for him; none where the house suggests nothing. Another may be written."""
    kept: dict[str, list[str]] = _kept("documents-departments")
    if person.id not in kept:
        try:
            kept[person.id] = signin.signed_in(person.id, lambda who: client.departments(signin.api(), who))
        except Problem:
            kept[person.id] = []
    return kept[person.id]


def _listed(person: Person) -> None:
    wanted: Wanted = _kept(_WANTED).get(person.id, Wanted())
    trail: list[str] = _kept(_TRAIL).setdefault(person.id, [])
    after = trail[-1] if trail else ""
    try:
        found = signin.signed_in(
            person.id, lambda who: client.page(signin.api(), who, wanted.asked(), after=after, limit=AT_ONCE)
        )
    except Problem as problem:
        trail.clear()  # what the page began after may be gone
        signin.show_problem(problem)
        return
    if not found.documents:
        st.html(_nothing(wanted))
    for number, document in enumerate(found.documents, start=1 + AT_ONCE * len(trail)):
        one.row(document, number, opened=one.choose)
    _pager(found, trail)


def _nothing(wanted: Wanted) -> str:
    if wanted != Wanted():
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


def _pager(found: Page, trail: list[str]) -> None:
    with st.container(horizontal=True):
        if trail:
            st.button(say("Back"), icon=":material/chevron_left:", on_click=_back, args=(trail,))
        if found.next:
            st.button(say("More"), icon=":material/chevron_right:", on_click=trail.append, args=(found.next,))


def _kept(name: str) -> dict[str, Any]:
    """What the visit keeps under this name, person by person."""
    kept: dict[str, Any] = st.session_state.setdefault(name, {})
    return kept


def _back(trail: list[str]) -> None:
    trail.pop()
