"""Each recogniser against its one table, near misses included."""

import re
from collections.abc import Iterator

import pytest

from appliance.privacy.detecting.rules import SHIPPED, Rules
from appliance.privacy.recognisers.labels import Book
from tests.privacy.recognisers.tables import ALL

OTHERS = {"date": ["date-of-birth"], "address": ["addressee"]}
"""What one recogniser finds besides, under another name."""
RULES = Rules()
_MARK = re.compile("[⟦⟧]")
Row = tuple[str | float, ...]
ROWS = [(name, number, row) for name, table in sorted(ALL.items()) for number, row in enumerate(table)]


def names() -> Iterator[str]:
    """Every name under which a shipped rule finds."""
    for recogniser in SHIPPED:
        if isinstance(recogniser, Book):
            yield from (label.name for label in recogniser.labels)
        else:
            yield recogniser.name
            yield from OTHERS.get(recogniser.name, ())


def expected(row: Row) -> tuple[str, list[tuple[int, int, float]]]:
    """A row's text without its marks, and the spans with their scores."""
    marked, *scores = row
    assert isinstance(marked, str)
    places = [mark.start() - number for number, mark in enumerate(_MARK.finditer(marked))]
    spans = zip(places[::2], places[1::2], scores, strict=True)
    return _MARK.sub("", marked), [(start, end, float(score)) for start, end, score in spans]


@pytest.mark.parametrize(("name", "number", "row"), ROWS, ids=[f"{name}-{number}" for name, number, _ in ROWS])
def test_a_recogniser_finds_what_its_table_says(name: str, number: int, row: Row) -> None:
    text, spans = expected(row)
    found = [finding for finding in RULES.detect([text], "en")[0] if finding.source == name]
    assert [(hit.start, hit.end, hit.score) for hit in found] == spans, [text[hit.start : hit.end] for hit in found]


def test_every_recogniser_has_a_table_with_near_misses() -> None:
    shipped = list(names())
    assert len(shipped) == len(set(shipped))
    assert set(shipped) == set(ALL)
    for name, table in ALL.items():
        assert sum(len(row) > 1 for row in table) >= 2, name
        assert sum(len(row) == 1 for row in table) >= 2, name
