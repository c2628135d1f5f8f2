"""Does a sentence stand in the passage it cites? Pure: a sentence, passages and the question in, a verdict out.

What is compared are numbers (exactly, 1,5 = 1.5 and two = 2), names, and content words by their stems. The cited
passages are tried first; if none carries the sentence, the others are, because small models often write a true
sentence with the wrong mark. What no passage carries is withheld.
"""

import re
from collections.abc import Sequence

from appliance.answering.words import content_stems, numbers
from appliance.records import Doubt, Draft, Passage, Question, Released, Verdict, Withheld

SUPPORT = 0.6
"""Share of a sentence's own content stems (those not taken from the question) that one passage must hold."""

_NAME = re.compile(r"(?<![.!?:\"„“»]\s)(?<!^)\b[A-ZÄÖÜ][\wäöüß'’-]+")
_NEGATED = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|kein\w*|nicht|nie|niemals|ohne|weder)\b|n't\b", re.IGNORECASE
)


def judge(draft: Draft, passages: Sequence[Passage], question: Question) -> Verdict:
    """Released with the numbers of the passages that carry `draft`, or Withheld with the gravest doubt left.

    `passages` are in the order of their numbers in the prompt, the first being 1.
    """
    stems = content_stems(draft.text, question.language)
    own = stems - content_stems(question.text, question.language)
    if not stems and not numbers(draft.text):
        return Withheld(Doubt.BROKEN)
    if not own and not numbers(draft.text) - numbers(question.text) and not _NEGATED.search(draft.text):
        return Withheld(Doubt.ECHO)
    cited = [number for number in draft.cites if 1 <= number <= len(passages)]
    carrying = [number for number in cited if _doubt(draft, own, passages[number - 1], question) is None]
    if carrying:
        return Released(draft.text, tuple(carrying))
    others = [number for number in range(1, len(passages) + 1) if number not in cited]
    doubts = [_doubt(draft, own, passages[number - 1], question) for number in (*cited, *others)]
    for number, doubt in zip((*cited, *others), doubts, strict=True):
        if doubt is None:
            return Released(draft.text, (number,))
    return Withheld(next((doubt for doubt in doubts if doubt is not None), Doubt.NO_SUPPORT))


def _doubt(draft: Draft, own: frozenset[str], passage: Passage, question: Question) -> Doubt | None:
    """What speaks against `passage` carrying `draft`; None if nothing does."""
    held_text = f"{passage.title}\n{passage.heading}\n{passage.text}"
    held = content_stems(held_text, question.language)
    # The question's own numbers may be repeated, but a sentence with no number of its own passage proves nothing.
    if numbers(draft.text) - numbers(held_text):
        return Doubt.NUMBER
    if _unknown_names(draft.text, f"{held_text}\n{question.text}"):
        return Doubt.NAME
    if own and len(own & held) / len(own) < SUPPORT:
        return Doubt.NO_SUPPORT
    if not own and not (numbers(draft.text) or content_stems(draft.text, question.language) & held):
        return Doubt.NO_SUPPORT
    if _negation_differs(draft.text, passage.text, question.language):
        return Doubt.NEGATION
    return None


def _unknown_names(text: str, known: str) -> bool:
    """Whether a capitalised word inside `text` stands nowhere in `known`, whatever its case or its genitive s."""
    folded = known.casefold()
    names = (re.sub(r"['’]s$", "", match.group()) for match in _NAME.finditer(text))
    return any(name.casefold().rstrip("s") not in folded for name in names)


def _negation_differs(sentence: str, passage: str, language: str) -> bool:
    """Whether the passage's closest sentence says no where `sentence` says yes, or the other way round."""
    wanted = content_stems(sentence, language)
    candidates = [part for part in re.split(r"(?<=[.!?;])\s+|\n", passage) if part.strip()]
    if not candidates:
        return False
    closest = max(candidates, key=lambda part: len(wanted & content_stems(part, language)))
    overlap = wanted & content_stems(closest, language)
    return len(overlap) >= 2 and bool(_NEGATED.search(sentence)) != bool(_NEGATED.search(closest))
