"""What is hidden changes no answer: the same questions, in a house that holds hidden texts about them and in one that
does not, get the same bytes. Scores alone may differ: how rare a word is, is counted over the whole store.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from appliance.store.archive import Archive
from tests.attacks.timing.house import HIDDEN, NURSES, House, built

TOLD = "A patient who fell is seen by a doctor within thirty minutes."
ELSEWHERE = "The pool of wheelchairs stands beside the lift of wing B."
SECRET = "The merger with Weir Clinic is signed on the ninth of May."
QUESTIONS = (
    "When is a patient who fell seen by a doctor?",  # answered by what is shown, and by what is hidden too
    "When is the merger with Weir Clinic signed?",  # answered by what is hidden alone
    "Where do wheelchairs stand?",
)
OWN = {"id", "conversation", "usage", "score", "received", "request_id"}
"""What differs between two answers to the same question by right."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="texts-") as sockets,
        built(tmp_path_factory.mktemp("house"), Path(sockets)) as made,
    ):
        made.write("nursing/falls.md", [TOLD, "Every fall is written down."], NURSES)
        made.write("nursing/wheelchairs.md", [ELSEWHERE], NURSES)
        old = made.write("nursing/old-falls.md", ["A patient who fell was seen within an hour."], NURSES)
        made.registry.amend(old.id, access=NURSES, superseded_by="never-written")
        yield made


def plain(told: Any) -> Any:
    """`told` without what differs by right."""
    if isinstance(told, dict):
        return {key: plain(value) for key, value in told.items() if key not in OWN}
    return [plain(one) for one in told] if isinstance(told, list) else told


def everything(house: House) -> dict[str, str]:
    """What Mara is told by every way to find something."""
    mara = TestClient(house.app(), base_url="http://localhost", headers=house.headers("mara"))
    told: dict[str, Any] = {"list": mara.get("/v1/documents", params={"limit": 2}).json()}
    told["next"] = mara.get("/v1/documents", params={"after": told["list"]["next"]}).json()
    for question in QUESTIONS:
        for limit in (1, 20):
            told[f"search {limit} {question}"] = mara.post(
                "/v1/search", json={"question": question, "limit": limit}
            ).json()
        told[f"ask {question}"] = mara.post("/v1/ask", json={"question": question}).json()
        chat = {"model": "muniment", "messages": [{"role": "user", "content": question}]}
        told[f"chat {question}"] = mara.post("/v1/chat/completions", json=chat).json()["choices"]
    for found in (*told["list"]["documents"], *told["next"]["documents"]):
        told[f"document {found['uri']}"] = mara.get(f"/v1/documents/{found['id']}").json()
    return {name: json.dumps(plain(one), sort_keys=True) for name, one in told.items()}


def test_hidden_texts_change_no_answer(house: House) -> None:
    """Guards `inside` in `request`, with which hidden texts are no hits that could fold or crowd out others, and
    `readable` in `Shelf._readable`: the same passages, sentences, refusals, pages of the list and marks of what is
    replaced, whatever lies beside them that is not shown."""
    before = everything(house)
    hidden = [
        house.write("hr/falls.md", [TOLD, TOLD.replace("thirty", "twenty")], HIDDEN),  # the same text, and nearly so
        house.write("nursing/falls-2.md", [TOLD], replace(HIDDEN, department="nursing")),
        house.write("board/merger.md", [SECRET, *(f"{SECRET} Page {n}." for n in range(3))], HIDDEN),
        *(house.write(f"a-first/{number}.md", [f"{TOLD} {SECRET}"], HIDDEN) for number in range(12)),
    ]
    house.registry.amend(hidden[1].id, access=hidden[1].access, valid_from=date(2030, 1, 1))
    after = everything(house)
    assert after == before
    assert "ninth" not in "".join(after.values())
    for document in hidden:
        house.forget(document)
    assert everything(house) == before


def test_a_replacement_that_is_hidden_and_one_that_was_never_written_are_the_same(house: House) -> None:
    """The mark says that its department took a document out of force; never what stands in its place."""
    before = everything(house)
    hidden = house.write("hr/new-falls.md", ["Falls are told to the insurer."], HIDDEN)
    old = next(one for one in house.registry.documents() if one.superseded_by)
    house.registry.amend(old.id, access=old.access, superseded_by=hidden.id)
    assert everything(house) == before
    house.registry.amend(old.id, access=old.access, superseded_by="never-written")
    house.forget(hidden)


def test_bytes_that_somebody_else_has_are_written_like_any_others(tmp_path: Path) -> None:
    """Guards that `Archive.put` never asks whether it has them: who uploads would see by the time how a hidden
    document reads. Intake and ids: `tests/api/test_documents.py`."""
    archive = Archive(tmp_path)
    digest = archive.put(b"the merger")
    (kept,) = tmp_path.rglob(digest)
    before = kept.stat().st_ino
    assert archive.put(b"the merger") == digest
    assert kept.stat().st_ino != before
    assert archive.get(digest) == b"the merger"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
