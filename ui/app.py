"""The portal's page, which `ui/serve.py` has Streamlit run for every visit."""

import os
from pathlib import Path

import streamlit as st

from ui import asking, citing, emergency, local, markup, reviewing, signin

ICON = Path(__file__).with_name("icon.png")
"""A file of ours: Streamlit would fetch a named icon for the browser's tab from elsewhere."""


def main() -> None:
    """Draw the page that the address names, under the banner that says what this is."""
    st.set_page_config(page_title="Muniment", page_icon=str(ICON), layout="centered")
    st.html(markup.CSS)
    # First: a visitor who did not come the right way causes no call to the API.
    if objection := local.objection(st.context.headers, os.environ.get("MUNIMENT_PUBLIC_URL", "")):
        st.html(markup.problem(objection, "Open it at the address that the operator gave.", ""))
        st.stop()
    pages = {
        "ask": st.Page(asking.show, title="Ask", url_path="ask", default=True),
        "emergency": st.Page(emergency.show, title="Emergency access", url_path="emergency"),
        "reviews": st.Page(reviewing.show, title="Emergencies to review", url_path="reviews"),
        "cited": st.Page(citing.show, title="Cited page", url_path="cited"),
    }
    st.session_state["pages"] = pages
    page = st.navigation(list(pages.values()), position="hidden")
    signin.banner()
    page.run()


main()
