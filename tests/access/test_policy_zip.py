"""A policy set in a zip: read as data, in bounds, and refused wherever it is not understood."""

import stat
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from appliance.access.policy_set import read
from appliance.access.policy_zip import LARGEST, unzipped
from appliance.errors import PolicyRefused
from appliance.settings import ROOT

SHIPPED = read(ROOT / "policies")
Zip = zipfile.ZipFile


def zipped(more: Callable[[Zip], object] = lambda _zip: None, *, under: str = "") -> bytes:
    """The shipped set in a zip, and what `more` writes besides."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in SHIPPED.files.items():
            into.writestr(f"{under}{name}", content)
        more(into)
    return out.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def test_a_set_comes_out_as_it_went_in() -> None:
    found, given = unzipped(zipped(lambda into: into.writestr("signatures/ada.sig", b"c2ln\n")))
    assert (found.digest, given) == (SHIPPED.digest, {"ada": b"c2ln\n"})


def test_a_folder_around_it_and_a_readme_are_no_part_of_it() -> None:
    def more(into: Zip) -> None:
        into.writestr("next/README.md", "words")
        into.writestr("next/signatures/", b"")
        into.writestr("next/signatures/ada.sig", b"x")

    found, given = unzipped(zipped(more, under="next/"))
    assert (found.digest, given) == (SHIPPED.digest, {"ada": b"x"})


BOMB = "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n"
HOSTILE: dict[str, Callable[[Zip], object]] = {
    "a way up": lambda into: into.writestr("../outside.cedar", "x"),
    "a way up inside": lambda into: into.writestr("tables/../../outside.cedar", "x"),
    "an absolute path": lambda into: into.writestr("/etc/outside.cedar", "x"),
    "a backslash": lambda into: into.writestr("tables\\outside.cedar", "x"),
    "a name with a line break": lambda into: into.writestr("a\nb.cedar", "x"),
    "a link": lambda into: into.writestr(entry("link.cedar", stat.S_IFLNK | 0o777), "/etc/passwd"),
    "a device": lambda into: into.writestr(entry("device.cedar", stat.S_IFCHR | 0o600), ""),
    "a program": lambda into: into.writestr("run.py", "x"),
    "another kind of packing": lambda into: into.writestr("more.cedar", "x", zipfile.ZIP_BZIP2),
    "a large file": lambda into: into.writestr("large.cedar", b"/" * ((1 << 20) + 1)),
    "a bomb": lambda into: into.writestr("bomb.cedar", b"/" * (3 << 20)),
    "large files together": lambda into: [into.writestr(f"{name}.cedar", b"/" * 900_000) for name in "abc"],
    "many signatures": lambda into: [into.writestr(f"signatures/a{number}.sig", "x") for number in range(251)],
    "many files": lambda into: [into.writestr(f"{number}.cedar", "") for number in range(251)],
    "no signature": lambda into: into.writestr("signatures/ada.key", "x"),
    "a long signature": lambda into: into.writestr("signatures/ada.sig", "x" * 1_025),
    "a signature of nobody": lambda into: into.writestr("signatures/ADA .sig", "x"),
    "a file in a file": lambda into: into.writestr("house.cedar/more.cedar", "x"),
    "a file in a file in a file": lambda into: into.writestr("house.cedar/more/more.cedar", "x"),
    "a signature in a signature": lambda into: [
        into.writestr(f"signatures/a{more}.sig", "x") for more in ("", ".sig/b")
    ],
    "a YAML as deep as a well": lambda into: into.writestr("tables/more.yaml", "[" * 31),
    "a large YAML": lambda into: into.writestr("tables/more.yaml", "x" * (256 * 1024 + 1)),
    "a YAML that repeats itself": lambda into: into.writestr("tables/more.yaml", BOMB),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_not_understood_is_refused(name: str) -> None:
    """Guards each refusal in `policy_zip`, and those of `policy_set.gathered`."""
    with pytest.raises(PolicyRefused):
        unzipped(zipped(HOSTILE[name]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_twice_is_refused() -> None:
    """Guards `name in before`: which of the two was looked at could not be said."""
    with pytest.raises(PolicyRefused, match="twice"):
        unzipped(zipped(lambda into: into.writestr("house.cedar", "x")))


def test_what_is_no_zip_is_refused() -> None:
    whole = zipped()
    for content in (b"", b"no zip", whole[:-40], whole[:2_000], b"\0" * (LARGEST + 1)):
        with pytest.raises(PolicyRefused):
            unzipped(content)
    with pytest.raises(PolicyRefused, match="larger"):
        unzipped(b"\0" * LARGEST + whole)  # a zip may begin anywhere
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF
    with pytest.raises(PolicyRefused):
        unzipped(bytes(damaged))
    locked = bytearray(zipped(lambda into: into.writestr(entry("locked.cedar", stat.S_IFREG | 0o600), "x")))
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1  # the central directory says that it is encrypted
    with pytest.raises(PolicyRefused):
        unzipped(bytes(locked))
