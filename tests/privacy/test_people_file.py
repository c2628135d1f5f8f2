from datetime import date
from pathlib import Path

import pytest

from appliance.errors import BadRequest
from appliance.privacy.known.naming import Person
from appliance.privacy.known.people_file import PeopleFile


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "people.csv"
    file.write_bytes(text.encode(encoding))
    return file


def read(file: Path, **columns: str) -> list[tuple[int, Person | None]]:
    return [(row.number, row.person) for row in PeopleFile(file, columns).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_read(tmp_path: Path, separator: str, encoding: str) -> None:
    text = "Vorname,Nachname,Geburtsdatum,MRN\r\nÄnne,Kellenbach,12.03.1960,P-1234567\r\n\r\nOtto,Stein,,\r\n"
    file = written(tmp_path, text.replace(",", separator), encoding)
    assert read(file) == [
        (2, Person("Änne", "Kellenbach", (date(1960, 3, 12),), (("MRN", "P-1234567"),))),
        (4, Person("Otto", "Stein", (), ())),
    ]


def test_columns_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, 'Wer,Was,Wozu\n"Kellenbach, Änne",55667788,nichts\n')
    with pytest.raises(BadRequest, match="No column's name is known"):
        read(file)
    with pytest.raises(BadRequest, match="column 3"):
        read(file, Wer="PERSON", was="ACCOUNT")
    assert read(file, Wer="PERSON", was="ACCOUNT", Wozu="-") == [
        (2, Person("Änne", "Kellenbach", (), (("ACCOUNT", "55667788"),)))
    ]
    with pytest.raises(BadRequest, match="cannot hold NOBODY"):
        read(file, Wer="NOBODY")
    with pytest.raises(BadRequest, match="1 of the named columns"):
        read(file, Wessen="PERSON")


@pytest.mark.parametrize(
    "row",
    ["a,b", "a,b,c,d", "Ä,Kellenbach,123", "Ä,Kellenbach,12345\0", ",,", "Ä,!!!,12345678", f"Ä,{'k' * 80},12345678"],
)
def test_bad_rows_are_told_by_number(tmp_path: Path, row: str) -> None:
    file = written(tmp_path, f"given,surname,mrn\nÄnne,Kellenbach,12345678\n{row}\nOtto,Stein,12345679\n")
    rows = list(PeopleFile(file, {}).rows())
    assert [one.number for one in rows if one.person is None] == [3]
    assert all(piece not in rows[1].fault for piece in ("Kellenbach", "kk", "123"))


def test_a_birthday_that_is_none_is_bad(tmp_path: Path) -> None:
    assert read(written(tmp_path, "name,dob\nÄnne Kellenbach,31.02.1960\n")) == [(2, None)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("name\nKellenbäch\n", "cp1252"), ('name\n"Kellenbach\n', "utf-8"), ("", "utf-8"), ("Änne Kellenbach\n", "utf-8")],
)
def test_a_file_that_cannot_be_read_is_refused_without_content(tmp_path: Path, text: str, encoding: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(written(tmp_path, text, encoding))
    assert "ellenb" not in str(refused.value) + refused.value.advice


def test_a_header_alone_is_an_empty_list(tmp_path: Path) -> None:
    assert read(written(tmp_path, "name,mrn\n")) == []
