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

MEETS = 2
"""Content stems that two sentences share at least, to be about the same thing."""

_NAME = re.compile(r"(?<![.!?:\"„“»]\s)(?<!^)\b[A-ZÄÖÜ][\wäöüß'’-]+")
_CLAUSES = re.compile(r"(?:;|,? (?:and|und)) ")
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
    order = [number for number in draft.cites if 1 <= number <= len(passages)]
    order += [number for number in range(1, len(passages) + 1) if number not in order]
    doubts = {number: _doubt(draft.text, passages[number - 1], question) for number in order}
    carrying = [number for number in order if doubts[number] is None]
    if carrying:
        return Released(draft.text, tuple(n for n in carrying if n in draft.cites) or (carrying[0],))
    clauses = _CLAUSES.split(draft.text)
    if len(clauses) > 1:  # "A, and B": A may stand in one passage and B in another, each whole
        verdicts = [judge(Draft(clause, draft.cites), passages, question) for clause in clauses]
        if all(isinstance(verdict, Released) for verdict in verdicts):
            cites = (number for verdict in verdicts if isinstance(verdict, Released) for number in verdict.cites)
            return Released(draft.text, tuple(dict.fromkeys(cites)))
    return Withheld(next((doubt for doubt in doubts.values() if doubt is not None), Doubt.NO_SUPPORT))


def _doubt(text: str, passage: Passage, question: Question) -> Doubt | None:
    """What speaks against `passage` carrying the sentence `text`; None if nothing does."""
    stems = content_stems(text, question.language)
    own = stems - content_stems(question.text, question.language)
    held_text = f"{passage.title}\n{passage.heading}\n{passage.text}"
    held = content_stems(held_text, question.language)
    if numbers(text) - numbers(held_text):
        return Doubt.NUMBER
    if _unknown_names(text, f"{held_text}\n{question.text}"):
        return Doubt.NAME
    if own and len(own & held) / len(own) < SUPPORT:
        return Doubt.NO_SUPPORT
    if not own and not (numbers(text) or stems & held):
        return Doubt.NO_SUPPORT
    if _negation_differs(text, passage.text, question.language):
        return Doubt.NEGATION
    return None


def _unknown_names(text: str, known: str) -> bool:
    """Whether a capitalised word inside `text` stands nowhere in `known`, whatever its case or its genitive s."""
    folded = known.casefold()
    names = (re.sub(r"['’]s$", "", match.group()) for match in _NAME.finditer(text))
    return any(name.casefold().rstrip("s") not in folded for name in names)


def _negation_differs(sentence: str, passage: str, language: str) -> bool:
    """Whether `sentence` says yes where the passage's closest sentence says no, or no where none of its kin does."""
    wanted = content_stems(sentence, language)
    parts = [part for part in re.split(r"(?<=[.!?;])\s+|\n", passage) if part.strip()]
    shared = [(len(wanted & content_stems(part, language)), not _NEGATED.search(part)) for part in parts]
    if _NEGATED.search(sentence):
        return not any(overlap and not affirms for overlap, affirms in shared)
    overlap, affirms = max(shared, default=(0, True))  # of two equally close, the affirming one
    return overlap >= MEETS and not affirms
