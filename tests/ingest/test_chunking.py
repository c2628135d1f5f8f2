"""Passages are stretches of their page, and nothing is lost between them."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.records import Access, Box, Document, Level
from ingest import chunking
from ingest.chunking import MOST, chunks, document_id, passages
from ingest.parsing.assembly import Piece, assemble
from ingest.records import Parsed

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ())
DOCUMENT = Document(document_id("aldermoor", "a.md"), "a.md", "v1", "Title", "text/plain", "en", 1, ACCESS)
BOX = Box(1, 0.1, 0.1, 0.9, 0.2)

words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cn")), max_size=60)
sentences = st.lists(
    st.sampled_from(["The dose is 5 mg. ", "Heute nicht! ", "x" * 900, "word ", "\n", "a.b "]), max_size=80
)
texts = st.one_of(words, sentences.map("".join))
kinds = st.sampled_from(["heading", "text", "list", "table", "margin"])


@st.composite
def parsed(draw: st.DrawFn) -> Parsed:
    page, pieces = 1, []
    for _ in range(draw(st.integers(0, 12))):
        page += draw(st.integers(0, 1))
        lines = tuple(draw(st.lists(texts, min_size=1, max_size=4)))
        kind = draw(kinds)
        level = draw(st.integers(1, 4)) if kind == "heading" else 0
        pieces.append(Piece(kind, lines, page, level, (replace(BOX, page=page),) * len(lines)))
    blocks, pages = assemble(pieces)
    return Parsed("Title", "text/plain", blocks, pages)


def solid(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=80, deadline=None)
@given(parsed())
def test_offsets_hold_and_nothing_is_lost(document: Parsed) -> None:
    for block in document.blocks:
        assert document.pages[block.page - 1].text[block.start : block.end] == block.text
    made = chunks(document)
    covered = {page.number: [False] * len(page.text) for page in document.pages}
    for chunk in made:
        assert document.pages[chunk.page - 1].text[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip()
        assert all(box.page == chunk.page for box in chunk.boxes)
        assert chunk.boxes
        covered[chunk.page][chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    content = [block for block in document.blocks if block.kind != "margin"] or document.blocks
    paths = "".join(solid(chunk.heading) for chunk in made)
    for block in content:
        if block.kind == "heading" and solid(block.text) in paths:
            continue
        for place in range(block.start, block.end):
            text = document.pages[block.page - 1].text
            assert covered[block.page][place] or text[place].isspace()


@settings(max_examples=50, deadline=None)
@given(parsed())
def test_no_passage_is_too_long_and_ids_are_stable(document: Parsed) -> None:
    made = passages(DOCUMENT, document)
    assert [passage.id for passage in made] == [passage.id for passage in passages(DOCUMENT, document)]
    assert len({passage.id for passage in made}) == len(made)
    assert all(len(passage.text.split()) <= MOST for passage in made)
    assert all(len(passage.text) <= 1_300 for passage in made)


def of(*pieces: Piece) -> list[chunking.Chunk]:
    blocks, pages = assemble(pieces)
    return chunks(Parsed("Title", "text/plain", blocks, pages))


def test_small_neighbours_under_one_heading_are_one_passage() -> None:
    made = of(
        Piece("heading", ("Doses",), level=1),
        Piece("heading", ("Adults",), level=2),
        Piece("text", ("One.",)),
        Piece("text", ("Two.",)),
        Piece("heading", ("Children",), level=2),
        Piece("text", ("Three.",)),
    )
    assert [(chunk.heading, chunk.text) for chunk in made] == [
        ("Doses > Adults", "One.\n\nTwo."),
        ("Doses > Children", "Three."),
    ]


def test_a_heading_over_nothing_is_a_passage() -> None:
    made = of(Piece("heading", ("A",), level=1), Piece("heading", ("B",), level=1), Piece("text", ("x",)))
    assert [(chunk.heading, chunk.text) for chunk in made] == [("", "A"), ("B", "x")]


def test_a_long_table_is_split_between_rows() -> None:
    rows = tuple(f"Drug: d{n} | Dose: {n} mg twice a day with water" for n in range(60))
    made = of(Piece("table", rows))
    assert len(made) > 3
    assert all(chunk.text.startswith("Drug: d") and chunk.text.endswith("water") for chunk in made)


def test_a_passage_never_crosses_a_page() -> None:
    made = of(Piece("heading", ("H",), 1, 1), Piece("text", ("one",), 1), Piece("text", ("two",), 2))
    assert [(chunk.page, chunk.heading, chunk.text) for chunk in made] == [(1, "H", "one"), (2, "H", "two")]


def test_what_a_document_knows_is_on_every_passage() -> None:
    blocks, pages = assemble([Piece("text", ("Der Antrag wird mit dem Formular gestellt.",))])
    known = replace(DOCUMENT, valid_from=date(2026, 1, 1), superseded_by="other")
    (made,) = passages(known, Parsed("T", "text/plain", blocks, pages))
    assert (made.document, made.version, made.position, made.access) == (known.id, "v1", 0, ACCESS)
    assert (made.valid_from, made.superseded, made.language) == (date(2026, 1, 1), True, "de")
