"""Hostile files: each ends in its named outcome, and none stops the others."""

from ingest.records import Fault, Quarantined, Stored
from ingest.worker import Limits, Parsers
from tests.attacks.files import generate
from tests.ingest.conftest import House, house, index, parsers, store  # noqa: F401 - fixtures

ENDS = {
    "truncated.pdf": Fault.DAMAGED,
    "encrypted.pdf": Fault.ENCRYPTED,
    "encrypted.docx": Fault.ENCRYPTED,
    "encrypted.xlsx": Fault.ENCRYPTED,
    "picture-named.pdf": Fault.MISLABELLED,
    "pdf-named.docx": Fault.MISLABELLED,
    "workbook-named.docx": Fault.MISLABELLED,
    "billion-laughs.xml": Fault.UNSUPPORTED,
    "billion-laughs.docx": Fault.ENTITIES,
    "billion-laughs.html": Fault.ENTITIES,
    "external-entity.docx": Fault.ENTITIES,
    "external-entity.html": Fault.ENTITIES,
    "garbage.docx": Fault.MISLABELLED,
    "garbage-in-a-zip.docx": Fault.DAMAGED,
    "null-bytes.txt": Fault.MISLABELLED,
    "only-spaces.txt": Fault.EMPTY,
    "only-a-picture.html": Fault.NO_TEXT,
    "only-hidden-text.html": Fault.NO_TEXT,
    "inflates.docx": Fault.TOO_LARGE_INSIDE,
    "nested.html": Fault.TOO_DEEP,
    "nested.md": Fault.TOO_DEEP,
    "one-line.txt": Fault.TOO_LONG_A_LINE,
    "empty.md": Fault.EMPTY,
    "name\\nwith a newline.txt": Fault.NAME,
    "\\u202efdp.txt": Fault.NAME,
    "latin-1.txt": None,
    "utf-16.txt": None,
    "one-word.txt": None,
    "zz-sound.md": None,
}
"""How each file ends; None: stored. The last of all comes after every hostile one and is stored."""


SLOW = "brackets.md"
"""Costs a parser more time than any limit; it has a test of its own, so that the others may have all the time."""


def test_every_hostile_file_ends_as_named_and_stops_no_other(house: House) -> None:  # noqa: F811 - the fixture above
    for name, content in (generate.committed() | generate.bombs() | {"zz-sound.md": b"# Bell\n\nIt rings."}).items():
        if name != SLOW:
            house.write(name, content)
    run = house.run()
    ended = {
        outcome.uri: None if isinstance(outcome, Stored) else getattr(outcome, "reason", "") for outcome in run.outcomes
    }
    assert ended == ENDS
    assert {document.uri for document in house.registry.documents()} == {
        uri for uri, end in ENDS.items() if end is None
    }


def test_a_file_that_takes_for_ever_is_stopped_and_stops_no_other(house: House) -> None:  # noqa: F811 - the fixture above
    house.write(SLOW, generate.bombs()[SLOW])
    house.write("zz-sound.md", b"# Bell\n\nIt rings.")
    with Parsers(Limits(1_024, 10, 10)) as hurried:
        house.parsers = hurried
        slow, sound = house.run().outcomes
    assert slow == Quarantined(SLOW, Fault.CLOCK)
    assert isinstance(sound, Stored)


def test_the_files_are_what_their_generator_writes() -> None:
    for name in generate.committed():
        assert (generate.HERE / name).stat().st_size > 0
    assert sum(path.stat().st_size for path in generate.HERE.iterdir() if path.is_file()) < 1 << 20


def test_a_hostile_file_is_not_parsed_again(house: House) -> None:  # noqa: F811 - the fixture above
    house.write("garbage.docx", generate.committed()["garbage.docx"])
    first, second = house.run(), house.run()
    assert first.outcomes == second.outcomes == (Quarantined("garbage.docx", Fault.MISLABELLED),)
