"""Detectors united: what one of them finds stays covered, at the offsets of the text as it is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.privacy.detecting.cutting import Cut, pieces
from appliance.privacy.detecting.merging import joined, united
from appliance.privacy.detection import Detection
from appliance.records.privacy import Finding
from tests.contracts.word_list import WordList


def covered(text: str, words: dict[str, str]) -> list[tuple[str, str]]:
    found = Detection([WordList(words)], thresholds={}).find([text], language="en")[0]
    return [(text[one.start : one.end], one.entity) for one in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A\u200bda No\u00advak", "A\u200bda No\u00advak"),
        ("x \u202eA\u200fda\u202c Novak y", "A\u200fda\u202c Novak"),
        ("\ufeffAda\u2060 Novak", "Ada\u2060 Novak"),
        ("A\x1fda Novak", "A\x1fda Novak"),
        ("Ａｄａ Novak", "Ａｄａ Novak"),
        ("𝐀𝐝𝐚 Novak", "𝐀𝐝𝐚 Novak"),
        ("Ada\u00a0Novak", "Ada\u00a0Novak"),
        ("A\u2800d\ufffca Novak", "A\u2800d\ufffca Novak"),
        ("A\u0332d\u20dda No\u0332v\u0332ak", "A\u0332d\u20dda No\u0332v\u0332ak"),
        ("Аdа Nоvаk", "Аdа Nоvаk"),
        ("A\U000e0041da\ufe0f Novak", "A\U000e0041da\ufe0f Novak"),
    ],
)
def test_what_is_invisible_hides_nothing(text: str, found: str) -> None:
    """Guards `unveiled` in `appliance/privacy/detecting/plain.py` and its use in `_views`."""
    assert covered(text, {"Ada Novak": "PERSON"}) == [(found, "PERSON")]


def test_a_text_without_anything_hidden_is_shown_once() -> None:
    words = WordList({})
    Detection([words], thresholds={}).find(["Ada Novak – gro\u0308ßer, größer, Ада"], language="en")
    assert words.seen == ["Ada Novak - gro\u0308ßer, größer, Ада"]


def test_a_long_text_is_cut_and_nothing_at_a_cut_is_lost() -> None:
    """Guards the overlap of `pieces`: a name that a cut would part stands whole in the next piece."""
    text = "".join(f"{number:05d}Ada Novak" for number in range(3_000))
    detection = Detection([WordList({"Ada Novak": "PERSON"})], thresholds={}, cut=Cut(300, 40))
    (findings,) = detection.find([text[:14_000]], language="en")
    assert [text[one.start : one.end] for one in findings] == ["Ada Novak"] * 1_000


def test_a_detector_of_whole_texts_sees_them_whole() -> None:
    whole, parts = WordList({}, name="whole"), WordList({}, name="parts")
    Detection([whole, parts], thresholds={}, whole=["whole"]).find(["Ada\n" * 3_000], language="en")
    assert [len(text) for text in whole.seen] == [12_000]
    assert max(map(len, parts.seen)) <= 4_000


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(4, 40))
def test_pieces_cover_a_text_in_order(text: str, longest: int) -> None:
    seen = set()
    for start, piece in pieces(text, Cut(longest, longest // 4)):
        assert text.startswith(piece, start)
        assert len(piece) <= longest
        seen |= set(range(start, start + len(piece)))
    assert seen == set(range(len(text)))


def test_what_was_found_before_is_not_looked_for_again() -> None:
    words = WordList({"Ada": "PERSON"})
    detection = Detection([words], thresholds={})
    first = detection.find(["Ada", "Bob", "Ada"], language="en")
    assert detection.find(["Bob", "Ada"], language="en") == [first[1], first[0]]
    assert words.seen == ["Ada", "Bob"]
    detection.find(["Ada"], language="de")
    assert words.seen == ["Ada", "Bob", "Ada"]


def test_a_detector_that_changed_is_asked_again() -> None:
    """Guards `version` as a part of the key: a list that was loaded since is not answered from before."""

    class Changing(WordList):
        version = "1"

    words = Changing({"Ada": "PERSON"})
    detection = Detection([words], thresholds={})
    before = detection.version
    detection.find(["Ada"], language="en")
    words.version = "2"
    detection.find(["Ada"], language="en")
    assert words.seen == ["Ada", "Ada"]
    assert detection.version != before


def test_thresholds_and_configuration_are_part_of_the_version() -> None:
    words = WordList({})
    versions = {
        Detection([words], thresholds={}).version,
        Detection([words], thresholds={"PERSON": 0.5}).version,
        Detection([words], thresholds={}, configuration=["model sha256 12"]).version,
        Detection([words], thresholds={}, whole=["words"]).version,
        Detection([words, WordList({}, name="other")], thresholds={}).version,
    }
    assert len(versions) == 5
    assert Detection([WordList({})], thresholds={}).version == Detection([words], thresholds={}).version


STRONGER = [
    ("IBAN", "ORGANIZATION"),
    ("SECRET", "IBAN"),
    ("MRN", "DATE"),
    ("EMAIL", "PERSON"),
    ("EMAIL", "URL"),
    ("ADDRESS", "PERSON"),
    ("ADDRESS", "LOCATION"),
    ("PERSON", "TITLE"),
    ("PERSON", "ORGANIZATION"),
    ("DATE_OF_BIRTH", "DATE"),
    ("PROJECT_CODE", "PERSON"),
    ("CARD", "PROJECT_CODE"),
]


@pytest.mark.parametrize(("strong", "weak"), STRONGER)
@pytest.mark.parametrize("spans", [((0, 5), (3, 9)), ((3, 9), (0, 5)), ((0, 9), (3, 5)), ((3, 5), (0, 9))])
def test_overlapping_findings_become_one_of_the_stronger_kind(
    strong: str, weak: str, spans: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    pair = [(1, Finding(*spans[0], strong, 0.4, "a")), (0, Finding(*spans[1], weak, 1.0, "b"))]
    for order in (pair, pair[::-1]):
        assert united(order) == [Finding(0, 9, strong, 0.4, "a")]


def test_of_two_numbers_the_more_trusted_detector_names_the_kind_and_then_the_score() -> None:
    guess = (1, Finding(0, 9, "TAX_ID", 1.0, "model"))
    labelled = (0, Finding(0, 9, "MRN", 0.7, "rules"))
    checked = (0, Finding(2, 9, "NHS", 1.0, "rules"))
    assert united([guess, labelled])[0].entity == "MRN"
    assert united([guess, labelled, checked])[0].entity == "NHS"


SPANS = st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from(["PERSON", "DATE", "IBAN", "X", "LOCATION"]))


@given(st.lists(st.tuples(st.integers(0, 3), SPANS)))
def test_the_union_covers_what_was_found_and_nothing_else(found: list[tuple[int, tuple[int, int, str]]]) -> None:
    """Guards `united`: drop a part of a finding that overlaps and this fails."""
    all_of_it = [(trust, Finding(start, start + length, kind, 0.5, "x")) for trust, (start, length, kind) in found]
    merged = united(all_of_it)
    characters = {offset for _, one in all_of_it for offset in range(one.start, one.end)}
    assert [offset for one in merged for offset in range(one.start, one.end)] == sorted(characters)
    text = "x" * 40
    wider = joined(text, merged)
    assert {offset for one in wider for offset in range(one.start, one.end)} >= characters
    assert all(left.end <= right.start for left, right in pairwise(wider))


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("Dear Dr. Ada Novak,", {"Dr": "TITLE", "Ada": "PERSON", "Novak": "PERSON"}, [("Dr. Ada Novak", "PERSON")]),
        ("Ada J. Novak-Weiß", {"Ada": "PERSON", "J": "PERSON", "Novak": "PERSON", "Weiß": "PERSON"},
         [("Ada J. Novak-Weiß", "PERSON")]),
        ("Ada Novak Bob Weiss", {"Ada Novak": "PERSON", "Bob Weiss": "PERSON"},
         [("Ada Novak", "PERSON"), ("Bob Weiss", "PERSON")]),
        ("Ada, Bob", {"Ada": "PERSON", "Bob": "PERSON"}, [("Ada", "PERSON"), ("Bob", "PERSON")]),
        ("Ada\nBob", {"Ada": "PERSON", "Bob": "PERSON"}, [("Ada", "PERSON"), ("Bob", "PERSON")]),
        ("Dr of it", {"Dr": "TITLE"}, [("Dr", "TITLE")]),
        ("at 12 Elm St, Apt 4\n62704 Springfield, IL.",
         {"12 Elm St": "ADDRESS", "Apt 4": "ADDRESS", "62704": "POSTCODE", "Springfield": "LOCATION", "IL": "LOCATION"},
         [("12 Elm St, Apt 4\n62704 Springfield, IL", "ADDRESS")]),
        ("10115 Berlin, Hauptstr. 5", {"10115": "POSTCODE", "Berlin": "LOCATION", "Hauptstr. 5": "ADDRESS"},
         [("10115 Berlin, Hauptstr. 5", "ADDRESS")]),
        ("10115 Berlin", {"10115": "POSTCODE", "Berlin": "LOCATION"}, [("10115", "POSTCODE"), ("Berlin", "LOCATION")]),
        ("Berlin is 5 Elm St", {"Berlin": "LOCATION", "5 Elm St": "ADDRESS"},
         [("Berlin", "LOCATION"), ("5 Elm St", "ADDRESS")]),
    ],
)  # fmt: skip
def test_neighbours_that_are_one_thing_become_one(
    text: str, words: dict[str, str], whole: list[tuple[str, str]]
) -> None:
    assert covered(text, words) == whole
