from math import log2

import pytest

from appliance.workshop import ranking
from appliance.workshop.ranking import Hit, hits

A, B, C = (Hit(uri, evidence) for uri, evidence in (("a", (0,)), ("b", (1,)), ("c", ())))
BOTH = Hit("a", (0, 1))


def test_evidence_stands_nearly_word_for_word_in_a_gold_document() -> None:
    evidence = ("Ward manager | €500", "Wash the skin with soap and plain water for five whole minutes, then dry it.")
    table = "Role: Ward manager. Limit: €500"
    misread = "Wash the skin with s0ap and plain water for five whole minutes, then dry it. More follows."
    found = hits(
        [
            {"uri": "old", "text": table},
            {"uri": "new", "text": "Ward manager: €300"},
            {"uri": "new", "text": table},
            {"uri": "new", "text": misread},
            {"uri": "new", "text": "Wash the skin with soap."},
        ],
        documents={"new"},
        evidence=evidence,
    )
    assert [hit.evidence for hit in found] == [(), (), (0,), (1,), ()]


@pytest.mark.parametrize(
    ("found", "recall", "ndcg"),
    [
        ([A, B], 1.0, 1.0),
        ([A, A, B], 1.0, 1.0),
        ([C, A, B], 1.0, (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3))),
        ([A, C], 0.5, 1 / (1 + 1 / log2(3))),
        ([C, C], 0.0, 0.0),
        ([], 0.0, 0.0),
    ],
)
def test_documents_count_once_where_their_first_passage_stands(found: list[Hit], recall: float, ndcg: float) -> None:
    assert ranking.document_recall(found, ("a", "b"), 6) == recall
    assert ranking.document_ndcg(found, ("a", "b"), 6) == pytest.approx(ndcg)


@pytest.mark.parametrize(
    ("found", "recall", "ndcg"),
    [
        ([A, B], 1.0, 1.0),
        ([BOTH], 1.0, 1.0),
        ([A, A, B], 1.0, (1 + 1 / log2(4)) / (1 + 1 / log2(3))),
        ([C, A], 0.5, (1 / log2(3)) / (1 + 1 / log2(3))),
        ([], 0.0, 0.0),
    ],
)
def test_a_sentence_gains_once_where_it_first_stands(found: list[Hit], recall: float, ndcg: float) -> None:
    assert ranking.evidence_recall(found, 2, 6) == recall
    assert ranking.evidence_ndcg(found, 2, 6) == pytest.approx(ndcg)


def test_what_stands_below_the_depth_does_not_count() -> None:
    assert ranking.document_recall([C, C, C, A], ("a",), 3) == 0
    assert ranking.evidence_recall([C, C, C, A], 1, 3) == 0
    assert ranking.evidence_ndcg([C, C, C, A], 1, 3) == 0
    assert ranking.document_ndcg([Hit(uri, ()) for uri in "cdea"], ("a",), 3) == 0
