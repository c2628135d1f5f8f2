import pytest

from appliance.access import uploading
from appliance.errors import BadRequest, NotAllowed
from appliance.records import Level, Principal

MARA = Principal("mara", "", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "test", "nursing")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rota.docx", "rota.docx"),
        ("  night   shift .md ", "night shift .md"),
        ("C:\\Users\\mara\\rota.docx", "rota.docx"),
        ("../../etc/passwd", "passwd"),
        ("Dienstu\u0308bergabe.pdf", "Dienst\u00fcbergabe.pdf"),
        ("ro\u200bta.docx", "rota.docx"),
        (".htaccess", "htaccess"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert uploading.name(given) == kept


@pytest.mark.parametrize(
    "given", ["", "/", "..", " . ", "a\0b", "a\nb", "fdp.\u202exe", "\ud800", "x" * 201, "ü" * 101]
)
def test_what_is_no_name_is_refused(given: str) -> None:
    """Guards both raises of `uploading.name`."""
    with pytest.raises(BadRequest):
        uploading.name(given)


def test_folders_of_different_people_never_meet() -> None:
    """Guards `safe=''` in `uploading.folder`."""
    ids = ["mara", "Mara", "mara/x", "mara%2Fx", "..", "a b", "ä"]
    people = [Principal(i, "", "t", frozenset({"g"}), Level.PUBLIC, "test") for i in ids]
    folders = [uploading.folder(person) for person in people]
    assert len(set(folders)) == len(ids)
    assert all(folder.startswith("/uploads/") and folder.count("/") == 2 for folder in folders)


def test_an_upload_is_for_some_of_my_groups_up_to_my_clearance() -> None:
    access = uploading.granted(MARA, Level.INTERNAL, ["icu"])
    assert (access.tenant, access.level, access.readers) == ("aldermoor", Level.INTERNAL, frozenset({"icu"}))
    assert (access.department, access.ancestors) == ("nursing", ("/uploads", "/uploads/mara"))
    assert (access.owner, access.wall, access.patient, access.purpose, access.hold) == ("mara", "", "", "", False)


@pytest.mark.parametrize("readers", [[], [""], ["icu", ""]])
def test_a_document_that_nobody_may_read_is_refused(readers: list[str]) -> None:
    """Guards the first check of `granted`."""
    with pytest.raises(BadRequest):
        uploading.granted(MARA, Level.PUBLIC, readers)


@pytest.mark.parametrize("readers", [["hr"], ["icu", "hr"], ["ICU"]])
def test_never_for_a_group_that_is_not_mine(readers: list[str]) -> None:
    """Guards the second check of `granted`."""
    with pytest.raises(NotAllowed, match="groups"):
        uploading.granted(MARA, Level.PUBLIC, readers)


def test_never_above_my_clearance() -> None:
    """Guards the third check of `granted`."""
    with pytest.raises(NotAllowed, match="clearance"):
        uploading.granted(MARA, Level.CONFIDENTIAL, ["icu"])


def test_never_for_nobody_s_department() -> None:
    """Guards the fourth check of `granted`."""
    nobody = Principal("x", "", "aldermoor", frozenset({"icu"}), Level.INTERNAL, "test")
    with pytest.raises(NotAllowed, match="department"):
        uploading.granted(nobody, Level.INTERNAL, ["icu"])
