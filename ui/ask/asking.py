"""The Ask page: a question, its sentences as they are released, and where each of them stands."""

import streamlit as st

from ui.ask import client, markup, reading
from ui.ask.client import Answer, Refusal, Sentence
from ui.ask.turns import Turn, decide_again
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, signin, ways
from ui.words.said import said

EXAMPLES = {
    "en": (
        "Until when may visitors stay on a general ward?",
        "What must I do first after a needlestick injury?",
        "How long may a blood transfusion take?",
    ),
    "de": (
        "Bis wann dürfen Besucher auf der Station bleiben?",
        "Was ist zu tun, wenn ein Zytostatikum auf die Haut gelangt?",
        "Ab welchem Punktwert gilt ein Patient als stark sturzgefährdet?",
    ),
}
REASONS = (
    {
        "wrong": "It is wrong",
        "incomplete": "Something is missing",
        "outdated": "It holds no longer",
        "wrong-source": "The source is the wrong one",
        "misunderstood": "That was not my question",
        "should-have-answered": "It should have been answered",
        "other": "Something else",
    },
    {"right": "It is right", "other": "Something else"},
)
"""Why a thumb points down (0) or up (1), by the API's word for it."""
LONGEST = 2_000
"""Characters of a question that the box takes; the appliance has its own bound."""


def show() -> None:
    """Draw the page: what was asked before, the new question if there is one, and the box."""
    if "opening" in st.session_state:
        st.switch_page(ways.page("cited"), query_params={"passage": st.session_state.pop("opening")})
    person, _ = entering.enter()
    turns: list[Turn] = st.session_state.setdefault("turns", {}).setdefault(person.id, [])
    question = st.chat_input("Ask a question", max_chars=LONGEST) or st.session_state.pop("example", None)
    with st.empty():  # emptied at once when a question begins, instead of fading behind it
        if not turns and not question:
            with st.container():
                _teach(person)
    decide_again(person.id, turns)
    for number, turn in enumerate(turns):
        _show_turn(person, number, turn)
    if question:
        conversation = _conversation(turns)
        turns.append(Turn(question, conversation))
        _answer(person, len(turns) - 1, turns[-1], conversation)
    if turns:
        st.button("New conversation", on_click=turns.clear, icon=":material/add_comment:")


def _teach(person: Person) -> None:
    called = "".join(f", {said(name)}" for name in person.name.split()[:1])
    st.html(
        f'<h1 class="mun-head">What would you like to know{called}?</h1>'
        '<div class="mun-answer">Ask in your own words, one thing at a time. Each sentence of an answer carries a '
        "number; open it to see the page that it stands on.</div>"
    )
    for number, example in enumerate(EXAMPLES.get(person.language, EXAMPLES["en"])):
        st.button(example, key=f"example-{number}", on_click=_choose, args=(example,), icon=":material/chat_bubble:")


def _choose(example: str) -> None:
    st.session_state["example"] = example


def _open(passage: str) -> None:
    """Before the page is drawn again: the button may not be there any more by then."""
    st.session_state["opening"] = passage


def _show_turn(person: Person, number: int, turn: Turn) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f"<div>{said(turn.question)}</div>")
    with st.chat_message("assistant", avatar=":material/menu_book:"):
        if turn.released:
            st.html(markup.sentences(turn.released))
        _end(person, number, turn)


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
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f"<div>{said(turn.question)}</div>")
    with st.chat_message("assistant", avatar=":material/menu_book:"):
        place = st.empty()
        with st.spinner("Reading and checking …", show_time=True):
            try:
                for step in reading.asked(person.id, turn.question, conversation):
                    if isinstance(step, Sentence):
                        turn.released.append(step)
                        place.html(markup.sentences(turn.released))
                    else:
                        turn.outcome = step
            except Problem as problem:
                turn.outcome = problem
        if turn.forget():
            place.empty()
        _end(person, number, turn)


def _end(person: Person, number: int, turn: Turn) -> None:
    if turn.gone:
        st.html(f'<div class="mun-note">{markup.GONE}</div>')
    match turn.outcome:
        case Answer() as answer:
            marked = markup.URGENT if answer.emergency else ""
            st.html(marked + markup.understood(answer.understood) + markup.closing(answer))
            for citation in answer.citations:
                with st.container(border=True):
                    st.html(markup.card(citation))
                    label = f"Open page {citation.page}"
                    key = f"{person.id}-{number}-{citation.number}"
                    st.button(label, key=key, icon=":material/find_in_page:", on_click=_open, args=(citation.passage,))
            _rate(person, turn, answer)
        case Refusal() as refusal:
            st.html(markup.understood(refusal.understood) + markup.refusal(refusal))
            _rate(person, turn, refusal)
        case Problem() as problem:
            if turn.released:
                st.html('<div class="mun-note">The answer stopped here; it is not complete.</div>')
            signin.show_problem(problem)
        case None:
            st.html(
                '<div class="mun-note">Interrupted before it was complete. Ask again to get the whole answer.</div>'
            )


def _rate(person: Person, turn: Turn, outcome: Answer | Refusal) -> None:
    """Thumbs, and why. Only what is kept can be rated."""
    if not turn.conversation:
        return
    thumb = st.feedback("thumbs", key=f"thumb-{outcome.id}")
    if turn.rated:
        st.html('<div class="mun-note">Thank you; this is kept with the answer.</div>')
    if thumb is None or turn.rated:
        return
    with st.form(f"why-{outcome.id}"):
        reason = st.selectbox("Why?", list(REASONS[thumb]), format_func=lambda word: REASONS[thumb].get(word, ""))
        note = st.text_input("In your own words, if you like", max_chars=500)
        if not st.form_submit_button("Send"):
            return
    try:
        feedback = {"verdict": ("down", "up")[thumb], "reason": reason, "note": note}
        signin.signed_in(person.id, lambda who: client.rate(signin.api(), who, outcome.id, **feedback))
    except Problem as problem:
        signin.show_problem(problem)
    else:
        turn.rated = True
        st.rerun()
