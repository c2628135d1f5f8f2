"""Does a sentence give the kind of thing that was asked for? Pure.

Who asks for a price, a frequency or a dose wants a number; a true sentence without one is beside the question.
"""

import re
from typing import Final

from appliance.answering.words import numbers

_NUMBER: Final = re.compile(
    r"\b(?:how (?:much|many)|what (?:does|do|did|would|will)\b.*\b(?:cost|charge|pay)|wie ?viele?|was kostet|was kosten"
    r"|(?:which|what|what's|whats|welche[mnrs]?|auf welcher|was ist die) (?:\w+ ){0,3}?(?:price|fee|rate|frequency"
    r"|extension|dose|temperature|percentage|preis|gebühr|frequenz|durchwahl|dosis|temperatur|prozentsatz))\b",
    re.IGNORECASE,
)
_NONE: Final = re.compile(
    r"\b(?:free|nothing|none|no|not|never|half|once|twice|one|single|all|every|kostenlos|kostenfrei|gratis|nichts|kein\w*"
    r"|nicht|hälfte|einmal|zweimal|ein\w*|alle\w*|jede\w*)\b",
    re.IGNORECASE,
)


def gives(text: str, question: str) -> bool:
    """Whether `text` has a number, or says none or all, if `question` asks for a number; True for other questions."""
    return not _NUMBER.search(question) or bool(numbers(text)) or bool(_NONE.search(text))
