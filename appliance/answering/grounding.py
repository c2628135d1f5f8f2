"""Does a sentence stand in the passage it cites? Pure: a sentence, passages and the question in, a verdict out.

What is compared are quantities (numbers with their units, 1,5 = 1.5 and two = 2), the direction of a limit (at most,
at least), names, negation, and content words by their stems. The cited passages are tried first; if none carries the
sentence, the others are, because small models often write a true sentence with the wrong mark. What no passage carries
is withheld. It is a filter of words, not of meaning: a sentence can pass that is put together wrongly.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from appliance.answering.words import NUMBER, content_stems, numbers, quantities
from appliance.records import Doubt, Draft, Passage, Question, Released, Verdict, Withheld

SUPPORT = 0.6
"""Share of a sentence's own content stems (those not taken from the question) that one passage must hold."""

MEETS = 2
"""Content stems that two sentences share at least, to be about the same thing."""

_CLAUSES = re.compile(r"(?:;|,? (?:and|und)) ")
_NAME = re.compile(r"(?<![.!?:\"„“»]\s)(?<!^)\b[A-ZÄÖÜ][\wäöüß'’-]+")
_NEGATED = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|kein\w*|nicht|nie|niemals|ohne|weder)\b|n['’]t\b", re.IGNORECASE
)
_LIMITS = {
    "<": r"before|below|under|at most|up to|less than|fewer than|no more than|vor|unter|höchstens|maximal|bis zu|bis",
    ">": r"after|above|over|at least|more than|exceeding|nach|über|mindestens|mehr als|ab",
}
_LIMIT = {
    sign: re.compile(rf"\b(?:{words})\s+(?:[^\W\d_]+\s+)??[€$]?(?P<number>{NUMBER})", re.IGNORECASE)
    for sign, words in _LIMITS.items()
}


def judge(draft: Draft, passages: Sequence[Passage], question: Question) -> Verdict:
    """Released with the numbers of the passages that carry `draft`, or Withheld with the gravest doubt left.

    `passages` are in the order of their numbers in the prompt, the first being 1.
    """
    stems = content_stems(draft.text, question.language)
    own = stems - content_stems(question.text, question.language)
    if not stems:  # "15 minutes" and the like: a quantity of nothing
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
    language = question.language
    stems = content_stems(text, language)
    own = stems - content_stems(question.text, language)
    origin = f"{passage.title}\n{passage.heading}\n"
    held = content_stems(origin + passage.text, language)
    if not _counted(text, passage, stems, language):
        return Doubt.NUMBER
    # German writes every noun with a capital: there the question's own nouns may be repeated; elsewhere its ICU.
    repeated = question.text if language == "de" else " ".join(re.findall(r"\b[A-ZÄÖÜ]{2,}\b", question.text))
    known = f"{origin}{passage.text}\n{repeated}"
    if _unknown_names(text, known):
        return Doubt.NAME
    stray_verb = len(own) == 1 and bool(quantities(text))  # "is given at 5 mg": the quantity is what carries it
    if own and not stray_verb and len(own & held) / len(own) < SUPPORT:
        return Doubt.NO_SUPPORT
    if len(stems & held) < _meeting(stems):
        return Doubt.NO_SUPPORT
    if _negation_differs(text, passage.text, language) or _limit_differs(text, passage.text):
        return Doubt.NEGATION
    return None


def _counted(text: str, passage: Passage, stems: frozenset[str], language: str) -> bool:
    """Whether each quantity of `text` stands in a line of the passage that is about the same thing.

    A line speaks together with the one before it, the heading and the title.
    """
    origin = f"{passage.title}\n{passage.heading}"
    lines = ["", *_lines(passage.text)]
    about = [
        (quantities(line), len(stems & content_stems(f"{origin}\n{before}\n{line}", language)))
        for before, line in pairwise(lines)
    ]
    enough = _meeting(stems)
    named = quantities(origin)
    return all(
        _among(quantity, named) or any(shared >= enough and _among(quantity, there) for there, shared in about)
        for quantity in quantities(text)
    )


def _meeting(stems: frozenset[str]) -> int:
    """How many of a sentence's `stems` must be shared: MEETS, or one (or none) where it has hardly more itself."""
    return MEETS if len(stems) > MEETS + 1 else min(1, len(stems))


def _among(quantity: tuple[str, str], there: frozenset[tuple[str, str]]) -> bool:
    """Whether a number with its unit is among `there`; one without a unit meets the number whatever its unit."""
    number, unit = quantity
    return quantity in there if unit else any(number == other for other, _ in there)


def _unknown_names(text: str, known: str) -> bool:
    """Whether a capitalised word inside `text` stands nowhere in `known`, whatever its case or its genitive s."""
    folded = known.casefold()
    names = (re.sub(r"['’]s$", "", match.group()) for match in _NAME.finditer(text))
    return any(name.casefold().rstrip("s") not in folded for name in names)


def _negation_differs(sentence: str, passage: str, language: str) -> bool:
    """Whether `sentence` says yes where the passage's closest sentence says no, or no where none of its kin does."""
    wanted = content_stems(sentence, language)
    shared = [(len(wanted & content_stems(line, language)), not _NEGATED.search(line)) for line in _lines(passage)]
    if _NEGATED.search(sentence):
        return not any(overlap and not affirms for overlap, affirms in shared)
    overlap, affirms = max(shared, default=(0, True))  # of two equally close, the affirming one
    return overlap >= MEETS and not affirms


def _limit_differs(sentence: str, passage: str) -> bool:
    """Whether a number is a limit from above in `sentence` and only one from below in the passage, or the reverse."""
    said, there = _limits(sentence), _limits(passage)
    opposite = {"<": ">", ">": "<"}
    return any((opposite[sign], number) in there and (sign, number) not in there for sign, number in said)


def _limits(text: str) -> set[tuple[str, str]]:
    """The numbers that a word such as "at most" stands before, with its direction."""
    return {
        (sign, number)
        for sign, limit in _LIMIT.items()
        for match in limit.finditer(text)
        for number in numbers(match["number"])
    }


def _lines(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?;])\s+|\n", text) if part.strip()]
