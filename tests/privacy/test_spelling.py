import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.privacy.known.spelling import form, has_shapes, is_disguised, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MUELLER"),
        ("Müller", "Muller"),
        ("Müller", "Mu\u0308ller"),
        ("Müller", "M u e l l e r"),
        ("Bäuerle", "Baeuerle"),
        ("Großmann", "GROSSMANN"),
        ("Weiß", "WEIẞ"),
        ("Sørensen", "Soerensen"),
        ("Łukasz", "lukasz"),
        ("İpek", "ipek"),
        ("Işık", "isik"),
        ("Keller", "Ｋｅｌｌｅｒ"),
        ("Keller", "𝐊𝐞𝐥𝐥𝐞𝐫"),
        ("Keller", "ⓚⓔⓛⓛⓔⓡ"),
        ("Keller", "Кеllеr"),
        ("Keller", "K\u200be\u2060l\u00adl\ufeffe\u202er"),
        ("Keller", "K\u034feller"),
        ("Keller", "Kel\u0000ler"),
        ("O'Hagarty", "O’HAGARTY"),
        ("O'Hagarty", "Ohagarty"),
        ("12345678", "١٢٣٤٥٦٧٨"),
        ("12345678", "１２３４-5678"),
        ("P-1234567", "p1234567"),
    ],
)  # fmt: skip
def test_these_are_one(one: str, other: str) -> None:
    assert form(one) == form(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Keller", "Kelter"), ("Keller", "K3ller"), ("Weiss", "Weis"), ("1", "l")])
def test_these_are_not(one: str, other: str) -> None:
    assert form(one) != form(other)


def test_a_greek_name_counts_by_its_letters_and_by_its_shapes() -> None:
    assert form("ΝΙΚΟΣ") == form("νικος") or form("ΝΙΚΟΣ") == form("νικοσ")
    assert has_shapes("Oliνer")
    assert [word.form for word in words("Oliνer Νash", shapes=True)] == ["oliver", "nash"]


def test_words_know_where_they_stand() -> None:
    text = "\u200bÄn\u00adne-Maria ﬁx王明 P12"
    assert [text[word.start : word.end] for word in words(text)] == [
        "Än\u00adne", "Maria", "ﬁx", "王", "明", "P", "12",
    ]  # fmt: skip


def test_what_was_hidden_is_told_from_how_word_processors_write() -> None:
    assert is_disguised("Kel\u200bler")
    assert is_disguised("Kеller")  # a Cyrillic е
    assert not is_disguised("Kel\u00adler")
    assert not is_disguised("Иванов")
    assert not is_disguised("Müller")


@given(st.text(max_size=60))
def test_words_stand_in_their_order_in_any_text(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text) or word.start == end - 1  # ﬁ may end one and begin another
        end = word.end
