"""The portal's entry: `python -m streamlit run ui/app.py`."""

from pathlib import Path

import streamlit as st

from ui import asking, citing, markup, signin

ICON = Path(__file__).with_name("icon.png")
"""A file of ours: Streamlit would fetch a named icon for the browser's tab from elsewhere."""


def main() -> None:
    """Draw the page that the address names, under the banner that says what this is."""
    st.set_page_config(page_title="Muniment", page_icon=str(ICON), layout="centered")
    st.html(markup.CSS)
    pages = {
        "ask": st.Page(asking.show, title="Ask", url_path="ask", default=True),
        "cited": st.Page(citing.show, title="Cited page", url_path="cited"),
    }
    st.session_state["pages"] = pages
    page = st.navigation(list(pages.values()), position="hidden")
    with st.container(key="banner"):
        st.html(signin.BANNER)
    page.run()


main()
