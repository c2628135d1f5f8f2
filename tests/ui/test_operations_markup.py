"""What an operator is shown, as HTML and as plots."""

from datetime import UTC
from typing import Any

from ui.operations.client import Bucket, Index, Ledger, Model, Part, Times
from ui.operations.markup import counts, health, index, ledger, models, table, times, version
from ui.operations.plots import bars, histogram

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def took(**more: Any) -> Times:
    buckets = [Bucket(upto=1.0, count=2), Bucket(upto=2.0, count=5), Bucket(upto=None, count=6)]
    return Times(
        **{"name": "n", "kind": "first", "count": 6, "half": 1.3, "nearly_all": None, "buckets": buckets} | more
    )


def test_what_is_broken_comes_first_and_is_a_word_and_a_sign() -> None:
    parts = [Part(name="model", state="ok", seconds=0), Part(name="worker", state="worker-unavailable", seconds=0)]
    made = health(parts)
    assert made.index("Worker") < made.index("Chat model")
    assert "Parts that do not work: 1" in made
    assert "✕" in made
    assert "All parts work: 1" in health(parts[:1])


def test_a_histogram_tells_what_lies_between_its_bounds() -> None:
    assert took().apart() == [(1.0, 2), (2.0, 3), (None, 1)]
    rows = histogram(took().apart(), told="x")["data"]["values"]
    assert [(row["name"], row["value"]) for row in rows] == [("≤ 1.0", 2), ("≤ 2.0", 3), ("> 2.0", 1)]


def test_what_lies_beyond_the_last_bound_is_said_to() -> None:
    assert "longer than any bound" in times([took()], "c", {})


def test_a_plot_says_what_it_is_to_who_cannot_see_it() -> None:
    for spec in (bars([("a", 1.0)], unit="u", told="What waits"), histogram([(1.0, 1)], told="What waits")):
        assert spec["description"] == "What waits"


def test_a_table_has_a_caption_and_names_its_rows() -> None:
    made = table(["what", "count"], [("a", "1")], "Documents")
    assert "<caption>Documents</caption>" in made
    assert '<th scope="row">a</th>' in made
    assert made.count('scope="col"') == 2


def test_what_the_house_says_is_escaped() -> None:
    """Fails if `said` is deleted from any of these."""
    everything = [
        health([Part(name=HOSTILE, state="ok", seconds=0), Part(name="x", state=HOSTILE, seconds=0)]),
        counts({HOSTILE: 1}, "c"),
        times([took(kind=HOSTILE)], "c", {}),
        models([Model(role=HOSTILE, name=HOSTILE, engine=HOSTILE, digest=HOSTILE)]),
        index(Index(passages=1, embedder=HOSTILE, dimension=1, words=HOSTILE))[1],
        version(HOSTILE),
    ]
    for made in everything:
        assert "<img" not in made
        assert "[U+202E]" in made


def test_a_ledger_without_a_checkpoint_says_so() -> None:
    assert "none yet" in ledger(Ledger(entries=3, number=0, covers=0, at=None, waiting=0), UTC)
