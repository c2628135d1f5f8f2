"""How every page begins: who is here, and what he is told about emergencies before anything else."""

from datetime import UTC, datetime

import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import frame, notices, outside, signin, uploads, urgency, ways
from ui.shell.urgency import MINE_ENDED, MINE_REVIEWED, MINE_RUNS, OVERDUE, REVIEW, RUNS, Emergency, Told
from ui.shell.visit import zone
from ui.words.speech import say


def enter(*, watch: bool = True) -> tuple[Person, Told]:
    """Who is here, and what the house tells him; without anyone the page ends here. With `watch`, officers are told
    here what waits for them."""
    person = signin.person()
    uploads.opened()
    told = _told(person)
    for one in told.of(MINE_RUNS):
        _banner(person, one)
    with frame.head():
        ways.links(person.may, told)
    _turned_away(person, told)
    for kind in (MINE_REVIEWED, MINE_ENDED):
        for one in told.of(kind):
            _own(kind, one)
    counts = {kind: len(told.of(kind)) for kind in (OVERDUE, REVIEW, RUNS)}
    if watch and any(counts.values()):
        with st.container(key="watch", horizontal=True, vertical_alignment="center"):
            st.html(notices.watch(counts[OVERDUE], counts[REVIEW], counts[RUNS]))
            st.page_link(ways.page("reviews"), label=say("Look at them"), icon=":material/fact_check:")
    if "approve-escalation" in person.may and ways.here().url != "approvals":
        _approvals()
    return person, told


def ended(person: Person, one: Emergency) -> None:
    """End it, and draw the page anew. One that is over by now is what was wanted."""
    try:
        signin.signed_in(person.id, lambda who: urgency.end(signin.api(), who, one.id))
    except Problem as problem:
        if problem.code != "conflict":
            signin.show_problem(problem)
            return
    st.rerun()


def _approvals() -> None:
    """An officer is told how many questions wait for his word before they leave."""
    if not outside.there() or not (count := outside.pending()):
        return
    with st.container(key="waits", horizontal=True, vertical_alignment="center"):
        st.html(
            f'<div role="status">{say("Questions on their way outside that wait for you: {count}", count=count)}</div>'
        )
        st.page_link(ways.page("approvals"), label=say("Look at what waits"), icon=":material/approval:")


def _told(person: Person) -> Told:
    try:
        return signin.signed_in(person.id, lambda who: urgency.told(signin.api(), who))
    except Problem as problem:
        if problem.code != "not-found":  # a house without emergencies
            signin.show_problem(problem)
        return Told()


def _banner(person: Person, one: Emergency) -> None:
    """Above every page, in what stays in view: until when it runs, and the way to end it."""
    with (
        frame.above(),
        st.container(key="emergency", horizontal=True, vertical_alignment="center"),
    ):
        st.html(notices.running(one, datetime.now(UTC), zone()))
        if st.button(say("End now"), icon=":material/stop_circle:"):
            ended(person, one)


def _turned_away(person: Person, told: Told) -> None:
    """Whoever can do nothing on this page is not shown it. The one where everybody arrives leads him to another."""
    place = ways.here()
    if place.open_to(person.may):
        return
    first = ways.elsewhere(person.may, told)
    if ways.is_first(place) and first is not None:
        st.switch_page(ways.page(first.url))
    st.html(notices.note(say("Not for you"), say("The rules of this house let you do nothing here.")))
    st.stop()


def _own(kind: str, one: Emergency) -> None:
    """What became of one of his, until he has seen it in this visit."""
    seen: set[tuple[str, str]] = st.session_state.setdefault("seen", set())
    if (one.id, kind) in seen:
        return
    with st.container(key=f"own-{one.id}", horizontal=True, vertical_alignment="center"):
        st.html(notices.own(one, zone()))
        st.button(say("Seen"), key=f"seen-{one.id}", type="tertiary", on_click=seen.add, args=((one.id, kind),))
