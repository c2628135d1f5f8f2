"""What a person typed, made into a `Question`: cleaned, bounded, and with its language."""

import re
import unicodedata

from appliance.errors import BadRequest
from appliance.records import Question
from appliance.retrieval.stopwords import STOPWORDS

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")


def clean(text: str, *, limit: int) -> Question:
    """The question in `text`, normalised (NFKC white space, no invisible characters), at most `limit` characters.

    Raises BadRequest for an empty text, a longer one, or one with characters that a person does not type: controls,
    lone surrogates, marks that reverse the direction of what is shown.
    """
    if len(text) > limit:
        raise BadRequest(
            f"The question has {len(text):,} characters; at most {limit:,} can be asked at once.",
            advice="Shorten it, or ask its parts one after the other.",
        )
    if any(_unfit(character) for character in text):
        raise BadRequest(
            "The question holds control or direction characters.", advice="Type it again, or paste it as plain text."
        )
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFC", visible)).strip()
    if not any(character.isalnum() for character in folded):
        raise BadRequest("The question is empty.", advice="Type what you would like to know.")
    return Question(folded, language(folded))


def language(text: str) -> str:
    """ "de" or "en", by counting small words; English where neither is seen."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    german = sum(word in STOPWORDS["de"] for word in words) + sum(any(c in "äöüß" for c in word) for word in words)
    english = sum(word in STOPWORDS["en"] for word in words)
    return "de" if german > english else "en"


def _unfit(character: str) -> bool:
    category = unicodedata.category(character)
    return (category == "Cc" and character not in "\t\n\r") or category in {"Cs", "Cn", "Co"} or character in _BIDI
