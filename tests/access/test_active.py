"""Which policy set is in force: only one that two officers signed, noticed at once, and the last good one if not."""

import json
import logging
import os
import threading
from pathlib import Path

import pytest

from appliance.access import demo_officers, signing
from appliance.access.active import Activation, ActivePolicies, signatures
from appliance.access.policy_set import CLIENTS, PolicySet, read
from appliance.errors import LedgerUnavailable, PolicyRefused, PolicyUnavailable
from appliance.settings import ROOT

SHIPPED = read(ROOT / "policies")
OTHER = PolicySet({**SHIPPED.files, CLIENTS: SHIPPED.files[CLIENTS] + b"\n# changed\n"})


class House:
    """An installation's policies with three officers, and what the ledger was told."""

    def __init__(self, folder: Path) -> None:
        self.officers, self.folder = folder / "officers", folder / "policies"
        for name in ("ada", "bruno", "clara"):
            signing.keep_pair(name, self.officers)
        self.recorded: list[Activation] = []
        self.active = self.process()

    def process(self) -> ActivePolicies:
        """Another process on the same data."""
        return ActivePolicies(self.folder, officers=self.officers)

    def signed(self, found: PolicySet, *names: str) -> dict[str, bytes]:
        keys = {name: signing.private_key(self.officers / f"{name}.key") for name in names}
        return {name: signing.signed(found.digest, key) for name, key in keys.items()}

    def activate(self, found: PolicySet, *names: str) -> Activation:
        given = self.signed(found, *(names or ("ada", "bruno")))
        return self.active.activate(found, given, recorded=self.recorded.append)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def broken(**files: bytes) -> PolicySet:
    return PolicySet({**SHIPPED.files, **{name.replace("__", "."): content for name, content in files.items()}})


def test_it_is_told_how_long_another_set_took_to_decide_here(house: House) -> None:
    told: list[float] = []
    running = ActivePolicies(house.folder, officers=house.officers, noticed=told.append)
    house.activate(SHIPPED)
    running.current()
    assert told == []  # it has decided nothing before
    house.activate(OTHER)
    pointer = house.folder / "active"
    os.utime(pointer, ns=(pointer.stat().st_atime_ns, pointer.stat().st_mtime_ns - 7_000_000_000))
    running.current()
    running.current()
    assert len(told) == 1
    assert 7 <= told[0] < 60


def test_a_signed_set_comes_into_force_and_running_processes_notice(house: House) -> None:
    running = house.process()
    house.activate(SHIPPED)
    assert running.current().version == SHIPPED.version
    house.activate(OTHER, "bruno", "clara")
    assert running.current().version == house.process().current().version == OTHER.version
    assert [one.digest for one in house.recorded] == [SHIPPED.digest, OTHER.digest]
    assert [(one.digest, one.officers) for one in running.history()] == [
        (OTHER.digest, ("bruno", "clara")),
        (SHIPPED.digest, ("ada", "bruno")),
    ]
    running.check()
    assert running.kept(SHIPPED.version).files == SHIPPED.files


def test_what_has_no_set_in_force_has_no_version(house: House) -> None:
    assert house.active.version() == ""
    house.activate(SHIPPED)
    assert house.active.version() == SHIPPED.version


def test_an_earlier_set_can_be_brought_back(house: House) -> None:
    for found in (SHIPPED, OTHER, SHIPPED):
        house.activate(found)
    assert [one.digest for one in house.active.history()] == [SHIPPED.digest, OTHER.digest]
    assert house.process().current().version == SHIPPED.version


@pytest.mark.parametrize("names", [(), ("ada",), ("ada", "ada")], ids=["unsigned", "once", "twice-by-one"])
def test_what_is_not_signed_by_two_never_comes_into_force(house: House, names: tuple[str, ...]) -> None:
    """Guards the call of `signing.vouched` in `ActivePolicies.examined`."""
    house.activate(SHIPPED)
    with pytest.raises(PolicyRefused, match="valid signatures"):
        house.active.activate(OTHER, house.signed(OTHER, *names), recorded=house.recorded.append)
    assert house.process().current().version == SHIPPED.version
    assert len(house.recorded) == 1


@pytest.mark.parametrize(
    "found",
    [
        broken(more__cedar=b"permit (principal, action"),
        broken(more__cedar=b'@id("x") permit (principal, action == Action::"fly", resource);'),
        broken(more__cedar=b'@id("all") permit (principal, action == Action::"read", resource);'),
        broken(more__cedar=b'@id("c") forbid (principal, action, resource) when { resource.tenant like "a*" };'),
        broken(
            more__cedar=b'@id("none") forbid (principal, action == Action::"read", resource) when { !resource.hold };'
        ),
        broken(schema__cedarschema=b"entity Person;"),
        broken(clients__toml=b"["),
        PolicySet({path: text for path, text in SHIPPED.files.items() if not path.startswith("tables/")}),
    ],
    ids=["syntax", "no-such-action", "permits-all", "operator", "tables-differ", "schema", "clients", "no-tables"],
)
def test_a_broken_set_never_comes_into_force_though_it_is_signed(house: House, found: PolicySet) -> None:
    """Guards the call of `compiled` in `ActivePolicies.examined`."""
    house.activate(SHIPPED)
    with pytest.raises(PolicyRefused):
        house.activate(found)
    assert house.active.current().version == house.process().current().version == SHIPPED.version
    house.active.check()


def test_without_a_ledger_entry_nothing_comes_into_force(house: House) -> None:
    """Guards the order of `recorded` and the file `active` in `ActivePolicies.activate`."""

    def full(_activation: Activation) -> None:
        raise LedgerUnavailable("The disk is full.")

    house.activate(SHIPPED)
    with pytest.raises(LedgerUnavailable):
        house.active.activate(OTHER, house.signed(OTHER, "ada", "bruno"), recorded=full)
    assert house.process().current().version == SHIPPED.version


def test_nothing_activated_is_unavailable_never_allowed(house: House) -> None:
    with pytest.raises(PolicyUnavailable, match="none has been activated"):
        house.active.current()
    with pytest.raises(PolicyUnavailable):
        house.active.check()


def tamper(house: House, kind: str) -> None:
    place = house.folder / OTHER.digest
    match kind:
        case "a rule":
            rule = place / "limits.cedar"
            rule.write_bytes(rule.read_bytes().replace(b"forbid", b"permit"))
        case "a file more":
            (place / "more.cedar").write_text('@id("x") forbid (principal, action, resource);')
        case "a file less":
            (place / "limits.cedar").unlink()
        case "a syntax error":
            (place / "limits.cedar").write_text("forbid (")
        case "a signature":
            (place / "signatures" / "ada.sig").write_text("AAAA")
        case "a signature less":
            (place / "signatures" / "ada.sig").unlink()
        case "signatures that are no files":
            (place / "signatures" / "ada.sig").unlink()
            (place / "signatures" / "ada.sig").mkdir()
        case "another set under its name":
            place.rename(house.folder / "aside")
            (house.folder / SHIPPED.digest).rename(place)
            (house.folder / "aside").rename(house.folder / SHIPPED.digest)
        case "all of it":
            place.rename(house.folder / "aside")
    (house.folder / "active").touch()


KINDS = (
    "a rule", "a file more", "a file less", "a syntax error", "a signature", "a signature less",
    "signatures that are no files", "all of it",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_that_was_tampered_with_is_not_believed(
    house: House, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Guards the comparison of digests and the call of `signing.vouched` in `ActivePolicies._believed`.

    What is in memory stays; a process that starts takes the one before; both say so.
    """
    house.activate(SHIPPED)
    house.activate(OTHER)
    running = house.process()
    assert running.current().version == OTHER.version
    tamper(house, kind)
    with caplog.at_level(logging.ERROR):
        assert running.current().version == OTHER.version
        assert house.process().current().version == SHIPPED.version
    assert "not believed" in caplog.text
    for process in (running, house.process()):
        with pytest.raises(PolicyUnavailable, match="last good"):
            process.check()
    house.activate(OTHER)  # made good
    assert house.process().current().version == running.current().version == OTHER.version
    running.check()


def test_sets_that_change_places_are_both_not_believed(house: House) -> None:
    house.activate(SHIPPED)
    house.activate(OTHER)
    tamper(house, "another set under its name")
    with pytest.raises(PolicyUnavailable, match="not those that were signed"):
        house.process().current()


RECORDS = (
    "", "{", "{}", "[1]", '[{"digest": 1}]', '[{"digest": "../../etc", "at": "", "officers": []}]', "\xff",
    json.dumps([{"digest": "0" * 64, "at": "", "officers": []}]),
    *(json.dumps([{"digest": one, "at": "", "officers": []}]) for one in (1, None, ["0" * 64])),
    json.dumps([{"digest": "0" * 64, "at": 1, "officers": []}]),
    json.dumps([{"digest": "0" * 64, "at": "", "officers": [1]}]),
    "[" * 200_000,
)  # fmt: skip


@pytest.mark.parametrize("text", RECORDS, ids=range(len(RECORDS)))
def test_a_record_that_was_tampered_with_brings_nothing_into_force(house: House, text: str) -> None:
    """Guards the two refusals in `ActivePolicies.history`."""
    house.activate(SHIPPED)
    running = house.process()
    running.current()
    (house.folder / "active").write_text(text, "latin-1")
    assert running.current().version == SHIPPED.version
    with pytest.raises(PolicyUnavailable):
        running.check()
    with pytest.raises(PolicyUnavailable):
        house.process().current()


@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_a_signature_that_never_ends_is_none(house: House, kind: str) -> None:
    """Guards the look at what each one is in `signatures`: who writes into the folder must not stop what decides."""
    house.activate(SHIPPED)
    endless = house.folder / SHIPPED.digest / "signatures" / "mallory.sig"
    if kind == "device":
        endless.symlink_to("/dev/zero")
    else:
        os.mkfifo(endless)
    with pytest.raises(PolicyUnavailable):
        house.process().current()


def test_a_record_that_is_gone_is_told(house: House) -> None:
    house.activate(SHIPPED)
    running = house.process()
    running.current()
    (house.folder / "active").unlink()
    assert running.current().version == SHIPPED.version
    with pytest.raises(PolicyUnavailable, match="is gone"):
        running.check()


def test_an_officer_who_left_vouches_for_nothing_more(house: House) -> None:
    house.activate(SHIPPED)
    (house.officers / "ada.pub").unlink()
    with pytest.raises(PolicyUnavailable):
        house.process().current()


def test_what_lay_beside_a_set_is_looked_at_again(house: House) -> None:
    house.activate(SHIPPED)
    away = (house.officers / "ada.pub").rename(house.officers / "ada.away")
    patient = house.process()
    hasty = ActivePolicies(house.folder, officers=house.officers, again_s=0.0)
    for process in (patient, hasty):
        with pytest.raises(PolicyUnavailable):
            process.current()
    away.rename(house.officers / "ada.pub")
    with pytest.raises(PolicyUnavailable):
        patient.current()  # not at every question
    assert hasty.current().version == SHIPPED.version


def test_many_threads_see_one_set_or_the_other(house: House) -> None:
    house.activate(SHIPPED)
    seen: set[str] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.add(house.active.current().version)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for found in (OTHER, SHIPPED, OTHER):
        house.activate(found)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen <= {SHIPPED.version, OTHER.version}
    assert house.active.current().version == OTHER.version


def test_an_unknown_digest_is_no_set(house: House) -> None:
    house.activate(SHIPPED)
    for digest in ("", "zz"):
        with pytest.raises(PolicyRefused, match="No policy set"):
            house.active.kept(digest)


def test_signatures_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "signatures" / "ada.sig").mkdir(parents=True)
    with pytest.raises(PolicyRefused):
        signatures(tmp_path)


class TestDemonstration:
    """The two invented officers sign what is shipped, and only what is shipped."""

    def test_the_shipped_set_is_signed_once_and_again_when_it_changes(self, tmp_path: Path) -> None:
        shipped = tmp_path / "shipped"
        write(SHIPPED, shipped)
        house = ActivePolicies(tmp_path / "policies", officers=tmp_path / "demo")
        told: list[Activation] = []
        for _ in range(2):
            demo_officers.keep_in_force(house, shipped, officers=tmp_path / "demo", recorded=told.append)
        assert [one.officers for one in told] == [("ada", "bruno")]
        write(OTHER, shipped)
        demo_officers.keep_in_force(house, shipped, officers=tmp_path / "demo", recorded=told.append)
        assert house.current().version == OTHER.version
        assert len(told) == 2
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "demo").glob("*.key")} == {0o600}

    def test_a_broken_shipped_set_leaves_what_was_in_force(self, tmp_path: Path) -> None:
        shipped = tmp_path / "shipped"
        write(SHIPPED, shipped)
        house = ActivePolicies(tmp_path / "policies", officers=tmp_path / "demo")
        demo_officers.keep_in_force(house, shipped, officers=tmp_path / "demo", recorded=lambda _: None)
        (shipped / "house.cedar").write_text("permit (")
        with pytest.raises(PolicyRefused):
            demo_officers.keep_in_force(house, shipped, officers=tmp_path / "demo", recorded=lambda _: None)
        assert house.current().version == SHIPPED.version

    def test_a_real_identity_believes_no_demonstration(self, tmp_path: Path) -> None:
        """Guards `demo-officers` in `Settings.officers_folder`: the keys lie on the machine, so anybody could sign."""
        house = ActivePolicies(tmp_path / "policies", officers=tmp_path / "demo")
        demo_officers.keep_in_force(house, ROOT / "policies", officers=tmp_path / "demo", recorded=lambda _: None)
        with pytest.raises(PolicyUnavailable):
            ActivePolicies(tmp_path / "policies", officers=tmp_path / "officers").current()


def write(found: PolicySet, folder: Path) -> None:
    for path, content in found.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
