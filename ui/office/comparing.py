"""An uploaded policy set beside the one in force: its faults, who signed, and what it would open and close to whom."""

import hashlib
from typing import Final

import altair as alt
import streamlit as st

from ui.house.client import Person
from ui.house.problem import Problem
from ui.office import markup, plots, sets
from ui.office.sets import Change, Examined, FileChange
from ui.shell import notices, signin
from ui.words.said import said, seen
from ui.words.speech import later, say, say_html

STATES: Final = {
    "valid": later("valid"),
    "unknown": later("nobody of that name may sign here"),
    "invalid": later("not a signature of this set"),
}
KINDS: Final = {"added": later("new file"), "removed": later("file removed"), "changed": later("changed")}
_LOOKED: Final = "office-examined"
LARGEST: Final = 1 << 20
"""Bytes of a zip; the appliance has its own bound."""
PLOTTED: Final = 20
"""People of whom a plot tells; the table has them all."""


def compare(officer: Person) -> None:
    """Draw an upload, and what comes of it."""
    uploaded(officer, "compare")


def uploaded(officer: Person, key: str) -> tuple[Examined, bytes] | None:
    """An uploaded set and what is known of it, drawn; None if there is none yet, or none that can be read."""
    words = say("Zip the folder of the changed set. It is checked and compared, not kept. It need not be signed.")
    st.html(f'<div class="mun-note">{words}</div>')
    file = st.file_uploader(say("Policy set as a zip"), type=["zip"], key=f"{key}-zip")
    if file is None:
        return None
    content = file.getvalue()
    if len(content) > LARGEST:
        st.html(notices.note(say("The zip is too large"), say("A policy set is text: a megabyte is more than enough.")))
        return None
    found = _examined(officer, content)
    if found is None:
        return None
    _draw(found)
    return found, content


def _examined(officer: Person, content: bytes) -> Examined | None:
    """What the house says of it, asked once for the same bytes; each asking is on record and takes a while."""
    digest = hashlib.sha256(content).hexdigest()
    kept: tuple[str, str, Examined] | None = st.session_state.get(_LOOKED)
    if kept is not None and kept[:2] == (officer.id, digest):
        return kept[2]
    try:
        with st.spinner(say("Deciding for everybody and every document …")):
            found = signin.signed_in(officer.id, lambda who: sets.examined(signin.api(), who, content))
    except Problem as problem:
        signin.show_problem(problem)
        return None
    st.session_state[_LOOKED] = (officer.id, digest, found)
    return found


def forget() -> None:
    """What was looked at is compared with what is in force no more."""
    st.session_state.pop(_LOOKED, None)


def _draw(found: Examined) -> None:
    head = say_html("Set {version}, compared with {against} in force", version=found.version, against=found.against)
    st.html(f'<h2 class="mun-sub">{head}</h2>')
    if found.faults:
        faults = "".join(f"<li>{said(one)}</li>" for one in found.faults)
        words = say("It cannot come into force. Faults: {count}", count=len(found.faults))
        st.html(f'<div class="mun-wrong"><b>✗ {words}</b><ul class="mun-list">{faults}</ul></div>')
    else:
        st.html(markup.good(f"✓ {say('All rows of its tables come out as they should: {count}', count=found.rows)}"))
    _signatures(found)
    _changes(found)
    _files(found.files)


def _signatures(found: Examined) -> None:
    st.html(f'<h2 class="mun-sub">{say("Signatures")}</h2>')
    if not found.signatures:
        words = say("Two officers sign the folder, each on a machine of their own, with `muniment policy sign`.")
        st.html(notices.note(say("Nobody has signed it"), words))
        return
    rows = [
        (said(one.officer), f"{'✓' if one.state == 'valid' else '✗'} {say(STATES[one.state])}")
        for one in found.signatures
    ]
    st.html(markup.table(say("Beside the set"), (say("Officer"), say("Signature")), rows))


def _changes(found: Examined) -> None:
    st.html(f'<h2 class="mun-sub">{say("What would change")}</h2>')
    if found.changes is None:
        st.html(
            notices.note(say("Nothing can be said"), say("The rules cannot be read, so nobody can be decided about."))
        )
        return
    if not found.changes:
        st.html(markup.good(say("Nobody would read more or less than now.")))
        return
    _plot(found.changes)
    rows = [
        (
            markup.named(one.name, one.person),
            f"+{one.opens}" if one.opens else "0",
            f"−{one.closes}" if one.closes else "0",
        )
        for one in found.changes
    ]
    st.html(
        markup.table(
            say("People for whom something would change"),
            (say("Person"), say("Documents that open"), say("Documents that close")),
            rows,
            numbers=(1, 2),
        )
    )
    head = f'<h3 class="mun-part">{say("Which documents, for each person")}</h3>'
    st.html(head + "".join(map(_listed, found.changes)))


def _listed(one: Change) -> str:
    told = ""
    for words, uris, count in (
        (say("Would open"), one.opened, one.opens),
        (say("Would close"), one.closed, one.closes),
    ):
        if count:
            more = f"<li>{say('and {count} more', count=count - len(uris))}</li>" if count > len(uris) else ""
            told += f"<div><b>{words}</b></div><ul class='mun-list'>{_items(uris)}{more}</ul>"
    return f"<details><summary>{said(one.name or one.person)}</summary>{told}</details>"


def _items(uris: list[str]) -> str:
    return "".join(f"<li>{said(uri)}</li>" for uri in uris)


def _plot(changes: list[Change]) -> None:
    opens, closes = say("open"), say("close")
    rows = [
        {"person": seen(one.person), "what": what, "documents": count}
        for one in changes[:PLOTTED]
        for what, count in ((opens, one.opens), (closes, -one.closes))
    ]
    chart = (
        plots.chart(rows)
        .mark_bar()
        .encode(
            y=alt.Y("person:N", title=None, sort=None),
            x=alt.X("documents:Q", title=say("Documents"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "what:N", title=None, scale=alt.Scale(domain=[opens, closes], range=["#2b8079", "#c2661e"])
            ),
            tooltip=["person:N", "what:N", "documents:Q"],
        )
        .properties(height=max(90, 26 * min(len(changes), PLOTTED) + 40))
    )
    st.altair_chart(chart, width="stretch")


def _files(files: list[FileChange]) -> None:
    st.html(f'<h2 class="mun-sub">{say("Files that differ")}</h2>')
    if not files:
        st.html(notices.note(say("None"), say("Word for word it is the set in force.")))
    for one in files:
        st.html(f'<div class="mun-title">{said(one.file)} <span class="mun-badge">{say(KINDS[one.kind])}</span></div>')
        st.html(difference(one.lines))
        if one.more:
            st.html(f'<div class="mun-note">{say("There is more than is shown.")}</div>')


def difference(lines: list[str]) -> str:
    """Lines of a difference; what is new and what is gone said by signs, not by colour alone."""
    told = "".join(_line(one) for one in lines if not one.startswith(("---", "+++")))
    return f'<div class="mun-code" tabindex="0">{told}</div>'


def _line(one: str) -> str:
    kind = {"+": "ins", "-": "del"}.get(one[:1])
    return f"<{kind}>{said(one)}</{kind}>" if kind else f"<div>{said(one)}</div>"
