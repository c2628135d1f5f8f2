"""One document: what is told of it, why one sees it and who else does, its other versions, and taking it away."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.documents import client, markup
from ui.documents.client import Document, Versions, Why
from ui.house.client import Api, Credential, Person
from ui.house.problem import Problem
from ui.shell import files, notices, signin
from ui.shell.visit import zone
from ui.words.said import said
from ui.words.speech import say

ID: Final = "document"
"""The name under which the address says which one."""
_GONE: Final = "document-gone"


def choose(document: str) -> None:
    """Have the page draw this one."""
    st.query_params[ID] = document


def row(document: Document, number: int, *, opened: Callable[[str], None]) -> None:
    """A document in a list, and the button for which `opened` is called with its id."""
    with st.container(key=f"document-{document.id}", border=True, horizontal=True, vertical_alignment="center"):
        with st.container():
            st.html(markup.row(document, number))
        st.button(
            say("Open {number}", number=number),
            key=f"open-{document.id}",
            icon=":material/description:",
            on_click=opened,
            args=(document.id,),
            width="content",
        )


def draw(person: Person, chosen: str) -> None:
    """Draw all that the house tells of it."""
    if st.session_state.pop(_GONE, "") == chosen:
        told = say("Nobody can read it any more; what is left of it is taken away in its turn.")
        st.html(f'<div class="mun-done" role="status">{told}</div>')
        return
    try:
        document, why, versions = signin.signed_in(person.id, lambda who: _asked(signin.api(), who, chosen))
    except Problem as problem:
        if problem.code != "not-found":
            signin.show_problem(problem)
            return
        st.html(notices.note(say("There is no such document, or it is not for you"), say("Both look the same here.")))
        return
    st.html(f'<h1 class="mun-head">{said(document.title or document.name)} {markup.state(document)}</h1>')
    st.html(markup.outcome(document) + markup.facts(document, zone()))
    if document.readable and document.status == "stored":
        path = client.original(document.id)
        files.offer(person.id, say("Download the original"), path, name=document.name, key=f"original-{document.id}")
    _versions(document, versions)
    _why(why)
    if document.own:
        _remove(person, document)


def _asked(api: Api, who: Credential, chosen: str) -> tuple[Document, Why, Versions]:
    return client.one(api, who, chosen), client.why(api, who, chosen), client.versions(api, who, chosen)


def _versions(document: Document, found: Versions) -> None:
    if document.superseded and found.newer is None:
        st.html(notices.note(say("A newer one replaces it"), say("You may not read that one.")))
    shown = [*([found.newer] if found.newer is not None else []), *found.older]
    if not shown:
        return
    st.html(f'<h2 class="mun-sub">{say("Other versions")}</h2>' + markup.versions(found))
    with st.container(horizontal=True):
        for one in shown:
            label = say("Open the newer one") if one is found.newer else say("Open the older one")
            st.button(label, key=f"version-{one.id}", icon=":material/history:", on_click=choose, args=(one.id,))


def _why(why: Why) -> None:
    st.html(f'<h2 class="mun-sub">{say("Why you see it")}</h2>' + markup.mine(why))
    if why.groups is None:
        told = say("Who else reads it is told to who answers for it, to curators and to security officers.")
        st.html(f'<div class="mun-note">{told}</div>')
    else:
        st.html(f'<h2 class="mun-sub">{say("Who else can see it")}</h2>' + markup.groups(why))


def _remove(person: Person, document: Document) -> None:
    with st.popover(say("Take it away"), icon=":material/delete:"):
        st.html(f"<div>{say('Nobody will be able to read it, and it cannot be brought back.')}</div>")
        if not st.button(say("Take it away now"), type="primary"):
            return
        try:
            signin.signed_in(person.id, lambda who: client.remove(signin.api(), who, document.id))
        except Problem as problem:
            signin.show_problem(problem)
            return
    st.session_state[_GONE] = document.id
    st.rerun()
