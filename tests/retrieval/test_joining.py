"""Neighbours: side by side is one, what is cut is completed, and each part still opens where it stands."""

from collections.abc import Sequence

import pytest

from appliance.answering import prompts
from appliance.answering.excerpts import Excerpt
from appliance.records import Passage, Question
from appliance.retrieval.joining import PIECE, TOGETHER, joined, lacking, part
from tests.retrieval.conftest import passage


def at(position: int, text: str, *, score: float = 0.5, document: str = "a", page: int = 1) -> Passage:
    return passage(f"{document}#{position}", text, position=position, score=score, page=page, start=10 * position)


def texts(found: Sequence[Passage]) -> list[str]:
    return [one.text for one in found]


def test_side_by_side_is_one_in_order_and_opens_at_the_best() -> None:
    first, best = at(3, "Rinse for ten minutes.", score=0.4), at(4, "Then call the doctor.", score=0.9, page=2)
    (found,) = joined([best, first], [])
    assert found.text == "Rinse for ten minutes.\nThen call the doctor."
    assert (found.id, found.page, found.start, found.boxes) == (best.id, best.page, best.start, best.boxes)
    assert found.parts == (first, best)
    assert part(found, "You rinse it for ten minutes.") == first
    assert part(found, "Call the doctor.") == best


@pytest.mark.parametrize(
    "other",
    [at(5, "Far off."), at(4, "Another.", document="b"), passage("a#9", "Replaced.", position=4, version="v0")],
    ids=["a gap", "another document", "another version"],
)
def test_what_is_not_beside_stays_apart(other: Passage) -> None:
    hits = [at(3, "Rinse for ten minutes."), other]
    assert joined(hits, []) == hits


def test_long_ones_stay_apart() -> None:
    long = "word " * (TOGETHER // 2) + "end."
    hits = [at(1, long), at(2, long), at(3, "Short.")]
    assert texts(joined(hits, [])) == [long, f"{long}\nShort."]


def test_no_hit_is_lost() -> None:
    hits = [passage(f"a#{number}", f"Step {number}.") for number in range(3)]
    assert joined(hits, []) == hits


def test_a_cut_sentence_gets_its_beginning_and_its_end() -> None:
    before = at(1, "Something else. Patients who take heparin", page=1)
    hit = at(2, "are seen by the pharmacist. Every bag is weighed and", page=2)
    after = at(3, "labelled at once. Then something else.", page=3)
    assert lacking([hit]) == {("a", "v1", 1), ("a", "v1", 3)}
    (found,) = joined([hit], [before, after])
    assert found.text.split("\n") == ["Patients who take heparin", hit.text, "labelled at once."]
    assert (found.id, found.page, found.parts) == (hit.id, 2, (before, hit, after))


def test_rows_get_the_names_of_their_columns() -> None:
    before = at(1, "Stocks follow.\nArticle | Shelf\nGloves | 12")
    hit = at(2, "Masks | 14\nGowns | 15")
    (found,) = joined([hit], [before])
    assert found.text == f"Article | Shelf\n{hit.text}"
    assert joined([hit], [at(1, "Soap | 11\nGloves | 12")]) == [hit]


def test_a_heading_gets_what_it_announces() -> None:
    (found,) = joined([at(1, "Visiting hours:")], [at(2, "From two to eight.")])
    assert found.text == "Visiting hours:\nFrom two to eight."


def test_a_whole_passage_asks_for_nothing_and_a_neighbour_lends_little() -> None:
    whole = at(1, "Rinse the wound for ten minutes and call the doctor on duty then.")
    assert lacking([whole]) == set()
    cut = at(2, "are weighed, labelled, and brought to the ward by two people at once.")
    assert joined([cut], [at(1, "Bags " + "or boxes " * PIECE)]) == [cut]


def test_a_prompt_of_900_tokens_still_holds_four() -> None:
    said = "Every pump is checked twice before the shift ends today. " * 4
    hits = [at(10 * n + m, said, document=f"d{n}") for n in range(5) for m in range(2)]
    found = joined(hits, [])
    assert len(found) == 5
    question = Question("How often is a pump checked before the shift ends?", "en")
    shown = [Excerpt(passage, passage.text) for passage in found]
    assert len(prompts.build(question, shown, budget=900).passages) >= 4
