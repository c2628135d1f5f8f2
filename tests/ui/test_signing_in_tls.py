"""The same behind TLS and a site's proxy: one public name, cookies of this host alone."""

import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.api.scripted import FIRST
from tests.identity import provider as providers
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.test_signing_in import press
from tests.ui.tls_proxy import proxied

pytestmark = pytest.mark.browser
NAME = "__Host-muniment-session"


def test_a_person_signs_in_through_the_site_s_proxy(browser: Browser, tmp_path: Path) -> None:
    api_port, portal_port, public_port = free_port(), free_port(), free_port()
    api, public = f"http://127.0.0.1:{api_port}", f"https://localhost:{public_port}"
    with providers.running(tmp_path, f"{public}/v1/session/callback", back_to=f"{public}/") as provider:
        told = {
            "IDENTITY": "oidc", "ISSUER": provider.issuer, "AUDIENCE": providers.AUDIENCE, "ISSUER_CA": provider.ca,
            "DIRECTORY": "absent",
            "CLIENT_ID": providers.PORTAL, "CLIENT_SECRET": providers.PORTAL_SECRET, "DATA": tmp_path / "data",
            "API_PORT": api_port, "PORTAL_PORT": portal_port, "PUBLIC_URL": public,
            "LEDGER_WITNESS": f"file:{tmp_path / 'checkpoints'}",
        }  # fmt: skip
        (tmp_path / "checkpoints").touch()
        environment = dict(os.environ) | {f"MUNIMENT_{name}": str(value) for name, value in told.items()}
        with (
            running(["-m", "tests.ui.signed_stage"], f"{api}/healthz", environment),
            portal_at(api, portal_port, public_url=public) as portal,
            proxied(tmp_path / "proxy", port=public_port, api=api, portal=portal),
            browser.new_context(ignore_https_errors=True) as context,
        ):
            page = context.new_page()
            page.goto(public)
            press(page)
            page.get_by_role("button", name="mara", exact=True).click(timeout=90_000)
            box = page.get_by_placeholder("Ask a question")
            expect(box).to_be_visible(timeout=90_000)
            box.fill("blood")
            box.press("Enter")
            expect(page.get_by_text(FIRST.text)).to_be_visible(timeout=60_000)
            kept = next(one for one in context.cookies() if one["name"] == NAME)
            assert (kept["secure"], kept["httpOnly"], kept["sameSite"]) == (True, True, "Strict")
            assert (kept["domain"], kept["path"]) == ("localhost", "/")

            page.goto(portal)  # around the proxy: not served
            expect(page.get_by_text("What would you like to know")).to_have_count(0, timeout=60_000)
            page.goto(public)
            page.get_by_role("button", name=re.compile("Sign out$")).click(timeout=90_000)
            expect(page.get_by_text("You are signed out", exact=True)).to_be_visible(timeout=60_000)
            header = {"Cookie": f"{NAME}={kept['value']}"}
            assert httpx.get(f"{api}/v1/me", headers=header, trust_env=False).status_code == 401
