"""Filters over the real store: they take away inside the index, and whatever they say, the scope holds besides."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.records import UNFILTERED, Access, Document, Filters, Kind, Level, Passage
from appliance.retrieval import sparse
from appliance.retrieval.filtering import DAY, KIND, narrowed
from appliance.retrieval.index import COLLECTION, Index
from appliance.retrieval.points import content
from appliance.retrieval.search import Search
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import access, passage, reader, running
from tests.retrieval.test_index import write
from tests.rules import rules

WORDS = "wash hands before every visit"
SHELF = {
    "icu": ("nursing/icu.pdf", access(department="icu"), date(2026, 3, 1)),
    "pharmacy": ("pharmacy/stock.xlsx", access(department="pharmacy"), date(2025, 1, 1)),
    "mail": ("nursing/word.eml", access(department="nursing"), None),
    "hidden": ("hr/pay.pdf", access(department="icu", readers=("hr",), level=Level.RESTRICTED), date(2026, 3, 1)),
    "another house": ("weir/a.pdf", access(department="icu", tenant="weir"), date(2026, 3, 1)),
}
OPEN = {"icu", "pharmacy", "mail"}
ASKED = {
    "department": (Filters(frozenset({"icu"})), {"icu"}),
    "two departments": (Filters(frozenset({"icu", "pharmacy"})), {"icu", "pharmacy"}),
    "a department that nobody has": (Filters(frozenset({"chapel"})), set()),
    "the department of what is hidden": (Filters(frozenset({"hr"})), set()),
    "kind": (Filters(kinds=frozenset({Kind.PDF})), {"icu"}),
    "kinds": (Filters(kinds=frozenset({Kind.SHEET, Kind.MAIL})), {"pharmacy", "mail"}),
    "since": (Filters(since=date(2026, 3, 1)), {"icu"}),
    "until": (Filters(until=date(2026, 2, 28)), {"pharmacy"}),
    "a span": (Filters(since=date(2025, 1, 1), until=date(2026, 3, 1)), {"icu", "pharmacy"}),
    "a span the wrong way round": (Filters(since=date(2026, 3, 1), until=date(2025, 1, 1)), set()),
    "all at once": (Filters(frozenset({"icu"}), frozenset({Kind.PDF}), date(2026, 1, 1), date(2026, 12, 31)), {"icu"}),
    "two that exclude each other": (Filters(frozenset({"icu"}), frozenset({Kind.MAIL})), set()),
    "none": (UNFILTERED, OPEN),
}


def shelf() -> list[Passage]:
    return [
        passage(f"{name}#0", WORDS, uri=uri, access=held, valid_from=day) for name, (uri, held, day) in SHELF.items()
    ]


@pytest.fixture
def filled(index: Index, embedder: HashingEmbedder) -> Index:
    index.put(shelf(), embedder.embed([content(one) for one in shelf()]))
    return index


def found(index: Index, embedder: HashingEmbedder, filters: Filters) -> set[str]:
    words = sparse.question_words(WORDS)
    return {
        one.document
        for one in index.query(embedder.embed([WORDS])[0], words, reader(), limit=20, filters=filters)
    }  # fmt: skip


@pytest.mark.parametrize("named", sorted(ASKED))
def test_a_filter_leaves_only_what_it_names(filled: Index, embedder: HashingEmbedder, named: str) -> None:
    filters, expected = ASKED[named]
    assert found(filled, embedder, filters) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filters=st.builds(
        Filters,
        st.frozensets(st.sampled_from(["icu", "pharmacy", "nursing", "hr", "", "*"]), max_size=3),
        st.frozensets(st.sampled_from(list(Kind)), max_size=3),
        st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    )
)
def test_no_filter_shows_more_than_the_scope(filled: Index, embedder: HashingEmbedder, filters: Filters) -> None:
    """Guards `must=[inside, …]` in `narrowed`: `should` there would open what a filter names.

    The engine itself is asked, since what it lets through is looked at once more afterwards.
    """
    inside = narrowed(filled.inside(reader()), filters)
    hits, _ = filled._ask(lambda client: client.scroll(COLLECTION, inside, limit=50, with_payload=True))
    assert {hit.payload["document"] for hit in hits} <= OPEN
    assert found(filled, embedder, filters) <= OPEN


def registered() -> dict[str, Document]:
    return {
        name: Document(name, uri, "v1", name, "", "en", 1, held, valid_from=day)
        for name, (uri, held, day) in SHELF.items()
    }


def test_the_registry_s_record_decides_about_the_filter_too(filled: Index, embedder: HashingEmbedder) -> None:
    """Guards `filters.admits` in `Search._decided_again`: the index still has the department of yesterday."""
    known = registered()
    moved: Access = replace(known["icu"].access, department="chapel")

    def current(names: object) -> Mapping[str, Document]:
        return {**known, "icu": replace(known["icu"], access=moved)}

    search = Search(filled, embedder, current, rules=rules())
    assert search.find(WORDS, reader(), limit=9, filters=Filters(frozenset({"icu"}))) == []


def test_passages_of_an_older_installation_are_found_by_filters_after_the_start(
    tmp_path: Path, runner: Callable[[str], Path], embedder: HashingEmbedder
) -> None:
    """Guards `catching_up.kinds` in `ensure`."""
    filters = ASKED["all at once"][0]
    with running(tmp_path / "folder", runner("kinds")) as store, closing(Index(store.endpoint, seconds=60)) as index:
        told = {"embedder": embedder.name, "dimension": embedder.dimension, "words": sparse.VERSION}
        index._create(embedder.dimension, told)
        index.put(shelf(), embedder.embed([content(one) for one in shelf()]))
        for name in SHELF:
            write(store, {KIND: None, DAY: None}, name)
        index.ensure(embedder)
        assert found(index, embedder, filters) == {"icu"}
        assert found(index, embedder, ASKED["kinds"][0]) == {"pharmacy", "mail"}
