"""The officers' page of tests: how good the answers were, and whether anything came out, run after run."""

from typing import Final

import altair as alt
import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import markup, plots, sets, style
from ui.office.sets import Evaluation, Evaluations, Figure, LeakTest, LeakTests
from ui.shell import entering, notices, signin
from ui.shell.visit import zone
from ui.words.said import said, seen
from ui.words.speech import lang, later, say
from ui.words.times import moment, number

FIGURES: Final = {
    "Access violations": later("Access violations"),
    "Answered of answerable": later("Answered of answerable"),
    "Refused of unanswerable": later("Refused of unanswerable"),
    "Answer points": later("Answer points"),
    "Citation precision": later("Citation precision"),
    "Wholly right": later("Wholly right"),
}
"""The figures that head every evaluation."""
SHARES: Final = tuple(name for name in FIGURES if name != "Access violations")
"""Those of them that are shares."""
VERDICTS: Final = {
    0: later("nothing came out"),
    1: later("something came out"),
    2: later("the test itself failed"),
}


def show() -> None:
    """Draw both kinds of tests."""
    officer, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Test results")}</h1>')
    _leaks(officer)
    _evaluations(officer)


def _leaks(officer: Person) -> None:
    st.html(f'<h2 class="mun-sub">{say("Leak tests")}</h2>')
    try:
        told = signin.signed_in(officer.id, lambda who: sets.leaks(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return
    _unread(told.unread)
    if not told.runs:
        words = say("`muniment selftest leaks` makes one: invented secrets are planted, and everybody tries for them.")
        st.html(notices.note(say("No leak test has been run"), words))
        return
    _last(told.runs[-1])
    _leak_plot(told)
    rows = [_leak_row(one) for one in reversed(told.runs)]
    head = (say("When"), say("Result"), say("Attempts"), say("Ways out"), say("Controls"), say("Model"), say("Rules"))
    st.html(markup.table(say("Every run, the newest first"), head, rows, numbers=(2, 3)))


def _last(one: LeakTest) -> None:
    when = said(moment(one.began, zone()))
    if one.exit_code == 0:
        words = say("The last test: nothing came out. Attempts: {count}", count=number(one.attempts))
        st.html(markup.good(f"✓ {words}", when))
        return
    words = say("Ways out that the last test found: {count}", count=one.findings)
    if one.exit_code != 1:
        words = say("The last test failed itself: it proves nothing")
    st.html(f'<div class="mun-wrong" role="alert"><b>✗ {words}</b>{when}</div>')


def _leak_row(one: LeakTest) -> tuple[str, ...]:
    mark = "✓" if one.exit_code == 0 else "✗"
    found = f"{one.controls - one.missed} / {one.controls}"
    result = f"{mark} {say(VERDICTS[one.exit_code])}" if one.exit_code in VERDICTS else mark
    when, model, policy = said(moment(one.began, zone())), said(one.model), said(one.policy)
    return when, result, number(one.attempts), str(one.findings), found, model, policy


def _leak_plot(told: LeakTests) -> None:
    rows = [
        {
            "when": one.began.isoformat(),
            "attempts": one.attempts,
            "result": say(VERDICTS.get(one.exit_code, VERDICTS[2])),
        }
        for one in told.runs
    ]
    names = [say(words) for words in VERDICTS.values()]
    chart = (
        plots.chart(rows)
        .mark_point(filled=True, size=90)
        .encode(
            x=alt.X("when:T", title=say("When")),
            y=alt.Y("attempts:Q", title=say("Attempts"), scale=alt.Scale(domainMin=0, padding=12)),
            color=alt.Color(
                "result:N",
                title=None,
                scale=alt.Scale(domain=names, range=["#2b8079", "#b3353b", "#c28a1e"]),
                legend=alt.Legend(orient="bottom", columns=2),
            ),
            shape=alt.Shape(
                "result:N", title=None, scale=alt.Scale(domain=names), legend=alt.Legend(orient="bottom", columns=2)
            ),
            tooltip=["when:T", "result:N", "attempts:Q"],
        )
        .properties(height=300)
    )
    st.altair_chart(chart, width="stretch")


def _evaluations(officer: Person) -> None:
    st.html(f'<h2 class="mun-sub">{say("Quality of the answers")}</h2>')
    try:
        told = signin.signed_in(officer.id, lambda who: sets.evaluations(signin.api(), who))
    except Problem as problem:
        signin.show_problem(problem)
        return
    _unread(told.unread)
    if not told.runs:
        words = say("`muniment eval` makes one: questions with known answers are asked as the people who would.")
        st.html(notices.note(say("Nothing has been evaluated"), words))
        return
    names = list(dict.fromkeys(one.golden_set for one in told.runs))
    chosen = st.selectbox(say("Set of questions"), names, format_func=seen)
    runs = [one for one in told.runs if one.golden_set == chosen]
    _share_plot(runs)
    _figures(told, runs)


def _share_plot(runs: list[Evaluation]) -> None:
    rows = [
        {"when": one.finished.isoformat(), "run": one.run, "figure": say(FIGURES[name]), "share": one.figures[name]}
        for one in runs
        for name in SHARES
        if name in one.figures
    ]
    chart = (
        plots.chart(rows)
        .mark_line(point=True)
        .encode(
            x=alt.X("when:T", title=say("When")),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(zero=False, domainMax=1)),
            color=alt.Color("figure:N", title=None, legend=alt.Legend(orient="bottom", columns=2)),
            strokeDash=alt.StrokeDash("figure:N", title=None, legend=None),
            tooltip=["run:N", "figure:N", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(height=420)
    )
    st.altair_chart(chart, width="stretch")


def _figures(told: Evaluations, runs: list[Evaluation]) -> None:
    last, before = runs[-1], runs[-2] if len(runs) > 1 else None
    rows = [
        (
            say(FIGURES[one.name]) if one.name in FIGURES else said(one.name),
            _written(last.figures.get(one.name), one),
            _target(one, last.figures.get(one.name), frozen=last.golden_set == "unseen"),
            "" if before is None else _written(before.figures.get(one.name), one),
            said(one.meaning),
        )
        for one in told.figures
        if one.name in last.figures
    ]
    caption = say("The last run beside what it must reach. Questions: {count}", count=last.questions)
    head = (say("Figure"), say("Last run"), say("Target"), say("Run before"), say("What it means"))
    st.html(markup.table(caption, head, rows, numbers=(1, 2, 3)))


def _target(one: Figure, value: float | None, *, frozen: bool) -> str:
    wanted = one.frozen_target if frozen and one.frozen_target is not None else one.target
    if wanted is None or value is None:
        return ""
    reached = value >= wanted if one.unit == "share" else value <= wanted
    return f"{'✓' if reached else '✗'} {_written(wanted, one)}"


def _written(value: float | None, one: Figure) -> str:
    if value is None:
        return "–"
    if one.unit == "share":
        return f"{number(100 * value, 1)} %"
    return f"{number(value, 1)} s" if one.unit == "seconds" else number(value)


def _unread(count: int) -> None:
    if count:
        st.html(
            notices.note(
                say("Results that cannot be read: {count}", count=count), say("The operator should look at them.")
            )
        )
