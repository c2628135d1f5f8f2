"""Vaults: nothing of a name lies in one in clear, nobody moves an entry, and what is over opens nowhere."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.errors import BadRequest, Conflict, NotScannable, RegistryUnavailable, VaultClosed
from appliance.privacy.redacting.surrogates import ENTRIES, Mention
from appliance.privacy.redacting.vault import Vault, Vaults
from appliance.store.database import open_database
from appliance.store.vault_keys import VaultKeys
from appliance.store.vaults import KeptEntry, VaultTable
from tests.privacy.vaulting import Clock, House

NAME = "Ada Canary-Novak"


def mention(text: str = NAME, source: str = "p1", entity: str = "PERSON") -> Mention:
    return Mention(entity, text, source)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_was_kept_opens_again_as_it_was(house: House) -> None:
    told = [mention(), mention("Straße\n\ud800", entity="ADDRESS"), mention("x", entity="")]
    issued = house.vaults.begin("t1").issue(told, beside="")
    opened = house.vaults.open("t1").opened()
    assert [opened.numbered(entry.number) for entry in issued] == issued
    assert [(entry.entity, entry.text, entry.source) for entry in issued] == [
        (m.entity, m.text, m.source) for m in told
    ]
    assert [entry.number for entry in issued] == [1, 2, 3]


def test_nothing_of_a_name_lies_in_the_vault_nor_in_any_text_about_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails if `Vault._sealed` keeps `told` instead of what is encrypted, or without repr=False of the texts."""
    with caplog.at_level(logging.DEBUG):
        vault = house.vaults.begin("t1")
        issued = vault.issue([mention()], beside="")
        kept = b"".join(entry.sealed for entry in house.rows.entries("t1"))
        told = [repr(house.rows), repr(issued), repr(mention()), repr(vault), repr(vault.opened()), repr(kept)]
        assert "anary" not in "".join([*told, caplog.text])


def test_every_entry_has_a_nonce_of_its_own(house: House) -> None:
    """Fails if `_sealed` uses one nonce twice: AES-GCM would give the difference of two names away."""
    vault = house.vaults.begin("t1")
    vault.issue([mention(f"Name{place:03}", entity="ADDRESS") for place in range(200)], beside="")
    assert len({entry.sealed[:12] for entry in house.rows.entries("t1")}) == 200


def test_tokens_are_stable_in_a_thread_and_others_in_the_next(house: House) -> None:
    """Fails if `Vault` takes its secret from anything but the thread's own key."""
    first = house.vaults.begin("t1").issue([mention()], beside="")
    assert house.vaults.open("t1").issue([mention()], beside="") == first
    assert house.vaults.begin("t2").issue([mention()], beside="")[0].token != first[0].token


def test_one_name_from_two_passages_is_two_entries_of_one_token(house: House) -> None:
    vault = house.vaults.begin("t1")
    one, other = vault.issue([mention(source="p1"), mention(source="p2")], beside="")
    assert one.token == other.token
    assert [form.source for form in vault.opened().forms(one.token)] == ["p1", "p2"]


@pytest.mark.parametrize("change", ["token", "number", "content", "thread", "short"])
def test_an_entry_that_was_moved_or_changed_is_refused(house: House, change: str) -> None:
    """Fails without `_about` as the associated data (token, number, thread), or if InvalidTag is passed over."""
    vault = house.vaults.begin("t1")
    other = house.vaults.begin("t2")
    (issued,) = vault.issue([mention()], beside="")
    kept = house.rows.entries("t1")[0]
    if change == "token":
        house.rows.kept["t1"][1] = replace(kept, token="Person_K7Q4XM")
    elif change == "number":
        house.rows.kept["t1"] = {2: replace(kept, number=2)}
    elif change == "content":
        house.rows.kept["t1"][1] = replace(kept, sealed=kept.sealed[:-1] + bytes([kept.sealed[-1] ^ 1]))
    elif change == "short":
        house.rows.kept["t1"][1] = replace(kept, sealed=b"x")
    else:
        house.rows.kept["t2"][1] = kept
        vault = other
    with pytest.raises(RegistryUnavailable) as raised:
        vault.opened()
    assert issued.text not in str(raised.value)


def test_the_end_of_a_thread_closes_its_vault_everywhere(house: House) -> None:
    """Fails if `Vault._opened` does not look whether the wrapped key is still there."""
    vault, elsewhere = house.vaults.begin("t1"), house.vaults.open("t1")
    vault.issue([mention()], beside="")
    assert house.vaults.end("t1")
    assert not house.vaults.end("t1")
    for act in (vault.opened, elsewhere.opened, lambda: house.vaults.open("t1"), lambda: _issue(vault)):
        with pytest.raises(VaultClosed):
            act()


def _issue(vault: Vault) -> None:
    vault.issue([mention("Someone Else")], beside="")


def test_a_vault_is_over_after_a_day_even_where_nobody_swept(house: House) -> None:
    """Fails without the look at the clock in `Vault._opened`."""
    vault = house.vaults.begin("t1")
    vault.issue([mention()], beside="")
    house.clock.pass_by(hours=23, minutes=59)
    assert vault.opened()
    house.clock.pass_by(minutes=1)
    with pytest.raises(VaultClosed):
        vault.opened()
    assert (house.rows.keys, house.rows.kept) == ({}, {})


def test_whoever_uses_a_vault_sweeps_the_others(house: House) -> None:
    """Fails without `sweep` in `Vaults.begin` and `Vaults.open`."""
    house.vaults.begin("old")
    house.clock.pass_by(hours=24)
    house.vaults.begin("new")
    assert list(house.rows.keys) == ["new"]
    house.clock.pass_by(hours=24)
    with pytest.raises(VaultClosed):
        house.vaults.open("other")
    assert not house.rows.keys


def test_no_setting_makes_a_vault_last_longer_than_a_day(house: House) -> None:
    vaults = Vaults(house.rows, house.keys, hours=1_000, clock=house.clock)
    assert vaults.begin("t1").ends - house.clock.now == timedelta(hours=24)
    assert Vaults(house.rows, house.keys, hours=1, clock=house.clock).begin("t2").ends == house.clock.now + timedelta(
        hours=1
    )


def test_moving_the_end_in_the_database_only_closes_the_vault(house: House) -> None:
    """Fails if `_about` of the wrapped key leaves the end out."""
    house.vaults.begin("t1")
    kept = house.rows.keys["t1"]
    house.rows.keys["t1"] = replace(kept, ends=kept.ends + timedelta(hours=100))
    with pytest.raises(VaultClosed):
        house.vaults.open("t1")


def test_a_key_of_another_thread_does_not_open(house: House) -> None:
    house.vaults.begin("t1")
    house.vaults.begin("t2")
    house.rows.keys["t1"] = house.rows.keys["t2"]
    with pytest.raises(VaultClosed):
        house.vaults.open("t1")


def test_without_the_file_of_keys_nothing_opens(house: House) -> None:
    house.vaults.begin("t1")
    house.keys._file.unlink()
    with pytest.raises(VaultClosed):
        house.vaults.open("t1")


def test_an_old_copy_of_the_database_does_not_open_with_the_keys_of_today(house: House) -> None:
    """Fails without `forget` in `Vaults.sweep`."""
    house.vaults.begin("t1").issue([mention()], beside="")
    copy = dict(house.rows.keys)
    house.clock.pass_by(days=2)
    house.vaults.sweep()
    house.rows.keys = {thread: replace(key, ends=house.clock.now + timedelta(hours=1)) for thread, key in copy.items()}
    with pytest.raises(VaultClosed):
        house.vaults.open("t1")
    house.clock.now -= timedelta(days=2)
    house.rows.keys = copy
    with pytest.raises(VaultClosed):
        house.vaults.open("t1")


def test_what_ended_leaves_nothing_readable_in_the_file_of_the_database(tmp_path: Path) -> None:
    """Fails if `VaultTable.end` leaves the wrapped key's row: what lay in files before could be opened again."""
    file = tmp_path / "registry.sqlite"
    engine = open_database(f"sqlite:///{file}")
    keys = VaultKeys(tmp_path / "vaults.json")
    vaults = Vaults(VaultTable(engine), keys)
    vaults.begin("t1").issue([mention()], beside="")
    wrapped = VaultTable(engine).key("t1")
    assert wrapped is not None
    vaults.end("t1")
    rest = b"".join(path.read_bytes() for path in tmp_path.glob("registry.sqlite*"))
    assert wrapped.sealed not in rest
    assert b"anary" not in rest


def test_a_thread_has_one_vault_and_a_name(house: House) -> None:
    house.vaults.begin("t1")
    with pytest.raises(Conflict):
        house.vaults.begin("t1")
    for name in ("", "a b", "x" * 65, "a\0", "ä", "a\n"):
        with pytest.raises(BadRequest):
            house.vaults.begin(name)


def test_who_is_second_in_a_thread_reads_again(house: House) -> None:
    vault = house.vaults.begin("t1")
    house.rows.races = 3
    (issued,) = vault.issue([mention()], beside="")
    assert vault.opened().numbered(1) == issued
    house.rows.races = 1_000
    with pytest.raises(RegistryUnavailable):
        vault.issue([mention("Someone Else")], beside="")


def test_two_at_once_give_one_person_one_token(house: House) -> None:
    one, other = house.vaults.begin("t1"), house.vaults.open("t1")
    first = one.issue([mention()], beside="")
    assert other.issue([mention(), mention("Bo Lind")], beside="")[0] == first[0]


def test_a_thread_has_no_room_for_more_than_a_text_can_need(house: House) -> None:
    """All or none. Fails without the limit in `Surrogates._keep`."""
    vault = house.vaults.begin("t1")
    with pytest.raises(NotScannable):
        vault.issue([mention(f"{place}", entity="MRN") for place in range(ENTRIES + 1)], beside="")
    assert not house.rows.entries("t1")
    vault.issue([mention(f"{place}", entity="MRN") for place in range(ENTRIES)], beside="")
    with pytest.raises(NotScannable):
        vault.issue([mention("one more", entity="MRN")], beside="")


def test_a_token_that_the_text_shows_is_not_issued(tmp_path: Path) -> None:
    """Fails if `Surrogates._coined` does not look at what is shown."""
    house = House(tmp_path)
    vault = house.vaults.begin("t1")
    (would,) = vault._opened().issue([mention()], beside="")[0]
    shown = would.token.replace("_", " ").lower()
    (issued,) = vault.issue([mention()], beside=f"so {shown} came")
    assert issued.token != would.token


def test_a_clock_is_asked_for_the_year(house: House) -> None:
    assert house.vaults.begin("t1").today == Clock().now.year


def test_an_entry_with_nothing_to_read_in_it_is_refused(house: House) -> None:
    vault = house.vaults.begin("t1")
    house.rows.add("t1", [KeptEntry(1, "Person_K7Q4XM", b"")])
    with pytest.raises(RegistryUnavailable):
        vault.opened()
