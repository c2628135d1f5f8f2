"""The officers' page of the ledger: whether it is whole, how much happened, and every entry."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

import altair as alt
import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import client, markup, plots, style, wholeness
from ui.office.client import Counts
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.speech import lang, later, say

PERIODS: Final = (7, 30, 90)
KINDS: Final = {
    later("Questions and answers"): (
        "asked", "retrieved", "opened", "closed", "refused", "broken", "left", "withdrawn", "feedback",
    ),
    later("Reading"): (
        "searched", "page-opened", "picture-opened", "page-refused", "document-opened",
        "conversation-opened", "conversation-exported", "conversation-deleted",
    ),
    later("Documents"): (
        "uploaded", "removed", "quarantine-released", "quarantine-discarded", "access-changed", "relabelled",
    ),
    later("Emergencies"): (
        "emergency-opened", "broke-glass", "emergency-ended", "emergency-reviewed", "emergency-lifted",
    ),
    later("Rules and keys"): (
        "policy-brought", "policy-activated", "policy-refused", "keys-changed", "known-changed", "person-erased",
        "model-started",
    ),
    later("Outside"): (
        "escalation-proposed", "escalation-denied", "escalation-awaiting", "escalation-approved", "escalation-sent",
        "escalation-answered", "escalation-failed", "escalation-expired", "escalation-shown", "approval",
    ),
    later("Officers' looks"): ("ledger-viewed", "rights-viewed", "redaction-tried", "quarantine-viewed", "self-tested"),
    later("Signing in"): ("signed-in", "signed-out", "sign-in-refused", "directory-silent", "directory-heard"),
}  # fmt: skip
"""Every event by what it is about; one that is in none of them is counted as other."""
OTHER: Final = later("Other")
_FROM: Final = "ledger-from"


def show() -> None:
    """Draw the three parts of it."""
    officer, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Ledger")}</h1>')
    lead = say("What happened, in an order that nobody can change unnoticed. It holds no names and no content.")
    st.html(f'<div class="mun-note">{lead}</div>')
    wholeness.show(officer)
    _counts(officer)
    _search(officer)


def _counts(officer: Person) -> None:
    st.html(f'<h2 class="mun-sub">{say("How much happened")}</h2>')
    days = st.segmented_control(
        say("Days"), PERIODS, default=30, key="ledger-days", format_func=lambda one: say("{days} days", days=one)
    )
    try:
        told = signin.signed_in(officer.id, lambda who: client.counts(signin.api(), who, days or 30))
    except Problem as problem:
        signin.show_problem(problem)
        return
    if not told.counts:
        st.html(notices.note(say("Nothing happened"), say("In these days the ledger has no entry.")))
        return
    _plot(told, days or 30)
    if not told.whole:
        st.html(f'<div class="mun-note">{say("There are more entries than are counted at once.")}</div>')


def _plot(told: Counts, days: int) -> None:
    """All days that were asked for, also those on which nothing happened."""
    today = datetime.now(UTC).date()
    shown = [(today - timedelta(days=days - 1)).isoformat(), (today + timedelta(days=1)).isoformat()]
    sums: Counter[tuple[str, str]] = Counter()
    for one in told.counts:
        sums[one.day.isoformat(), say(_kind(one.event))] += one.count
    rows = [{"day": day, "kind": kind, "count": count} for (day, kind), count in sums.items()]
    chart = (
        plots.chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("yearmonthdate(day):T", title=say("Day"), scale=alt.Scale(domain=shown)),
            y=alt.Y("count:Q", title=say("Entries")),
            color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="bottom", columns=2)),
            tooltip=["day:T", "kind:N", "count:Q"],
        )
        .properties(height=320)
    )
    st.altair_chart(chart, width="stretch")
    kinds: Counter[str] = Counter()
    for (_, kind), count in sums.items():
        kinds[kind] += count
    with st.expander(say("The same as a table")):
        body = [(kind, str(count)) for kind, count in kinds.most_common()]
        st.html(markup.table(say("Entries by what they are about"), (say("About"), say("Entries")), body, numbers=(1,)))


def _kind(event: str) -> str:
    return next((kind for kind, events in KINDS.items() if event in events), OTHER)


def _search(officer: Person) -> None:
    st.html(f'<h2 class="mun-sub">{say("Search the ledger")}</h2>')
    wanted = _wanted()
    if wanted is None:
        st.html(notices.note(say("That is no day"), say("Write days as in 2026-03-31, or nothing for any day.")))
        return
    key = str(sorted(wanted.items(), key=str))
    upto: int | None = st.session_state.get(_FROM, {}).get(key)
    try:
        told = signin.signed_in(officer.id, lambda who: client.search(signin.api(), who, **wanted, upto=upto))
    except Problem as problem:
        signin.show_problem(problem)
        return
    if told.entries:
        st.html(markup.entries(told.entries, zone()))
    else:
        st.html(notices.note(say("Nothing was found"), say("Ask for more days, or for less of an id.")))
    words = say("Entries found: {found}, gone through: {looked}", found=len(told.entries), looked=told.looked)
    st.html(f'<div class="mun-note">{words}</div>')
    _turn(key, upto, told.onward)


def _wanted() -> dict[str, str | None] | None:
    """What is searched for; None if a day is none."""
    left, middle, right = st.columns([2, 1, 1])
    event = left.selectbox(
        say("What happened"), list(markup.EVENTS), index=None, key="ledger-event", placeholder=say("anything"),
        format_func=lambda name: say(markup.EVENTS[name]),
    )  # fmt: skip
    since = middle.text_input(say("From day"), max_chars=10, key="ledger-since", placeholder="2026-01-01").strip()
    until = right.text_input(say("Until day"), max_chars=10, key="ledger-until", placeholder="2026-03-31").strip()
    left, right = st.columns(2)
    about = left.text_input(
        say("Id of an answer, an approval or an emergency"), max_chars=64, key="ledger-about", placeholder="0d9f6c1b"
    ).strip()
    policy = right.text_input(say("Policy set"), max_chars=64, key="ledger-policy", placeholder="9f2c").strip()
    try:
        days = {name: date.fromisoformat(day).isoformat() if day else None for name, day in
            (("since", since), ("until", until))}  # fmt: skip
    except ValueError:
        return None
    return {"event": event, "about": about, "policy": policy, **days}


def _turn(key: str, upto: int | None, onward: int) -> None:
    with st.container(horizontal=True):
        if upto is not None and st.button(say("The newest again"), icon=":material/first_page:"):
            st.session_state.pop(_FROM)
            st.rerun()
        if onward and st.button(say("Older entries"), icon=":material/chevron_right:"):
            st.session_state[_FROM] = {key: onward}
            st.rerun()
