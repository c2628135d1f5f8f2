"""The policy of redaction: what is not named is removed, what cannot be meant is refused by its place."""

import pytest

from appliance.access.policy_set import REDACTION, PolicySet, read
from appliance.access.redactions import Redactions, Way
from appliance.access.ruleset import compiled
from appliance.errors import PolicyRefused
from appliance.records.privacy import Entity
from appliance.settings import ROOT

SHIPPED = (ROOT / "policies" / "redaction.toml").read_text("utf-8")
ONE = '[destination.partner]\nPERSON = "token"\n'


def test_what_is_not_named_is_removed() -> None:
    """Fails if `way` defaults to anything but REMOVE."""
    rules = Redactions.parsed(ONE)
    assert rules.way("PERSON", "partner") is Way.TOKEN
    for kind, destination in (
        ("PERSON", "external"),
        ("IBAN", "partner"),
        ("person", "partner"),
        ("", ""),
        ("PERSON", ""),
    ):
        assert rules.way(kind, destination) is Way.REMOVE
    assert Redactions().way("PERSON", "partner") is Way.REMOVE


def test_the_shipped_file_names_four_destinations_and_secrets_nowhere() -> None:
    rules = Redactions.parsed(SHIPPED)
    assert set(rules.ways) == {"external", "partner", "training", "export"}
    assert {rules.way(Entity.SECRET, to) for to in rules.ways} == {Way.REMOVE}
    assert {rules.way(Entity.CARD, to) for to in rules.ways} == {Way.REMOVE}
    assert Way.TOKEN not in rules.ways["training"].values()
    assert rules.regions["münchen"] == "Bayern"


def test_a_kind_of_the_sites_own_is_named_first() -> None:
    own = 'kinds = ["STAFF_NUMBER"]\n' + ONE + 'STAFF_NUMBER = "token"\n'
    assert Redactions.parsed(own).way("STAFF_NUMBER", "partner") is Way.TOKEN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "destination"),
        ("[", "no TOML"),
        ("x = " + "[" * 5_000, "no TOML"),
        (ONE + 'PERSON = "remove"\n', "no TOML"),
        ("[destination]\n", "destination"),
        (ONE + 'PERSONN = "token"\n', "destination.partner.PERSONN"),
        (ONE + 'person = "token"\n', "destination.partner.person"),
        (ONE + 'IBAN = "keep"\n', "destination.partner.IBAN"),
        (ONE + "IBAN = true\n", "destination.partner.IBAN"),
        (ONE + 'IBAN = "generalise"\n', "destination.partner.IBAN"),
        (ONE + 'SECRET = "token"\n', "destination.partner.SECRET"),
        (ONE.replace("partner", "Partner"), "destination.Partner"),
        (ONE + "[regions]\n", "regions"),
        (ONE + '[region]\n"" = "x"\n', "region"),
        (ONE + "[region]\nMunich = 7\n", "region.Munich"),
        ('kinds = ["PERSON"]\n' + ONE, "kinds"),
        ('kinds = ["staff"]\n' + ONE, "kinds"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_its_place(text: str, place: str) -> None:
    with pytest.raises(PolicyRefused, match=r"redaction\.toml") as raised:
        Redactions.parsed(text)
    assert any(place in fault for fault in raised.value.faults)


def test_it_is_part_of_the_set_that_officers_sign() -> None:
    shipped = read(ROOT / "policies")
    assert compiled(shipped).redactions.way("PERSON", "external") is Way.TOKEN
    broken = PolicySet({**shipped.files, REDACTION: b"[destination.partner]\nPERSON = 'keep'\n"})
    with pytest.raises(PolicyRefused, match=r"redaction\.toml"):
        compiled(broken)


def test_a_set_from_before_lets_nothing_out() -> None:
    """Fails if `compiled` gives a set without the file anything but empty Redactions."""
    shipped = read(ROOT / "policies")
    before = PolicySet({path: content for path, content in shipped.files.items() if path != REDACTION})
    assert compiled(before).redactions == Redactions()
