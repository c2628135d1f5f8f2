"""Where no content may stand, whoever looks: logs, the ledger and its export, the witness, the files of a run."""

import io
from collections.abc import Iterator
from pathlib import Path

from appliance.audit import export
from appliance.audit.reader import LedgerReader
from appliance.selftest.report import Finding, Way
from appliance.selftest.scanning import Scan
from appliance.selftest.scratch import House


def looked_through(house: House, scan: Scan) -> Iterator[Finding]:
    """Every word of a canary that stands in one of them. Raises LedgerUnavailable if the ledger cannot be read."""
    for name, content in _contents(house):
        for sighting in scan.sightings(content):
            how = f"its {sighting.what}, {sighting.spelled}"
            yield Finding(Way.RECORD, name, "whoever looks", "", sighting.canary.kind, how)


def _contents(house: House) -> Iterator[tuple[str, bytes]]:
    yield "ledger export", _exported(house.ledger.ledger)
    for folder in (
        house.settings.run_folder,
        house.settings.data / "ledger-witness",
        house.settings.ledger_keys_folder,
    ):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                yield f"file {_named(file, house.settings.data)}", file.read_bytes()


def _exported(ledger: LedgerReader) -> bytes:
    written = io.StringIO()
    last = ledger.last()
    export.write(export.joined(ledger.rows(upto=last), ledger.kept(upto=last)), written)
    return written.getvalue().encode()


def _named(file: Path, data: Path) -> str:
    return file.relative_to(data).as_posix()
