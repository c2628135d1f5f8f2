"""The sample institution goes in whole: every format, every list."""

import shutil

from appliance.records import Level
from appliance.settings import ROOT
from ingest.records import Quarantined, Stored, Unchanged
from tests.ingest.conftest import House

SCANS = {"facilities/generator-test-2026-04.pdf", "nursing/pressure-ulcer-audit-2026.tif"}
"""Pictures of text: stored where text recognition is installed, quarantined where it is not."""


def test_the_sample_institution_goes_in_and_the_second_run_does_nothing(house: House) -> None:
    shutil.copytree(ROOT / "deploy" / "demo" / "documents", house.documents, dirs_exist_ok=True)
    (house.documents / ".access.yaml").unlink()
    first = house.run()
    kept_out = [outcome for outcome in first.outcomes if not isinstance(outcome, Stored)]
    assert [outcome for outcome in kept_out if outcome.uri not in SCANS] == [
        Quarantined("unlisted/minutes.md", "no access list")
    ]
    assert first.count(Stored) >= 60
    passages, embedded = house.index.count(), house.embedder.texts
    assert 400 < passages == embedded < 900
    again = house.run()
    assert again.count(Unchanged) == first.count(Stored)
    assert (house.index.count(), house.embedder.texts) == (passages, embedded)
    by_uri = {document.uri: document for document in house.registry.documents()}
    assert by_uri["nursing/rota-week-23.docx"].access.level is Level.CONFIDENTIAL
    assert by_uri["shared/visitors/visiting-2024.md"].superseded_by == by_uri["shared/visitors/visiting-2026.md"].id
    assert by_uri["nursing/icu-handbook.pdf"].pages == 5
    assert by_uri["facilities/equipment-manual.pdf"].pages == 100
    assert by_uri["nursing/sturzprophylaxis.md"].language == "de"
