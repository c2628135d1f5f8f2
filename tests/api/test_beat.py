import time

import pytest
from fastapi.testclient import TestClient

from appliance.api.beat import BEAT
from appliance.errors import NotFound
from tests.api.serving import client, demo_app


@pytest.fixture
def mara() -> TestClient:
    app, identity = demo_app()

    @app.get("/v1/tomorrow")
    def tomorrow(*, hidden: bool) -> None:
        if hidden:
            time.sleep(BEAT / 5)
        raise NotFound

    return client(app, identity.token("mara"))


def took(mara: TestClient, path: str) -> float:
    began = time.perf_counter()
    mara.get(path)
    return time.perf_counter() - began


@pytest.mark.parametrize("path", ["/v1/tomorrow?hidden=true", "/v1/tomorrow?hidden=false", "/v1/nowhere"])
def test_no_404_leaves_before_the_beat(mara: TestClient, path: str) -> None:
    """Guards the sleep in `Beat`, and that it lies around every route: nobody has to remember it."""
    assert min(took(mara, path) for _ in range(3)) >= BEAT


def test_what_is_there_is_not_held_back(mara: TestClient) -> None:
    assert min(took(mara, "/v1/me") for _ in range(20)) < BEAT
