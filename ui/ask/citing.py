"""The cited page: what stands behind a mark, with the passage marked where it stands."""

import streamlit as st

from ui.ask import markup, reading
from ui.house.problem import Problem
from ui.shell import entering, signin, ways


def show() -> None:
    """Draw the page of the passage that the address names."""
    person, _ = entering.enter()
    if st.button("Back to the answer", icon=":material/arrow_back:", type="tertiary"):
        st.switch_page(ways.page("ask"))
    passage = st.query_params.get("passage", "")
    if not passage:
        st.html(
            '<h1 class="mun-head">No page is open</h1><div class="mun-answer">Ask a question, then open one of the '
            "citations under its answer: the page appears here with the passage marked.</div>"
        )
        return
    try:
        cited, picture = reading.cited(person.id, passage)
    except Problem as problem:
        signin.show_problem(problem)
        return
    st.html(markup.page_head(cited))
    if picture is None:
        st.html(markup.page_text(cited))
        return
    st.html(markup.page_picture(cited, picture))
    with st.expander("The page as text"):
        st.html(markup.page_text(cited))
