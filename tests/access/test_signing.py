"""Two officers vouch for a digest, or nobody does."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access.signing import keep_pair, named, officers, private_key, signed, vouched
from appliance.errors import PolicyRefused

DIGEST = "5e" * 32
ADA, BRUNO, CLARA = (Ed25519PrivateKey.generate() for _ in range(3))
KNOWN = {"ada": ADA.public_key(), "bruno": BRUNO.public_key()}


def test_two_officers_vouch() -> None:
    given = {"ada": signed(DIGEST, ADA), "bruno": signed(DIGEST, BRUNO), "clara": signed(DIGEST, CLARA)}
    assert vouched(DIGEST, given, KNOWN) == ("ada", "bruno")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ada": signed(DIGEST, ADA)},
        {"ada": signed(DIGEST, ADA), "bruno": signed(DIGEST, ADA)},
        {"ada": signed(DIGEST, ADA), "clara": signed(DIGEST, CLARA)},
        {"ada": signed(DIGEST, ADA), "bruno": signed("5f" * 32, BRUNO)},
        {"ada": signed(DIGEST, ADA), "bruno": b""},
        {"ada": signed(DIGEST, ADA), "bruno": b"!!!"},
        {"ada": signed(DIGEST, ADA), "bruno": base64.b64encode(b"\0" * 64)},
        {"ada": signed(DIGEST, ADA), "bruno": base64.b64encode(BRUNO.sign(DIGEST.encode()))},
    ],
    ids=["none", "one", "ada-twice", "a-stranger", "of-another-digest", "empty", "no-base64", "zeros", "no-context"],
)
def test_fewer_than_two_different_officers_do_not(given: dict[str, bytes]) -> None:
    """Guards `len(valid) < NEEDED`, and that `is_valid` is asked, in `signing.vouched`."""
    with pytest.raises(PolicyRefused, match="valid signatures"):
        vouched(DIGEST, given, KNOWN)


def test_one_key_under_two_names_is_one_person() -> None:
    """Guards the key by which `valid` counts in `signing.vouched`."""
    known = {"ada": ADA.public_key(), "bruno": ADA.public_key()}
    with pytest.raises(PolicyRefused, match="has 1 valid"):
        vouched(DIGEST, {"ada": signed(DIGEST, ADA), "bruno": signed(DIGEST, ADA)}, known)


def test_a_pair_is_kept_once_and_for_its_owner_only(tmp_path: Path) -> None:
    private, public = keep_pair("ada", tmp_path)
    assert private.stat().st_mode & 0o777 == 0o600
    assert set(officers(tmp_path)) == {"ada"}
    keep_pair("bruno", tmp_path)
    given = {name: signed(DIGEST, private_key(tmp_path / f"{name}.key")) for name in ("ada", "bruno")}
    assert vouched(DIGEST, given, officers(tmp_path)) == ("ada", "bruno")
    public.unlink()
    with pytest.raises(PolicyRefused, match="already"):
        keep_pair("ada", tmp_path)


def test_officers_are_nobody_without_a_folder_and_never_one_twice(tmp_path: Path) -> None:
    """Guards the refusal of a key that is seen twice in `signing.officers`."""
    assert officers(tmp_path / "nowhere") == {}
    _, public = keep_pair("ada", tmp_path)
    (tmp_path / "bruno.pub").write_bytes(public.read_bytes())
    with pytest.raises(PolicyRefused, match="same key"):
        officers(tmp_path)


def test_other_keys_are_refused(tmp_path: Path) -> None:
    other = ed448.Ed448PrivateKey.generate()
    form, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (tmp_path / "a.key").write_bytes(other.private_bytes(form, serialization.PrivateFormat.PKCS8, plain))
    public = other.public_key().public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)
    for name, content in {"a.pub": public, "b.pub": b"no key"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PolicyRefused, match="officers' folder"):
            officers(tmp_path)
        (tmp_path / name).unlink()
    (tmp_path / "b.key").write_bytes(b"no key")
    for name, words in {"a.key": "not an Ed25519", "b.key": "no private key", "c.key": "cannot be read"}.items():
        with pytest.raises(PolicyRefused, match=words):
            private_key(tmp_path / name)


@pytest.mark.parametrize("name", ["", "Ada", "../ada", "ada b", "ada\n", "-a", "a" * 64])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(PolicyRefused, match="small letters"):
        named(name)
