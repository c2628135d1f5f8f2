"""What a person narrows his questions to: kept for the visit, shown where he asks."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import streamlit as st

from ui.ask.client import EVERYTHING, Filters
from ui.words.said import said
from ui.words.speech import language, later, say, say_html
from ui.words.times import day

KINDS: Final = {
    "pdf": later("PDF"),
    "word": later("Word"),
    "slides": later("Slides"),
    "sheet": later("Tables"),
    "page": later("Web pages"),
    "text": later("Plain text"),
    "mail": later("Mail"),
    "picture": later("Scans and pictures"),
}
"""The kinds of file, by the house's word for each."""
FORMS: Final = {"en": "DD/MM/YYYY", "de": "DD.MM.YYYY"}
"""How a box takes a day."""
EARLIEST: Final = date(1950, 1, 1)
LATEST: Final = date(2100, 12, 31)
_KEPT, _ROUND = "filters", "filters-round"


def chosen() -> Filters:
    """What is looked at only, in this visit."""
    kept: Filters = st.session_state.get(_KEPT, EVERYTHING)
    return kept


def clear() -> None:
    """Look at everything again."""
    st.session_state[_KEPT] = EVERYTHING
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # other boxes: the old ones remember what they held


def draw(departments: Sequence[str]) -> None:
    """The button that opens them. `departments` are proposed; another may be written."""
    now = chosen()
    turn = st.session_state.get(_ROUND, 0)
    count = sum(map(bool, (now.departments, now.kinds, now.since or now.until)))
    label = say("Filters ({count})", count=count) if count else say("Filters")
    with st.popover(label, icon=":material/filter_alt:"):
        named = st.multiselect(
            say("Departments"),
            sorted({*departments, *now.departments}),
            default=list(now.departments),
            accept_new_options=True,
            placeholder=say("All that you may read"),
            key=f"filter-departments-{turn}",
        )
        kinds = st.multiselect(
            say("Kinds of file"),
            list(KINDS),
            default=list(now.kinds),
            format_func=lambda kind: say(KINDS[kind]),
            placeholder=say("All"),
            key=f"filter-kinds-{turn}",
        )
        since = _day(say("Valid from this day or later"), now.since, f"filter-since-{turn}")
        until = _day(say("Valid from this day or earlier"), now.until, f"filter-until-{turn}")
        if since and until and since > until:
            st.html(f'<div class="mun-note">{say("The first day lies after the second: nothing is found then.")}</div>')
        made = Filters(tuple(sorted(named)), tuple(sorted(kinds)), since, until)
        if made != now:
            st.session_state[_KEPT] = made
            st.rerun()
        if made:
            st.button(say("Remove all filters"), on_click=clear, icon=":material/filter_alt_off:")


def _day(label: str, held: date | None, key: str) -> date | None:
    return st.date_input(label, value=held, min_value=EARLIEST, max_value=LATEST, format=FORMS[language()], key=key)


def told(filters: Filters) -> str:
    """What a question was narrowed to, as HTML; "" if to nothing."""
    parts = [said(one) for one in filters.departments] + [say(KINDS[kind]) for kind in filters.kinds]
    if filters.since:
        parts.append(say_html("from {day} on", day=day(filters.since)))
    if filters.until:
        parts.append(say_html("until {day}", day=day(filters.until)))
    words = "".join(f'<span class="mun-word">{part}</span>' for part in parts)
    return f'<div class="mun-note">{say("Looked only at:")} {words}</div>' if parts else ""
