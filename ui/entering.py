"""How every page begins: who is here, and what he is told about emergencies before anything else."""

from datetime import UTC, datetime

import streamlit as st

from ui import markup, signin
from ui.client import Person
from ui.problem import Problem
from ui.urgency import MINE_ENDED, MINE_REVIEWED, MINE_RUNS, OVERDUE, REVIEW, RUNS, Emergency, Told
from ui.visit import ABOVE, zone


def enter(*, watch: bool = True) -> tuple[Person, Told]:
    """Who is here, and what the house tells him; without anyone the page ends here. With `watch`, officers are told
    here what waits for them."""
    person = signin.person()
    told = _told(person)
    for one in told.of(MINE_RUNS):
        _banner(person, one)
    _ways(told)
    for kind in (MINE_REVIEWED, MINE_ENDED):
        for one in told.of(kind):
            _own(kind, one)
    counts = {kind: len(told.of(kind)) for kind in (OVERDUE, REVIEW, RUNS)}
    if watch and any(counts.values()):
        with st.container(key="watch", horizontal=True, vertical_alignment="center"):
            st.html(markup.watch(counts[OVERDUE], counts[REVIEW], counts[RUNS]))
            st.page_link(st.session_state["pages"]["reviews"], label="Look at them", icon=":material/fact_check:")
    return person, told


def ended(person: Person, one: Emergency) -> None:
    """End it, and draw the page anew. One that is over by now is what was wanted."""
    try:
        signin.signed_in(person.id, lambda who: signin.api().end(who, one.id))
    except Problem as problem:
        if problem.code != "conflict":
            signin.show_problem(problem)
            return
    st.rerun()


def _told(person: Person) -> Told:
    try:
        return signin.signed_in(person.id, lambda who: signin.api().told(who))
    except Problem as problem:
        if problem.code != "not-found":  # a house without emergencies
            signin.show_problem(problem)
        return Told()


def _banner(person: Person, one: Emergency) -> None:
    """Above every page, in what stays in view: until when it runs, and the way to end it."""
    with (
        st.session_state[ABOVE],
        st.container(key="emergency", horizontal=True, vertical_alignment="center"),
    ):
        st.html(markup.running(one, datetime.now(UTC), zone()))
        if st.button("End now", icon=":material/stop_circle:"):
            ended(person, one)


def _ways(told: Told) -> None:
    """To the pages of emergencies, for those who have anything to do there."""
    pages = st.session_state["pages"]
    with st.sidebar:
        if told.longest or told.reviews:
            st.page_link(pages["ask"], label="Ask", icon=":material/chat_bubble:")
        if told.longest:
            st.page_link(pages["emergency"], label="Emergency access", icon=":material/emergency_home:")
        if told.reviews:
            st.page_link(pages["reviews"], label="Emergencies to review", icon=":material/fact_check:")


def _own(kind: str, one: Emergency) -> None:
    """What became of one of his, until he has seen it in this visit."""
    seen: set[tuple[str, str]] = st.session_state.setdefault("seen", set())
    if (one.id, kind) in seen:
        return
    with st.container(key=f"own-{one.id}", horizontal=True, vertical_alignment="center"):
        st.html(markup.own(one, zone()))
        st.button("Seen", key=f"seen-{one.id}", type="tertiary", on_click=seen.add, args=((one.id, kind),))
