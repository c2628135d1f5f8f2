"""The Ask page: a question, its sentences as they are released, and where each of them stands."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ui.ask import client, filtering, markup, reading, showing, style, teaching
from ui.ask.client import Queued, Sentence
from ui.ask.turns import Turn, decide_again, of
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, files, ways
from ui.words.speech import language, say

LONGEST: Final = 2_000
"""Characters of a question that the box takes; the appliance has its own bound."""


def show() -> None:
    """Draw the page: what was asked before, the new question if there is one, and the box."""
    if "opening" in st.session_state:
        st.switch_page(ways.page("cited"), query_params={"passage": st.session_state.pop("opening")})
    person, _ = entering.enter()
    st.html(style.CSS)
    turns = of(person.id)
    typed = st.chat_input(say("Ask a question"), max_chars=LONGEST, key=showing.BOX, submit_mode="stop")
    question = typed or st.session_state.pop("example", None)
    proposed = teaching.suggestions(person)
    with st.empty():  # emptied at once when a question begins, instead of fading behind it
        if not turns and not question:
            with st.container():
                teaching.teach(person, proposed.topics)
    if turns or question:
        st.html(teaching.nobody_asked(say("Ask")))
    decide_again(person.id, turns)
    for number, turn in enumerate(turns):
        showing.show(person, number, turn)
    if question:
        conversation = _conversation(turns)
        turns.append(Turn(question, conversation, filters=filtering.chosen()))
        _answer(person, len(turns) - 1, turns[-1], conversation)
    _beside(person, turns, proposed.departments)


def _beside(person: Person, turns: list[Turn], departments: Sequence[str]) -> None:
    """What belongs to the conversation as a whole."""
    with st.container(horizontal=True, key="ask-beside"):
        filtering.draw(departments)
        if not turns:
            return
        st.button(
            say("New conversation"), on_click=_begin, args=(turns,), icon=":material/add_comment:", shortcut="Alt+N"
        )
        if kept := _conversation(turns):
            files.offer(
                person.id, say("As PDF"), client.export(kept), name=say("conversation.pdf"), key="as-pdf",
                format="pdf", language=language(),
            )  # fmt: skip


def _begin(turns: list[Turn]) -> None:
    turns.clear()
    teaching.forget()


def _conversation(turns: list[Turn]) -> str:
    """Where the next question is asked: with the last one that is kept, unless that conversation is gone."""
    for turn in reversed(turns):
        if isinstance(turn.outcome, Problem) and turn.outcome.code == "not-found":
            return ""
        if turn.conversation:
            return turn.conversation
    return ""


def _answer(person: Person, number: int, turn: Turn, conversation: str) -> None:
    """Ask, and show each sentence as it comes. Whatever interrupts leaves what was shown in the turn."""
    with showing.asker(turn):
        place, queue, stopped = st.empty(), st.empty(), st.empty()
        stopped.html(markup.stopped())  # seen only if the page is not being drawn any more and this still stands there
        with st.spinner(say("Reading and checking …"), show_time=True):
            try:
                for step in reading.asked(person.id, turn.question, conversation, turn.filters):
                    queue.html(markup.queued(step.place if isinstance(step, Queued) else 0))
                    if isinstance(step, Sentence):
                        turn.released.append(step)
                        place.html(markup.sentences(turn.released))
                    elif not isinstance(step, Queued):
                        turn.outcome = step
            except Problem as problem:
                turn.outcome = problem
        queue.empty()
        stopped.empty()
        if turn.forget():
            place.empty()
        showing.end(person, number, turn)
