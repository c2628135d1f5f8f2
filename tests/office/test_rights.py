"""Who reads this, why, and what does he read: asked by officers over the real rules, people and registry."""

import json
from pathlib import Path

import pytest

from appliance.office.people import Described
from appliance.records import Access, Document, Level, Page
from tests.office.office_house import CANARY, House, house

PATHS = (
    "/v1/office/people",
    "/v1/office/documents",
    "/v1/office/documents/pay/readers",
    "/v1/office/documents/pay/readers/helen",
    "/v1/office/people/helen/readable",
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("rights"))


def test_who_reads_a_document_and_why(stage: House) -> None:
    priya = stage.client("priya")
    told = priya.get("/v1/office/documents/pay/readers").json()
    assert told["document"]["uri"] == "hr/pay.md"
    assert told["document"]["readers"] == ["hr"]
    readers = [one for one in told["people"] if one["allowed"]]
    assert [(one["person"], [rule["rule"] for rule in one["rules"]]) for one in readers] == [
        ("helen", ["read-as-reader"])
    ]
    assert readers[0]["rules"][0]["reason"]
    why = priya.get("/v1/office/documents/pay/readers/mara").json()
    assert (why["allowed"], why["rules"], why["errors"]) == (False, [], [])
    assert ["he were cleared for restricted", "he belonged to the group hr"] in why["changes"]
    taken = priya.get("/v1/office/documents/pay/readers/helen").json()
    assert taken["allowed"]
    assert ["he did not belong to the group hr"] in taken["changes"]
    removal = priya.get("/v1/office/documents/pay/readers/helen", params={"action": "delete"}).json()
    assert removal["allowed"]


def test_no_officer_is_told_whose_record_it_is_nor_who_treats_him(tmp_path: Path) -> None:
    """Guards `discreet=True` in `Rights.explained`: what would turn a decision names no patient and no deal."""
    of_a_patient = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("icu",),
                          patient="icu-bed-4", wall="ventilators")  # fmt: skip
    kept = house(tmp_path)
    record = Document("rec", "icu/rec.md", "e" * 64, "Record", "text/markdown", "en", 1, of_a_patient)
    kept.registry.register(record, [Page(1, "A record.")])
    priya = kept.client("priya")
    told = [priya.get(f"/v1/office/documents/rec/readers/{who}") for who in ("mara", "helen", "jonas")]
    assert all("its patient" in one.text or "its deal team" in one.text for one in told)
    assert not [one for one in told if "icu-bed-4" in one.text]
    assert not [one for one in told if "ventilators" in str(one.json()["changes"])]


def test_what_a_person_reads(stage: House) -> None:
    priya = stage.client("priya")
    helen = priya.get("/v1/office/people/helen/readable").json()
    assert (helen["count"], helen["known"], helen["next"]) == (2, 2, None)
    assert helen["places"] == [
        {"folder": "hr", "level": "restricted", "documents": 1},
        {"folder": "nursing", "level": "internal", "documents": 1},
    ]
    mara = priya.get("/v1/office/people/mara/readable").json()
    assert [one["uri"] for one in mara["documents"]] == ["nursing/falls.md"]
    after = priya.get("/v1/office/people/helen/readable", params={"after": "pay"}).json()
    assert [one["id"] for one in after["documents"]] == ["falls"]


def test_people_and_documents_are_found(stage: House) -> None:
    priya = stage.client("priya")
    people = priya.get("/v1/office/people").json()["people"]
    assert {"mara", "helen", "priya"} <= {one["id"] for one in people}
    assert [one["id"] for one in priya.get("/v1/office/documents", params={"part": "PAY"}).json()["documents"]] == [
        "pay"
    ]
    everything = priya.get("/v1/office/documents").json()
    assert ([one["id"] for one in everything["documents"]], everything["more"]) == (["pay", "falls"], False)


@pytest.mark.parametrize("persona", ["mara", "helen", "otto", "carla"])
@pytest.mark.parametrize("path", PATHS)
def test_nobody_but_an_officer_is_told_anything(stage: House, persona: str, path: str) -> None:
    """Guards `self._rules.demand` in `Rights.demand`."""
    before = len(stage.events())
    answer = stage.client(persona).get(path)
    assert answer.status_code == 403
    assert "pay" not in answer.text
    assert len(stage.events()) == before


def test_another_tenants_documents_are_not_there(stage: House) -> None:
    """Guards the comparison of tenants in `Rights.documents`."""
    priya = stage.client("priya")
    assert priya.get("/v1/office/documents/loans/readers").status_code == 404
    assert "loans" not in priya.get("/v1/office/documents").text
    missing, foreign = (priya.get(f"/v1/office/documents/{one}/readers").json() for one in ("none", "loans"))
    assert missing | {"request_id": ""} == foreign | {"request_id": ""}
    assert priya.get("/v1/office/people/nobody/readable").status_code == 404
    assert priya.get("/v1/office/documents/pay/readers/nobody").status_code == 404


def test_no_title_and_no_text_is_told(stage: House) -> None:
    priya = stage.client("priya")
    for path in PATHS:
        assert CANARY not in priya.get(path).text


@pytest.mark.parametrize("path", PATHS[1:])
def test_every_look_is_recorded(stage: House, path: str) -> None:
    """Guards the calls of `looked` in `Rights`: each of its answers is an entry first."""
    before = len(stage.events())
    assert stage.client("priya").get(path).status_code == 200
    (entry,) = stage.events()[before:]
    assert '"event":"rights-viewed"' in entry
    assert "helen" not in entry
    assert "pay" not in entry


def test_people_whom_the_operator_describes(tmp_path: Path) -> None:
    assert Described(None).everybody() == []
    file = tmp_path / "people.json"
    told = {"tenant": "aldermoor", "client": "muniment-portal", "groups": ["hr"], "clearance": "restricted"}
    file.write_text(json.dumps([told | {"id": "x"}, told | {"id": "far", "tenant": "weir"}]))
    made = house(tmp_path / "data", office_people=file)
    priya = made.client("priya")
    assert [one["id"] for one in priya.get("/v1/office/people").json()["people"]] == ["x"]
    assert [one["person"] for one in priya.get("/v1/office/documents/pay/readers").json()["people"]] == ["x"]
    file.write_text("{")
    assert priya.get("/v1/office/people").json()["code"] == "bad-request"


def test_what_cannot_be_asked_of_a_document_is_not_there(stage: House) -> None:
    answer = stage.client("priya").get("/v1/office/documents/pay/readers/mara", params={"action": "erase"})
    assert answer.status_code == 404
