"""The golden questions fit the house: answered where they must be, silent where they must be, in words of their own."""

from typing import Any

import pytest

from ingest.records import Parsed
from ingest.worker import Limits, Parsers
from tests.deploy.house import (
    DOCUMENTS,
    Question,
    access,
    blocks,
    is_banks,
    may_read,
    names,
    overlap,
    personas,
    questions,
    scanned,
    source_blocks,
    stands_in,
)

SHARED_WORDS = 0.4
FIELDS = {"id", "persona", "language", "kind", "question", "expect", "documents", "points", "evidence", "near", "why"}
KINDS = {
    "fact",
    "table",
    "scan",
    "attachment",
    "german",
    "superseded",
    "two-documents",
    "injection",
    "refuse-absent",
    "refuse-forbidden",
}
ANSWERED = [question for question in questions() if question["expect"] == "answer"]
REFUSED = [question for question in questions() if question["expect"] == "refuse"]


def ids(question: Question) -> str:
    return str(question["id"])


def two(question: Question) -> bool:
    return question["kind"] == "two-documents"


@pytest.fixture(scope="module")
def passages() -> dict[str, list[str]]:
    """Every document that answers a question, as our parser reads it: its blocks, each row of a table for itself."""
    found: dict[str, list[str]] = {}
    with Parsers(Limits(memory_mib=1_024, seconds=60, pages=2_000)) as parsers:
        for name in sorted({name for question in ANSWERED for name in question["documents"]}):
            if scanned(name):
                found[name] = source_blocks(name)
                continue
            parsed = parsers.parse(name, (DOCUMENTS / name).read_bytes())
            assert isinstance(parsed, Parsed), (name, parsed)
            found[name] = [
                row
                for block in parsed.blocks
                for row in (block.text.splitlines() if block.kind == "table" else [block.text])
            ]
    return found


def counts(asked: list[Question]) -> tuple[int, int, int, int]:
    """Two documents, superseded, German, refused."""
    return (
        sum(two(question) for question in asked),
        sum(question["kind"] == "superseded" for question in asked),
        sum(question["language"] == "de" for question in asked),
        len([question for question in asked if question["expect"] == "refuse"]),
    )


def test_a_hundred_questions_of_which_forty_are_frozen() -> None:
    assert (len(questions("golden")), len(questions("unseen"))) == (60, 40)
    assert all(count >= least for count, least in zip(counts(questions()), (20, 15, 15, 30), strict=True))
    assert len({ids(question) for question in questions()}) == 100


def test_the_hospital_has_its_share_of_every_kind() -> None:
    tuned, frozen = ([q for q in questions(name) if not is_banks(q)] for name in ("golden", "unseen"))
    assert (len(tuned), len(frozen)) == (39, 26)
    assert all(count >= least for count, least in zip(counts(tuned), (8, 6, 6, 12), strict=True))
    assert all(count >= least for count, least in zip(counts(frozen), (5, 4, 4, 8), strict=True))


@pytest.mark.parametrize("question", questions(), ids=ids)
def test_question_has_its_fields_and_names_what_exists(question: Question) -> None:
    assert question.keys() - {"missing"} == FIELDS
    assert question["kind"] in KINDS
    assert (question["expect"] == "refuse") == question["kind"].startswith("refuse")
    assert question["persona"] in personas()
    assert question["language"] in {"en", "de"}
    assert set(question["documents"]) <= set(names())
    assert question["near"] in {"", *names()}


@pytest.mark.parametrize("question", ANSWERED, ids=ids)
def test_answer_stands_in_documents_that_are_in_force_and_that_the_persona_may_read(
    question: Question, passages: dict[str, list[str]]
) -> None:
    persona = personas()[question["persona"]]
    assert question["documents"]
    assert all(may_read(persona, name) for name in question["documents"])
    assert not any("superseded_by" in access(name) for name in question["documents"])
    for evidence in question["evidence"]:
        holding = [n for n in question["documents"] if any(stands_in(evidence, p) for p in passages[n])]
        assert holding, evidence
    for name in question["documents"]:
        assert any(stands_in(evidence, p) for evidence in question["evidence"] for p in passages[name]), name


@pytest.mark.parametrize("question", ANSWERED, ids=ids)
def test_every_point_stands_in_the_evidence(question: Question) -> None:
    whole = " ".join(question["evidence"]).lower()
    assert question["points"]
    for point in question["points"]:
        assert any(alternative.lower() in whole for alternative in point), point


@pytest.mark.parametrize("question", ANSWERED, ids=ids)
def test_question_is_asked_in_other_words_than_its_answer(question: Question, passages: dict[str, list[str]]) -> None:
    held = [
        passage
        for name in question["documents"]
        for passage in passages[name]
        if any(stands_in(evidence, passage) for evidence in question["evidence"])
    ]
    assert overlap(question, held) <= SHARED_WORDS


@pytest.mark.parametrize("question", [question for question in ANSWERED if two(question)], ids=ids)
def test_question_about_two_documents_is_answered_by_neither_alone(question: Question) -> None:
    assert len(question["documents"]) >= 2
    assert len(question["points"]) >= 2
    for name in question["documents"]:
        alone = " ".join(e for e in question["evidence"] if any(stands_in(e, block) for block in blocks(name)))
        assert not all(any(word.lower() in alone.lower() for word in point) for point in question["points"]), name


@pytest.mark.parametrize("question", [q for q in ANSWERED if q["kind"] == "superseded"], ids=ids)
def test_question_about_a_superseded_version_has_a_new_answer(question: Question) -> None:
    rule = access(question["near"])
    assert (DOCUMENTS / question["near"]).parent.joinpath(rule["superseded_by"]) in {
        DOCUMENTS / name for name in question["documents"]
    }


@pytest.mark.parametrize("question", REFUSED, ids=ids)
def test_refused_question_has_a_near_miss_and_nothing_that_answers_it(question: Question) -> None:
    assert question["points"] == question["documents"] == question["evidence"] == []
    persona = personas()[question["persona"]]
    assert may_read(persona, question["near"]) == (question["kind"] == "refuse-absent")
    words = [word.lower() for word in question["missing"]]
    assert words
    for name in names():
        if may_read(persona, name):
            assert not any(all(word in block.lower() for word in words) for block in blocks(name)), name


def twin(question: Question) -> dict[str, Any] | None:
    """The same question, asked by someone who may know."""
    return next((other for other in ANSWERED if other["question"] == question["question"]), None)


@pytest.mark.parametrize("question", [q for q in REFUSED if q["kind"] == "refuse-forbidden"], ids=ids)
def test_what_a_forbidden_question_asks_stands_in_the_forbidden_document(question: Question) -> None:
    whole = " ".join(blocks(question["near"])).lower()
    assert all(word.lower() in whole for word in question["missing"])
    answered = twin(question)
    assert answered is None or question["near"] in answered["documents"]
