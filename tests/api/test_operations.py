"""The operator's route: what it tells, to whom, and that it tells nothing of anybody's."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import FastAPI

from appliance.access.identity import DemoIdentity
from appliance.api.app import create_app
from appliance.api.checking import Check
from appliance.errors import NotAllowed, WorkerUnavailable
from appliance.records import Principal
from appliance.records.operating import Covered, IndexState, ModelInUse, Operating, Storage, Stored, Waiting
from appliance.settings import Settings
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS, all_is_well, client

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOLD = Operating(
    policies="5d41402abc4b",
    documents=Waiting({"stored": 3, "quarantined": 1}),
    uploads=Waiting({"queued": 2}, NOON),
    escalations=Waiting({}),
    reviews={"open": 1, "overdue": 0},
    conversations=3,
    models=[ModelInUse("chat", "large-1", "llama.cpp", "9f2c41aa03b7d5e8")],
    index=IndexState(128, "embedding-1", 384, "bm25-2"),
    storage=Storage([Stored("documents", 10, 1)], free=5, total=9),
    ledger=Covered(5, 1, 3, NOON, 0),
)


def broken() -> None:
    raise WorkerUnavailable("No worker is at work; uploads wait.")


class Scripted:
    """Tells `told` to everybody but to Tobias."""

    checks: Mapping[str, Check] = {"store": all_is_well, "worker": broken}

    def __init__(self, told: Operating = TOLD) -> None:
        self._told = told

    def look(self, principal: Principal) -> Operating:
        if principal.id == "tobias":
            raise NotAllowed("The rules of this house do not let you do that.")
        return self._told


def app(known: Scripted | None) -> tuple[FastAPI, DemoIdentity]:
    identity = DemoIdentity(PERSONAS, "aldermoor")
    made = create_app(
        settings=Settings(), identity=identity, desk=ScriptedDesk(), reader=ScriptedReader(),
        checks={"store": all_is_well}, overseeing=known,
    )  # fmt: skip
    return made, identity


def test_all_of_it_is_told_as_counts_and_times() -> None:
    made, identity = app(Scripted())
    mara = client(made, identity.token("mara"))
    assert mara.post("/v1/ask", json={"question": "How long may blood hang?"}).status_code == 200
    told = mara.get("/v1/operations").json()
    assert [(part["name"], part["state"]) for part in told["parts"]] == [
        ("store", "ok"),
        ("worker", "worker-unavailable"),
    ]
    assert told["questions"] == {"running": 0, "waiting": 0, "places": 2, "room": 16}
    assert told["uploads"] == {"counts": {"queued": 2}, "oldest": "2026-03-02T12:00:00Z"}
    assert told["models"][0]["digest"] == "9f2c41aa03b7d5e8"
    assert told["index"]["passages"] == 128
    assert told["storage"]["parts"] == [{"part": "documents", "size": 10, "files": 1}]
    assert told["ledger"]["covers"] == 3
    times = {(one["name"], one["kind"]): one for one in told["times"]}
    assert times["muniment_answer_seconds", "whole"]["count"] == 1
    assert times["muniment_request_seconds", "/v1/ask"]["count"] == 1
    assert times["muniment_request_seconds", "/v1/ask"]["buckets"][-1] == {"upto": None, "count": 1}
    for word in ("mara", "Mara", "blood", "aldermoor"):
        assert word not in str(told)


def test_what_cannot_be_told_is_null_and_never_nothing() -> None:
    made, identity = app(Scripted(Operating(*[None] * 10)))
    told = client(made, identity.token("mara")).get("/v1/operations").json()
    for name in ("policies", "documents", "uploads", "escalations", "models", "index", "storage", "ledger"):
        assert told[name] is None


def test_who_may_not_look_is_told_nothing_and_no_part_is_asked() -> None:
    """Guards the order in `operations.told`: whoever may not look makes no part work."""
    asked: list[str] = []

    class Counting(Scripted):
        checks: Mapping[str, Check] = {"store": lambda: asked.append("store")}

    made, identity = app(Counting())
    refused = client(made, identity.token("tobias")).get("/v1/operations")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert asked == []


def test_without_the_part_there_is_no_route() -> None:
    made, identity = app(None)
    assert client(made, identity.token("mara")).get("/v1/operations").status_code == 404
