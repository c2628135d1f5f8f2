"""The keys of vaults: a day's key opens what it wrapped, for whom it was wrapped, until it goes."""

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from appliance.errors import OperatorError, RegistryUnavailable
from appliance.store.vault_keys import VaultKeys

DAY = date(2026, 3, 2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vaults.json"


def test_what_was_wrapped_opens_about_the_same_alone(file: Path) -> None:
    """Fails if `unwrap` passes InvalidTag over, or if `about` is left out of the associated data."""
    sealed = VaultKeys(file).wrap(b"secret", DAY, about="a")
    assert b"secret" not in sealed
    assert VaultKeys(file).unwrap(sealed, about="a") == b"secret"
    assert VaultKeys(file).unwrap(sealed, about="b") is None
    for changed in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:12], b"", b"2026-03-03" + sealed[10:]):
        assert VaultKeys(file).unwrap(changed, about="a") is None


def test_one_key_cannot_stand_in_for_another_days(file: Path) -> None:
    keys = VaultKeys(file)
    sealed = keys.wrap(b"secret", DAY, about="a")
    keys.wrap(b"other", DAY + timedelta(days=1), about="a")
    assert keys.unwrap(b"2026-03-03" + sealed[10:], about="a") is None


def test_a_days_key_goes_and_takes_what_it_wrapped(file: Path) -> None:
    keys = VaultKeys(file)
    old, new = keys.wrap(b"old", DAY, about="a"), keys.wrap(b"new", DAY + timedelta(days=1), about="a")
    assert keys.forget(DAY + timedelta(days=1)) == 1
    assert keys.forget(DAY + timedelta(days=1)) == 0
    assert (keys.unwrap(old, about="a"), keys.unwrap(new, about="a")) == (None, b"new")


def test_the_file_is_its_users_alone(file: Path) -> None:
    """Fails without the look at the mode in `_read`."""
    keys = VaultKeys(file)
    sealed = keys.wrap(b"secret", DAY, about="a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    with pytest.raises(OperatorError):
        keys.unwrap(sealed, about="a")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"2026-03-02": "short"}', '{"today": "' + "A" * 43 + '="}'])
def test_a_damaged_file_is_never_taken_for_an_empty_one(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(OperatorError) as raised:
        VaultKeys(file).wrap(b"secret", DAY, about="a")
    assert content not in str(raised.value) or not content
    assert file.read_text() == content


def test_a_place_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RegistryUnavailable):
        VaultKeys(tmp_path / "taken" / "vaults.json").wrap(b"secret", DAY, about="a")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(RegistryUnavailable):
        VaultKeys(tmp_path / "folder").unwrap(b"", about="a")


def test_what_a_killed_process_left_is_swept(file: Path) -> None:
    """Fails without `_sweep` in `_alone`: keys of days that are over would lie there for ever."""
    keys = VaultKeys(file)
    sealed = keys.wrap(b"secret", DAY, about="a")
    left = file.with_name(f".{file.name}.0f3a")
    left.write_bytes(file.read_bytes())
    keys.forget(DAY)
    assert not left.exists()
    assert keys.unwrap(sealed, about="a") == b"secret"
