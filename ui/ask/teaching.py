"""What stands on the page before anything was asked: how it works, and what one could ask about."""

import secrets
from collections.abc import Sequence

import streamlit as st

from ui.ask import client, markup
from ui.ask.client import Suggestions, Topic
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import signin
from ui.words.said import said
from ui.words.speech import lang, say, say_html

_TURN, _TURNS = "suggestions-turn", 10_000


def suggestions(person: Person) -> Suggestions:
    """What the house proposes to who is here. Asked for with each drawing: the visit's memory is no permission."""
    turn = st.session_state.setdefault(_TURN, secrets.randbelow(_TURNS))
    try:
        return signin.signed_in(person.id, lambda who: client.suggestions(signin.api(), who, turn))
    except Problem:
        return Suggestions()  # nobody needs them to ask


def forget() -> None:
    """Propose something else next time."""
    st.session_state.pop(_TURN, None)


def teach(person: Person, topics: Sequence[Topic]) -> None:
    """How to ask, and a few topics from what this person may read."""
    first = next(iter(person.name.split()), "")
    asked = (
        say_html("What would you like to know, {name}?", name=first) if first else say("What would you like to know?")
    )
    lead = say(
        "Ask in your own words, one thing at a time. Each sentence of an answer carries a number; open it to see the "
        "page that it stands on."
    )
    st.html(f'<h1 {lang()} class="mun-head">{asked}</h1><div {lang()} class="mun-answer">{lead}</div>')
    if not topics:
        _examples()
        return
    st.html(f'<h2 class="mun-group">{say("From documents that you may read")}</h2>')
    for number, topic in enumerate(topics):
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
            key=f"topic-{number}",
        ):  # fmt: skip
            st.html(markup.topic(topic), width="content")
            st.button(say("Ask about this"), key=f"example-{number}", on_click=choose, args=(topic.question,))


def _examples() -> None:
    """Questions about the invented house, where there is no topic: its documents were not looked through yet."""
    if not signin.demo():
        return
    st.html(f'<h2 class="mun-group">{say("For example")}</h2>')
    asked = (
        say("Until when may visitors stay on a general ward?"),
        say("What must I do first after a needlestick injury?"),
        say("How long may a blood transfusion take?"),
    )
    for number, question in enumerate(asked):
        st.button(question, key=f"example-{number}", on_click=choose, args=(question,), icon=":material/chat_bubble:")


def choose(question: str) -> None:
    """Ask this when the page is drawn again."""
    st.session_state["example"] = question


def nobody_asked(name: str) -> str:
    """A heading for who only hears the page, where there is none to be seen."""
    return f'<h1 class="mun-hidden">{said(name)}</h1>'
