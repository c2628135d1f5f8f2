"""Uploads and the worker that brings them in: what is promised is kept, once, whatever dies."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import wiring
from appliance.access import uploading
from appliance.errors import AlreadyRunning
from appliance.models.engines import Endpoint
from appliance.operations.parts import worker_lock
from appliance.operations.stack import held
from appliance.retrieval.index import Index
from appliance.settings import ROOT, load
from appliance.wiring import shelving
from ingest import chunking, jobs, safeguards
from ingest.jobs import only
from ingest.pipeline import Pipeline, gather
from ingest.records import Fault
from ingest.sources import Folder
from ingest.worker import Parsers
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.ingest.conftest import LIST
from tests.ingest.test_ocr import GERMAN, models, saved, scan
from tests.ingest.upload_house import MARA, OTHER, PATIENCE, TEXT, House
from tests.ingest.uploading import STEPS
from tests.rules import marking, rules


@pytest.fixture
def house(tmp_path: Path, store: Endpoint, index: Index, parsers: Parsers) -> Iterator[House]:
    built = House(tmp_path, store, index, parsers)
    yield built
    built.bell.close()


def test_an_upload_goes_through_the_pipeline_and_can_be_found(house: House) -> None:
    document = house.upload()
    assert house.status(document) == ("queued", "")
    assert house.work() == [None]
    assert house.status(document) == ("stored", "")
    assert house.passages() == 1
    registered = house.registry.document(document)
    assert registered is not None
    assert (registered.uri, registered.access.readers) == ("/uploads/mara/night.md", frozenset({"icu"}))
    assert house.files() == [registered.version], "the archive has the bytes once, the intake no more"


def test_an_uploaded_scan_is_read(house: House) -> None:
    """The parsers are those that the worker opens: put `Parsers(limits)` into `jobs.tools` and no scan is read."""
    models()
    settings = load(data=house.settings.data, models=load().models_folder)
    assert house.socket is not None
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    (settings.run_folder / "store.sock").symlink_to(house.socket)
    opened = jobs.tools(settings)
    opened.index.close()
    with opened.parsers as sighted:
        house.parsers = sighted
        document = house.upload(saved("TIFF", scan(GERMAN)), name="rules.tif")
        house.work()
    assert house.status(document) == ("stored", "")
    page = house.registry.page(document, 1)
    assert page is not None
    assert " ".join(page.text.split()) == " ".join(GERMAN)


def test_ids_are_those_of_ingest() -> None:
    uri = "/uploads/mara/night.md"
    assert uploading.document_id("aldermoor", uri) == chunking.document_id("aldermoor", uri)


def test_the_same_name_again_is_a_new_version(house: House) -> None:
    document = house.upload()
    house.work()
    assert house.upload(OTHER) == document
    assert house.status(document) == ("queued", "")
    house.work()
    assert house.status(document) == ("stored", "")
    assert house.passages() == 1
    assert len(house.files()) == 1


def test_a_version_that_is_replaced_before_its_turn_is_not_stored(house: House) -> None:
    """Guards `row.ticket != ticket` in `Uploads.claim`."""
    document = house.upload()
    first = house.uploads.get(document)
    house.upload(OTHER)
    assert first is not None
    assert house.jobs().do(document, first.ticket) is None
    assert house.registry.document(document) is None
    house.work()
    assert house.status(document) == ("stored", "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("garbage.docx", b"nonsense", Fault.MISLABELLED),
        ("tool.exe", b"MZ nonsense", Fault.UNSUPPORTED),
        ("blank.txt", b"   \n", Fault.EMPTY),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(
    house: House, name: str, content: bytes, reason: Fault
) -> None:
    document = house.upload(content, name=name)
    good = house.upload()
    house.work()
    assert house.status(document) == ("quarantined", reason)
    assert house.status(good) == ("stored", "")


def test_what_a_curator_releases_is_tried_anew_and_what_he_discards_is_gone(house: House) -> None:
    """Guards `RELEASED` in `Quarantine.release`: the reason of bytes that are the same would end it unread."""
    document, other = house.upload(b"   \n", name="blank.txt"), house.upload(b"  \n\n", name="void.txt")
    house.work()
    settings = house.settings
    curation = shelving.curation(settings, wiring.ledger_of(settings).ledger, rules())
    carla = replace(MARA, id="carla", roles=frozenset({"curator"}))
    curation.release(carla, document)
    assert house.status(document) == ("queued", "")
    curation.discard(carla, other, "There is nothing in it but blanks.")
    (left,) = house.uploads.left()
    assert (left.document, house.registry.record(other)) == (document, None)
    house.work()
    assert house.status(document) == ("quarantined", Fault.EMPTY)
    assert house.status(other) == ("discarded", "There is nothing in it but blanks.")
    assert house.mara.delete(f"/v1/documents/{other}").status_code == 202
    house.work()
    assert house.uploads.get(other) is None


def test_removal_takes_away_everything(house: House) -> None:
    """Fails for each line of `Jobs._erase` that is deleted, and without `forget` in `Jobs._attempt`."""
    document = house.upload()
    house.work()
    assert house.mara.delete(f"/v1/documents/{document}").status_code == 202
    assert house.mara.get(f"/v1/documents/{document}").status_code == 404
    assert house.registry.document(document) is None, "unreadable at once, before the worker has come"
    house.work()
    assert (house.passages(), house.files(), house.uploads.left()) == (0, [], [])
    assert house.registry.record(document) is None
    assert house.uploads.get(document) is None


def test_removal_leaves_the_same_bytes_of_another_document(house: House) -> None:
    """Guards the subtraction of what is needed besides in `Jobs._erase`."""
    document, other = house.upload(), house.upload(name="copy.md")
    house.work()
    house.mara.delete(f"/v1/documents/{document}")
    house.work()
    kept = house.registry.document(other)
    assert kept is not None
    assert house.archive.get(kept.version) == TEXT


def test_what_is_removed_while_it_is_stored_stays_unreadable(house: House) -> None:
    """Guards the look at `UploadRow.state` in `Registry.register`."""
    document = house.upload()

    def at(step: str) -> None:
        if step == "indexed":
            assert house.mara.delete(f"/v1/documents/{document}").status_code == 202

    jobs = house.jobs(at)
    assert [jobs.do(*job) for job in jobs.missing(set())] == [None]
    assert house.registry.document(document) is None
    house.work()
    assert (house.passages(), house.files()) == (0, [])


@pytest.mark.parametrize(("content", "readers"), [(OTHER, "nursing"), (TEXT, "nursing"), (OTHER, "icu")])
def test_what_is_replaced_while_it_is_stored_is_never_readable(house: House, content: bytes, readers: str) -> None:
    """Guards the comparison of digest and readers in `_promised` of the registry."""
    document = house.upload()

    def at(step: str) -> None:
        if step == "indexed":
            house.mara.delete(f"/v1/documents/{document}")
            house.upload(content, readers=readers)
        elif step == "registered":
            assert house.registry.document(document) is None

    jobs = house.jobs(at)
    assert [jobs.do(*job) for job in jobs.missing(set())] == [None]
    assert house.registry.document(document) is None
    house.work()
    kept = house.registry.document(document)
    assert kept is not None
    assert kept.access.readers == {readers}
    assert house.archive.get(kept.version) == content
    assert house.passages() == 1


def test_uploaded_again_before_it_is_gone(house: House) -> None:
    """Otherwise the document would be called unchanged and stay withdrawn."""
    document = house.upload()
    house.work()
    house.mara.delete(f"/v1/documents/{document}")
    house.upload()
    house.work()
    assert house.status(document) == ("stored", "")
    assert house.registry.document(document) is not None
    assert house.passages() == 1


@pytest.mark.parametrize("under", ["", "nursing"])
def test_a_folder_s_ingest_leaves_uploads_alone(house: House, tmp_path: Path, under: str) -> None:
    """Guards the slash at the beginning of `uploading.ROOT`, by which no folder holds an upload."""
    document = house.upload()
    house.work()
    folder = tmp_path / "documents"
    for place in ("nursing", "uploads/mara"):
        (folder / place).mkdir(parents=True)
        (folder / place / "night.md").write_bytes(OTHER)
        (folder / place / "stays.md").write_bytes(OTHER)
    (folder / ".access.yaml").write_text(LIST)
    pipeline = Pipeline(
        house.registry, house.archive, house.index, HashingEmbedder(), house.settings, marking=marking()
    )
    for _ in range(2):
        gather(pipeline.ingest(pipeline.source(folder, folder / under), parsers=house.parsers))
    (folder / "nursing" / "more.md").write_bytes(OTHER)
    (folder / "nursing" / "night.md").unlink()
    gather(pipeline.ingest(pipeline.source(folder, folder / under), parsers=house.parsers))
    assert house.status(document) == ("stored", "")
    kept = house.registry.document(document)
    assert kept is not None
    assert house.archive.get(kept.version) == TEXT
    assert not Folder(folder, "aldermoor", 1).holds(kept.uri)


def test_the_worker_waits_for_a_folder_s_ingest(house: House) -> None:
    """Whether by waiting for the lock or by trying again: it neither fails nor runs into it."""
    document = house.upload()
    with subprocess.Popen(
        [sys.executable, "-c", f"import sys; from pathlib import Path; from ingest import safeguards\n"
         f"with safeguards.alone(Path({str(house.settings.data)!r})): print('held', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with worker(house) as process:
            time.sleep(1.5)  # long enough for a worker that does not wait to have failed
            assert house.status(document) == ("queued", "")
            assert process.poll() is None
            holder.communicate()
            ended(house, document)


def test_orphans_are_swept_and_promises_are_kept(house: House) -> None:
    """Guards the question for `holding` in `Jobs.sweep`."""
    waiting, bad = house.upload(), house.upload(b"nonsense", name="bad.docx")
    jobs = house.jobs()
    promise = house.uploads.get(bad)
    assert promise is not None
    jobs.do(bad, promise.ticket)
    incoming = house.settings.data / "archive" / "incoming"
    (incoming / "3f0e.part").write_bytes(b"broken off")
    (incoming / "3f0f").write_bytes(b"never promised")
    jobs.sweep()
    assert len(house.files()) == 4, "too young: somebody may be about to promise them"
    for file in incoming.iterdir():
        os.utime(file, (0, 0))
    jobs.sweep()
    assert len(house.files()) == 2
    house.work()
    assert house.status(waiting) == ("stored", "")


# --- Workers in processes of their own --------------------------------------------------------------------------------


class worker:  # noqa: N801  # used like a function
    """A worker in a process of its own, dying at `where`; ended with the block."""

    def __init__(self, house: House, where: str = "never") -> None:
        program = [str(ROOT / "tests" / "ingest" / "uploading.py"), str(house.settings.data), str(house.socket), where]
        self._process = subprocess.Popen([sys.executable, *program], cwd=ROOT, stderr=subprocess.DEVNULL)

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self._process

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()


def ended(house: House, document: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while house.status(document)[0] in {"queued", "running"}:
        assert time.monotonic() < deadline, "the worker did not come to an end"
        time.sleep(0.1)


@pytest.mark.parametrize("where", [step for step in STEPS if step != "erased"])
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(house: House, where: str) -> None:
    """SIGKILL after each durable step: what was acknowledged is stored once, by the worker that comes next.

    Guards `give_back` in `Jobs.resume` and the call of `ring_missing` at the start of `serve`.
    """
    before = house.upload(OTHER, name="before.md")
    document = house.upload()
    with worker(house, where) as killed:
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    house.upload(name="after.md")  # the API goes on while no worker lives
    house.work()
    assert {house.status(d) for d in (before, document)} == {("stored", "")}
    assert house.passages() == 3
    assert house.uploads.left() == []
    names = house.files()
    house.jobs().sweep()
    assert len([name for name in names if len(name) == 64]) == 2, "two different contents, each once"


def test_a_worker_killed_while_it_removes_is_followed_by_one_that_ends_it(house: House) -> None:
    document = house.upload()
    house.work()
    house.mara.delete(f"/v1/documents/{document}")
    with worker(house, "erased") as killed:
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    house.work()
    assert (house.passages(), house.files(), house.uploads.get(document)) == (0, [], None)


def test_a_worker_answers_the_bell_and_only_one_lives(house: House) -> None:
    lock = worker_lock(house.settings)
    assert not held(lock)
    with worker(house) as process:
        document = house.upload()
        ended(house, document)
        assert house.status(document) == ("stored", "")
        assert held(lock)
        with pytest.raises(AlreadyRunning), only(lock):
            pass
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert not held(lock)


def test_messages_are_no_pickles(house: House) -> None:
    """Guards `serializer=_Plain()` in `Bell`: a pickle in the database would be code in the worker."""
    document = house.upload()
    with sqlite3.connect(house.settings.data / "registry.sqlite") as database:
        ((data,),) = database.execute("select data from task")
    database.close()
    assert data.startswith(b'["')
    assert document.encode() in data


def test_the_worker_has_no_network() -> None:
    """Guards the call of unshare in `ingest/offline.py`."""
    program = (
        "from ingest import offline; offline.enter()\n"
        "import socket\nprint(sorted(name for _, name in socket.if_nameindex()))\n"
        "with socket.socket() as s: print(s.connect_ex(('127.0.0.1', int(__import__('sys').argv[1]))) != 0)"
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = str(listening.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", program, port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    assert done.stdout.split("\n")[:2] == ["['lo']", "True"]


def test_one_ingest_at_a_time_fails_at_once_from_the_command_line(tmp_path: Path) -> None:
    from appliance.errors import OperatorError

    with safeguards.alone(tmp_path), pytest.raises(OperatorError), safeguards.alone(tmp_path):
        pass
