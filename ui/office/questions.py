"""The officers' four questions, answered by looking: who reads this, what is read, what was seen, what would change."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import choosing, client, comparing, markup, style
from ui.office.client import Matter, Readable
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.said import seen
from ui.words.speech import lang, later, say, say_html

DAYS: Final = (1, 7, 30, 90)
ACTIONS: Final = {
    "read": later("read it"),
    "delete": later("remove it"),
    "change-access": later("change who reads it"),
    "use-for-training": later("train a model on it"),
    "escalate": later("send it outside"),
    "break-glass": later("open it in an emergency"),
}
"""What can be asked of a document, besides reading."""
_AFTER: Final = "office-after"


def show() -> None:
    """Draw the four questions and the answer to the chosen one."""
    officer, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Who sees what")}</h1>')
    lead = say("All of this is decided anew by the rules in force. That you look is on record; no content is shown.")
    st.html(f'<div class="mun-note">{lead}</div>')
    chosen = st.segmented_control(
        say("Question"), list(_QUESTIONS), default=_FIRST, format_func=say, key="office-question", width="stretch"
    )
    _QUESTIONS[chosen or _FIRST](officer)


# --- Who can read this document? ------------------------------------------------------------------------------------


def _readers(officer: Person) -> None:
    one = choosing.document(officer, "readers-document")
    if one is None:
        _empty(say("Choose a document to see who may read it, and by which rule."))
        return
    try:
        told = signin.signed_in(officer.id, lambda who: client.readers(signin.api(), who, one.id))
    except Problem as problem:
        signin.show_problem(problem)
        return
    count = sum(who.allowed for who in told.people)
    st.html(markup.matter(told.document))
    words = say("{count} of {known} may read it", count=count, known=len(told.people))
    st.html(f'<div class="mun-big">{words}</div>{markup.readers(told.people)}{_decided(told.policy)}')
    _why(officer, told.document, {who.person: who.name for who in told.people})


def _why(officer: Person, one: Matter, names: dict[str, str]) -> None:
    st.html(f'<h2 class="mun-sub">{say("Why, and what would change it")}</h2>')
    left, middle, right = st.columns(3)
    person = left.selectbox(
        say("Person"),
        list(names),
        index=None,
        key=f"why-{one.id}",
        placeholder=say("Choose somebody"),
        format_func=lambda who: seen(f"{names[who] or who} · {who}"),
    )
    action = middle.selectbox(say("May this person …"), list(ACTIONS), format_func=lambda word: say(ACTIONS[word]))
    purpose = right.text_input(say("Stating the purpose"), max_chars=128, placeholder=say("none"))
    if person is None:
        return
    try:
        told = signin.signed_in(
            officer.id,
            lambda who: client.explanation(signin.api(), who, one.id, person, action=action or "read", purpose=purpose),
        )
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.html(markup.explanation(told))


# --- What can this person read? -------------------------------------------------------------------------------------


def _readable(officer: Person) -> None:
    one = choosing.somebody(officer, "readable-person")
    if one is None:
        _empty(say("Choose somebody to see what this person may read."))
        return
    after: dict[str, str] = st.session_state.setdefault(_AFTER, {})
    try:
        told = signin.signed_in(
            officer.id, lambda who: client.readable(signin.api(), who, one.id, after.get(one.id, ""))
        )
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.html(markup.person(told.person))
    words = say("May read {count} of {known} documents", count=told.count, known=told.known)
    st.html(f'<div class="mun-big">{words}</div>')
    if not told.count:
        _empty(say("Nothing: no rule opens any document to this person."))
        return
    st.html(markup.places(told.places) + markup.matters(told.documents) + _decided(told.policy))
    _leaf(told, after)


def _leaf(told: Readable, after: dict[str, str]) -> None:
    with st.container(horizontal=True):
        if after.get(told.person.id) and st.button(say("From the beginning"), icon=":material/first_page:"):
            after.pop(told.person.id)
            st.rerun()
        if told.next and st.button(say("More documents"), icon=":material/chevron_right:"):
            after[told.person.id] = told.next
            st.rerun()


# --- What did this person see? --------------------------------------------------------------------------------------


def _seen(officer: Person) -> None:
    one = choosing.somebody(officer, "seen-person")
    other = st.text_input(
        say("Or the id of somebody who is not listed"), max_chars=256, key="seen-other", placeholder="0f3b…"
    ).strip()
    days = st.select_slider(say("Days back"), DAYS, value=7, key="seen-days")
    person = other or (one.id if one else "")
    if not person:
        _empty(say("Choose somebody to see what the ledger knows: searches, answers, pages. Words are not in it."))
        return
    try:
        told = signin.signed_in(officer.id, lambda who: client.seen(signin.api(), who, person, days))
    except Problem as problem:
        signin.show_problem(problem)
        return
    words = say_html("Entries of {person}: {count}", count=len(told.sightings) + told.more, person=person)
    note = say("Days whose keys are there: {days} of {all}. Where keys were destroyed, nothing shows.",
        days=told.days, all=days)  # fmt: skip
    st.html(f'<div class="mun-big">{words}</div><div class="mun-note">{note}</div>')
    if told.sightings:
        st.html(markup.sightings(told.sightings, zone()))
    if told.more:
        st.html(f'<div class="mun-note">{say("Older ones that are not listed: {count}", count=told.more)}</div>')


def _decided(policy: str) -> str:
    return f'<div class="mun-note">{say_html("Decided by policy set {version}", version=policy)}</div>'


def _empty(words: str) -> None:
    st.html(notices.note(say("Nothing is chosen yet"), words))


_FIRST: Final = later("Who can read this?")
_QUESTIONS: Final[dict[str, Callable[[Person], None]]] = {
    _FIRST: _readers,
    later("What can this person read?"): _readable,
    later("What did this person see?"): _seen,
    later("What would a change change?"): comparing.compare,
}
"""The four questions, in the order of the officers' handbook."""
