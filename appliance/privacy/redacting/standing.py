"""Whether something that was taken out of a text still stands in it, in any spelling. Pure; no model has a say in it.

Forms and other writings are those by which known persons are found: no case, no accents, no separators, no look-alike
letters; base64, hexadecimal and escapes are read.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from appliance.privacy.known import encodings
from appliance.privacy.known.spelling import Word, extended, has_shapes, joined, words

SHORTEST: Final = 3
"""Letters and digits of a form below which nothing is searched: an initial or an age of two digits says nothing."""
PLAIN: Final = 5
"""Letters below which a form without digits is looked for as it was written only: `Will` is a name, `will` is none."""
_LONGEST: Final = 400
"""Letters and digits of a form that is looked for whole; of a longer one its beginning is."""

Span = tuple[int, int]


def standing(text: str, originals: Collection[str], *, aside: Sequence[Span] = ()) -> list[Span]:
    """Where in `text` one of `originals` stands, but for what lies wholly within a span of `aside`."""
    found = set(_found(text, originals))
    return sorted(one for one in found if not any(start <= one[0] and one[1] <= end for start, end in aside))


def _found(text: str, originals: Collection[str]) -> Iterator[Span]:
    loose, exact = _forms(originals)
    if not loose and not exact:
        return
    yield from _windows(text, loose, exact)
    for reading in encodings.readings(text):
        for start, end in _windows(reading.text, loose, exact):
            yield reading.span(start, end)


def _forms(originals: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What is looked for in any spelling, and what as it was written."""
    loose: set[str] = set()
    exact: set[str] = set()
    for original in originals:
        form = joined(word.form for word in words(original))[:_LONGEST]
        if len(form) < SHORTEST:
            continue
        if len(form) < PLAIN and form.isalpha():
            exact.add(original.strip())
        else:
            loose.add(form)
    return frozenset(loose), frozenset(exact)


def _windows(text: str, loose: frozenset[str], exact: frozenset[str]) -> Iterator[Span]:
    said = words(text)
    yield from _joined(said, loose)
    if has_shapes(text):
        yield from _joined(words(text, shapes=True), loose)
    for word in said:
        if text[word.start : word.end] in exact:
            yield word.start, word.end


def _joined(said: Sequence[Word], loose: frozenset[str]) -> Iterator[Span]:
    """Windows of words that are one of `loose` together."""
    longest = max(map(len, loose), default=0)
    for first, word in enumerate(said):
        form = ""
        for last in range(first, len(said)):
            form = extended(form, said[last].form)
            if len(form) > longest:
                break
            if form in loose:
                yield word.start, said[last].end
