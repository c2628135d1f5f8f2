"""Whatever comes, reading it raises nothing: neither what a provider answers nor what is handed in."""

import json
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.escalation import addresses
from appliance.escalation.completions import CHARACTERS, Completion, read
from appliance.escalation.door_checks import CHECKS, House, Parcel, refusal
from appliance.records import Event
from tests.escalation.parcels import NOW, POLICY, TENANT, Ledger, body, destinations, envelope
from tests.escalation.provider import completion

NAMES = ["choices", "message", "content", "tool_calls", "usage", "prompt_tokens", "completion_tokens", "role",
         "messages", "model", "max_tokens", "temperature", "stream"]  # fmt: skip
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
LEDGER = Ledger()
HOUSE = House(TENANT, POLICY, destinations(), LEDGER.keys(), NOW)


def changed(plain: Any, path: Sequence[Any], to: Any) -> Any:
    """`plain` with `to` at `path`."""
    if not path:
        return to
    copy: Any = dict(plain) if isinstance(plain, dict) else list(plain)
    copy[path[0]] = changed(copy[path[0]], path[1:], to)
    return copy


@given(st.binary(max_size=200))
def test_bytes_are_a_completion_or_a_code(raw: bytes) -> None:
    assert isinstance(read(raw), str)


@given(PLAIN, st.sampled_from([(), ("choices",), ("choices", 0), ("choices", 0, "message"), ("usage",),
                               ("choices", 0, "message", "content"), ("usage", "completion_tokens")]))  # fmt: skip
def test_anything_in_the_place_of_a_part_of_an_answer_is_too(plain: Any, path: tuple[Any, ...]) -> None:
    found = read(json.dumps(changed(completion(), path, plain)).encode())
    if isinstance(found, Completion):
        assert 0 < len(found.text) <= CHARACTERS
        found.text.encode()
        assert all(count is None or count >= 0 for count in (found.tokens_in, found.tokens_out))


@given(PLAIN, st.sampled_from([(), ("messages",), ("messages", 0), ("messages", 0, "content"), ("max_tokens",),
                               ("temperature",), ("stream",), ("model",)]))  # fmt: skip
def test_anything_in_the_place_of_a_part_of_a_question_is_refused_or_is_one(plain: Any, path: tuple[Any, ...]) -> None:
    made = json.dumps(changed(json.loads(body()), path, plain)).encode()
    one = envelope(body=made)
    reason = refusal(Parcel(one, LEDGER.both(one)), HOUSE)
    assert reason in {"", "body", "price"}
    if not reason:
        told = json.loads(made)
        assert told.keys() <= {"model", "messages", "max_tokens", "temperature", "stream"}
        assert (told["model"], told["stream"]) == ("large-1", False)


@given(st.sampled_from(["event", "entry", "about", "digest", "subject", "key", "signature"]), st.text(max_size=70))
def test_a_receipt_of_which_anything_was_changed_is_none(name: str, to: str) -> None:
    one = envelope()
    good = LEDGER.sent(one)
    was = getattr(good, name)
    value: Any = len(to) if name == "entry" else to
    reason = refusal(Parcel(one, [replace(good, **{name: value}), LEDGER.approved(one)]), HOUSE)
    assert (reason == "") == (value == was)
    assert reason in {"", *(code for code, _ in CHECKS)}
    assert good.event == Event.ESCALATION_SENT


@given(st.integers(0, 2**32 - 1))
def test_an_address_of_version_6_is_as_good_as_the_one_that_it_holds(number: int) -> None:
    held = addresses.is_outside(IPv4Address(number))
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert addresses.is_outside(IPv6Address(wrapped)) == held


@given(st.integers(0, 2**128 - 1))
def test_no_address_but_a_public_one_is_outside(number: int) -> None:
    address = IPv6Address(number)
    if addresses.is_outside(address) and address not in addresses._NAT64 and address.ipv4_mapped is None:
        assert address.is_global
        assert number >> 125 == 1
