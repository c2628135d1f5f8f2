"""A question on its way out and its answer on the way back, as people see them through the API."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.records import Level
from appliance.records.escalations import Became, Outcome
from appliance.store.conversations_told import ANSWERED, Owner, Source, Spoken, Turn
from tests.escalation.house import ADA, WHY, access
from tests.escalation.outside_house import CELLS, PLASMA, Around

ASKED = {"destination": "large", "question": "How long may red cells hang?"}


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(tmp_path)


def says(around: Around, text: str) -> None:
    around.house.door.other = lambda _: Outcome(Became.ANSWERED, delivered=True, text=text, spent=5)


def token_in(shown: dict[str, Any], kind: str = "PERSON") -> str:
    puts = [put["put"] for piece in shown["pieces"] for put in piece["replaced"] if put["kind"] == kind]
    return str(puts[0])


def sent(around: Around) -> dict[str, Any]:
    """One that somebody else approved, carried."""
    mara, priya = around.client("mara"), around.client("priya")
    shown = mara.post("/v1/escalations", json=ASKED).json()
    path, digest = f"/v1/escalations/{shown['id']}", shown["digest"]
    assert mara.post(f"{path}/send", json={"digest": digest}).json()["state"] == "awaiting"
    judged = priya.post(f"{path}/judge", json={"digest": digest, "approved": True, "reason": WHY})
    assert judged.status_code == 200, judged.text
    return dict(shown)


def test_from_proposal_to_restored_answer(around: Around) -> None:
    shown = sent(around)
    token = token_in(shown)
    assert "Tobias" not in shown["body"]
    says(around, f"Thawed plasma is used within five days if {token} agrees. [2]")
    around.carry(shown["id"])
    told = around.client("mara").get(f"/v1/escalations/{shown['id']}").json()
    assert told["state"] == "answered"
    assert told["answer"]["kind"] == "answer"
    assert told["answer"]["sentences"][0]["text"] == "Thawed plasma is used within five days if Tobias Renner agrees."
    assert told["answer"]["origin"] == "outside: large"
    assert told["spent"] == "0.000005"
    ((envelope, _),) = around.house.door.arrived
    assert b"Tobias" not in envelope.body
    assert b"Renner" not in envelope.body


def test_the_approver_sees_what_leaves_and_of_what_was_asked_only_what_he_may_read(around: Around) -> None:
    """Guards `if one.source in readable` in `Outside._shown`: priya reads none of these passages, nor the question."""
    shown = around.client("mara").post("/v1/escalations", json=ASKED).json()
    assert [piece["original"] is None for piece in shown["pieces"]] == [False, False, False]
    around.client("mara").post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
    (waiting,) = around.client("priya").get("/v1/escalations/approvals").json()["escalations"]
    assert waiting["body"] == shown["body"]
    assert (waiting["labels"], waiting["level"], waiting["local"]) == ([], "internal", "unasked")
    assert waiting["policy"] == around.house.rules.version
    assert [piece["original"] for piece in waiting["pieces"]] == [None, None, None]
    assert "Tobias" not in str(waiting)
    assert around.client("helen").get("/v1/escalations/approvals").status_code == 403
    assert around.client("priya").get(f"/v1/escalations/{shown['id']}").status_code == 404


def test_an_approver_who_may_read_nothing_sees_what_leaves(around: Around) -> None:
    """Guards `except NotAllowed` in `Outside._standing`."""
    shown = around.client("mara").post("/v1/escalations", json=ASKED).json()
    around.client("mara").post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
    (waiting,) = around.outside.waiting(replace(ADA, groups=frozenset()))
    assert waiting.originals == (None, None, None)


def test_an_answer_is_verified_like_one_of_the_house(around: Around) -> None:
    """Guards `release.weigh` in `Outside._answer`."""
    shown = sent(around)
    says(around, "Red cells must have run through within nine hours. [1] Visit https://evil.example/?q=1 now. [1]")
    around.carry(shown["id"])
    told = around.client("mara").get(f"/v1/escalations/{shown['id']}").json()
    assert told["answer"]["kind"] == "refusal"
    assert "evil" not in str(told["answer"])


def test_what_came_back_is_decided_again_each_time(around: Around) -> None:
    """Guards the comparison with `held.matter.passages` in `Outside._answer`, and `readable` in `_shown`."""
    shown = sent(around)
    says(around, "Red cells must have run through within four hours. [1]")
    around.carry(shown["id"])
    mara = around.client("mara")
    assert mara.get(f"/v1/escalations/{shown['id']}").json()["answer"]["kind"] == "answer"
    around.house.documents.accesses["leaflet"] = access(level=Level.RESTRICTED)
    told = mara.get(f"/v1/escalations/{shown['id']}").json()
    assert told["answer"]["kind"] == "refusal"
    assert told["answer"]["reason"].startswith("What this answer was drawn from has just changed")
    assert [piece["original"] is None for piece in told["pieces"]] == [False, True, False]
    assert around.house.events(shown["id"])[-1] == "escalation-shown"


def test_tokens_that_were_never_issued_and_nothing_else_stay_as_they_are(around: Around) -> None:
    shown = sent(around)
    says(around, "Thawed plasma is used within five days if Person_B4C4D4 agrees. [2]")
    around.carry(shown["id"])
    assert "Tobias" not in str(around.client("mara").get(f"/v1/escalations/{shown['id']}").json()["answer"])


def test_a_label_denies_and_what_may_leave_goes_without_it(around: Around) -> None:
    around.house.documents.accesses["leaflet"] = access(labels=frozenset({"patient"}))
    mara = around.client("mara")
    denied = mara.post("/v1/escalations", json=ASKED).json()
    assert (denied["state"], denied["verdict"]) == ("denied", "denied")
    assert (denied["labels"], denied["level"]) == (["patient"], "internal")
    assert {"no-private-text-leaves", "each-passage-by-its-own-rules"} <= {one["id"] for one in denied["rules"]}
    left = mara.post("/v1/escalations", json={**ASKED, "leave_out": True}).json()
    assert left["state"] == "proposed"
    assert [piece["source"] for piece in left["pieces"]] == ["p1", "question"]
    assert PLASMA.split()[0] not in left["body"]


def test_a_dry_run_shows_all_and_can_never_be_sent(around: Around) -> None:
    mara = around.client("mara")
    shown = mara.post("/v1/escalations", json={**ASKED, "dry_run": True}).json()
    assert (shown["state"], shown["reason"], shown["verdict"]) == ("expired", "dry-run", "needs-approval")
    assert CELLS.split(".")[0] in shown["body"]
    assert mara.post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]}).status_code == 409


def turn(question: str, outcome: str, understood: Spoken | None = None, name: str = "t1") -> Turn:
    return Turn(name, question, understood, outcome, (), 0, datetime.now(UTC))


def test_a_refused_turn_goes_as_it_was_understood_and_only_its_own(around: Around) -> None:
    """Guards `Owner(principal.tenant, principal.id)` and `not self._showing.readable` in `Outside._asked`."""
    sources = frozenset({Source("standard", "0" * 64)})
    understood = Spoken("How long may plasma be kept?", (), sources)
    owner = Owner("aldermoor", "mara")
    around.conversations.begin(owner, "c1", turn("and plasma?", "NOT_ANSWERED", understood), title="x")
    asked = {"destination": "large", "conversation": "c1", "turn": "t1"}
    shown = around.client("mara").post("/v1/escalations", json=asked).json()
    assert shown["pieces"][-1]["original"] == "Question: How long may plasma be kept?"
    assert around.client("tobias").post("/v1/escalations", json=asked).status_code == 404
    assert around.client("mara").post("/v1/escalations", json={**asked, "turn": "t2"}).status_code == 404
    around.house.documents.accesses["standard"] = access(level=Level.RESTRICTED)
    assert around.client("mara").post("/v1/escalations", json=asked).status_code == 404


def test_what_was_refused_here_without_a_name_may_leave_at_once(around: Around) -> None:
    around.passages.pop()
    owner = Owner("aldermoor", "mara")
    around.conversations.begin(owner, "c1", turn("How long?", "NOT_ANSWERED"), title="x")
    around.conversations.begin(owner, "c2", turn("How long?", ANSWERED, name="t2"), title="x")
    verdicts = [
        around.client("mara").post("/v1/escalations", json={"destination": "large", "conversation": c, "turn": t})
        for c, t in (("c1", "t1"), ("c2", "t2"))
    ]
    assert [one.json()["verdict"] for one in verdicts] == ["permitted", "needs-approval"]


def test_nothing_to_go_with_it_is_said(around: Around) -> None:
    around.passages.clear()
    assert around.client("mara").post("/v1/escalations", json=ASKED).status_code == 409
    assert around.client("mara").post("/v1/escalations", json={**ASKED, "question": " "}).status_code == 400
    assert around.client("mara").post("/v1/escalations", json={**ASKED, "destination": "x"}).status_code == 403


def test_lists_and_withdrawal(around: Around) -> None:
    mara = around.client("mara")
    told = mara.get("/v1/escalations/destinations").json()
    assert (told["currency"], [one["name"] for one in told["destinations"]]) == ("EUR", ["careful", "large"])
    shown = mara.post("/v1/escalations", json=ASKED).json()
    assert mara.post(f"/v1/escalations/{shown['id']}/withdraw").json()["state"] == "expired"
    (listed,) = mara.get("/v1/escalations").json()["escalations"]
    assert listed["reason"] == "withdrawn"
    assert mara.get(f"/v1/escalations/{shown['id']}").json()["pieces"] == []
    second = sent(around)
    path = f"/v1/escalations/{second['id']}/earlier"
    assert around.client("priya").get(path).status_code == 404  # it does not wait any more
    rejected = mara.post("/v1/escalations", json=ASKED).json()
    mara.post(f"/v1/escalations/{rejected['id']}/send", json={"digest": rejected["digest"]})
    earlier = around.client("priya").get(f"/v1/escalations/{rejected['id']}/earlier").json()["escalations"]
    assert {one["id"] for one in earlier} == {shown["id"], second["id"]}
    judged = around.client("priya").post(
        f"/v1/escalations/{rejected['id']}/judge", json={"digest": rejected["digest"], "approved": False, "reason": WHY}
    )
    assert judged.json()["reason"] == "rejected"


def test_what_may_not_be_read_any_more_is_not_shown_redacted_either(around: Around) -> None:
    """Guards `leaving` and `body` in `Outside._shown`, and `denied` in `Approvals._shown`."""
    mara = around.client("mara")
    shown = mara.post("/v1/escalations", json=ASKED).json()
    mara.post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
    around.house.documents.accesses["leaflet"] = access(level=Level.RESTRICTED, labels=frozenset({"patient"}))
    told = mara.get(f"/v1/escalations/{shown['id']}").json()
    assert [piece["leaving"] is None for piece in told["pieces"]] == [False, True, False]
    assert told["body"] is None
    assert (told["labels"], told["level"]) == (None, None), "they are of what he may not read"
    assert around.client("priya").get("/v1/escalations/approvals").json()["escalations"] == []


def test_that_an_officer_looked_is_recorded_once(around: Around) -> None:
    """Guards `self._looked` in `Outside.waiting`."""
    shown = around.client("mara").post("/v1/escalations", json=ASKED).json()
    around.client("mara").post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
    officer = around.client("priya")
    for _ in range(2):
        officer.get("/v1/escalations/approvals")
    assert around.house.events(shown["id"]).count("escalation-shown") == 1


def test_how_many_wait_is_told_without_opening_any(around: Around) -> None:
    """Guards `one.escalation.asker != principal.id` in `Approvals.count`."""
    for persona in ("mara", "priya"):
        asker = around.client(persona)
        around.house.documents.accesses["standard"] = access(readers=frozenset({"staff", "bank"}))
        around.house.documents.accesses["leaflet"] = access(readers=frozenset({"staff", "bank"}))
        shown = asker.post("/v1/escalations", json=ASKED).json()
        asker.post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]}).raise_for_status()
    assert around.client("priya").get("/v1/escalations/approvals/count").json() == {"waiting": 1}
    assert around.client("ines").get("/v1/escalations/approvals/count").json() == {"waiting": 2}
    assert around.client("mara").get("/v1/escalations/approvals/count").status_code == 403
    assert "escalation-shown" not in str(around.house.events(shown["id"]))
    around.house.clock.pass_by(days=1)
    assert around.client("ines").get("/v1/escalations/approvals/count").json() == {"waiting": 0}


def test_the_labels_behind_a_follow_up_count_too(around: Around) -> None:
    """Guards `| {source.document for source in behind}` in `Outside._proposed`: the words of a question have labels."""
    around.house.documents.accesses["ward-note"] = access(labels=frozenset({"patient"}))
    understood = Spoken("How long may plasma be kept?", (), frozenset({Source("ward-note", "0" * 64)}))
    around.conversations.begin(
        Owner("aldermoor", "mara"), "c1", turn("and plasma?", "NOT_ANSWERED", understood), title="x"
    )
    asked = {"destination": "large", "conversation": "c1", "turn": "t1"}
    assert around.client("mara").post("/v1/escalations", json=asked).json()["state"] == "denied"


@pytest.mark.parametrize(
    ("outcome", "age", "local"),
    [("NOT_ANSWERED", 0, "refused"), ("NO_EVIDENCE", 0, "refused"), ("WITHDRAWN", 0, "unasked"),
     ("NOT_ANSWERED", 2, "unasked"), (ANSWERED, 0, "answered")],
)  # fmt: skip
def test_what_counts_as_refused_by_the_house(around: Around, outcome: str, age: int, local: str) -> None:
    old = replace(turn("How long?", outcome), at=datetime.now(UTC) - timedelta(days=age))
    around.conversations.begin(Owner("aldermoor", "mara"), "c1", old, title="x")
    around.client("mara").post("/v1/escalations", json={"destination": "large", "conversation": "c1", "turn": "t1"})
    (one,) = around.house.gate.mine(around.identity.principal(f"Bearer {around.identity.token('mara')}"))
    assert one.local == local


def test_an_emergency_opens_nothing_for_outside(around: Around) -> None:
    """Guards `rules.plain()` in `Outside`: what is found, shown and restored there is decided without emergencies."""
    assert around.outside._rules._urgency.__class__.__name__ == "Calm"
