"""What the portal itself says, in the language of the visit.

English stands in the code; its German beside it in `de/<area>.toml`. A text without German is said in English: a test
sees to it that there is none.
"""

import tomllib
from functools import cache
from html import escape
from pathlib import Path
from string import Formatter
from typing import Final

import streamlit as st

from ui.words.said import said

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""What the portal speaks, each by its own name."""
CHOSEN, OWN = "language", "language-of-person"
"""Where the visit keeps what was chosen, and what its person's language is."""
_FOLDER: Final = Path(__file__).parent


def language() -> str:
    """The visit's: what was chosen in it, else the person's, else the browser's; English if the portal speaks none."""
    told = (st.session_state.get(CHOSEN), st.session_state.get(OWN), (st.context.locale or "")[:2].lower())
    return next((one for one in told if one in LANGUAGES), "en")


def lang() -> str:
    """The visit's language as an attribute of an element of ours: the page around it says that it is English."""
    return f'lang="{language()}"'


def say(text: str, /, **values: object) -> str:
    """`text` in the language of the visit, the `values` put where its `{names}` stand: plain text, for `st.button` and
    its like if every value is ours too.

    Anything that comes from outside belongs in `say_html`.
    """
    return _filled(_spoken(text), values)


def say_html(text: str, /, **values: object) -> str:
    """The same as HTML: our words escaped, every value through `said`. `**words**` are strong."""
    parts = escape(_spoken(text), quote=False).split("**")
    marked = "".join(f"<strong>{part}</strong>" if turn % 2 else part for turn, part in enumerate(parts))
    return _filled(marked, {name: said(str(value)) for name, value in values.items()})


def later(text: str, /) -> str:
    """`text` itself, noted as something that `say` will be given: for tables of words."""
    return text


def _spoken(text: str) -> str:
    spoken = language()
    return text if spoken == "en" else words(spoken).get(text, text)


def _filled(text: str, values: dict[str, object]) -> str:
    """Without `str.format`, whose fields could look inside a value."""
    pieces = Formatter().parse(text)
    return "".join(before + ("" if name is None else str(values[name])) for before, name, _, _ in pieces)


@cache
def words(spoken: str) -> dict[str, str]:
    """Each text in that language, from every area's file."""
    found: dict[str, str] = {}
    for file in sorted((_FOLDER / spoken).glob("*.toml")):
        found.update(tomllib.loads(file.read_text("utf-8")))
    return found
