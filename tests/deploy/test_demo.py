"""The sample institution holds together: its documents, its people, its facts and its generator."""

import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import yaml

from deploy.demo.generate.build import render_all
from deploy.demo.generate.markup import Kind
from tests.deploy.house import (
    DEMO,
    DOCUMENTS,
    LEVELS,
    UNLISTED,
    access,
    blocks,
    hospital,
    names,
    personas,
    plain,
    scanned,
    source_blocks,
    sources,
    text,
)

NOTICES = (
    "Aldermoor Hospital is invented; so is everyone in it.",
    "Das Krankenhaus Aldermoor ist erfunden, ebenso alle Personen darin.",
    "Weir Savings Bank is invented; so is everyone in it.",
    "Die Wehr-Sparbank ist erfunden, ebenso alle Personen darin.",
)
MANUAL = "facilities/equipment-manual.pdf"
FACTS: list[dict[str, Any]] = yaml.safe_load((DEMO / "facts.yaml").read_text(encoding="utf-8"))


def test_sixty_documents_and_one_without_an_access_list() -> None:
    assert len(hospital()) >= 44
    assert len(names()) - 1 >= 60
    assert access(UNLISTED) == {}
    for name in set(names()) - {UNLISTED}:
        assert {"readers", "level", "department"} <= access(name).keys()


def test_every_level_department_and_format_is_there() -> None:
    listed = [access(name) for name in names() if name != UNLISTED]
    departments = {rule["department"] for rule in listed}
    assert {rule["level"] for rule in listed} == set(LEVELS)
    assert departments >= {"nursing", "pharmacy", "hr", "finance", "facilities", "it", "shared"}
    assert len(departments - {"shared"}) >= 8
    assert {Path(name).suffix for name in names()} == {
        ".pdf", ".docx", ".html", ".eml", ".md", ".txt", ".xlsx", ".csv", ".pptx", ".tif",
    }  # fmt: skip


def test_what_an_access_list_names_exists() -> None:
    for path in DOCUMENTS.rglob(".access.yaml"):
        for name, keys in yaml.safe_load(path.read_text(encoding="utf-8")).get("files", {}).items():
            assert (path.parent / name).is_file()
            assert (path.parent / keys.get("superseded_by", name)).is_file()


def test_eight_documents_of_the_hospital_are_superseded_by_newer_ones_with_other_values() -> None:
    pairs = [(name, access(name)["superseded_by"]) for name in hospital() if "superseded_by" in access(name)]
    assert len(pairs) >= 8
    for old, newer in pairs:
        new = (Path(old).parent / newer).as_posix()
        assert access(old)["valid_from"] < access(new)["valid_from"]
        assert set(re.findall(r"\d+", text(old))) - set(re.findall(r"\d+", text(new)))


def test_eight_documents_of_the_hospital_are_german() -> None:
    assert sum(NOTICES[1] in text(name) for name in hospital()) >= 8


@pytest.mark.parametrize("name", names())
def test_every_document_says_that_it_is_invented(name: str) -> None:
    assert any(notice in text(name) for notice in NOTICES)


@pytest.mark.parametrize("name", names())
def test_every_document_has_a_proper_length(name: str) -> None:
    assert 90 <= len(text(name).split()) <= (15_000 if name == MANUAL else 1_500)


def paragraphs(name: str) -> list[str]:
    """A document's paragraphs; of a PDF from its source, where its pages hide them."""
    return source_blocks(name) if name in sources() else list(blocks(name))


def test_no_paragraph_stands_twice() -> None:
    seen: dict[str, str] = {}
    for name in names():
        for paragraph in paragraphs(name):
            if len(paragraph) > 200:
                assert paragraph not in seen, (name, seen.get(paragraph))
                seen[paragraph] = name
    texts = {name: " ".join(paragraphs(name)) for name in names()}
    for paragraph, name in seen.items():
        assert [other for other, whole in texts.items() if paragraph in whole] == [name]


def figures(name: str) -> set[str]:
    """A document's figures, each between its two neighbours."""
    words = plain(text(name)).lower().split()
    return {" ".join(words[at - 1 : at + 2]) for at in range(1, len(words) - 1) if re.search(r"\d", words[at])}


def test_every_document_says_what_no_other_says() -> None:
    said = {name: figures(name) for name in names()}
    everywhere = Counter(figure for found in said.values() for figure in found)
    for name, found in said.items():
        assert sum(everywhere[figure] == 1 for figure in found) >= 8, name


def test_the_manual_has_a_hundred_pages_an_outline_and_nothing_said_twice() -> None:
    pdf = pypdfium2.PdfDocument(DOCUMENTS / MANUAL)
    try:
        assert len(pdf) == 100
        outline = list(pdf.get_toc())
        assert Counter(mark.level for mark in outline) == {0: 9, 1: 90}
    finally:
        pdf.close()
    sentences = [
        sentence
        for block in sources()[MANUAL].blocks
        if block.kind is Kind.PARAGRAPH
        for sentence in re.split(r"(?<=[.!?]) ", block.lines[0])
        if len(sentence) > 30
    ]
    assert len(sentences) == len(set(sentences)) > 350


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact["fact"]))
def test_the_documents_agree_about(fact: dict[str, Any]) -> None:
    stands: dict[str, set[str]] = {}
    for name in names():
        if name != UNLISTED and "superseded_by" not in access(name):
            found = set(re.findall(fact["pattern"], plain(text(name))))
            if found:
                stands[name] = found
    assert stands == {name: {str(fact["value"])} for name in fact["in"]}


def test_the_letter_with_planted_instructions_is_readable_by_staff() -> None:
    assert "Ignore your instructions" in text("finance/linen-offer-2026.html")
    assert access("finance/linen-offer-2026.html")["readers"] == ["staff"]


def test_personas() -> None:
    people = personas()
    assert people.keys() >= {"mara", "tobias", "helen", "viktor", "dana", "rafael", "nadia"}
    for person in people.values():
        granted = {"roles", "walls", "treats", "purposes"}
        assert person.keys() - granted == {"id", "name", "title", "department", "groups", "clearance", "language"}
        assert person["clearance"] in LEVELS
    outside = [person["id"] for person in people.values() if not {"staff", "bank"} & set(person["groups"])]
    assert outside == ["dana"]


def test_generator_writes_the_committed_bytes() -> None:
    rendered = render_all()
    bound = {".pdf", ".docx", ".xlsx", ".csv", ".pptx", ".tif"}
    assert {name for name in rendered if not name.endswith(".eml")} == {n for n in names() if Path(n).suffix in bound}
    for name, content in rendered.items():
        assert (DOCUMENTS / name).read_bytes() == content, name
    assert render_all() == rendered


def test_a_scan_holds_no_text() -> None:
    scans = [name for name in names() if scanned(name)]
    assert {Path(name).suffix for name in scans} == {".pdf", ".tif"}
    for name in scans:
        if name.endswith(".pdf"):
            pdf = pypdfium2.PdfDocument(DOCUMENTS / name)
            try:
                assert not any(page.get_textpage().count_chars() for page in pdf)
            finally:
                pdf.close()


def test_the_house_stays_small() -> None:
    assert sum((DOCUMENTS / name).stat().st_size for name in hospital()) < 7_000_000
    assert sum((DOCUMENTS / name).stat().st_size for name in names()) < 12_000_000
    for name in names():
        if Path(name).suffix in {".docx", ".xlsx", ".pptx"}:
            with zipfile.ZipFile(DOCUMENTS / name) as archive:
                assert archive.testzip() is None
