"""Whether what was taken out still stands there: one table of originals, texts and what is found."""

import base64

import pytest

from appliance.privacy.redacting.standing import standing

ENCODED = base64.b64encode(b"it was Tobias Renner").decode()


@pytest.mark.parametrize(
    ("original", "text", "found"),
    [
        ("Tobias Renner", "Ask Tobias Renner.", ["Tobias Renner"]),
        ("Tobias Renner", "ask TOBIAS-RENNER.", ["TOBIAS-RENNER"]),
        ("Renner", "R e n n e r was here", ["R e n n e r"]),
        ("Renner", "Ren\u200bner was here", ["Ren\u200bner"]),
        ("Renner", "Rеnner was here", ["Rеnner"]),
        ("Renner", "The trennern are broken", []),
        ("Renner", ENCODED, [ENCODED]),
        ("4471-882", "file 4471882, please", ["4471882"]),
        ("Will", "Will said that he will", ["Will"]),
        ("94", "94 mg", []),
        ("Dr", "Dr", []),
        ("Müller", "MUELLER", ["MUELLER"]),
        ("", "anything", []),
    ],
)  # fmt: skip
def test_in_any_spelling(original: str, text: str, found: list[str]) -> None:
    """Guards each of the searches in `_found` and `_windows`."""
    assert [text[start:end] for start, end in standing(text, [original])] == found


def test_what_was_put_there_is_no_finding() -> None:
    """Guards `aside`: only what lies wholly within it is left out."""
    text = "Person_K7Q4XM, 1962 and 1962"
    assert standing(text, ["1962"], aside=[(15, 19)]) == [(24, 28)]
    assert standing(text, ["1962"], aside=[(16, 19)]) == [(15, 19), (24, 28)]
