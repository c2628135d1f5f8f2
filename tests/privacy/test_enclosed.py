"""Detectors in a process of their own: without network, ended when it is late or too large, never taken for clean."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access.policy_set import PolicySet
from appliance.errors import DetectorUnavailable, ModelMissing, NotScannable
from appliance.models import manifest
from appliance.privacy.detecting import parts
from appliance.privacy.detecting.enclosed import Bounds, Enclosed, Inside
from appliance.privacy.detection import Detection
from appliance.settings import ROOT, load

SITE = (ROOT / "policies" / "detection.yaml").read_text("utf-8")
SEALED = """
import json, socket, sys, time, os
from appliance.privacy.detecting import frames
connection = socket.socket(fileno=int(sys.argv[1]))
frames.receive(connection)
frames.send(connection, {"enclosed": %s})
asked = frames.receive(connection)
%s
"""
ANSWERS = {
    "late": "time.sleep(60)",
    "dead": "os._exit(1)",
    "too large": "held = bytearray(400 << 20); time.sleep(60)",
    "no JSON": "connection.sendall(b'\\0\\0\\0\\3abc'); time.sleep(60)",
    "endless": "connection.sendall(b'\\xff\\xff\\xff\\xff'); time.sleep(60)",
    "another shape": "frames.send(connection, {'found': [[[0, 3]]]}); time.sleep(60)",
    "another thing": "frames.send(connection, ['clean']); time.sleep(60)",
    "nothing": "frames.send(connection, {}); time.sleep(60)",
    "failed": "frames.send(connection, {'failed': 'The detector names failed.'}); time.sleep(60)",
    "nobody asked": "frames.send(connection, {'found': [[], []]}); time.sleep(60)",
    "outside": "frames.send(connection, {'found': [[[0, 99, 'PERSON', 1.0, 'x']]]}); time.sleep(60)",
}


def scripted(answer: str, *, enclosed: bool = True, seconds: float = 5.0) -> Enclosed:
    program = ("-c", SEALED % (enclosed, answer))
    return Enclosed(Inside(models={}, site=""), Bounds(seconds=seconds, memory_mib=256), program=program)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_process_that_fails_is_ended_and_nothing_is_clean(answer: str) -> None:
    """Guards each `raise` of `_watch`, the model of `_Answer` and, for the last two, `_check` in `detection.py`."""
    enclosed = scripted(answer, seconds=1.0 if answer == ANSWERS["late"] else 20.0)
    begun = time.monotonic()
    try:
        with pytest.raises(DetectorUnavailable) as raised:
            Detection([enclosed], thresholds={}).find(["Ada Novak"], language="en")
    finally:
        enclosed.close()
    if answer in (ANSWERS["late"], ANSWERS["too large"]):
        assert ("late" if answer == ANSWERS["late"] else "memory") in str(raised.value)
    assert time.monotonic() - begun < 55


def test_nobody_waits_without_end() -> None:
    """Guards `_MOST` in `patience`, and the `timeout` of the lock in `detect`."""
    assert [Bounds(seconds=60).patience(some) for some in (9_999, 10_000, 1_000_000)] == [60, 120, 600]
    enclosed = scripted(ANSWERS["late"], seconds=0.01)
    with enclosed._lock, pytest.raises(DetectorUnavailable, match="busy"):
        enclosed.detect(["Ada"], "en")


def test_where_it_cannot_be_enclosed_nothing_is_looked_through() -> None:
    """Guards the check of `enclosed` in `_started`: without namespaces there is no detector, not one with a network."""
    enclosed = scripted("frames.send(connection, {'found': [[]]}); time.sleep(60)", enclosed=False)
    with pytest.raises(DetectorUnavailable):
        enclosed.detect(["Ada"], "en")


def test_a_refusal_inside_is_one_outside() -> None:
    enclosed = scripted("frames.send(connection, {'refused': 'No text.'}); time.sleep(60)")
    with pytest.raises(NotScannable):
        enclosed.detect(["Ada"], "en")
    enclosed.close()


def test_the_next_request_starts_another_process(tmp_path: Path) -> None:
    mark = tmp_path / "been"
    answer = (
        f"first = not os.path.exists({str(mark)!r}); open({str(mark)!r}, 'w').close()\n"
        "if first: os._exit(1)\n"
        "frames.send(connection, {'found': [[[0, 3, 'PERSON', 1.0, 'x']]]}); time.sleep(60)"
    )
    enclosed = scripted(answer)
    with pytest.raises(DetectorUnavailable):
        enclosed.detect(["Ada"], "en")
    assert [one.entity for one in enclosed.detect(["Ada"], "en")[0]] == ["PERSON"]
    enclosed.close()


def test_the_folders_of_the_keys_are_hidden_wherever_they_lie(tmp_path: Path) -> None:
    """Fails if `detecting/parts.py` leaves `keys` out of `hidden`."""
    settings = load(
        data=tmp_path / "data", vault_keys=tmp_path / "a" / "vaults.json", known_key=tmp_path / "b" / "known.key"
    )
    put_together = parts.detection(settings, PolicySet({parts.SITE: SITE.encode()}), models={}, digests=())
    (enclosed,) = put_together._detectors
    assert isinstance(enclosed, Enclosed)
    assert {tmp_path / "data", tmp_path / "a", tmp_path / "b"} <= set(enclosed._bounds.hidden)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enclosed]:
    try:
        models = {
            role: manifest.verified(manifest.entry(role), load().models_folder) for role in ("names", "personal-data")
        }
    except ModelMissing:
        pytest.skip("the models of personal data are not fetched")
    hidden = tmp_path_factory.mktemp("data")
    (hidden / "secret").write_text("Ada")
    enclosed = Enclosed(Inside(models=models, site=SITE), Bounds(seconds=200, hidden=(hidden, models["names"].parent)))
    yield enclosed
    enclosed.close()


def test_all_detectors_answer_from_inside(real: Enclosed) -> None:
    text = "Maria Keller, IBAN DE02120300000000202051, wrote to ada.novak@example.org."
    (found,) = Detection([real], thresholds={}).find([text], language="en")
    kinds = {text[one.start : one.end]: one.entity for one in found}
    assert kinds["Maria Keller"] == "PERSON"
    assert kinds["DE02120300000000202051"] == "IBAN"
    assert kinds["ada.novak@example.org"] == "EMAIL"
    with pytest.raises(NotScannable):
        real.detect(["Ada\x00Novak"], "en")


def test_inside_is_no_network_and_none_of_the_house(real: Enclosed) -> None:
    """Guards `enclosure.enter` in `enclosed_server.serve`: another network, and the hidden folder covered."""
    real.detect(["Ada"], "en")
    assert real._process is not None
    inside = next(Path(f"/proc/{real._process.pid}/task").glob("*/children")).read_text().split()[0]
    if os.getuid() != 0:
        pytest.skip("only root may look into the process")
    assert Path(f"/proc/{inside}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    hidden = real._bounds.hidden[0]
    assert f" {hidden} " in Path(f"/proc/{inside}/mounts").read_text()
