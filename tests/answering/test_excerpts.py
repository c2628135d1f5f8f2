import dataclasses

import pytest

from appliance.answering.excerpts import BEHIND, RANK, excerpts, lines, nearness
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


def test_a_line_is_as_near_as_it_and_its_passage_are() -> None:
    house = [dataclasses.replace(one, similarity=sim) for one, sim in zip(HOUSE, (0.9, 0.8, 0.7), strict=True)]
    assert nearness(lines(house), house, [0.5] * 6) == pytest.approx([0.7, 0.7, 0.65, 0.65, 0.6, 0.6])


def test_of_two_lines_as_near_the_one_of_the_better_passage_comes_first() -> None:
    """Guards RANK."""
    chosen = excerpts(HOUSE, lines(HOUSE), near(1, 4), most=1)
    assert [excerpt.text for excerpt in chosen] == ["Doors close at 9."]


def test_lines_keep_their_order_and_passages_come_by_their_best_line() -> None:
    chosen = excerpts(HOUSE, lines(HOUSE), [0.9, 0.9, 0.9, 0.9, 0.93, 0.1], most=5)
    assert [(excerpt.passage.id, excerpt.text) for excerpt in chosen] == [
        ("p3", "Dr. Ash has the key."),
        ("p1", "Doors open at 7.\nDoors close at 9."),
        ("p2", "Floor | Key: 4\nFloor | Key: 5"),
    ]
    assert RANK > 0


def test_nothing_found_is_no_excerpt() -> None:
    assert excerpts([], [], [], most=5) == []


def test_lines_far_behind_the_nearest_are_left_out() -> None:
    """Guards `floor` in `excerpts`."""
    just, far = 0.9 - BEHIND / 2, 0.9 - 2 * BEHIND
    chosen = excerpts(HOUSE, lines(HOUSE), [0.9, far, just, far, far, far], most=20)
    assert [excerpt.text for excerpt in chosen] == ["Doors open at 7.", "Floor | Key: 4"]
