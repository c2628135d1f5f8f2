"""Does a sentence give the kind of thing that was asked for? Pure.

Who asks for a price, a frequency or a dose wants a number; who asks until when, how long or how often wants a time. A
true sentence without one is beside the question.
"""

import re
from typing import Final

from appliance.answering.words import numbers

_NUMBER: Final = re.compile(
    r"\b(?:how (?:much|many|hot|cold|warm|high|deep|far|old|heavy|large|big|wide|tall|recent|dear|expensive)"
    r"|what (?:does|do|did|would|will)\b.*\b(?:cost|charge|pay)|wie ?viele?n?|was kostet|was kosten"
    r"|wie (?:heiß|kalt|warm|hoch|tief|weit|alt|schwer|groß|breit|teuer)"
    r"|(?:which|what|what's|whats|welche[mnrs]?|auf welcher|was ist die) (?:\w+ ){0,3}?(?:price|fee|rate|frequency"
    r"|extension|dose|temperature|percentage|sum|amount|interest|number|discount|preis|gebühr|frequenz|durchwahl|dosis"
    r"|temperatur|prozentsatz|summe|betrag|zinssatz|nummer|rabatt))\b",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"\b(?:(?:until|till|by|from|since|before) when|what time|how (?:long|soon|often|late|early|quickly)"
    r"|what's the deadline|(?:bis|ab|seit|von) wann|wie (?:lange|oft|bald|schnell|spät|früh)|nach welcher zeit"
    r"|um wie ?viel uhr)\b",
    re.IGNORECASE,
)
_NONE: Final = re.compile(
    r"\b(?:free|nothing|none|no|not|never|half|once|twice|one|single|all|every|kostenlos|kostenfrei|gratis|nichts|kein\w*"
    r"|nicht|hälfte|einmal|zweimal|ein\w*|alle\w*|jede\w*)\b",
    re.IGNORECASE,
)
_WHEN: Final = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|quarters?|years?|mornings?|noon|midnight|afternoons?"
    r"|evenings?|shifts?|\w+day|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|hourly|daily|weekly|monthly|quarterly|yearly|annually|immediately|at once|always|permanently|unlimited"
    r"|indefinitely|today|tomorrow|sekunden?|minuten?|stunden?|tage?n?|nächte?|wochen?|monate?n?|quartale?"
    r"|jahre?n?|morgens?|mittags?|mitternacht|abends?|schicht\w*|\w+tags?|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|stündlich|\w*täglich|\w*wöchentlich|\w*monatlich|\w*jährlich|sofort|unverzüglich|immer|dauerhaft|unbefristet|heute)\b",
    re.IGNORECASE,
)


def gives(text: str, question: str) -> bool:
    """Whether `text` has a number, or says none or all, if `question` asks for a number; a time if it asks for that.

    True for other questions.
    """
    counted = bool(numbers(text)) or bool(_NONE.search(text))
    if _TIME.search(question) and not (counted or _WHEN.search(text)):
        return False
    return not _NUMBER.search(question) or counted
