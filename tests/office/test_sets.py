"""Policy sets at the officers' desk: looked at, compared, and activated with two officers' signatures."""

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

import pytest

from appliance.access import signing
from appliance.access.policy_set import PolicySet, read
from appliance.office.sets import Sets
from appliance.office.trial import Trial, Tried
from appliance.operations import policies
from appliance.settings import ROOT
from tests.office.office_house import House, house

SHIPPED = read(ROOT / "policies")
STRICT = b"""
@id("no-salaries")
@reason("Nobody reads what is restricted while this is tried out.")
forbid (principal, action == Action::"read", resource)
when { resource.level > 2 };
"""
NEXT = PolicySet({**SHIPPED.files, "strict.cedar": STRICT})
"""Closes what is restricted, and contradicts a row of its own table."""
SOUND = PolicySet(
    {**SHIPPED.files, "strict.cedar": STRICT.replace(b"resource.level > 2", b'resource.department == "hr"')}
)
"""Closes what belongs to the personnel department; no row says otherwise."""
EXAMINE, ACTIVATE = "/v1/office/policies/examination", "/v1/office/policies/activation"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("sets"))


def zipped(found: PolicySet, signatures: Mapping[str, bytes] | None = None) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in found.files.items():
            into.writestr(name, content)
        for name, content in (signatures or {}).items():
            into.writestr(f"signatures/{name}.sig", content)
    return out.getvalue()


def signed(stage: House, found: PolicySet, *names: str) -> dict[str, bytes]:
    folder = stage.settings.officers_folder
    return {name: signing.signed(found.digest, signing.private_key(folder / f"{name}.key")) for name in names}


def officers(stage: House) -> list[str]:
    return sorted(path.stem for path in stage.settings.officers_folder.glob("*.pub"))


def test_what_is_in_force_word_for_word(stage: House) -> None:
    priya = stage.client("priya")
    status = priya.get("/v1/office/policies").json()
    assert (status["version"], status["fault"]) == (SHIPPED.version, "")
    assert status["officers"] == officers(stage)
    assert [one["version"] for one in status["history"]] == [SHIPPED.version]
    shown = priya.get(f"/v1/office/policies/sets/{SHIPPED.version}").json()
    assert shown["digest"] == SHIPPED.digest
    assert {one["name"] for one in shown["files"]} == set(SHIPPED.files)
    rules = {one["rule"]: one for one in shown["rules"]}
    assert rules["approver-is-not-the-asker"]["effect"] == "forbid"
    assert rules["approver-is-not-the-asker"]["text"].endswith("};")
    assert rules["send-plain-at-once"]["text"].endswith("};")  # the remark after it is not part of it
    assert rules["officer-decides"]["effect"] == "permit"
    assert SHIPPED.policies.count('@id("') == len(rules)
    assert priya.get("/v1/office/policies/sets/0000").status_code == 404


def test_the_tables_are_decided_and_shown(stage: House) -> None:
    rows = stage.client("priya").get(f"/v1/office/policies/sets/{SHIPPED.version}/tables").json()["rows"]
    assert {one["table"] for one in rows} == {"decisions", "labels"}
    assert not [one for one in rows if one["fault"]]
    first = rows[0]
    assert (first["row"], first["expected"], first["came"]) == (
        "row 1, nurse read standard", "allow by read-as-reader", "allow",
    )  # fmt: skip


def test_what_a_set_would_change(stage: House) -> None:
    priya, before = stage.client("priya"), len(stage.events())
    told = priya.post(EXAMINE, content=zipped(NEXT)).json()
    assert (told["version"], told["against"], told["activates"]) == (NEXT.version, SHIPPED.version, False)
    assert "row 8, lead read standard: denied, no-salaries" in told["faults"]
    assert [(one["file"], one["kind"]) for one in told["files"]] == [("strict.cedar", "added")]
    assert '+@id("no-salaries")' in told["files"][0]["lines"]
    changes = {one["person"]: one for one in told["changes"]}
    assert (changes["helen"]["closes"], changes["helen"]["closed"]) == (1, ["hr/pay.md"])
    assert "mara" not in changes
    assert ["rights-viewed" in body for body in stage.events()[before:]] == [True]
    assert priya.get("/v1/office/policies").json()["version"] == SHIPPED.version
    assert not list((stage.settings.data / "policies").glob(f"{NEXT.digest}*"))


DEEP = SHIPPED.files["schema.cedarschema"] + b"type X = " + b"{a: " * 5_000 + b"String" + b"}" * 5_000 + b";"


def test_a_set_is_on_record_before_anything_of_it_is_compiled(stage: House) -> None:
    """Guards `self._rights.looked(officer, about=found.digest)`, for a set too that cannot be compiled."""
    found, before = PolicySet({**SHIPPED.files, "schema.cedarschema": DEEP}), len(stage.events())
    told = stage.client("priya").post(EXAMINE, content=zipped(found)).json()
    assert (told["changes"], told["activates"]) == (None, False)
    assert told["faults"] == ["The policies' schema is too large or too deep to be read."]
    (entry,) = stage.events()[before:]
    assert "rights-viewed" in entry
    assert found.digest in entry


class GivenUp(Trial):
    """Whatever comes, it was given up."""

    def tried(self, content: bytes) -> Tried:
        assert content
        return Tried(compiles=False, faults=("given up",))


def test_a_set_that_was_given_up_is_not_compiled_here(stage: House) -> None:
    """Guards `if tried.compiles else None`: what ended another process, or took too long there, does not come here."""
    sets = Sets(
        rights=stage.office.rights, active=policies.policies(stage.settings), officers=stage.settings.officers_folder,
        journal=stage.evidence.ledger, trial=GivenUp(()),
    )  # type: ignore[arg-type]  # fmt: skip
    desk = replace(stage, office=replace(stage.office, policies=sets))
    told = desk.client("priya").post(EXAMINE, content=zipped(SHIPPED)).json()
    assert (told["changes"], told["faults"], told["activates"]) == (None, ["given up"], False)


def test_a_set_that_cannot_be_compiled_is_told_with_its_faults(stage: House) -> None:
    broken = PolicySet({**SHIPPED.files, "strict.cedar": b"permit (principal, action, resource);"})
    told = stage.client("priya").post(EXAMINE, content=zipped(broken)).json()
    assert told["changes"] is None
    assert told["faults"]
    assert not told["activates"]
    none = stage.client("priya").post(EXAMINE, content=b"no zip")
    assert (none.status_code, none.json()["code"]) == (400, "bad-request")
    large = stage.client("priya").post(EXAMINE, content=b"0" * ((1 << 20) + 1))
    assert large.status_code == 413


def test_signatures_are_told_one_by_one(stage: House) -> None:
    one, other = officers(stage)
    given = signed(stage, SHIPPED, one) | {other: b"bm9uZQ==\n", "mallory": b"bm9uZQ==\n"}
    told = stage.client("priya").post(EXAMINE, content=zipped(SHIPPED, given)).json()
    states = {signature["officer"]: signature["state"] for signature in told["signatures"]}
    assert states == {one: "valid", other: "invalid", "mallory": "unknown"}
    assert not told["activates"]


@pytest.mark.parametrize("persona", ["mara", "otto", "carla"])
def test_nobody_but_an_officer_sees_or_activates_a_set(stage: House, persona: str) -> None:
    """Guards `self._rights.demand` in each method of `Sets`."""
    client, one = stage.client(persona), zipped(SHIPPED, signed(stage, SHIPPED, *officers(stage)))
    for path in ("", f"/sets/{SHIPPED.version}", f"/sets/{SHIPPED.version}/tables"):
        assert client.get(f"/v1/office/policies{path}").status_code == 403
    assert client.post(EXAMINE, content=one).status_code == 403
    looked = {"digest": SHIPPED.digest, "against": SHIPPED.version}
    assert client.post(ACTIVATE, content=one, params=looked).status_code == 403


def test_activation_by_two(stage: House) -> None:
    """Guards the digest that was looked at, and `vouched` behind `ActivePolicies.activate`: from the portal too, one
    officer's signature brings nothing into force."""
    ines, found = stage.client("ines"), SOUND
    one, other = officers(stage)
    looked = {"digest": found.digest, "against": SHIPPED.version}
    alone = ines.post(ACTIVATE, content=zipped(found, signed(stage, found, one)), params=looked)
    assert (alone.status_code, "1 valid signatures" in alone.json()["detail"]) == (409, True)
    both = signed(stage, found, one, other)
    swapped = ines.post(ACTIVATE, content=zipped(found, both), params=looked | {"digest": SHIPPED.digest})
    assert swapped.status_code == 409
    contradicting = ines.post(
        ACTIVATE, content=zipped(NEXT, signed(stage, NEXT, one, other)), params=looked | {"digest": NEXT.digest}
    )
    assert contradicting.status_code == 409
    assert ines.get("/v1/office/policies").json()["version"] == SHIPPED.version
    assert stage.client("ines").post(EXAMINE, content=zipped(found, both)).json()["activates"]
    before = len(stage.events())
    done = ines.post(ACTIVATE, content=zipped(found, both), params=looked)
    assert (done.status_code, done.json()["officers"]) == (200, [one, other])
    told = [body for body in stage.events()[before:] if "policy-" in body]
    assert ['"event":"policy-brought"' in told[0], '"event":"policy-activated"' in told[1]] == [True, True]
    assert ines.get("/v1/office/policies").json()["version"] == found.version
    _overtaken(stage, both)
    helen = [who for who in ines.get("/v1/office/documents/pay/readers").json()["people"] if who["allowed"]]
    assert helen == []


def _overtaken(stage: House, both: Mapping[str, bytes]) -> None:
    """Guards `self.version() != against` in `ActivePolicies.activate`, and what is said of a way back."""
    ines, one = stage.client("ines"), zipped(SHIPPED, signed(stage, SHIPPED, *officers(stage)))
    late = {"digest": SHIPPED.digest, "against": SHIPPED.version}  # compared while that one was in force
    answer = ines.post(ACTIVATE, content=one, params=late)
    assert (answer.status_code, "Another set is in force" in answer.json()["detail"]) == (409, True)
    assert ines.get("/v1/office/policies").json()["version"] == SOUND.version
    assert not ines.post(EXAMINE, content=zipped(SOUND, both)).json()["earlier"]  # it is in force
    told = ines.post(EXAMINE, content=one).json()
    assert (told["activates"], told["earlier"], told["against"]) == (True, True, SOUND.version)
    before = len(stage.events())
    assert ines.post(ACTIVATE, content=one, params=late | {"against": SOUND.version}).status_code == 200
    assert ['"reason":"earlier"' in body for body in stage.events()[before:] if "policy-" in body] == [True, True]
    again = ines.post(
        ACTIVATE, content=zipped(SOUND, both), params={"digest": SOUND.digest, "against": SHIPPED.version}
    )
    assert again.status_code == 200
