"""What a text says of itself: its language, its level, and whether it speaks to the model. Pure.

A text may raise its level and add labels; it never lowers what the access list says.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from appliance.records import Access, Level

INSTRUCTIONS: Final = "instructions"
_BEGINNING: Final = 1_500

_COMMON: Final = {
    "de": frozenset(
        "der die das und ist nicht mit ein eine einen einem einer den dem des im zu von für auf wird werden sind bei "
        "nach oder aus auch an als es sich wenn nur bis muss darf vor über durch zum zur kann wir sie ihr".split()
    ),
    "en": frozenset(
        "the and is not with a an of to in for on are be by or from as it that this at must may if only until before "
        "which has have was will can you we they their there who when after into".split()
    ),
}

_MARKS: Final = (
    (Level.RESTRICTED, r"strictly confidential|streng vertraulich|streng geheim|geheim|top secret|secret|restricted"),
    (Level.CONFIDENTIAL, r"confidential|vertraulich"),
    (
        Level.INTERNAL,
        r"internal(?: use)?(?: only)?|intern|nur für den (?:internen )?dienstgebrauch|for internal use only",
    ),
)
_STANDING: Final = tuple(
    (level, re.compile(rf"(?:^|[\n.,;:|(\[*–-])[ \t]*(?:{words})[ \t]*(?=$|[\n.,;|)\]*–!-])", re.IGNORECASE))
    for level, words in _MARKS
)
"""A mark counts where it stands alone between punctuation or on its line: "Human Resources, confidential." but not
"the talk is confidential"."""

SIGNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|any|your)\b.{0,30}"
        r"\b(?:instruction|rule|prompt|guideline|direction)",
        r"\b(?:ignoriere|vergiss|missachte|überschreibe)\b.{0,40}\b(?:anweisung|regel|vorgabe|instruktion|befehl)",
        r"\b(?:ai|ki|language model|sprachmodell|chatbot|llm|assistant|assistent)\w*\b.{0,60}"
        r"\b(?:must|should|shall|has to|muss|soll|sollst|hat zu)\b.{0,60}\b(?:answer|say|reply|tell|state|reveal|output"
        r"|antwort|sag|nenn|ausgeb|verrat)",
        r"\b(?:system prompt|systemprompt|system message|developer message|jailbreak)\b",
        r"\byou are (?:now )?(?:a|an|the) (?:\w+ )?(?:assistant|ai|model|chatbot)\b",
        r"\bdu bist (?:jetzt )?(?:ein|eine|der|die) (?:\w+ )?(?:assistent|ki|modell|chatbot)",
        r"\b(?:note|message|instruction|hinweis|anweisung|notice)\w* (?:to|for|an|für) "
        r"(?:the |any |die |das |den |alle )?(?:ai|ki|model|assistant|language model|chatbot|sprachmodell|assistent)",
        r"<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<<SYS>>",
        r"\bdo not (?:cite|mention|reveal|disclose) (?:this|the) (?:source|instruction|note|paragraph)",
    )
)
"""How a text addresses the model instead of the reader. A sign is a label for the policy, not a verdict."""


def language(text: str, default: str = "en") -> str:
    """`de` or `en`, by the common words of each; `default` where they do not decide."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    german = sum(word in _COMMON["de"] for word in words) + sum(any(c in "äöüß" for c in word) for word in words)
    english = sum(word in _COMMON["en"] for word in words)
    if german == english:
        return default
    return "de" if german > english else "en"


def stated_level(text: str, margins: Iterable[str] = ()) -> Level:
    """The highest level with which a text marks itself, at its beginning or in headers and footers; else PUBLIC."""
    places = [text[:_BEGINNING], *margins]
    return max(
        (level for level, mark in _STANDING for place in places if mark.search(place)),
        default=Level.PUBLIC,
    )


def addresses_the_model(text: str) -> bool:
    """Whether any sign stands in the text, across line ends."""
    flat = " ".join(text.split())
    return any(sign.search(flat) for sign in SIGNS)


def strictest(access: Access, texts: Iterable[str]) -> Access:
    """`access` with the level and labels that the pages `texts` add to it.

    Delete the `max` and `tests/ingest/test_labelling.py::test_a_text_never_lowers_its_level` fails.
    """
    pages = list(texts)
    ends = [end for page in pages for end in (page[:200], page[-200:])]
    level = max(access.level, stated_level(pages[0] if pages else "", ends))
    spoken = {INSTRUCTIONS} if any(addresses_the_model(page) for page in pages) else set()
    return replace(access, level=level, labels=access.labels | spoken)


def of_both(old: Access, new: Access) -> Access | None:
    """The access of those alone who may read under `old` and under `new`; None if there is nobody."""
    readers = old.readers & new.readers
    if not readers or _set_apart(old) != _set_apart(new):
        return None
    return replace(
        old,
        readers=readers,
        level=max(old.level, new.level),
        labels=old.labels | new.labels,
        owner=old.owner if old.owner == new.owner else "",
        hold=old.hold or new.hold,
    )


def _set_apart(access: Access) -> tuple[object, ...]:
    """What has no middle between two values: who may read under both cannot be said in one list."""
    return access.tenant, access.department, access.ancestors, access.wall, access.patient, access.purpose
