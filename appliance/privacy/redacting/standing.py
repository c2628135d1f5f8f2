"""Whether something that was taken out of a text still stands in it, in any spelling. Pure; no model has a say in it.

Forms and other writings are those by which known persons are found: no case, no accents, no separators, no look-alike
letters; base64, hexadecimal and escapes are read. What is sought besides the thing itself, `writings.py` tells.
"""

from collections.abc import Collection, Iterator, Sequence

from appliance.privacy.known import encodings
from appliance.privacy.known.dates import dates
from appliance.privacy.known.spelling import Word, extended, has_shapes, words
from appliance.privacy.redacting.writings import Demand, Sought, sought

Span = tuple[int, int]


def standing(text: str, originals: Collection[str], *, entity: str, aside: Sequence[Span] = ()) -> list[Span]:
    """Where in `text` one of `originals` stands, which were taken out as `entity`; in order, the longest of what
    overlaps, but for what lies wholly within a span of `aside`."""
    found = set(_found(text, sought(originals, entity)))
    apart: list[Span] = []
    for start, end in sorted(found, key=lambda one: (one[0], -one[1])):
        if any(begins <= start and end <= ends for begins, ends in (*aside, *apart[-1:])):
            continue
        apart.append((start, end))
    return apart


def _found(text: str, told: Sought) -> Iterator[Span]:
    if not told.forms:
        return
    yield from _read(text, told)
    for reading in encodings.readings(text):
        for start, end in _read(reading.text, told):
            yield reading.span(start, end)


def _read(text: str, told: Sought) -> Iterator[Span]:
    yield from _joined(text, words(text), told)
    if has_shapes(text):
        yield from _joined(text, words(text, shapes=True), told)
    if told.days:
        yield from ((start, end) for start, end, days in dates(text) if not days.isdisjoint(told.days))


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
