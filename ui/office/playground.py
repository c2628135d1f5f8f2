"""The officers' page on which a text is tried out: what would leave of it, for each kind of destination."""

from typing import Final

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import markup, sets, style
from ui.office.sets import Leaving, Replacement
from ui.shell import entering, notices, signin
from ui.words.said import said
from ui.words.speech import LANGUAGES, lang, later, say, say_html

LONGEST: Final = 8_000
"""Characters of a text that the box takes; the appliance has its own bound."""
WAYS: Final = {
    "external": later("A language model elsewhere"),
    "partner": later("Another institution"),
    "training": later("Training"),
    "export": later("A file that a person takes along"),
}
HOUSE: Final = "house"
"""What the appliance calls all of its own finders together: which of them it was, would tell who is on a list."""
DONE: Final = {
    "remove": later("removed"),
    "generalise": later("said more widely"),
    "token": later("replaced by a token"),
}


def show() -> None:
    """Draw the box, and what would leave."""
    officer, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Redaction playground")}</h1>')
    lead = say(
        "Try out what would leave of a text. It is looked through as anything is before it leaves; nothing of it is "
        "kept, logged or sent; that you tried one is on record. Still, invented text is best."
    )
    st.html(f'<div class="mun-note">{lead}</div>')
    with st.form("playground", border=False):
        text = st.text_area(
            say("Text"), height=180, max_chars=LONGEST, placeholder=say("Mr Renner, born 3 May 1961, was admitted …")
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            language = st.radio(say("Written in"), list(LANGUAGES), format_func=LANGUAGES.get, horizontal=True)
            asked = st.form_submit_button(say("Show what would leave"), type="primary", icon=":material/ink_eraser:")
    if not asked:
        return
    if not text.strip():
        st.html(notices.note(say("There is nothing to look at"), say("Write or paste a text first.")))
        return
    _leaving(officer, text, language or "en")


def _leaving(officer: Person, text: str, language: str) -> None:
    try:
        with st.spinner(say("Looking through it …")):
            found = signin.signed_in(officer.id, lambda who: sets.leaving(signin.api(), who, text, language))
    except Problem as problem:
        if problem.code == "not-found":
            words = say("This installation looks for no personal data (setting `detection`), so nothing can be shown.")
            st.html(notices.note(say("There is no playground here"), words))
        else:
            signin.show_problem(problem)
        return
    for one in found:
        with st.container(border=True):
            st.html(_one(one))


def _one(one: Leaving) -> str:
    title = say(WAYS[one.ways]) if one.ways in WAYS else said(one.ways)
    names = say_html("destinations: {names}", names=", ".join(one.destinations)) if one.destinations else ""
    head = f'<h2 class="mun-sub" style="margin-top:0">{title}</h2><div class="mun-meta">{names}</div>'
    warned = ""
    if one.residual:
        words = say("Nothing of this would leave. Places that the second look still finds: {count}", count=one.residual)
        warned = f'<div class="mun-wrong"><b>✗ {words}</b></div>'
    nothing = f'<div class="mun-note">{say("Nothing private was found: it would leave as it is.")}</div>'
    return f'{head}{warned}<div class="mun-text">{marked(one.text, one.replacements)}</div>{_told(one) or nothing}'


def marked(text: str, replacements: list[Replacement]) -> str:
    """The text that would leave, with what was put there marked."""
    pieces, copied = [], 0
    for one in replacements:
        end = one.at + len(one.put)
        pieces += [said(text[copied : one.at]), f'<span class="mun-put">{said(text[one.at : end])}</span>']
        copied = end
    return "".join([*pieces, said(text[copied:])])


def _finder(one: Replacement) -> str:
    return say("the house") if one.source == HOUSE else said(one.source)


def _told(one: Leaving) -> str:
    rows = [(said(each.put), said(each.entity or "–"), say(DONE[each.way]), _finder(each)) for each in one.replacements]
    if not rows:
        return ""
    head = (say("Stands there now"), say("Kind"), say("What was done"), say("Found by"))
    return markup.table(say("What was replaced"), head, rows)
