"""Names that lead elsewhere: ids in routes, names of uploads, digests of the archive."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.access import uploading
from appliance.errors import BadRequest, RegistryUnavailable
from appliance.records import Level, Principal
from appliance.store.archive import Archive
from tests.api.test_documents import House

SECRET = "PAPAVER-SOMNIFERUM"
WAYS = [
    "..",
    "../",
    "../../registry.sqlite",
    "..\\..\\registry.sqlite",
    "/etc/passwd",
    "//etc/passwd",
    "....//....//etc/passwd",
    "%2e%2e%2fregistry.sqlite",
    "..%252fregistry.sqlite",
    "..%c0%af..%c0%afetc/passwd",
    "~root",
    "file:///etc/passwd",
    "C:\\x",
    "\\\\host\\share",
    "a\x00.md",
    "a\nb",
    ".",
    "...",
    " ",
    "-",
    "\u202e",
    "․․/",
    "．．／",
    "con",
    "x" * 5_000,
    "00000000-0000-4000-8000-000000000001/..",
    "' OR 1=1 --",
    "{}",
    "*",
    "%",
    "_",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
]
"""Traversal, plain, encoded once and twice, overlong and by look-alike dots; devices, wild cards, SQL, NUL."""

given_names = st.text(min_size=0, max_size=40) | st.sampled_from(WAYS) | st.lists(st.sampled_from(WAYS)).map("/".join)
someone = st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    (tmp_path / "outside").write_text(SECRET)
    (tmp_path / "ab").write_text(SECRET)
    return Archive(tmp_path / "archive")


def leading_out(folder: Path) -> list[str]:
    """What is no digest; some would lie beside the archive, some are names of files that are there."""
    return [
        *WAYS,
        "../outside",
        str(folder / "outside"),
        "ab",
        "",
        "A" * 64,
        "0" * 63,
        f"{'0' * 64}\n",
        f"{'0' * 62}/.",
    ]


def test_no_digest_leads_out_of_the_archive(archive: Archive, tmp_path: Path) -> None:
    """Guards `_DIGEST.fullmatch` in `Archive`: what is no digest is not even looked for, and removes nothing."""
    kept = archive.put(b"an original")
    before = sorted(tmp_path.rglob("*"))
    for digest in leading_out(tmp_path):
        with pytest.raises(RegistryUnavailable, match="no digest"):
            archive.get(digest)
        archive.remove(digest)
    assert sorted(tmp_path.rglob("*")) == before
    assert archive.get(kept) == b"an original"


@example(name="0", person=".")
@example(name="0", person="..")
@given(name=given_names, person=someone)
@settings(max_examples=200, deadline=None)
def test_an_upload_s_name_is_one_name_in_its_person_s_folder(name: str, person: str) -> None:
    """Guards `re.split` in `uploading.name`, the strip of its last line, and `safe=""` and the dots
    in `uploading.folder`: "." and ".." are folders around it."""
    somebody = Principal(person, "P", "aldermoor", frozenset({"x"}), Level.INTERNAL, "test", department="d")
    folder = uploading.folder(somebody)
    assert folder.startswith("/uploads/")
    assert folder.count("/") == 2
    try:
        kept = uploading.name(name)
    except BadRequest:
        return
    assert not set(kept) & set("/\\\0\n\r")
    assert kept.strip(" .") == kept != ""
    assert len(kept.encode()) <= uploading.NAME_BYTES
    assert os.path.normpath(f"{folder}/{kept}") == f"{folder}/{kept}"
    assert uploading.name(kept) == kept


@given(one=someone, other=someone)
@settings(max_examples=200, deadline=None)
def test_two_people_have_two_folders(one: str, other: str) -> None:
    """Guards `quote` in `uploading.folder`: no id makes the folder of another, or one inside it."""
    first, second = (
        uploading.folder(Principal(who, "P", "t", frozenset(), Level.PUBLIC, "test")) for who in (one, other)
    )
    assert (first == second) == (one == other)
    assert one == other or not f"{first}/".startswith(f"{second}/")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "data", f"sqlite:///{tmp_path / 'registry.sqlite'}")


ROUTES = ["/v1/documents/{}", "/v1/passages/{}"]
FEW = WAYS[::3]
"""Each nothing takes its time here (every 404 leaves on the beat), so that not all are tried on each route."""


@pytest.mark.parametrize("route", ROUTES)
def test_an_id_in_a_route_is_an_id_and_no_path(house: House, route: str, tmp_path: Path) -> None:
    """Guards that ids are looked up and never opened: every way out is nothing, for reading and for removing."""
    held = house.register("a.md")
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name)
    client = house.client("mara")
    for way in FEW:
        if way == ".":  # the client itself asks for the list then
            continue
        asked = route.format(quote(way, safe="", errors="replace"))
        for method in ("GET", "DELETE"):
            answer = client.request(method, asked, follow_redirects=False)
            assert answer.status_code in (400, 404, 405, 414, 422), (method, ascii(way), answer.status_code)
            assert SECRET not in answer.text
            assert "root:" not in answer.text
    assert house.registry.document(held) is not None
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name) == files


@pytest.mark.parametrize("way", ["bnVyc2luZw", "////", "../", "AAAA" * 500])
def test_a_forged_place_in_a_list_shows_nothing_more(house: House, way: str) -> None:
    """Guards that a page begins where it is told and is decided anew: a cursor carries no right."""
    house.register("a.md")
    house.register("hidden.md", reader="hr-leads")
    answer = house.client("mara").get("/v1/documents", params={"after": way.encode("utf-8", "replace").decode()})
    assert answer.status_code in (200, 400, 404, 422)
    if answer.status_code == 200:
        assert {one["uri"] for one in answer.json()["documents"]} <= {"a.md"}


@given(name=given_names)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_upload_lies_under_its_ticket_whatever_it_is_called(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """Guards that no name of a caller's is ever part of a path: bytes lie under a ticket that we drew."""
    data = tmp_path_factory.mktemp("intake")
    house = House(data, f"sqlite:///{data / 'registry.sqlite'}")
    asked = {"name": name.encode("utf-8", "replace").decode(), "level": "internal", "readers": "icu"}
    answer = house.client("mara").post("/v1/documents", params=asked, content=SECRET.encode())
    assert answer.status_code in (202, 400, 403, 422)
    bytes_at = [path for path in data.rglob("*") if path.is_file() and path.read_bytes() == SECRET.encode()]
    incoming = house.settings.data / "archive" / "incoming"
    assert [path.parent for path in bytes_at] == [incoming] * (answer.status_code == 202)
