"""Whether something that was taken out of a text still stands in it, in any spelling. Pure; no model has a say in it.

Forms and other writings are those by which known persons are found: no case, no accents, no separators, no look-alike
letters; base64, hexadecimal and escapes are read. What is sought besides the thing itself, `writings.py` tells.
"""

from collections.abc import Iterator, Mapping, Sequence

from appliance.privacy.known import encodings
from appliance.privacy.known.dates import dates
from appliance.privacy.known.spelling import Word, extended, has_shapes, words
from appliance.privacy.redacting.writings import Demand, Sought

Span = tuple[int, int]


def standing(text: str, taken: Mapping[str, Sought], *, aside: Sequence[Span] = ()) -> list[tuple[Span, str]]:
    """Where in `text` something stands that was taken out, and as which kind (the key of `taken`).

    By kind, in order, the longest of what lies one within the other, but for what lies wholly within a span of `aside`.
    """
    found: dict[str, set[Span]] = {kind: set() for kind in taken}
    for start, end, kind in _found(text, taken):
        found[kind].add((start, end))
    return [(span, kind) for kind in sorted(found) for span in _apart(found[kind], aside)]


def _apart(found: set[Span], aside: Sequence[Span]) -> list[Span]:
    apart: list[Span] = []
    for start, end in sorted(found, key=lambda one: (one[0], -one[1])):
        if not any(begins <= start and end <= ends for begins, ends in (*aside, *apart[-1:])):
            apart.append((start, end))
    return apart


def _found(text: str, taken: Mapping[str, Sought]) -> Iterator[tuple[int, int, str]]:
    some = {kind: told for kind, told in taken.items() if told.forms}
    if not some:
        return
    yield from _read(text, some)
    for reading in encodings.readings(text):
        for start, end, kind in _read(reading.text, some):
            yield *reading.span(start, end), kind


def _read(text: str, taken: Mapping[str, Sought]) -> Iterator[tuple[int, int, str]]:
    writings = [words(text), *([words(text, shapes=True)] if has_shapes(text) else [])]
    for kind, told in taken.items():
        for said in writings:
            yield from ((start, end, kind) for start, end in _joined(text, said, told))
        if told.days:
            yield from ((start, end, kind) for start, end, days in dates(text) if not days.isdisjoint(told.days))


def _joined(text: str, said: Sequence[Word], told: Sought) -> Iterator[Span]:
    """Windows of words that are one of the forms together."""
    longest = max(map(len, told.forms))
    for first, word in enumerate(said):
        form = ""
        for last in range(first, len(said)):
            form = extended(form, said[last].form)
            if len(form) > longest:
                break
            demand = told.forms.get(form)
            if demand is not None and _holds(demand, text, said[first : last + 1]):
                yield word.start, said[last].end


def _holds(demand: Demand, text: str, window: Sequence[Word]) -> bool:
    if Demand.APART in demand and len(window) == 1:
        return False
    return Demand.NAMED not in demand or not any(text[word.start].islower() for word in window)
