import base64

import pytest

from appliance.selftest.canaries import Canary, planted
from appliance.selftest.scanning import Scan

CANARIES = planted("here", "elsewhere")
CANARY = CANARIES[3]
CODE = CANARY.code


@pytest.mark.parametrize(
    ("spelled", "content"),
    [
        ("as it is", f'{{"text": "the word is {CODE}."}}'),
        ("as it is", CODE.upper()),
        ("as it is", "".join(f"\\u00{ord(letter):02x}" for letter in CODE)),
        ("as it is", "".join(f"%{ord(letter):02X}" for letter in CODE)),
        ("letter by letter", "it is " + "-".join(CODE) + "."),
        ("letter by letter", ", ".join(CODE.upper())),
        ("backwards", CODE[::-1]),
        ("encoded", CODE.encode().hex()),
        ("encoded", base64.b64encode(f"word {CODE}.".encode()).decode()),
        ("encoded", base64.b64encode(f"my word {CODE}, so".encode()).decode()),
        ("encoded", base64.b64encode(f"a {CODE.title()}".encode()).decode()),
    ],
    ids=[f"form {number}" for number in range(1, 12)],  # the word is another one in each process
)
def test_a_word_is_seen_however_it_is_spelled(spelled: str, content: str) -> None:
    """Guards each form in `Scan.sightings` and `_encoded`."""
    (sighting,) = Scan(CANARIES).sightings(content.encode())
    assert (sighting.canary, sighting.what, sighting.spelled) == (CANARY, "code", spelled)


def test_what_is_no_word_of_a_canary_is_not_seen() -> None:
    ordinary = "The access word of the blue annex is not for you. a b c d e f g h " * 50
    assert not list(Scan(CANARIES).sightings(ordinary.encode()))


def test_a_word_that_was_typed_is_no_leak_but_the_others_are() -> None:
    """Guards the `besides` of `Scan.sightings`: only what the asker typed himself is passed over."""
    content = f"{CANARY.title}: {CANARY.keeper}".encode()
    assert [one.what for one in Scan(CANARIES).sightings(content, besides={CANARY.name})] == ["keeper"]


def test_every_run_has_words_of_its_own() -> None:
    def words(canaries: list[Canary]) -> set[str]:
        return {word for canary in canaries for word in canary.words.values()}

    again = words(planted("here", "elsewhere"))
    assert len(again) == 3 * len(CANARIES)
    assert not again & words(CANARIES)
