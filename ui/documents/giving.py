"""The page on which one gives documents to the house, and sees how far each has come."""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit import config
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.documents import client, one, style
from ui.documents.client import Document
from ui.house.client import Person
from ui.house.problem import Problem
from ui.shell import entering, notices, signin, troubles, ways
from ui.shell.looking import Looking
from ui.words import levels
from ui.words.said import said
from ui.words.speech import lang, say, say_html

AT_ONCE: Final = 20
"""Files that are taken together: the portal holds them in memory until the house has them."""
SHOWN: Final = 50
EACH_SECONDS: Final = 3.0
_ROUND, _SENT = "giving-round", "giving-sent"
_LOOKING: Final = Looking("giving-until")
_OPEN: Final = "giving-open"


def show() -> None:
    """Draw the form, what became of what was just given, and everything that one has given."""
    if _OPEN in st.session_state:
        st.switch_page(ways.page("documents"), query_params={one.ID: st.session_state.pop(_OPEN)})
    person, _ = entering.enter()
    st.html(style.CSS)
    st.html(f'<h1 {lang()} class="mun-head">{say("Give a document to the house")}</h1>')
    lead = say(
        "You say who may read it. Its own text may raise its level, and nothing can lower it. A file of the same name "
        "is a new version of what you gave before."
    )
    st.html(f'<div {lang()} class="mun-answer">{lead}</div>')
    try:
        own = signin.signed_in(
            person.id, lambda who: client.page(signin.api(), who, [("own", "true")], after="", limit=SHOWN)
        )
    except Problem as problem:
        signin.show_problem(problem)
        return
    _follow(own.largest)
    if person.groups:
        _form(person, own.largest)
    else:
        st.html(notices.note(say("You belong to no group"), say("So nobody could read what you give.")))
    for told in st.session_state.pop(_SENT, ()):
        st.html(told)
    _given(person, own.documents)


def _follow(largest: int) -> None:
    """The portal takes files as large as the house does. Until somebody who may give any has looked, almost none.

    Streamlit reads the option at each upload; it holds for the whole process, as the house's own bound does.
    """
    mib = max(1, largest >> 20)
    if config.get_option("server.maxUploadSize") != mib:
        config.set_option("server.maxUploadSize", mib)


def _form(person: Person, largest: int) -> None:
    turn = st.session_state.setdefault(_ROUND, 0)
    with st.form(f"giving-{turn}"):
        files = st.file_uploader(
            say("Files"), accept_multiple_files=True, max_upload_size=max(1, largest >> 20), key=f"files-{turn}"
        )
        left, right = st.columns(2)
        level = left.selectbox(say("Level"), _levels(person), format_func=levels.named)
        readers = right.multiselect(
            say("Who may read it: groups of your own"), sorted(person.groups), placeholder=say("Choose groups")
        )
        given = st.form_submit_button(say("Give to the house"), type="primary", icon=":material/upload_file:")
    if not given:
        return
    if not files or not readers:
        st.html(notices.note(say("Nothing was given"), say("Choose a file, and at least one group that may read it.")))
        return
    if len(files) > AT_ONCE:
        st.html(notices.note(say("Too many at once"), say("At most {count} files together.", count=AT_ONCE)))
        return
    st.session_state[_SENT] = _send(person, files, level, readers)
    st.session_state[_ROUND] = turn + 1  # an empty form: the portal lets the bytes go
    _LOOKING.begin()
    st.rerun()


def _levels(person: Person) -> list[str]:
    """Up to one's own clearance; internal first, as most are."""
    names = list(levels.LEVELS)
    allowed = names[: names.index(person.clearance) + 1] if person.clearance in names else names[:1]
    return sorted(allowed, key=lambda name: name != "internal")


def _send(person: Person, files: Sequence[UploadedFile], level: str, readers: Sequence[str]) -> list[str]:
    """Each file in its turn, whatever becomes of the others; what to tell of each."""
    told = []
    bar = st.progress(0.0, text=say("{done} of {all} given", done=0, all=len(files)))
    for done, file in enumerate(files, start=1):
        try:
            _give(person, file, level, readers)
        except Problem as problem:
            told.append(f"<div>{said(file.name)}</div>" + notices.problem(*troubles.told(problem), problem.request_id))
        else:
            words = say_html("{name} is safe, and will be read in its turn.", name=file.name)
            told.append(f'<div class="mun-done" role="status">{words}</div>')
        bar.progress(done / len(files), text=say("{done} of {all} given", done=done, all=len(files)))
    return told


def _give(person: Person, file: UploadedFile, level: str, readers: Sequence[str]) -> Document:
    content, name = file.getvalue(), file.name
    return signin.signed_in(
        person.id, lambda who: client.upload(signin.api(), who, content, name=name, level=level, readers=readers)
    )


def _given(person: Person, own: Sequence[Document]) -> None:
    st.html(f'<h2 class="mun-sub">{say("What you gave")}</h2>')
    if not own:
        st.html(f'<div class="mun-note">{say("Nothing yet.")}</div>')
    for number, document in enumerate(own, start=1):
        one.row(document, number, opened=_choose)
    if any(document.status in client.ON_ITS_WAY for document in own):
        if _LOOKING.goes_on():
            _watch(person.id, _states(own))
        elif st.button(say("Look how far they have come"), icon=":material/refresh:"):
            _LOOKING.begin()
            st.rerun()


@st.fragment(run_every=EACH_SECONDS)
def _watch(person: str, before: dict[str, str]) -> None:
    """Look whether one has come further; nothing of the page is drawn anew until it has."""
    try:
        own = signin.signed_in(
            person, lambda who: client.page(signin.api(), who, [("own", "true")], after="", limit=SHOWN)
        )
    except Problem as problem:
        signin.show_problem(problem)
        _LOOKING.end()
        return
    if _states(own.documents) != before or not _LOOKING.goes_on():
        st.rerun()


def _states(documents: Sequence[Document]) -> dict[str, str]:
    return {document.id: document.status for document in documents}


def _choose(document: str) -> None:
    st.session_state[_OPEN] = document
