"""Every page as everybody: what the sidebar leads to, what a typed address tells, what the house answers behind it.

Without a browser: a visit of the portal is a socket, and one house serves all of it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
import yaml

from tests.api.serving import PERSONAS
from tests.benchmarks.visitor import Visitor
from tests.ui.conftest import house_at, portal_at

EVERYBODY: Final = tuple(one["id"] for one in yaml.safe_load(PERSONAS.read_text("utf-8")))
ASKING: Final = ("ask", "history", "documents", "give", "outside")
OFFICER: Final = ("approvals", "reviews", "office", "ledger", "policies", "playground", "results")
OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "mara": ASKING,
    "tobias": (*ASKING, "emergency"),
    "helen": ASKING,
    "viktor": ASKING,
    "dana": ASKING,
    "rafael": ASKING,
    "nadia": ASKING,
    "ines": (*ASKING, *OFFICER),
    "carla": (*ASKING, "quarantine"),
    "otto": ("operations",),
    "jonas": ASKING,
    "priya": (*ASKING, *OFFICER),
    "nele": ASKING,
}
"""The pages of each: no more and no fewer."""
BEHIND: Final[Mapping[str, tuple[str, ...]]] = {
    "history": ("/v1/conversations",),
    "outside": ("/v1/escalations", "/v1/escalations/destinations"),
    "reviews": ("/v1/emergencies/reviews",),
    "approvals": ("/v1/escalations/approvals", "/v1/escalations/approvals/count"),
    "quarantine": ("/v1/quarantine",),
    "operations": ("/v1/operations",),
    "office": ("/v1/office/people", "/v1/office/people/mara/readable", "/v1/office/people/mara/seen"),
    "ledger": ("/v1/office/ledger", "/v1/office/ledger/counts", "/v1/office/ledger/verification"),
    "policies": ("/v1/office/policies",),
    "results": ("/v1/office/evaluations", "/v1/office/leaks"),
}
"""What a page reads that the house refuses to whoever does not have the page."""
PAGES: Final = ("ask", *dict.fromkeys(page for own in OWN.values() for page in own if page != "ask"))
REFUSED: Final = re.compile("Not for you|Nicht für Sie")
SAID: Final = re.compile(r'<table|<details|class="mun-(row|bytes|good|wrong)\b')
"""What a page that has something to tell is made of."""


@pytest.fixture(scope="module")
def house() -> Iterator[str]:
    with house_at("tests.ui.whole_stage") as address:
        yield address


@pytest.fixture(scope="module")
def portal(house: str) -> Iterator[str]:
    with portal_at(house) as address:
        yield address


def test_all_who_live_here_stand_in_the_table() -> None:
    assert tuple(OWN) == EVERYBODY


@pytest.mark.parametrize("person", EVERYBODY)
def test_the_sidebar_leads_to_one_s_own_pages_and_any_other_address_tells_nothing(portal: str, person: str) -> None:
    """Fails if `open_to` is deleted from `ui.shell.ways._linked`, or `_turned_away` from `ui.shell.entering.enter`."""
    visit = Visitor(portal)
    visit.enter()
    visit.press(f"be-{person}")
    assert {link or "ask" for link in visit.links} == set(OWN[person])
    for page in PAGES:
        if page in OWN[person] or page == "ask":  # who has nothing to ask is led from there to his first page
            continue
        visit.go(page)
        told = " ".join(html for _, html in visit.seen)
        assert REFUSED.search(told), page
        assert not SAID.search(told), page
    visit.leave()


@pytest.mark.parametrize("person", EVERYBODY)
def test_the_house_answers_what_one_s_own_pages_read_and_nothing_else(house: str, person: str) -> None:
    """Fails if `self._rights.demand` is deleted from a desk of `appliance.office`. Pages only hide what is refused."""
    with httpx.Client(base_url=house, trust_env=False) as api:
        token = api.post("/v1/demo/token", json={"persona": person}).json()["access_token"]
        api.headers["Authorization"] = f"Bearer {token}"
        answered = {route: api.get(route).status_code for routes in BEHIND.values() for route in routes}
        wanted = {route: 200 if page in OWN[person] else 403 for page, routes in BEHIND.items() for route in routes}
        assert answered == wanted
        if "documents" not in OWN[person]:
            assert _documents(api)["documents"] == []


def _documents(api: httpx.Client) -> dict[str, Any]:
    return dict(api.get("/v1/documents").raise_for_status().json())
