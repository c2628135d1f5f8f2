"""Does a sentence stand in the passage it cites? Pure: a sentence, passages and the question in, a verdict out.

Each check is one function of `_CHECKS`, the gravest first; what none of them doubts is released. The cited passages are
tried first, then the others: a small model often writes a true sentence with the wrong mark. It is a filter of words,
not of meaning; `README.md` says what it cannot see.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from appliance.answering import contrast, limits, polarity, rivals, roles, strangers, values
from appliance.answering.alignment import Alignment
from appliance.answering.claims import NUMERIC
from appliance.answering.lines import line
from appliance.answering.quantities import paced
from appliance.answering.wanted import gives
from appliance.answering.words import content_stems, everyday
from appliance.records import Doubt, Draft, Passage, Question, Released, Verdict, Withheld

LONGEST: Final = 600
"""Characters of a sentence: a model that never ends one is not believed."""

MEETS: Final = 2
"""Content stems that a clause must have to be judged by itself."""

SUPPORT: Final = 0.3
"""Share of a sentence's words and numbers, without the everyday words that the passage lacks, that the best lines must
hold."""

IMPORTED: Final = 1
"""Words that may come from another line of the passage than the one that the sentence is about."""

ANCHORS: Final = 2
"""Words and numbers that the best lines must hold, if the sentence has as many."""

_CLAUSES: Final = re.compile(r"(?:;|,? (?:and|und)) ")
_EITHER: Final = re.compile(
    r"^(?:may|can|must|should|is|are|do|does|did|will|has|have|need|darf|dürfen|kann|können|muss|müssen|soll|sollen|ist"
    r"|sind|gibt|wird|werden|hat|haben)\b|\b(?:or|oder|who|whom|wer|wen|wem)\b",
    re.IGNORECASE,
)
_FOREIGN: Final = re.compile(r"[^\W\d_\u0000-\u024f\u0370-\u03ff]")
"""A letter that neither language has: not Latin, and not Greek as in units and names of cells."""

_SPEECH: Final = re.compile(r"[^\W\d_]{2,}|\d")


def judge(draft: Draft, passages: Sequence[Passage], question: Question) -> Verdict:
    """Released with the numbers of the passages that carry `draft`, or Withheld with the gravest doubt left.

    `passages` are in the order of their numbers in the prompt, the first being 1.
    """
    malformed = _malformed(draft.text, question)
    if malformed is not None:
        return Withheld(malformed)
    order = [number for number in draft.cites if 1 <= number <= len(passages)]
    order += [number for number in range(1, len(passages) + 1) if number not in order]
    beside = {number: Alignment(draft.text, passages[number - 1], question) for number in order}
    doubts = {number: _doubt(beside[number], question) for number in order}
    shared = {number: len(each.said.stems & each.everywhere) for number, each in beside.items()}
    against = max(
        (shared[n] for n in order if doubts[n] in (Doubt.NUMBER, Doubt.NEGATION) and not passages[n - 1].superseded),
        default=0,
    )
    carrying = [number for number in order if doubts[number] is None and shared[number] >= against]
    sound = [n for n in carrying if not rivals.contradicted(draft.text, passages[n - 1], passages, question)]
    if carrying and not sound:
        return Withheld(Doubt.NUMBER)
    if sound and not gives(draft.text, question.text):
        return Withheld(Doubt.BESIDE)  # true, and no answer: a graver doubt is told first
    if sound:
        return Released(draft.text, tuple(n for n in sound if n in draft.cites) or (sound[0],))
    clauses = [clause for clause in _CLAUSES.split(draft.text) if clause]
    whole = all(len(content_stems(clause, question.language)) >= MEETS for clause in clauses)
    if len(clauses) > 1 and whole:  # "A, and B": A may stand in one passage and B in another, each whole
        verdicts = [judge(Draft(clause, draft.cites), passages, question) for clause in clauses]
        if all(isinstance(verdict, Released) for verdict in verdicts):
            cites = (number for verdict in verdicts if isinstance(verdict, Released) for number in verdict.cites)
            return Released(draft.text, tuple(dict.fromkeys(cites)))
    return Withheld(next((doubt for doubt in doubts.values() if doubt is not None), Doubt.NO_SUPPORT))


def _malformed(text: str, question: Question) -> Doubt | None:
    """What is wrong with a sentence whatever the passages say."""
    if len(text) > LONGEST or not _SPEECH.search(text) or _FOREIGN.search(text):
        return Doubt.BROKEN
    said, asked = (line(part, question.language) for part in (text, question.text))
    own = (
        said.stems - asked.stems
        or said.keys - asked.keys
        or paced(text) - paced(question.text)
        or polarity.negated(text)
        or _EITHER.search(question.text)
    )
    return Doubt.ECHO if text.rstrip().endswith("?") or not own else None


def _doubt(alignment: Alignment, question: Question) -> Doubt | None:
    """What speaks against the passage carrying the sentence; None if nothing does."""
    if not alignment.lines:
        return Doubt.NO_SUPPORT
    return next((doubt for check in _CHECKS if (doubt := check(alignment, question)) is not None), None)


def _known(alignment: Alignment, question: Question) -> Doubt | None:
    """No name, substance or office comes from nowhere."""
    found = list(strangers.strangers(alignment))
    if any(strangers.invented(alignment, one) for one in found):
        return Doubt.NAME
    if found and not strangers.fluent(alignment.said.text, question.language):
        return Doubt.NO_SUPPORT
    return None


def _valued(alignment: Alignment, question: Question) -> Doubt | None:
    """Every claim stands in the passage, and nothing else of its kind there fits the sentence better."""
    asked = limits.asked(question.text)
    return next((doubt for claim in alignment.said.claims if (doubt := values.doubt(alignment, claim, asked))), None)


def _supported(alignment: Alignment, question: Question) -> Doubt | None:
    """The lines that fit best hold enough of the sentence's words, and no word comes from somewhere else."""
    topic = alignment.topic()
    stems = alignment.said.stems or alignment.asked.stems
    best = alignment.best(topic)
    there = alignment.held(best) | alignment.near(best) | alignment.heading
    weighty = {stem for stem in stems if stem in alignment.everywhere or stem not in everyday(question.language)}
    if (
        not alignment.said.stems
    ):  # "Until 20:00.": the question says what about, and neighbours are about something else
        said_of = alignment.held(best) | alignment.heading
        return None if len(stems & said_of) >= min(2, len(stems)) else Doubt.NO_SUPPORT
    held = weighty & there
    imported = (weighty & alignment.everywhere) - there - everyday(question.language)
    imported -= alignment.matched(alignment.asked.stems)
    who = {claim.value for claim in alignment.said.claims if claim.kind in ("person", "substance")}
    values_said = {claim.key for claim in alignment.said.claims if claim.kind in NUMERIC}
    anchors = len(held) + len(values_said & there)
    answered = (alignment.asked.stems - alignment.said.stems - everyday(question.language)) & alignment.held(best)
    anchors += bool(answered)
    if (
        len(imported) > IMPORTED
        or imported & who
        or roles.mixed(alignment, best)
        or anchors < min(ANCHORS, len(weighty) + len(values_said))
    ):
        return Doubt.NO_SUPPORT
    return Doubt.NO_SUPPORT if anchors < SUPPORT * (anchors + len(weighty - there)) else None


def _agreeing(alignment: Alignment, _: Question) -> Doubt | None:
    """Yes stays yes, must stays must, only stays only, and who does what to whom stays so."""
    differs = roles.swapped(alignment) or contrast.crossed(alignment) or polarity_differs(alignment)
    return Doubt.NEGATION if differs else None


def polarity_differs(alignment: Alignment) -> bool:
    """Whether a fragment of the sentence says its thing with another force than the passage does."""
    return any(roles.force_differs(alignment, fragment) for fragment in alignment.said.fragments)


_CHECKS: Final[tuple[Callable[[Alignment, Question], Doubt | None], ...]] = (_known, _valued, _supported, _agreeing)
