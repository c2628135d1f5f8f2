import dataclasses

import pytest

from appliance.answering.excerpts import BEHIND, RANK, excerpts, lines, nearest, nearness
from appliance.records import Question
from tests.answering.test_prompts import passage

FIRST = dataclasses.replace(passage("Doors open at 7. Doors close at 9."), score=2.0)
SECOND = dataclasses.replace(passage("Floor | Key: 4\nFloor | Key: 5", number=2), score=1.0)
THIRD = dataclasses.replace(passage("Dr. Ash has the key. Ask her.", number=3), score=1.0)
HOUSE = [FIRST, SECOND, THIRD]


WHO = Question("Who has the key?", "en")


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


def test_the_point_of_a_date_ends_no_line() -> None:
    """Guards `cut`: half a sentence says neither until when nor how much."""
    house = [passage("Bei einer Zusage bis 30. Juni 2026 gewährt Meridian 7,5 Prozent. Danach nicht.")]
    assert [line.text for line in lines(house)] == [
        "Bei einer Zusage bis 30. Juni 2026 gewährt Meridian 7,5 Prozent.",
        "Danach nicht.",
    ]


def test_of_two_lines_as_near_the_one_of_the_better_passage_comes_first() -> None:
    """Guards RANK."""
    assert nearest(HOUSE, lines(HOUSE), near(1, 4), WHO, most=1) == [1]


def test_who_asks_for_a_number_or_a_time_is_first_shown_lines_that_have_one() -> None:
    """Guards `gives` in `nearest`."""
    distances = [0.88, 0.89, 0.9, 0.9, 0.92, 0.91]
    assert nearest(HOUSE, lines(HOUSE), distances, Question("Until when?", "en"), most=3) == [1, 2, 3]
    assert nearest(HOUSE, lines(HOUSE), distances, WHO, most=3) == [4, 5, 1]


def test_lines_keep_their_order_and_passages_come_by_their_best_line() -> None:
    chosen = excerpts(HOUSE, lines(HOUSE), [4, 1, 0, 3, 2])
    assert [(excerpt.passage.id, excerpt.text) for excerpt in chosen] == [
        ("p3", "Dr. Ash has the key."),
        ("p1", "Doors open at 7.\nDoors close at 9."),
        ("p2", "Floor | Key: 4\nFloor | Key: 5"),
    ]
    assert RANK > 0


def test_nothing_found_is_no_excerpt() -> None:
    assert nearest([], [], [], WHO, most=5) == []
    assert excerpts([], [], []) == []


def test_lines_far_behind_the_nearest_are_left_out() -> None:
    """Guards `floor` in `nearest`."""
    just, far = 0.9 - BEHIND / 2, 0.9 - 2 * BEHIND
    assert nearest(HOUSE, lines(HOUSE), [0.9, far, just, far, far, far], WHO, most=20) == [0, 2]
