"""Whether the ledger is whole: verified in the background, told in plain words."""

from typing import Final

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import client, markup
from ui.office.client import Verification
from ui.shell import notices, signin
from ui.shell.looking import Looking
from ui.shell.visit import zone
from ui.words.said import said
from ui.words.speech import say, say_html

EACH_SECONDS: Final = 1.0
_LOOKING: Final = Looking("verification-until")


def show(officer: Person) -> None:
    """Draw how the last verification ended, or how far this one is, and the way to begin another."""
    st.html(f'<h2 class="mun-sub">{say("Is it whole?")}</h2>')
    told = _told(officer)
    if told is None:
        return
    if told.state == "running" and _LOOKING.goes_on():
        _watched(officer)
        return
    _draw(told)
    words = say("Look again") if told.state == "running" else say("Verify the whole ledger")
    if st.button(words, icon=":material/verified:", type="primary" if told.state == "never" else "secondary"):
        if told.state != "running":
            _begin(officer)
        _LOOKING.begin()
        st.rerun()


def _begin(officer: Person) -> None:
    try:
        signin.signed_in(officer.id, lambda who: client.verify(signin.api(), who))
    except Problem as problem:
        if problem.code != "conflict":  # somebody else's runs: it is as good
            signin.show_problem(problem)
            st.stop()


@st.fragment(run_every=EACH_SECONDS)
def _watched(officer: Person) -> None:
    told = _told(officer)
    if told is None or told.state != "running" or not _LOOKING.goes_on():
        _LOOKING.end()
        st.rerun()
    _draw(told)


def _told(officer: Person) -> Verification | None:
    try:
        return signin.signed_in(officer.id, lambda who: client.verification(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return None


def _draw(told: Verification) -> None:
    if told.state == "never":
        st.html(
            notices.note(
                say("Nobody has verified it yet"),
                say("It goes on in the background, and takes about half a minute for a million entries."),
            )
        )
    elif told.state == "running":
        share = told.read / told.of if told.of else 0.0
        st.progress(min(share, 1.0), text=say("Entries verified: {read} of {of}", read=told.read, of=told.of))
    elif told.state == "done":
        st.html(_outcome(told))
    else:
        why = say_html("It ended with {code}.", code=told.failed) if told.failed else say("Its process ended.")
        st.html(f'<div class="mun-wrong"><b>{say("The last verification was broken off")}</b>{why}</div>')


def _outcome(told: Verification) -> str:
    when = say_html("Verified {moment}.", moment=markup.moment(told.ended, zone()))
    remarks = "".join(f"<li>{said(one)}</li>" for one in told.remarks)
    if told.backwards:
        words = say("Entries earlier than the one before, since a clock was set: {count}", count=told.backwards)
        remarks += f"<li>{words}</li>"
    more = f'<ul class="mun-list">{remarks}</ul>' if remarks else ""
    if told.faults:
        faults = "".join(f"<li>{said(one)}</li>" for one in told.faults)
        rest = say("and {count} more", count=told.untold) if told.untold else ""
        return (
            f'<div class="mun-wrong" role="alert"><b>✗ {say("Something was changed")}</b>'
            f'<ul class="mun-list">{faults}</ul>{rest} {when}{more}</div>'
        )
    what = say("Every entry is in its place and fits the one before. Entries: {count}", count=told.read)
    return markup.good(f"✓ {what}", f"{_vouched(told)} {when}{more}")


def _vouched(told: Verification) -> str:
    """Up to where somebody vouches, and what that is worth."""
    if told.vouched is None:
        return say("Nobody vouches for it yet: without a checkpoint, whoever writes the database could rewrite it.")
    upto = say("A signed checkpoint vouches for all up to entry {entry}.", entry=told.vouched.entry)
    if told.given is not None:
        place = say("The second place agrees up to entry {entry}.", entry=told.given.entry)
    elif told.second:
        place = say("The second place vouches for none of it.")
    else:
        words = say("The second place cannot be read from here; `muniment ledger verify --checkpoint` can compare.")
        place = notices.commands(words)
    tail = told.last - told.vouched.entry
    rest = say("Entries after it, which stand on the chain alone: {count}.", count=tail) if tail else ""
    return " ".join(filter(None, (upto, place, rest)))
