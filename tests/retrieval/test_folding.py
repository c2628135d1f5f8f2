"""Hits that say the same are one, the newest; one document does not crowd out the others."""

from datetime import date

from appliance.records import Passage
from appliance.retrieval.folding import folded, spread
from tests.retrieval.conftest import passage

RULES = (
    "Family and friends are welcome on every ward from two in the afternoon. At most {} people stand around a bed, "
    "and visits end at {} in the evening. Whoever has a cough or a fever stays at home and calls the ward instead."
)
OLD = passage("old#0", RULES.format("three", "19:00"), title="Visiting 2024", valid_from=date(2024, 1, 1), score=0.9)
NEW = passage("new#0", RULES.format("two", "20:00"), title="Visiting 2026", valid_from=date(2026, 3, 1), score=0.7)


def ids(found: list[Passage]) -> list[str]:
    return [one.id for one in found]


def test_of_two_versions_the_newest_stands_where_the_best_stood() -> None:
    other = passage("x#0", "The canteen opens at noon.", score=0.8)
    found = folded([OLD, other, NEW])
    assert ids(found) == ["new#0", "x#0"]
    assert found[0].score == OLD.score
    assert found[0].valid_from == date(2026, 3, 1)


def test_a_replaced_one_never_wins_by_its_date() -> None:
    replaced = passage("old#0", OLD.text, title="Visiting", valid_from=date(2027, 1, 1), superseded=True)
    assert ids(folded([replaced, passage("new#0", OLD.text, title="Visiting")])) == ["new#0"]


def test_the_same_text_in_two_documents_comes_once() -> None:
    assert ids(folded([passage("a#0", score=0.9), passage("b#0", score=0.8)])) == ["a#0"]


def test_one_word_more_is_still_the_same_but_another_figure_is_not() -> None:
    a, b = passage("a#0", RULES.format("two", "20:00")), passage("b#0", RULES.format("two", "20:00") + " Thanks.")
    c = passage("c#0", RULES.format("two", "21:00"))
    assert ids(folded([a, b, c])) == ["a#0", "c#0"]


def test_two_forms_of_other_names_are_two() -> None:
    other = passage("c#0", NEW.text, title="Deliveries", valid_from=NEW.valid_from)
    assert ids(folded([OLD, other])) == ["old#0", "c#0"]


def test_two_parts_of_one_document_that_differ_are_two() -> None:
    assert ids(
        folded([passage("a#0", RULES.format("two", "8")), passage("a#1", RULES.format("two", "8") + " Yes.")])
    ) == [
        "a#0",
        "a#1",
    ]


def test_empty_is_empty() -> None:
    assert folded([]) == []
    assert spread([], 3) == []


def test_half_of_the_places_go_to_others_that_are_nearly_as_good() -> None:
    crowd = [passage(f"a#{number}", score=1.0 - number / 100) for number in range(6)]
    near, far = passage("b#0", score=0.9), passage("c#0", score=0.2)
    assert ids(spread([*crowd, near, far], 4)) == ["a#0", "a#1", "a#2", "b#0"]
    assert ids(spread([*crowd, far], 4)) == ["a#0", "a#1", "a#2", "a#3"]
