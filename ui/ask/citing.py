"""The cited page: what stands behind a mark, with the passage marked where it stands, and the pages around it."""

from pathlib import PurePosixPath

import streamlit as st

from ui.ask import client, markup, reading, style
from ui.ask.client import CitedPage
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, files, notices, signin, ways
from ui.words.speech import lang, say

_PAGE = "page"


def show() -> None:
    """Draw the page of the passage that the address names, or the page of its document that it names besides."""
    person, _ = entering.enter()
    st.html(style.CSS)
    if st.button(say("Back to the answer"), icon=":material/arrow_back:", type="tertiary"):
        st.switch_page(ways.page("ask"))
    passage = st.query_params.get("passage", "")
    if not passage:
        lead = say(
            "Ask a question, then open one of the citations under its answer: the page appears here with the passage "
            "marked."
        )
        st.html(
            f'<h1 {lang()} class="mun-head">{say("No page is open")}</h1><div {lang()} class="mun-answer">{lead}</div>'
        )
        return
    try:
        cited, picture = reading.cited(person.id, passage, _number())
    except Problem as problem:
        st.html(f'<h1 class="mun-hidden">{say("Cited page")}</h1>')
        _failed(problem)
        return
    st.html(markup.page_head(cited))
    _turning(cited)
    if picture is None:
        st.html(markup.page_sheet(cited))
    else:
        st.html(markup.page_picture(cited, picture))
        with st.expander(say("The page as text")):
            st.html(markup.page_text(cited))
    _original(person, cited)


def _number() -> int:
    """Which page the address names; 0 is that of the passage. What is no number is none."""
    told = st.query_params.get(_PAGE, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0


def _failed(problem: Problem) -> None:
    """A page that is not there, or not for who is here: the house does not say which, and neither does this."""
    signin.show_problem(problem)
    if problem.code == "not-found":
        st.html(
            notices.note(
                say("What may have happened"),
                say(
                    "The document was replaced or removed, you may not read it any more, or it has no such page. "
                    "Ask again: the answer is drawn from what you may read now."
                ),
            )
        )


def _turning(cited: CitedPage) -> None:
    if cited.pages < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="turning"):
        st.button(
            say("Previous page"), disabled=cited.page <= 1, on_click=_turn, args=(cited.page - 1,),
            icon=":material/chevron_left:", shortcut="Left",
        )  # fmt: skip
        st.button(
            say("Next page"), disabled=cited.page >= cited.pages, on_click=_turn, args=(cited.page + 1,),
            icon=":material/chevron_right:", shortcut="Right",
        )  # fmt: skip
        if not markup.marked(cited):
            st.button(say("Back to the marked passage"), on_click=_turn, args=(0,), icon=":material/bookmark:")


def _turn(number: int) -> None:
    if number:
        st.query_params[_PAGE] = str(number)
    else:
        st.query_params.pop(_PAGE, None)


def _original(person: Person, cited: CitedPage) -> None:
    """The way to the file behind the page, where the house would give it: what only an emergency opens stays here."""
    if cited.takeable:
        name = PurePosixPath(cited.uri).name
        files.offer(person.id, say("Download the original"), client.original(cited.document), name=name, key="original")
    st.html(f'<div class="mun-kept">{say("Looking at pages and downloading originals is on record.")}</div>')
