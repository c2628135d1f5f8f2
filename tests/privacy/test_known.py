"""Known persons: found in every spelling, and nobody else."""

import base64
import random
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import DetectorUnavailable, RegistryUnavailable
from appliance.privacy.known.book import Digests
from appliance.privacy.known.detector import Known, _Opened, _Search
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.naming import Person, forms, named
from appliance.records import Finding
from appliance.store.known import KnownList
from tests.contracts.known_lists import PEOPLE, MemoryLists, known_people

SPELLINGS = {
    "as it is": str,
    "capitals": str.upper,
    "small": str.lower,
    "spaced out": " ".join,
    "dotted": ".".join,
    "underscores": lambda text: text.replace(" ", "_"),
    "a line each": lambda text: text.replace(" ", "\n"),
    "umlauts written out": lambda text: text.replace("Ä", "Ae").replace("ö", "oe").replace("ß", "ss"),
    "umlauts left out": lambda text: text.replace("Ä", "A").replace("ö", "o").replace("ß", "ss"),
    "zero width": "\u200b".join,
    "right to left marks": "\u200f".join,
    "soft hyphens": "\u00ad".join,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "cyrillic": lambda text: text.translate(str.maketrans("aeocpxyKMTBH", "аеосрхуКМТВН")),
    "greek": lambda text: text.translate(str.maketrans("aovptKMTBHN", "αονρτΚΜΤΒΗΝ")),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "quoted printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "twice": lambda text: base64.b64encode(quote(quote(text)).encode()).decode(),
}
FORMS = (
    "Änne Maria Kellenbach",
    "Änne Kellenbach",
    "Maria Kellenbach",
    "Änne M. Kellenbach",
    "Kellenbach, Änne Maria",
    "Kellenbach, Änne",
    "Kellenbach, M.",
    "Ä. Kellenbach",
    "Ä. M. Kellenbach",
    "Dr. med. Kellenbach",
    "Kellenbach",
    "P-1234567",
    "DE02 1203 0000 0000 2020 51",
    "Jörg Großmann",
    "Großmann",
    "Siobhán O'Hagarty",
    "O'Hagarty",
    "Friedrich von der Osterwiek",
    "von der Osterwiek",
    "Osterwiek, Friedrich von der",
    "F. v. d. Osterwiek",
    "Lotte Brackwede-Tannhorst",
    "L. Tannhorst",
    "Brackwede",
    "Otto Stein",
    "Will May",
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known_people(tmp_path_factory.mktemp("known"))


def told(text: str, found: list[Finding]) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.entity) for one in found]


def detected(known: Known, text: str) -> list[tuple[str, str]]:
    return told(text, list(known.detect([text], "de")[0]))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_form_is_found_in_every_spelling(known: Known, spelling: str) -> None:
    """Fails, each for its spellings, without the folding in `_folded`, and without `readings` in `findings`."""
    for name in FORMS:
        if spelling == "small" and name in {"Otto Stein", "Will May"}:
            continue  # words of every day, written small: `residual` does not find them either
        text = f"Heute kam {SPELLINGS[spelling](name)} zu uns."
        assert detected(known, text), text
        assert known.residual(text), text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Frau Änne Kellenbach kam.", ["Änne Kellenbach"]),
        ("Kellenbachs Befund, Kellenbach's report", ["Kellenbachs", "Kellenbach"]),
        ("KELLEN-\nBACH", ["KELLEN-\nBACH"]),
        ("Befund_Kellenbach_2026.pdf", ["Kellenbach"]),
        ("a.kellenbach@example.org, akellenbach@example.org", ["a.kellenbach", "akellenbach"]),
        ("<b>Kellenbach</b>", ["Kellenbach"]),
        ("tel. +49 30 1234567, 030/12345-67, 0049 (0)30 1234567, +49301234567", [
            "+49 30 1234567", "030/12345-67", "0049 (0)30 1234567", "49301234567",
        ]),
        ("IBAN DE02120300000000202051", ["DE02120300000000202051"]),
        ("Konto 5566 7788", ["5566 7788"]),
        ("Konto 55667788,55667788.", ["55667788", "55667788"]),
        ("MRN: P1234567", ["P1234567"]),
        ("病人王小明今天", ["王小明"]),
        ("Herr Stein und Mrs. May", ["Stein", "May"]),
        ("O. Stein", ["O. Stein"]),
        ("Stein, Otto", ["Stein, Otto"]),
        ("S t e i n", ["S t e i n"]),
        ("St\u200bein", ["St\u200bein"]),
    ],
)  # fmt: skip
def test_what_is_covered(known: Known, text: str, found: list[str]) -> None:
    assert [piece for piece, _ in detected(known, text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Das Kellenbacher Bier",
        "Kellenbachstraße",
        "Unterkellenbach",
        "Änne und Jörg",
        "der Stein im Ureter",
        "Stein",
        "in May, it may will",
        "May I come in?",
        "a stein",
        "Otto ist ein Steinmetz",
        "P12345678, P-123456",
        "P-1234568",
        "155667788 556677881 5566778",
        "5566 7788 1234 5678",
        "1234 5566 7788",
        "55667788,123 55667788.50",
        "geboren am 12.03.1960",
        "Grossmannn",
        "von der",
        "K3llenbach",
        "",
    ],
)  # fmt: skip
def test_near_misses(known: Known, text: str) -> None:
    """Fails for 5566 7788 1234 5678 without the neighbours in `_identifier`."""
    assert detected(known, text) == []


def test_a_birthday_counts_beside_its_name_only(known: Known) -> None:
    ways = ("12.03.1960", "1960-03-12", "12. März 1960", "March 12, 1960", "3/12/60", "12 Mar 1960", "19600312")
    for written in ways:
        assert "DATE_OF_BIRTH" in {kind for _, kind in detected(known, f"Kellenbach, geb. {written}")}, written
        assert detected(known, f"geb. {written}") == []
    assert detected(known, "Großmann, 12.03.1960") == [("Großmann", "PERSON")]
    assert detected(known, "Kellenbach, 13.03.1960") == [("Kellenbach", "PERSON")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("der Stein", ["Stein"]),
        ("Yes. May I?", []),
        ("yes, in May", []),
        ("Kel len bach", ["Kel len bach"]),
        ("5566 7788 1234 5678", ["5566 7788"]),
        ("der stein", []),
        ("Das Kellenbacher Bier", []),
    ],
)
def test_the_second_look_is_stricter(tmp_path: Path, text: str, found: list[str]) -> None:
    people = [one for one in PEOPLE if one.surname != "May"]
    assert [piece for piece, _ in told(text, known_people(tmp_path, people).residual(text))] == found


def test_what_a_killed_process_left_of_the_key_is_swept(tmp_path: Path) -> None:
    """Fails without the loop that unlinks in `KnownKey.made`."""
    key = KnownKey(tmp_path / "known.key")
    left = tmp_path / f"known.key.{'0f' * 16}"
    left.write_bytes(key.made())
    kept = tmp_path / "known.key.old"
    kept.touch()
    assert key.made() == key.read()
    assert (left.exists(), kept.exists()) == (False, True)


def test_a_list_may_leave_surnames_alone_out(tmp_path: Path) -> None:
    key, lists = KnownKey(tmp_path / "known.key"), MemoryLists()
    lists.put("patients", forms(Person("Änne", "Kellenbach"), surnames="never"), key.made())
    known = Known(lists, key)
    assert detected(known, "Kellenbach") == []
    assert detected(known, "Änne Kellenbach") == [("Änne Kellenbach", "PERSON")]
    assert detected(known, "Ä. Kellenbach") == [("Ä. Kellenbach", "PERSON")]


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Änne Kellenbach", ("Änne", "Kellenbach")),
        ("Prof. Dr. med. Änne Maria Kellenbach", ("Änne Maria", "Kellenbach")),
        ("Kellenbach, Änne", ("Änne", "Kellenbach")),
        ("Änne Kellenbach, MD", ("Änne", "Kellenbach")),
        ("Friedrich von der Osterwiek", ("Friedrich", "von der Osterwiek")),
        ("von der Osterwiek, Friedrich", ("Friedrich", "von der Osterwiek")),
        ("Kellenbach", ("", "Kellenbach")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_taken_apart(full: str, parts: tuple[str, str]) -> None:
    assert named(full) == parts


NAMES = [f"{one.given} {one.surname}" for one in PEOPLE if one.surname not in {"Stein", "May", "王"}]
ENCODINGS = ("base64", "hexadecimal", "percent", "entities", "quoted printable", "escapes", "zero width", "full width")
LETTERS = (
    *("capitals", "small", "underscores", "a line each", "umlauts written out", "umlauts left out", "zero width"),
    *("right to left marks", "soft hyphens", "full width", "cyrillic", "greek", "spaced out", "dotted"),
)


@settings(max_examples=60)
@given(
    name=st.sampled_from(NAMES),
    letters=st.lists(st.sampled_from(LETTERS), max_size=3, unique=True),
    encodings=st.lists(st.sampled_from(ENCODINGS), max_size=2, unique=True),
    before=st.sampled_from(["", "Heute kam ", "(", "an: "]),
    after=st.sampled_from(["", " heute.", ")", "\n"]),
)
def test_any_spelling_of_a_spelling_is_found(
    known: Known, name: str, letters: list[str], encodings: list[str], before: str, after: str
) -> None:
    written = name
    for step in (*letters, *encodings):
        written = SPELLINGS[step](written)
    text = f"{before}{written}{after}"
    assert detected(known, text), text


@given(st.text(max_size=200))
def test_findings_lie_in_any_text(known: Known, text: str) -> None:
    for one in (*known.detect([text], "xx")[0], *known.residual(text)):
        assert 0 <= one.start < one.end <= len(text)


def test_invented_prose_of_other_words_names_nobody(known: Known) -> None:
    """Words that are near the known in letters: none is taken for somebody."""
    pool = "der die an na ma ria kel ler bach stein may will otto ein ost wiek brack tann horst gross mann o".split()
    drawn = random.Random(7)  # noqa: S311 - a test's own text
    for _ in range(200):
        text = " ".join(drawn.choice(pool) for _ in range(30))
        found = [piece for piece, _ in detected(known, text)]
        assert all(len(piece.split()) > 1 for piece in found), found


def test_letters_without_end_are_not_followed_without_end(known: Known) -> None:
    """Fails without `silent` in `_longer`: every letter would be hashed with the 64 behind it."""
    words = "x q z v " * 200
    many = sum(1 for _ in hashed(known, words))
    assert many < 30 * len(words.split())


def test_a_text_that_takes_too_long_is_an_error_and_never_clean(known: Known) -> None:
    """Guards the `raise` of `_known`."""
    hurried = Known(known._lists, known._key, most=1_000)
    assert hurried.detect(["Änne Kellenbach"], "de")[0]
    for look in (lambda text: hurried.detect([text], "de"), hurried.residual):
        with pytest.raises(DetectorUnavailable):
            look("x q z v " * 200)


def hashed(known: Known, text: str) -> Iterator[str]:
    """Every form that the search of `text` hashes."""
    opened = known._opened()

    class Counting(Digests):
        def of(self, form: str) -> bytes:
            done.append(form)
            return super().of(form)

    done: list[str] = []
    counting = Counting(b"x" * 32)
    list(_Search(_Opened("", opened.book, counting), strict=False).findings(text))
    yield from done


# --- What must not end as "nobody is known" ---


def test_a_key_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """Fails if `read` returns anything instead of raising."""
    known = known_people(tmp_path)
    (tmp_path / "known.key").unlink()
    with pytest.raises(DetectorUnavailable):
        known.detect(["Kellenbach"], "de")
    with pytest.raises(DetectorUnavailable):
        known.residual("Kellenbach")
    with pytest.raises(DetectorUnavailable):
        _ = known.version


@pytest.mark.parametrize("secret", [b"x" * 32, b"x" * 31, b""])
def test_another_key_is_an_error(tmp_path: Path, secret: bytes) -> None:
    """Fails without the comparison of proofs in `_read`, and without that of lengths in `KnownKey.read`."""
    known = known_people(tmp_path)
    (tmp_path / "known.key").write_bytes(secret)
    with pytest.raises(DetectorUnavailable):
        known.detect(["Kellenbach"], "de")


def test_a_key_that_others_can_read_is_an_error(tmp_path: Path) -> None:
    """Fails without the look at the mode in `KnownKey.read`."""
    known = known_people(tmp_path)
    assert stat.S_IMODE((tmp_path / "known.key").stat().st_mode) == 0o600
    (tmp_path / "known.key").chmod(0o640)
    with pytest.raises(DetectorUnavailable):
        known.detect(["Kellenbach"], "de")


class BrokenLists(MemoryLists):
    """A database that does not answer."""

    def lists(self) -> list[KnownList]:
        raise RegistryUnavailable("It does not answer.")


def test_a_database_that_fails_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DetectorUnavailable):
        Known(BrokenLists(), KnownKey(tmp_path / "known.key")).detect(["Kellenbach"], "de")


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw[:16] + b"\xff\xff\xff" + raw[19:]])
def test_a_damaged_list_is_an_error(tmp_path: Path, change: object) -> None:
    """Fails without the checks in `Book._read`."""
    key, lists = KnownKey(tmp_path / "known.key"), MemoryLists()
    lists.put("patients", forms(PEOPLE[0]), key.made())
    told_list, raw = lists.kept["patients"]
    lists.kept["patients"] = (told_list, change(raw))  # type: ignore[operator]
    with pytest.raises(DetectorUnavailable):
        Known(lists, key).detect(["Kellenbach"], "de")


def test_an_empty_list_and_no_list_at_all_are_legal(tmp_path: Path) -> None:
    key, lists = KnownKey(tmp_path / "known.key"), MemoryLists()
    assert detected(Known(lists, key), "Kellenbach") == []
    lists.put("patients", [], key.made())
    assert detected(Known(lists, key), "Kellenbach") == []


def test_a_list_that_changes_is_read_before_the_next_text(tmp_path: Path) -> None:
    """Fails if `_opened` keeps what it has seen."""
    key, lists = KnownKey(tmp_path / "known.key"), MemoryLists()
    lists.put("patients", forms(Person("Änne", "Kellenbach")), key.made())
    known = Known(lists, key)
    before = known.version
    assert detected(known, "Osterwiek und Kellenbach") == [("Kellenbach", "PERSON")]
    lists.put("patients", forms(Person("Fritz", "Osterwiek")), key.made())
    assert detected(known, "Osterwiek und Kellenbach") == [("Osterwiek", "PERSON")]
    assert known.version != before


def test_nothing_of_the_known_shows_in_words_of_ours() -> None:
    person = PEOPLE[0]
    shown = repr(person) + repr(sorted(forms(person)))
    for piece in ("Kellenbach", "kellenbach", "1234567", "1960"):
        assert piece not in shown
    assert date(1960, 3, 12) in person.born
