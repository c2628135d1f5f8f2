"""How long a page looks by itself whether something has come further.

Only for a while after what its person did last, then when asked to: an open window must keep no session awake.
"""

import time
from dataclasses import dataclass
from typing import Final

import streamlit as st

FOR_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Looking:
    """One page's, in this visit; `key` is where the visit keeps until when."""

    key: str

    def begin(self) -> None:
        """Its person has just done something, or asked to look."""
        st.session_state[self.key] = time.monotonic() + FOR_SECONDS

    def end(self) -> None:
        """Look no more."""
        st.session_state[self.key] = 0.0

    def goes_on(self) -> bool:
        """Whether it still looks by itself."""
        until: float = st.session_state.get(self.key, 0.0)
        return time.monotonic() < until
