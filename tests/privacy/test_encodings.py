import base64
import quopri
from urllib.parse import quote

import pytest

from appliance.privacy.known.encodings import readings

NAME = "Frau Änne Kellenbach, Station 4"


def said(text: str) -> list[str]:
    return [reading.text for reading in readings(text)]


@pytest.mark.parametrize(
    "written",
    [
        base64.b64encode(NAME.encode()).decode(),
        base64.urlsafe_b64encode(NAME.encode()).decode().rstrip("="),
        base64.encodebytes((NAME * 5).encode()).decode(),
        base64.b64encode(NAME.encode("utf-16-le")).decode(),
        base64.b64encode(base64.b64encode(NAME.encode())).decode(),
        "files/" + base64.b64encode(NAME.encode()).decode(),
        "Documents\n" + base64.b64encode(NAME.encode()).decode(),
        NAME.encode().hex(),
        NAME.encode().hex(" ").upper(),
        "0x" + NAME.encode().hex(),
        "".join(f"\\x{byte:02x}" for byte in NAME.encode()),
        "".join(f"\\u{ord(one):04x}" for one in NAME),
        "".join(f"&#{ord(one)};" for one in NAME),
        "".join(f"&#x{ord(one):x};" for one in NAME),
        quote(NAME),
        quote(quote(NAME)),
        "".join(f"%{byte:02X}" for byte in NAME.encode("cp1252")),
        quopri.encodestring(NAME.encode()).decode(),
        "".join(f"={byte:02X}" for byte in NAME.encode()),
    ],
    ids=lambda written: f"{len(written)}-{written[:6]!r}",
)
def test_what_is_written_otherwise_is_read(written: str) -> None:
    assert any(NAME in one for one in said(f"see {written} there"))


def test_a_reading_knows_which_piece_it_stands_for() -> None:
    for written in (base64.b64encode(NAME.encode()).decode(), quote(NAME)):
        text = f"see {written} there"
        reading = next(one for one in readings(text) if NAME in one.text)
        start = reading.text.index(NAME)
        first, end = reading.span(start, start + len(NAME))
        assert text[first:end] == written


def test_a_soft_line_end_of_mail_is_none() -> None:
    assert "Kellenbach" in said("Kellen=\nbach")


@pytest.mark.parametrize(
    "text",
    ["Nothing is written otherwise here, nor über uns.", "Donaudampfschifffahrtsgesellschaft", "a=b & c%d", "12345678"],
)
def test_ordinary_text_says_nothing_else(text: str) -> None:
    assert said(text) == []


def test_it_takes_no_longer_than_the_text_is_long() -> None:
    for text in ("QW5" * 30_000, "%41" * 30_000, "&#65;" * 20_000, "4b " * 30_000, "A\n" * 50_000, "&" * 100_000):
        assert sum(len(one.text) for one in readings(text)) <= 12 * len(text)
