"""The officers' page of the rules: which set is in force, word for word, its tables run, and how another comes in."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import comparing, markup, sets, style
from ui.office.sets import Examined, Policies, PolicySet, Row
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.said import said, seen
from ui.words.speech import lang, later, say, say_html
from ui.words.times import moment

EFFECTS: Final = {"permit": later("permits"), "forbid": later("forbids")}
TABLES: Final = {"decisions": later("Decisions"), "labels": later("Labels")}
_DONE: Final = "office-activated"


def show() -> None:
    """Draw what is in force, and the chosen part of it."""
    officer, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Rules")}</h1>')
    if (done := st.session_state.pop(_DONE, None)) is not None:
        st.html(markup.good(say_html("Policy set {version} is in force.", version=done)))
    try:
        told = signin.signed_in(officer.id, lambda who: sets.policies(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return
    _status(told)
    part = st.segmented_control(
        say("Part"), list(_PARTS), default=_FIRST, format_func=say, key="office-part", width="stretch"
    )
    _PARTS[part or _FIRST](officer, told)


def _status(told: Policies) -> None:
    newest = next((one for one in told.history if one.version == told.version), None)
    since = ""
    if newest is not None:
        since = say_html(
            "since {moment}, vouched for by {officers}",
            moment=moment(newest.at, zone()),
            officers=", ".join(newest.officers),
        )
    head = say_html("Policy set {version} is in force", version=told.version)
    st.html(f'<div class="mun-big">{head}</div><div class="mun-meta">{since}</div>')
    if told.fault:
        st.html(f'<div class="mun-wrong"><b>{say("It is not the newest one")}</b>{said(told.fault)}</div>')


# --- Its parts ------------------------------------------------------------------------------------------------------


def _rules(officer: Person, told: Policies) -> None:
    found = _shown(officer, told.version)
    if found is None:
        return
    part = st.text_input(say("Part of a rule's name, reason or text"), max_chars=100, icon=":material/search:")
    fits = [one for one in found.rules if part.casefold() in f"{one.rule} {one.reason} {one.text}".casefold()]
    st.html(f'<div class="mun-note">{say("{count} of {all} rules", count=len(fits), all=len(found.rules))}</div>')
    for one in fits:
        st.html(
            f'<div class="mun-title">{said(one.reason or one.rule)}</div>'
            f'<div class="mun-meta"><span class="mun-badge">{say(EFFECTS[one.effect])}</span>'
            f"<code>{said(one.rule)}</code> · {said(one.file)}</div>"
            f'<div class="mun-code" tabindex="0">{said(one.text)}</div>'
        )


def _files(officer: Person, told: Policies) -> None:
    found = _shown(officer, told.version)
    if found is None:
        return
    texts = {one.name: one.text for one in found.files}
    name = st.selectbox(say("File"), list(texts), format_func=seen)
    if name:
        st.html(f'<div class="mun-code" tabindex="0">{said(texts[name])}</div>')


def _tables(officer: Person, told: Policies) -> None:
    try:
        with st.spinner(say("Deciding every row …")):
            rows = signin.signed_in(officer.id, lambda who: sets.tables(signin.api(), who, told.version))
    except Problem as problem:
        signin.show_problem(problem)
        return
    wrong = [one for one in rows if one.fault]
    if wrong:
        faults = "".join(f"<li>{said(one.fault)}</li>" for one in wrong)
        words = say("Rows that come out otherwise: {count}", count=len(wrong))
        st.html(f'<div class="mun-wrong" role="alert"><b>✗ {words}</b><ul class="mun-list">{faults}</ul></div>')
    else:
        words = say("All rows come out as they should, decided just now: {count}", count=len(rows))
        st.html(markup.good(f"✓ {words}"))
    for table, title in TABLES.items():
        some = [one for one in rows if one.table == table]
        if some:
            st.html(_outcomes(say(title), some))


def _outcomes(title: str, rows: list[Row]) -> str:
    body = [
        (
            "✗" if one.fault else "✓",
            said(one.row),
            said(one.expected),
            said(one.came),
            ", ".join(f"<code>{said(rule)}</code>" for rule in one.rules),
        )
        for one in rows
    ]
    return markup.table(title, ("", say("Case"), say("Must come out"), say("Came out"), say("By")), body)


def _history(_officer: Person, told: Policies) -> None:
    rows = [
        (f"<code>{said(one.version)}</code>", moment(one.at, zone()), said(", ".join(one.officers)))
        for one in told.history
    ]
    head = (say("Policy set"), say("Activated"), say("Vouched for by"))
    st.html(markup.table(say("What was in force here, the newest first"), head, rows))
    words = say_html("Who may sign: {names}", names=", ".join(told.officers) or "–")
    st.html(f'<div class="mun-note">{words}</div>')
    st.html(f'<div class="mun-note">{say("To go back, upload an older set again with its signatures.")}</div>')


def _another(officer: Person, _told: Policies) -> None:
    found = comparing.uploaded(officer, "activate")
    if found is None:
        return
    examined, content = found
    st.html(f'<h2 class="mun-sub">{say("Activate")}</h2>')
    if not examined.activates:
        words = say("It needs valid signatures of two officers, and no fault. Private keys never come here.")
        st.html(notices.note(say("It cannot come into force yet"), words))
        return
    signed = ", ".join(one.officer for one in examined.signatures if one.state == "valid")
    words = say_html(
        "Set {version} was signed by {officers}. Compare the version with what they signed.",
        version=examined.version,
        officers=signed,
    )
    st.html(f"<p>{words}</p>")
    if examined.earlier:
        words = say(
            "Its signatures are those of then; nobody signed it again. The ledger will say that it was earlier."
        )
        st.html(notices.note(say("This set was in force before: it is the way back"), words))
    sure = st.checkbox(say("I compared the version and looked at what would change"), key=f"sure-{examined.digest}")
    if st.button(say("Bring it into force"), type="primary", icon=":material/gavel:", disabled=not sure):
        _activate(officer, content, examined)


def _activate(officer: Person, content: bytes, looked: Examined) -> None:
    try:
        done = signin.signed_in(officer.id, lambda who: sets.activate(signin.api(), who, content, looked))
    except Problem as problem:
        signin.show_problem(problem)
        return
    comparing.forget()
    st.session_state[_DONE] = done.version
    st.rerun()


def _shown(officer: Person, version: str) -> PolicySet | None:
    try:
        return signin.signed_in(officer.id, lambda who: sets.shown(signin.api(), who, version))
    except Problem as problem:
        signin.show_problem(problem)
        return None


_FIRST: Final = later("Rules one by one")
_PARTS: Final[dict[str, Callable[[Person, Policies], None]]] = {
    _FIRST: _rules,
    later("Tables"): _tables,
    later("Files"): _files,
    later("Another set"): _another,
    later("History"): _history,
}
