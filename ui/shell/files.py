"""A file of the house's to take away: by its own address, where the browser has a session of its own.

With a session the browser fetches the file from the house itself, with its cookie, and the house decides then; nothing
of it passes through the portal. A persona's token is no cookie, so in the demonstration the portal fetches it, once the
button is pressed, and Streamlit hands it over. What the house
refuses is told beside this page, not in its place.
"""

import os
from urllib.parse import urlencode

import streamlit as st

from ui.shell import notices, signin
from ui.words.said import seen


def offer(who: str, label: str, path: str, *, name: str, key: str, **query: str) -> None:
    """A button for the file at `path` of the API. `label` is ours; `name`, what the file is called, need not be."""
    if signin.demo():
        st.download_button(
            label,
            lambda: signin.signed_in(who, lambda one: signin.api().raw(one, path, **query)),
            file_name=seen(name).replace("/", "_") or "document",
            mime="application/octet-stream",
            key=key,
            on_click="ignore",
            icon=":material/download:",
        )
        return
    base = os.environ.get("MUNIMENT_PUBLIC_URL") or os.environ.get("MUNIMENT_API_URL", "http://127.0.0.1:8765")
    asked = f"?{urlencode(query)}" if query else ""
    st.html(notices.way(label, f"{base.rstrip('/')}{path}{asked}", quiet=True, beside=True))
