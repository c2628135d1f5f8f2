"""The end of a session that nobody uses: told before it comes, and the page covered when it has come.

Style alone does it, no script and no request: what waits in an open window keeps no session awake. The clock is the
house's; only how long it is until then goes to the browser.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import streamlit as st

from ui.house.client import Session
from ui.shell import frame, notices
from ui.words.speech import say, say_html

BEFORE: Final = timedelta(minutes=2)
"""How long before the end it is told."""


def watch(session: Session, login: str, zone: tzinfo) -> None:
    """Draw what appears when the time comes."""
    if session.idle_ends is None or session.ends is None:
        return
    now = datetime.now(UTC)
    with frame.above(), st.container(key="idle", horizontal=True, vertical_alignment="center"):
        st.html(style(session.idle_ends, now))
        until = f"{session.idle_ends.astimezone(zone):%H:%M}"
        if session.idle_ends < session.ends:
            st.html(
                f'<div role="status">{say_html("You are signed out at {time} unless you go on.", time=until)}</div>'
            )
            st.button(say("Stay signed in"), icon=":material/schedule:")  # to press it is to use the session
        else:
            words = say_html("Your sign-in ends at {time}. Send what you are writing before then.", time=until)
            st.html(f'<div role="status">{words}</div>')
    told = notices.note(say("Your sign-in has ended"), say("You were away for a while. Sign in to go on."))
    st.html(f'<div class="mun-away"><div>{told}{notices.way(say("Sign in"), login)}</div></div>')


def style(ends: datetime, now: datetime) -> str:
    """When the warning and the cover appear. The names are new at each drawing: an animation of the same name would
    count from the first one on."""
    name = f"{now.timestamp():.3f}".replace(".", "-")
    left = max(timedelta(), ends - now)
    soon, over = max(timedelta(), left - BEFORE).total_seconds(), left.total_seconds()
    return (
        f"<style>@keyframes mun-soon-{name} {{to {{max-height: 12rem; padding: .5rem .9rem; visibility: visible;}}}}"
        f"@keyframes mun-over-{name} {{to {{visibility: visible;}}}}"
        f"@keyframes mun-gone-{name} {{to {{visibility: hidden;}}}}"
        f".st-key-idle {{animation: mun-soon-{name} 1ms linear {soon:.0f}s forwards;}}"
        f".mun-away {{animation: mun-over-{name} 1ms linear {over:.0f}s forwards;}}"
        # what lies under the cover is gone too: nobody selects it, copies it or has it read aloud
        f'[data-testid="stMainBlockContainer"], [data-testid="stBottom"], [data-testid="stSidebar"] '
        f"{{animation: mun-gone-{name} 1ms linear {over:.0f}s forwards;}}</style>"
    )
