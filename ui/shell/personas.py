"""The demonstration's sign-in. The token lives in this browser session's memory on the server, never in a cookie."""

import streamlit as st

from ui.house.client import Credential, Persona, bearer
from ui.shell import frame
from ui.shell.visit import api, department
from ui.words.said import said
from ui.words.speech import OWN, lang, say, say_html

WHO = "who"
"""Where the session keeps the id of who is signed in."""


def person() -> str:
    """The id of whom one has chosen to be; draws the choice, and without one ends the page there. Raises Problem."""
    everyone = {persona.id: persona for persona in api().personas()}
    if WHO in st.session_state:
        # Streamlit forgets a widget's value when the page changes, though its key may still tell it; who one is must
        # outlast that. A choice has changed WHO by now.
        st.session_state["picker"] = st.session_state[WHO]
    with frame.head():
        chosen = st.selectbox(
            say("You are"),
            list(everyone),
            index=None,
            format_func=lambda persona_id: everyone[persona_id].name if persona_id in everyone else "",
            placeholder=say("Choose a persona"),
            key="picker",
            on_change=lambda: _become(st.session_state["picker"]),
        )
        if chosen is not None:
            one = everyone[chosen]
            st.html(f'<div class="mun-meta">{said(one.title)}<br>{said(department(one.department))}</div>')
    if chosen is None:
        st.session_state.pop(OWN, None)
        _welcome(list(everyone.values()))
        st.stop()
    return chosen


def _welcome(everyone: list[Persona]) -> None:
    st.html(
        f'<h1 {lang()} class="mun-head">{say_html("Ask the house its own documents")}</h1>'
        f'<div {lang()} class="mun-answer">'
        + say_html(
            "Answers come only from what you may read, each sentence with the page it stands on. Where the documents "
            "are silent, Muniment says so."
        )
        + "<br>"
        + say_html("Begin by choosing who you are: people read different things, and get different answers.")
        + "</div>"
    )
    everybody = st.container(key="everybody")
    for persona in everyone:
        with everybody.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
            key=f"persona-{persona.id}",
        ):
            st.html(
                f'<div class="mun-title">{said(persona.name)}</div><div class="mun-meta">{said(persona.title)}</div>',
                width="content",
            )
            st.button(say("Sign in"), key=f"be-{persona.id}", on_click=_become, args=(persona.id,))


def _become(persona_id: str | None) -> None:
    st.session_state[WHO] = st.session_state["picker"] = persona_id


def credential(persona: str, *, fresh: bool = False) -> Credential:
    """A persona's token; `fresh` if the appliance was started anew meanwhile."""
    tokens: dict[str, str] = st.session_state.setdefault("tokens", {})
    if fresh or persona not in tokens:
        tokens[persona] = api().sign_in(persona)
    return bearer(tokens[persona])
