import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.audit import checkpoints, export
from appliance.audit.checkpoints import Checkpoint
from appliance.audit.verification import SHOWN, Line, Verification, verify
from appliance.errors import LedgerUnavailable, OperatorError
from appliance.store.database import open_database
from tests.audit.houses import House
from tests.audit.tampering import (
    WAYS,
    Tamper,
    built,
    changed_body,
    changed_hash,
    cut_off,
    removed_middle,
    reordered,
    tampered,
    written_anew,
)

FOUND = {
    changed_body: "entry 7 does not fit",
    changed_hash: "entry 9 does not fit",
    removed_middle: "entries 11 to 13 are missing",
    reordered: "entry 15 does not fit",
    cut_off: "the ledger ends at entry 35, but checkpoint 2",
    written_anew: "checkpoint 1 of",
}
"""The beginning of what is said first of each way. Each line of `verification.py` that says it is its guard."""


def lines(house: House) -> Iterator[Line]:
    last = house.ledger.last()
    return iter(export.joined(house.ledger.rows(upto=last), house.ledger.kept(upto=last)))


def check(house: House, *, given: bool = True) -> Verification:
    return verify(lines(house), keys=house.public, checkpoints=house.given() if given else ())


def test_an_untouched_ledger_is_vouched_for(tmp_path: Path) -> None:
    house = built(tmp_path)
    found = check(house)
    assert (found.whole, found.entries, found.last) == (True, 40, 40)
    assert found.given is not None
    assert found.vouched == found.given == house.given()[-1]
    house.fill(3)
    later = check(house, given=False)
    assert (later.whole, later.last, later.given) == (True, 43, None)
    assert later.vouched is not None
    assert later.vouched.entry == 40


@pytest.mark.parametrize(
    "line", ["9" * 5_000 + " 0 {}", f"41 0 {'[' * 200_000}", f'checkpoint {{"a":{"[" * 200_000}}} {"0" * 128}', "x"],
    ids=["number", "entry", "checkpoint", "word"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_stops_no_verification(tmp_path: Path, line: str) -> None:
    """Guards `len(first) <= DIGITS` and both `RecursionError`: who gives out an export decides what is in it."""
    house = built(tmp_path)
    file = tmp_path / "export"
    with file.open("w") as out:
        export.write(lines(house), out)
        out.write(f"{line}\n")
    found = verify(export.read(file), keys=house.public, checkpoints=house.given())
    assert not found.whole
    assert found.last >= 40
    second = tmp_path / "syslog"
    second.write_text(f"{line}\n{house.given()[0].line}\n")
    assert list(checkpoints.read(second)) == [house.given()[0]]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_of_tampering_is_found(tmp_path: Path, way: Tamper) -> None:
    """Guards, in `verification.py`, each `self.fault` that FOUND quotes: without it that way passes."""
    house = built(tmp_path)
    tampered(tmp_path, way)
    found = check(house)
    assert found.faults[0].startswith(FOUND[way]), found.faults
    if found.vouched is not None:
        assert found.vouched.entry == 20
        assert way is cut_off


def test_of_a_long_cut_the_last_checkpoint_is_told(tmp_path: Path) -> None:
    house = built(tmp_path)
    found = verify(list(house.ledger.rows())[:10], keys=house.public, checkpoints=house.given())
    said = f"checkpoint 2 of {house.given()[1].at} vouches for entry 40: its end was cut off"
    assert found.faults == [f"the ledger ends at entry 10, but {said}"]


def test_what_only_the_second_place_shows_is_vouched_for_by_nobody_without_it(tmp_path: Path) -> None:
    house = built(tmp_path)
    tampered(tmp_path, written_anew)
    found = check(house, given=False)
    assert (found.whole, found.vouched) == (True, None)


def test_an_export_is_verified_as_the_ledger_itself(tmp_path: Path) -> None:
    house = built(tmp_path)
    file = tmp_path / "out.ledger"
    with file.open("w") as out:
        assert export.write(lines(house), out) == 40  # type: ignore[arg-type]
    found = verify(export.read(file), keys=house.public, checkpoints=house.given())
    assert (found.whole, found.entries, found.vouched) == (True, 40, house.given()[-1])
    text = file.read_text()
    for old, new, words in (
        ("\n12 ", "\n12x ", "a line that is neither"),
        ("\n12 ", "\n11 ", "entry 11 stands after entry 11: reordered or doubled"),
        ("\ncheckpoint {", "\ncheckpoint [", "a line that is neither"),
        ('"number":12,', '"number":13,', "entry 12 does not fit"),
    ):
        assert old in text
        file.write_text(text.replace(old, new, 1))
        broken = verify(export.read(file), keys=house.public)
        assert any(words in fault for fault in broken.faults), (old, broken.faults)


def test_a_renumbered_entry_is_found_by_the_number_inside(tmp_path: Path) -> None:
    """Guards `inside != number`."""
    house = built(tmp_path)
    rows = list(house.ledger.rows())
    body = rows[0][1]
    from appliance.audit.chain import ORIGIN, chained

    found = verify([(1, rows[4][1], chained(ORIGIN, rows[4][1]))], keys={})
    assert found.faults == ["entry 1 says inside that it is 5: renumbered"]
    unreadable = body[:-1]
    assert verify([(1, unreadable, chained(ORIGIN, unreadable))], keys={}).faults == ["entry 1 cannot be read"]


def test_one_missing_entry_is_named_and_many_faults_are_counted(tmp_path: Path) -> None:
    house = built(tmp_path)
    rows = list(house.ledger.rows())
    assert verify([*rows[:3], *rows[4:]], keys={}).faults == ["entry 4 is missing"]
    many = verify(["nonsense"] * (SHOWN + 5), keys={})
    assert (len(many.faults), many.untold) == (SHOWN, 5)


def test_a_checkpoint_counts_only_with_a_signature_of_a_key_that_was_given(tmp_path: Path) -> None:
    """Guards `signed_by` in `_Walk._holds`: anybody can write a checkpoint that agrees."""
    house = built(tmp_path)
    one, two = house.given()
    forged = replace(two, signature=one.signature)
    for given, keys in (([one, forged], house.public), ([one, two], {})):
        found = verify(house.ledger.rows(), keys=keys, checkpoints=given)
        assert "is not signed by a key that was given" in found.faults[-1]
    stranger = checkpoints.signer(tmp_path / "stranger.key")
    alien = stranger.checkpoint(number=2, entry=40, digest=two.hash, at=two.at)
    assert not verify(house.ledger.rows(), keys=house.public, checkpoints=[alien]).whole
    assert not replace(alien, key=one.key).signed_by(house.public)


def test_the_second_place_may_repeat_a_line_and_gaps_in_it_are_remarked(tmp_path: Path) -> None:
    house = built(tmp_path)
    one, two = house.given()
    twice = verify(house.ledger.rows(), keys=house.public, checkpoints=[one, one, two])
    assert (twice.whole, twice.remarks) == (True, [])
    backward = verify(house.ledger.rows(), keys=house.public, checkpoints=[two, one])
    assert backward.remarks == ["checkpoint 1 follows checkpoint 2 in the second place"]


def test_a_checkpoint_for_an_entry_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    house = built(tmp_path)
    rows = list(house.ledger.rows())
    found = verify([*rows[:18], *rows[25:]], keys=house.public, checkpoints=house.given())
    assert "entry 20, for which checkpoint 1 vouches, is not there" in found.faults


def test_the_ledgers_own_checkpoints_show_an_end_that_was_cut_off(tmp_path: Path) -> None:
    house = built(tmp_path)
    rows, own = list(house.ledger.rows()), list(house.ledger.kept(upto=40))
    found = verify([*rows[:35], *own[1:]], keys=house.public)
    assert "entries were cut off or moved" in found.faults[0]


def test_the_second_place_is_read_whatever_else_stands_in_it(tmp_path: Path) -> None:
    house = built(tmp_path)
    one, two = house.given()
    log = tmp_path / "syslog"
    log.write_text(
        f"Mar  2 08:00:00 host sshd: hello\nMar  2 08:00:01 host muniment-ledger: {one.line}\n\n{two.line[:40]}\n"
        f'{{"checkpoint":1}} {"0" * 128}\n{{"checkpoint":"x","entry":1,"hash":"","at":"","key":""}} {"0" * 128}\n'
        f"{{nonsense}} {'0' * 128}\n{two.line}\n"
    )
    assert list(checkpoints.read(log)) == [one, two]
    assert list(checkpoints.read(log, size=60)) == [one]
    with pytest.raises(OperatorError):
        list(checkpoints.read(tmp_path / "missing"))


def test_what_is_no_export_or_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("something else\n")
    for broken in (lambda: list(export.read(file)), lambda: list(export.read(tmp_path / "missing"))):
        with pytest.raises(OperatorError):
            broken()
    with pytest.raises(OperatorError):
        checkpoints.public_keys([file])
    with pytest.raises(OperatorError):
        checkpoints.public_keys([_other_kind(tmp_path)])
    (tmp_path / "short.key").write_bytes(b"short")
    with pytest.raises(LedgerUnavailable):
        checkpoints.signer(tmp_path / "short.key")


def test_public_keys_are_named_as_their_signer(tmp_path: Path) -> None:
    signer = checkpoints.signer(tmp_path / "checkpoint.key")
    again = checkpoints.signer(tmp_path / "checkpoint.key")
    assert again.id == signer.id
    assert list(checkpoints.public_keys([checkpoints.public_file(tmp_path / "checkpoint.key")])) == [signer.id]
    assert (tmp_path / "checkpoint.key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_checkpoint_in_the_database_is_an_error(tmp_path: Path) -> None:
    house = built(tmp_path)
    with open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}").begin() as connection:
        connection.exec_driver_sql("UPDATE checkpoints SET body = 'x' WHERE number = 1")
    with pytest.raises(LedgerUnavailable):
        list(house.ledger.kept(upto=40))
    with open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}").begin() as connection:
        connection.exec_driver_sql("DROP TABLE checkpoints")
    with pytest.raises(LedgerUnavailable):
        list(house.ledger.kept(upto=40))


def _other_kind(folder: Path) -> Path:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    path = folder / "x25519.pub"
    public = X25519PrivateKey.generate().public_key()
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def test_writing_counts_entries_only(tmp_path: Path) -> None:
    signer = checkpoints.signer(tmp_path / "k")
    one: Checkpoint = signer.checkpoint(number=1, entry=1, digest="d", at="now")
    out = io.StringIO()
    assert export.write([(1, "{}", "d"), one], out) == 1
    assert out.getvalue() == f"{export.HEADER}1 d {{}}\ncheckpoint {one.line}\n"
