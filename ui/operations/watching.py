"""The operator's page: whether each part works, what waits, how long things take, what is in use. Counts and times."""

from typing import Final

import streamlit as st

from ui.house.problem import Problem
from ui.operations import client, markup, plots, style
from ui.operations.client import Operations, Times, Waiting
from ui.operations.plots import Spec
from ui.shell import entering, signin
from ui.shell.visit import zone
from ui.words.speech import lang, say
from ui.words.times import number, size

ANSWERS, REQUESTS = "muniment_answer_seconds", "muniment_request_seconds"
SLOWEST: Final = 10
"""Routes that are drawn, the slowest first; the table has them all."""
MEBI: Final = 1_000_000


def show() -> None:
    """Draw one look at everything; another one when asked to. Nothing looks by itself: no open page keeps a session
    awake."""
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("How the house is doing")}</h1>')
    try:
        told = signin.signed_in(person.id, lambda who: client.look(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(markup.since(told.at, zone()))
        st.button(say("Look again"), icon=":material/refresh:")  # drawing the page again is looking again
    st.html(markup.health(told.parts))
    _waiting(told)
    _times(told)
    _stored(told)
    _versions(told)
    _ledger(told)


def _head(words: str) -> None:
    st.html(f'<h2 class="mun-sub">{words}</h2>')


def _waiting(told: Operations) -> None:
    _head(say("What waits"))
    st.html(markup.unknown(say("Questions")) if told.questions is None else markup.queue(told.questions))
    for words, waiting in (
        (say("Uploads"), told.uploads),
        (say("Documents"), told.documents),
        (say("Questions that go outside"), told.escalations),
    ):
        _counted(words, waiting)
    if told.reviews is not None:
        st.html(markup.counts(told.reviews, say("Emergencies")))
    else:
        st.html(markup.unknown(say("Emergencies")))


def _counted(words: str, waiting: Waiting | None) -> None:
    if waiting is None:
        st.html(markup.unknown(words))
    elif not waiting.counts:
        st.html(markup.tiles([(words, say("none"))]))
    else:
        named = [(markup.worded(markup.STATES, name), float(count)) for name, count in waiting.counts.items()]
        _beside(plots.bars(named, unit=say("count"), told=words), markup.counts(waiting.counts, words))
        if waiting.oldest is not None:
            st.html(markup.oldest(waiting.oldest, zone()))


def _times(told: Operations) -> None:
    _head(say("How long it takes, since this start"))
    steps = {one.kind: one for one in told.timed(ANSWERS)}
    answers, requests = [steps[kind] for kind in markup.STEPS if kind in steps], told.timed(REQUESTS)
    if not answers:
        st.html(markup.tiles([(say("Answers"), say("none yet"))]))
    for one in answers:
        words = markup.worded(markup.STEPS, one.kind)
        if one.kind != "waited":
            st.html(f'<div class="mun-note">{say("Answers: {step}", step=words)}</div>')
            _plot(plots.histogram(one.apart(), told=words))
    if answers:
        st.html(markup.times(answers, say("Answers"), markup.STEPS))
    if requests:
        slowest = sorted(requests, key=_slowness, reverse=True)
        drawn = [(one.kind, round(_slowness(one), 3)) for one in slowest[:SLOWEST]]
        words = say("Seconds within which 95 of 100 requests were answered, by route")
        _plot(plots.bars(drawn, unit=say("seconds"), told=words))
        st.html(markup.times(slowest, words, {}))
    if told.events:
        events = dict(sorted(told.events.items(), key=lambda one: -one[1]))
        with st.expander(say("Entries of the ledger since this start"), icon=":material/list:"):
            st.html(markup.counts(events, say("Entries of the ledger since this start"), {}))


def _slowness(one: Times) -> float:
    """95 of 100; where that is beyond the last bound, the bound."""
    last = max((bucket.upto for bucket in one.buckets if bucket.upto is not None), default=0.0)
    return last if one.nearly_all is None else one.nearly_all


def _stored(told: Operations) -> None:
    _head(say("Storage"))
    if told.storage is None:
        st.html(markup.unknown(say("Storage")))
        return
    room = say("{free} of {total}", free=size(told.storage.free), total=size(told.storage.total))
    st.html(markup.tiles([(say("Free on the disk"), room)]))
    parts = sorted(told.storage.parts, key=lambda one: -one.size)
    named = [(markup.worded(markup.STORED, one.part), round(one.size / MEBI, 2)) for one in parts]
    rows = [(markup.stored(one.part), size(one.size), number(one.files)) for one in parts]
    table = markup.table([say("part"), say("size"), say("files")], rows, say("Storage by part"))
    _beside(plots.bars(named, unit="MB", told=say("Storage by part")), table)


def _versions(told: Operations) -> None:
    _head(say("What is in use"))
    kept = say("not known") if told.conversations is None else number(told.conversations)
    named = [
        (say("Software"), markup.version(told.software)),
        (say("Policies in force"), markup.version(told.policies)),
        (say("Conversations kept"), kept),
        *([] if told.index is None else [markup.index(told.index)]),
    ]
    st.html(markup.tiles(named))
    if told.index is None:
        st.html(markup.unknown(say("Index")))
    st.html(markup.unknown(say("Models")) if told.models is None else markup.models(told.models))


def _ledger(told: Operations) -> None:
    _head(say("Ledger"))
    st.html(markup.unknown(say("Ledger")) if told.ledger is None else markup.ledger(told.ledger, zone()))


def _beside(spec: Spec, table: str) -> None:
    """A plot, and the same as a table for who reads it."""
    drawn, told = st.columns([3, 2], gap="medium")
    with drawn:
        _plot(spec)
    with told:
        st.html(table)


def _plot(spec: Spec) -> None:
    st.vega_lite_chart(spec, width="stretch")
