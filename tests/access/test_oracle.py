"""The policies pushed into the index, against Cedar itself: `tests/access/oracle.py` says how."""

from pathlib import Path

from tests.access.oracle import run
from tests.retrieval.points import Points


def test_the_index_shows_nothing_that_cedar_forbids(tmp_path: Path) -> None:
    """20,000 random cases. Guards every case of the matches in `residuals.py`: take one away, and either something
    accepted is not understood any more, or a filter is wider or narrower than the policies."""
    tally = run(Points(tmp_path / "shard"), cases=20_000, seed=4)
    assert tally.wider == 0
    assert tally.narrower == 0
    assert tally.cases >= 20_000
    assert tally.sets >= 200
    assert 0.1 < tally.allowed / tally.cases < 0.9, "cases that all end alike prove nothing"
