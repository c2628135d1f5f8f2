"""Registered clients: who is not in the list is outside."""

import pytest

from appliance.access.clients import Clients
from appliance.errors import PolicyRefused
from appliance.settings import ROOT

ONE = '[[client]]\nid = "portal"\nname = "The portal"\nlocation = "house"\n'


def test_a_registered_client_is_known_and_any_other_is_outside() -> None:
    """Fails if `named` gives a stranger anything but known=False and "outside"."""
    clients = Clients.parsed(ONE + ONE.replace("portal", "cloud").replace("house", "outside"))
    assert (clients.named("portal").known, clients.named("portal").location) == (True, "house")
    assert (clients.named("cloud").known, clients.named("cloud").location) == (True, "outside")
    for stranger in ("", "Portal", "portal ", "pоrtal", "nobody"):
        assert (clients.named(stranger).known, clients.named(stranger).location) == (False, "outside")
        assert clients.named(stranger).id == clients.name(stranger) == stranger
    assert clients.name("portal") == "The portal"


def test_the_shipped_file_registers_the_demonstration_and_the_portal() -> None:
    clients = Clients.parsed((ROOT / "policies" / "clients.toml").read_text("utf-8"))
    assert all(clients.named(name).location == "house" for name in ("demo", "muniment-portal"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "client = []",
        'client = "portal"',
        ONE + ONE,
        ONE + 'extra = "x"\n',
        "trust = true\n" + ONE,
        ONE.replace('location = "house"', ""),
        ONE.replace('location = "house"', 'location = "House"'),
        ONE.replace('location = "house"', "location = true"),
        ONE.replace('name = "The portal"', 'name = ""'),
        ONE.replace('id = "portal"', 'id = ""'),
        ONE.replace('id = "portal"', "id = 7"),
        ONE.replace('id = "portal"', 'id = "the portal"'),
        "x = " + "[" * 5_000,
    ],
)
def test_a_file_that_does_not_make_sense_is_refused(text: str) -> None:
    with pytest.raises(PolicyRefused, match=r"clients\.toml"):
        Clients.parsed(text)
