"""Yes or no, must or may: whether two statements about the same thing say it with the same force."""

import re
from functools import cache
from typing import Final

from appliance.answering import vocabulary

_LIMIT: Final = (
    r"\b(?:no|not|never|nicht|kein\w*)\s+(?:\w+\s+)?(?:more|less|fewer|longer|later|earlier|faster|slower|higher|lower"
    r"|larger|smaller|before|after|vor|nach"
    r"|\w+er(?= (?:than|als)\b)|exceed\w*|mehr|weniger"
    r"|größer|kleiner|länger|später|früher|schneller|höher)\b(?! (?:used|stocked|in))"
)
_EXEMPT: Final = re.compile(
    r"\b(?:need(?:s)? not|needn['’]t|(?:not|n['’]t|nicht) (?:have to|required|necessary|need|needed|mandatory"
    r"|erforderlich|notwendig|nötig|verpflichtet)|(?:muss|müssen|brauch\w*)(?:\s\w+){0,6}?\s(?:nicht|kein\w*)"
    r"|no need|nobody needs|(?:kein|keine|keinen)\s\w+\s(?:nötig|erforderlich))\b", re.IGNORECASE,
)  # fmt: skip
_FORBIDDEN: Final = re.compile(
    r"\b(?:(?:must|may|can|should|shall|allowed|permitted)\s?(?:not|never)|never|cannot"
    r"|not (?:be )?(?:allowed|permitted)|forbidden|prohibited"
    r"|(?:must|has to|have to|should|to) (?:be )?avoid(?:ed)?|off limits"
    r"|(?:darf|dürfen|kann|können|soll\w*)(?:\s\S+){0,8}?\s(?:nicht|kein\w*|nie|niemals)"
    r"|verboten|untersagt|tabu|nicht (?:erlaubt|gestattet|zulässig))\b", re.IGNORECASE,
)  # fmt: skip
_UNIVERSAL: Final = re.compile(
    r"\b(?:any|anyone|even|also|several|multiple|mehrere|auch|every|everyone|jede[rs]?|alle|sogar|beliebig\w*)\b", re.I
)
_WITHOUT: Final = re.compile(r"\b(?:without|lack(?:s|ing)?|missing|ohne|fehlt|fehlen\w*)\b", re.IGNORECASE)
_UNLESS: Final = re.compile(
    r"\b(?:not?|never|nobody|none|nicht|kein\w*|nie\w*)\b[^.;|]*\b(?:without|ohne|unless|except|other than|außer)\b",
    re.I,
)
_IMPLICIT: Final = re.compile(
    r"\b(?:(?:is|are|be|for|stays?|remains?) free|free of charge|exempt|exclude[sd]?|excluding"
    r"|decline[sd]?|reject(?:s|ed)?|refuse[sd]?"
    r"|turn(?:s|ed)? (?:down|away)"
    r"|withh[oe]ld|ruled out|block(?:s|ed)?|lack(?:s|ing)?|missing|absent|without|void|invalid"
    r"|waived?"
    r"|ban(?:s|ned)?|off limits|instead of|fails?|failed"
    r"|kostenlos|gratis|\w*frei|ausgeschlossen|entfällt|entfallen|abgelehnt|lehn(?:t|en)|verweiger[nt]|gesperrt|ohne"
    r"|außer Betrieb|fehlt|fehlen\w*|verschwiegen|abzulehnen|unterbleibt|unterlassen|zurückgestellt"
    r"|ungültig|befreit|anonym\w*)\b",
    re.IGNORECASE,
)
_OPTIONAL: Final = re.compile(
    r"\b(?:optional|voluntary|may|can|free to|if (?:they|you) (?:wish|like)"
    r"|freiwillig|kann|können|darf|dürfen|freigestellt)\b",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(r"^(?:(?:yes|ja|nein)\b[,.:;]?|no[,.:;])\s*", re.IGNORECASE)


def negated(text: str) -> bool:
    """Whether `text` says no; "no more than" is a limit, not a no."""
    return bool(_pattern(vocabulary.NEGATIONS).search(re.sub(_LIMIT, "", text, flags=re.IGNORECASE)))


def forbidden(text: str) -> bool:
    """Whether `text` says that something must not be."""
    return bool(_FORBIDDEN.search(text)) and not _EXEMPT.search(text)


def implicit(text: str) -> bool:
    """Whether `text` has a word that says no by itself: free, refused, blocked."""
    return bool(_IMPLICIT.search(text))


def denies(text: str) -> bool:
    """Whether `text` says no, in whichever way: "is not accepted" and "is refused", but not "is not refused"."""
    return negated(text) != implicit(text)


def optional(text: str) -> bool:
    """Whether `text` says that something may be left out."""
    return bool(_OPTIONAL.search(text))


def exempt(text: str) -> bool:
    """Whether `text` says that something need not be."""
    return bool(_EXEMPT.search(text))


def past(text: str) -> bool:
    """Whether `text` says "no longer"."""
    return bool(re.search(r"\b(?:no longer|not any ?more|nicht (?:mehr|länger))\b", text, re.IGNORECASE))


def statement(text: str) -> str:
    """`text` without a yes or a no before it: what it says itself can be compared."""
    return _ANSWER.sub("", text)


def force(text: str) -> str:
    """Whether `text` says that something "must", "should" or "may" be, or is not needed ("exempt"); "" for none."""
    if _EXEMPT.search(text):
        return "exempt"
    found = [kind for kind, words in vocabulary.MODALITY.items() if _pattern(words).search(text)]
    return found[0] if found else ""


def exclusive(text: str) -> bool:
    """Whether `text` says "only"."""
    return bool(_pattern(vocabulary.EXCLUSIVE).search(text))


def universal(text: str) -> bool:
    """Whether `text` says "any", "also" or the like."""
    return bool(_UNIVERSAL.search(text))


def lacking(text: str) -> bool:
    """Whether `text` says "without"."""
    return bool(_WITHOUT.search(text))


def conditional(text: str) -> bool:
    """Whether a no in `text` has an exception: "nobody without", "not unless"."""
    return bool(_UNLESS.search(text))


@cache
def _pattern(words: str) -> re.Pattern[str]:
    parts = sorted(
        (re.escape(word).replace("·", r"\s(?:\w+\s){0,2}?") for word in words.split()), key=len, reverse=True
    )
    short = r"|n['’]t\b" if "not" in parts else ""
    return re.compile(rf"\b(?:{'|'.join(parts)})\b{short}", re.IGNORECASE)
