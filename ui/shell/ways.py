"""Where one can go: the pages of the portal, and the links to those of them that are for who is here."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.shell.urgency import Told
from ui.words.speech import later, say

GROUPS: Final = (later("Ask"), later("Documents"), later("Outside"), later("Office"), later("Operations"))
"""How the pages are grouped, in this order."""
_PAGES, _HERE, _PLACES = "pages", "here", "places"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page: `url` is its name in the address, `title` its English name, `icon` a symbol of Material's.

    It is linked in `group` ("" is nowhere) for whom the house lets do `needs` ("" is everybody) and who is told of
    something there (`told`). `wide` is for tables and plots.
    """

    url: str
    show: Callable[[], None]
    title: str
    icon: str
    group: str = ""
    needs: str = ""
    told: Callable[[Told], bool] | None = None
    wide: bool = False

    def open_to(self, may: Collection[str]) -> bool:
        """Whether somebody who `may` do that much can do anything here; the API decides each time all the same."""
        return not self.needs or self.needs in may


def navigate(places: Sequence[Place]) -> StreamlitPage:
    """The page that the address names; the first of `places` if it names none."""
    pages = {
        place.url: st.Page(place.show, title=say(place.title), url_path=place.url, default=place is places[0])
        for place in places
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    here = next((place for place in places if pages[place.url] is chosen), places[0])
    st.session_state.update({_PAGES: pages, _PLACES: places, _HERE: here})
    return chosen


def here() -> Place:
    """The place of the page that is drawn."""
    place: Place = st.session_state[_HERE]
    return place


def page(url: str) -> StreamlitPage:
    """One of the pages, for `st.switch_page` and `st.page_link`."""
    pages: dict[str, StreamlitPage] = st.session_state[_PAGES]
    return pages[url]


def links(may: Collection[str], told: Told) -> None:
    """Links to the pages that are for who is here, by group."""
    for group in GROUPS:
        inside = [place for place in _linked(may, told) if place.group == group]
        if inside:
            st.html(f'<div class="mun-group">{say(group)}</div>')
        for place in inside:
            st.page_link(page(place.url), label=say(place.title), icon=place.icon)


def elsewhere(may: Collection[str], told: Told) -> Place | None:
    """The first page that is for who is here, if this one is not."""
    return next(_linked(may, told), None) if not here().open_to(may) else None


def is_first(place: Place) -> bool:
    """Whether this is where one arrives without an address."""
    return place is st.session_state[_PLACES][0]


def _linked(may: Collection[str], told: Told) -> "filter[Place]":
    places: Sequence[Place] = st.session_state[_PLACES]
    return filter(lambda one: bool(one.group) and one.open_to(may) and (one.told is None or one.told(told)), places)
