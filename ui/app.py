"""The portal's page, which `ui/serve.py` has Streamlit run for every visit."""

import os
from pathlib import Path
from typing import Final, Literal

import streamlit as st

from ui import local
from ui.ask import asking, citing, history
from ui.documents import curating, giving, shelf
from ui.emergency import opening, reviewing
from ui.office import offices
from ui.operations import watching
from ui.outside import approvals, requesting
from ui.shell import frame, notices, outside, signin, style, ways
from ui.shell.ways import Place
from ui.words.speech import later, say

ICON: Final = Path(__file__).with_name("icon.png")
"""A file of ours: Streamlit would fetch a named icon for the browser's tab from elsewhere."""

PLACES: Final = (
    Place(url="ask", show=asking.show, title=later("Ask"), icon=":material/chat_bubble:", group="Ask", needs="ask"),
    Place(
        url="history",
        show=history.show,
        title=later("Earlier questions"),
        icon=":material/history:",
        group="Ask",
        needs="ask",
    ),
    Place(
        url="emergency",
        show=opening.show,
        title=later("Emergency access"),
        icon=":material/emergency_home:",
        group="Ask",
        told=lambda told: bool(told.longest),
    ),
    Place(
        url="reviews",
        show=reviewing.show,
        title=later("Emergencies to review"),
        icon=":material/fact_check:",
        group="Office",
        told=lambda told: told.reviews,
    ),
    Place(
        url="outside",
        show=requesting.show,
        title=later("Ask outside"),
        icon=":material/outbound:",
        group="Outside",
        needs="ask",
        told=lambda _: outside.offered(),
        wide=True,
    ),
    Place(
        url="approvals",
        show=approvals.show,
        title=later("Approvals"),
        icon=":material/approval:",
        group="Outside",
        needs="approve-escalation",
        told=lambda _: outside.there(),
        wide=True,
    ),
    Place(
        url="documents",
        show=shelf.show,
        title=later("Documents"),
        icon=":material/folder_open:",
        group="Documents",
        needs="search",
    ),
    Place(
        url="give",
        show=giving.show,
        title=later("Give a document"),
        icon=":material/upload_file:",
        group="Documents",
        needs="search",
    ),
    Place(
        url="quarantine",
        show=curating.show,
        title=later("Held back"),
        icon=":material/inbox:",
        group="Documents",
        needs="curate",
    ),
    Place(
        url="operations",
        show=watching.show,
        title=later("How the house is doing"),
        icon=":material/monitor_heart:",
        group="Operations",
        needs="view-operations",
        wide=True,
    ),
    *offices.PLACES,
    Place(url="cited", show=citing.show, title=later("Cited page"), icon=":material/find_in_page:"),
)
"""Every page of the portal. The first one is where one arrives."""


def main() -> None:
    """Draw the page that the address names, under the banner that says what this is."""
    # First: a visitor who did not come the right way causes no call to the API.
    if objection := local.objection(st.context.headers, os.environ.get("MUNIMENT_PUBLIC_URL", "")):
        _begin("centered")
        st.html(notices.problem(say(objection), say("Open it at the address that the operator gave."), ""))
        st.stop()
    page = ways.navigate(PLACES)
    _begin("wide" if ways.here().wide else "centered")
    frame.begin()
    signin.banner()
    page.run()


def _begin(layout: Literal["centered", "wide"]) -> None:
    """Said once at each drawing: the browser is in no doubt how wide the page is."""
    st.set_page_config(page_title="Muniment", page_icon=str(ICON), layout=layout)
    st.html(style.CSS)


main()
