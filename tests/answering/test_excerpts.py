import dataclasses

from appliance.answering.excerpts import RANK, WHOLE, excerpts, lines
from tests.answering.test_prompts import passage

FIRST = dataclasses.replace(passage("Doors open at 7. Doors close at 9."), score=2.0)
SECOND = dataclasses.replace(passage("Floor | Key: 4\nFloor | Key: 5", number=2), score=1.0)
THIRD = dataclasses.replace(passage("Dr. Ash has the key. Ask her.", number=3), score=1.0)
HOUSE = [FIRST, SECOND, THIRD]


def near(*best: int) -> list[float]:
    return [0.9 if index in best else 0.1 for index in range(len(lines(HOUSE)))]


def test_passages_are_cut_into_sentences_and_rows() -> None:
    assert [line.text for line in lines(HOUSE)] == [
        *(
            "Doors open at 7.",
            "Doors close at 9.",
            "Floor | Key: 4",
            "Floor | Key: 5",
            "Dr. Ash has the key.",
            "Ask her.",
        )
    ]


def test_every_line_of_the_best_passages_comes_before_any_other() -> None:
    chosen = excerpts(HOUSE, lines(HOUSE), near(4), most=4)
    assert {excerpt.passage.id for excerpt in chosen} == {passage.id for passage in HOUSE[:WHOLE]}


def test_lines_keep_their_order_and_passages_come_by_their_best_line() -> None:
    chosen = excerpts(HOUSE, lines(HOUSE), near(4), most=5)
    assert [(excerpt.passage.id, excerpt.text) for excerpt in chosen] == [
        ("p3", "Dr. Ash has the key."),
        ("p1", "Doors open at 7.\nDoors close at 9."),
        ("p2", "Floor | Key: 4\nFloor | Key: 5"),
    ]
    assert RANK > 0


def test_nothing_found_is_no_excerpt() -> None:
    assert excerpts([], [], [], most=5) == []


def test_lines_far_behind_the_nearest_are_left_out_of_all_but_the_best_passages() -> None:
    """Guards `floor` in `excerpts`."""
    chosen = excerpts(HOUSE, lines(HOUSE), near(0), most=20)
    assert [excerpt.passage.id for excerpt in chosen] == ["p1", "p2"]
