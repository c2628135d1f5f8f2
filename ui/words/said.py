"""Text from outside as HTML: the one place of escaping.

Documents, titles, names and model output are data. They are never given to Streamlit's Markdown, which would render
images, links, formulas and icons; they stand in HTML as escaped text, isolated from the writing direction around them.
"""

import re
from html import escape
from typing import Final

_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""Control characters and those that turn the direction of writing: shown by their number, not obeyed."""


def said(text: str) -> str:
    """Text from outside as HTML: escaped, isolated, its controls made visible. The one place where this is done."""
    return f'<bdi dir="auto" class="mun-said">{escape(seen(text))}</bdi>'


def seen(text: str) -> str:
    """Text from outside as plain text, its controls made visible: for what shows text as it is and reads no mark-up."""
    return _UNSEEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"
