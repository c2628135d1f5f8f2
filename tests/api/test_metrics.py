"""Who is told the figures: this machine, or whoever has the key; nobody else learns that there are any."""

import pytest
from fastapi.testclient import TestClient

from appliance.api.app import create_app
from appliance.settings import Settings
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import OIDC, client, demo_app, oidc_app

KEYED = Settings(identity="oidc", issuer="https://idp.invalid", audience="muniment", metrics_key="of-the-site")


def from_address(settings: Settings, address: str) -> TestClient:
    """A client at `address`, of a house that is not the demonstration."""
    app = create_app(settings=settings, identity=demo_app()[1], desk=ScriptedDesk(), reader=ScriptedReader(), checks={})
    return TestClient(app, base_url="http://localhost", client=(address, 50_000))


def test_this_machine_is_told() -> None:
    for app in (demo_app()[0], oidc_app(demo_app()[1], None)):
        told = client(app).get("/metrics")
        assert told.status_code == 200
        assert told.headers["content-type"].startswith("text/plain")
        assert "muniment_revocation_seconds" in told.text


@pytest.mark.parametrize("address", ["10.0.0.7", "203.0.113.9", "2001:db8::1", "", "localhost"])
def test_another_machine_is_not(address: str) -> None:
    """Guards `is_loopback` in `metrics._is_here`."""
    assert from_address(OIDC, address).get("/metrics").status_code == 404


@pytest.mark.parametrize("header", [{"X-Forwarded-For": "10.0.0.7"}, {"Via": "1.1 proxy"}, {"Host": "ask.example"}])
def test_what_comes_through_a_proxy_on_this_machine_is_not(header: dict[str, str]) -> None:
    """Guards `check_local` in `metrics._is_here`: behind a proxy everybody has this machine's address."""
    assert from_address(OIDC, "127.0.0.1").get("/metrics", headers=header).status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer of-the-sit", "bearer of-the-site", "Bearer of-the-site ", "Bearer é"]
)
def test_with_a_key_nothing_else_counts(given: str) -> None:
    """Guards `hmac.compare_digest` in `metrics._check`; from this machine too, since the operator asked for a key."""
    for address in ("127.0.0.1", "10.0.0.7"):
        there = from_address(KEYED, address)
        assert there.get("/metrics", headers={"Authorization": given.encode()}).status_code == 401
        assert there.get("/metrics", headers={"Authorization": "Bearer of-the-site"}).status_code == 200
