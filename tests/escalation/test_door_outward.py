import json
import socket
import threading
from _socket import getaddrinfo  # numbers alone are read: nobody is asked
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest

from appliance.escalation import addresses
from appliance.escalation.outward import Outward, Route, resolved, spki
from appliance.escalation.speech import ANSWER_BYTES, HEAD_BYTES
from appliance.records.escalations import Became, Destination, Outcome
from tests.escalation.authority import Authority, Certificate
from tests.escalation.provider import ANSWER, Provider, Tunnel, completion, response

HOST = "models.example.org"
BODY = b'{"model": "large-1", "messages": []}'
PRICE = 10_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Certificate:
    return authority.certificate(HOST)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    file = folder / "specialist.key"
    file.touch(mode=0o600)
    file.write_text("sk-invented-1\n")
    return folder


@pytest.fixture
def provider(certificate: Certificate) -> Iterator[Provider]:
    with Provider(certificate) as found:
        yield found


def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def destination(port: int, *, host: str = HOST, pins: frozenset[str] = frozenset()) -> Destination:
    url = f"https://{host}:{port}/v1/chat/completions"
    return Destination(
        *("specialist", url, "large-1", "EU", "DPA-1", "external"),
        *(frozenset({"public"}), 0, Decimal(3), Decimal(15), pins),
    )


def outward(keys: Path, authority: Authority, **more: object) -> Outward:
    """Speaks to this machine, which nothing but a constructor's argument allows."""
    seconds = float(str(more.pop("seconds", 20)))
    route = Route(keys, seconds, authority.file, **more)
    return Outward(route, resolve=here, outside=lambda _address: True)


def failed(outcome: Outcome, reason: str, *, delivered: bool) -> bool:
    return outcome == Outcome(Became.FAILED, delivered=delivered, reason=reason, spent=PRICE if delivered else 0)


# --- What goes out ----------------------------------------------------------------------------------------------------


def test_exactly_the_bytes_go_out_with_headers_that_say_nothing(
    provider: Provider, keys: Path, authority: Authority
) -> None:
    outcome = outward(keys, authority).send(destination(provider.port), BODY, PRICE)
    assert outcome == Outcome(
        Became.ANSWERED, delivered=True, text=ANSWER, tokens_in=100, tokens_out=20, spent=3 * 100 + 15 * 20
    )
    [request] = provider.requests
    head, body = request.split(b"\r\n\r\n", 1)
    assert body == BODY
    assert head.split(b"\r\n") == [
        b"POST /v1/chat/completions HTTP/1.1",
        f"Host: {HOST}:{provider.port}".encode(),
        b"Authorization: Bearer sk-invented-1",
        b"Content-Type: application/json",
        b"Accept: application/json",
        b"Accept-Encoding: identity",
        f"Content-Length: {len(BODY)}".encode(),
        b"Connection: close",
    ]


@pytest.mark.parametrize("case", ["none", "empty", "open", "link", "folder", "two lines", "letters", "large"])
def test_without_a_credential_that_only_its_user_may_read_nothing_goes_out(
    case: str, provider: Provider, keys: Path, authority: Authority
) -> None:
    """Guards `if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077` in `credential`."""
    file = keys / "specialist.key"
    if case == "none":
        file.unlink()
    elif case == "open":
        file.chmod(0o640)
    elif case in {"link", "folder"}:
        file.rename(keys / "other")
        file.symlink_to(keys / "other") if case == "link" else file.mkdir()
    else:
        file.write_text({"empty": "\n", "two lines": "a\nb", "letters": "schlüssel", "large": "k" * 5_000}[case])
    assert failed(
        outward(keys, authority).send(destination(provider.port), BODY, PRICE), "credentials", delivered=False
    )
    assert provider.connections == 0


# --- Who is there -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", ["another host", "another authority", "expired", "not yet"])
def test_a_lying_certificate_gets_no_byte(lie: str, keys: Path, authority: Authority, tmp_path: Path) -> None:
    """Guards `ssl.PROTOCOL_TLS_CLIENT`, which verifies chain and name (`CERT_NONE` in `_tls` makes it fail)."""
    shown = {
        "another host": lambda: authority.certificate("elsewhere.example.org"),
        "another authority": lambda: Authority(tmp_path, "Somebody Else").certificate(HOST),
        "expired": lambda: authority.certificate(HOST, days=(-9, -1)),
        "not yet": lambda: authority.certificate(HOST, days=(1, 9)),
    }[lie]()
    with Provider(shown) as liar:
        assert failed(
            outward(keys, authority).send(destination(liar.port), BODY, PRICE), "certificate", delivered=False
        )
        assert liar.requests == []
        assert liar.connections == 1, "a lie is not asked twice"


def test_a_pin_is_checked_before_a_byte_is_said(
    provider: Provider, certificate: Certificate, keys: Path, authority: Authority
) -> None:
    """Guards `if destination.pins and spki(…) not in destination.pins:`."""
    speaking = outward(keys, authority)
    wrong = destination(provider.port, pins=frozenset({"0" * 64}))
    assert failed(speaking.send(wrong, BODY, PRICE), "pin", delivered=False)
    assert provider.requests == []
    right = destination(provider.port, pins=frozenset({"0" * 64, certificate.pin}))
    assert speaking.send(right, BODY, PRICE).became is Became.ANSWERED


def test_a_certificate_that_cannot_be_read_has_no_pin() -> None:
    assert spki(b"") == spki(b"no certificate") == ""


def test_without_authorities_nobody_is_believed(provider: Provider, keys: Path, tmp_path: Path) -> None:
    for ca in (tmp_path / "none.pem", keys / "specialist.key"):
        speaking = Outward(Route(keys, 5, ca), resolve=here, outside=lambda _address: True)
        assert failed(speaking.send(destination(provider.port), BODY, PRICE), "authorities", delivered=False)
        assert speaking.fault()
    system = Outward(Route(keys, 5), resolve=here, outside=lambda _address: True)
    assert not system.fault()
    assert failed(system.send(destination(provider.port), BODY, PRICE), "certificate", delivered=False)
    assert provider.requests == []


# --- Where it leads ---------------------------------------------------------------------------------------------------

INSIDE = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 168.63.129.16 169.254.169.254 172.16.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1
::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe:: 2002:a00:1:: 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1
""".split()
OUTSIDE = (
    "8.8.8.8 93.184.215.14 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2a00:1450:4001::5".split()
)


@pytest.mark.parametrize("told", INSIDE)
def test_addresses_inside_are_refused(told: str) -> None:
    """Guards `return address.is_global and …`, `_held` and `address in _PUBLIC_6 and …` in `addresses.py`."""
    found = addresses.parsed(told)
    assert found is None or not addresses.is_outside(found)


@pytest.mark.parametrize("told", OUTSIDE)
def test_addresses_outside_are_not(told: str) -> None:
    assert addresses.is_outside(ip_address(told))


def test_what_is_no_address_is_none() -> None:
    assert addresses.parsed("models.example.org") is None
    assert addresses.parsed("fe80::1%1") is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (["127.0.0.1"], "address"),
        (["8.8.8.8", "127.0.0.1"], "address"),
        (["169.254.169.254"], "address"),
        (["nonsense"], "address"),
        ([], "address"),
        (None, "name"),
    ],
    ids=["loopback", "one of two", "metadata", "nonsense", "none", "unknown"],
)
def test_a_name_that_leads_inside_is_not_followed(
    told: list[str] | None, reason: str, provider: Provider, keys: Path, authority: Authority
) -> None:
    """Guards `if inside or not found:`. The shipped check is in force: only `resolve` is the test's."""

    def resolve(_host: str, _port: int) -> Sequence[str]:
        if told is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return told

    speaking = Outward(Route(keys, 5, authority.file), resolve=resolve)
    assert failed(speaking.send(destination(provider.port), BODY, PRICE), reason, delivered=False)
    assert provider.connections == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0"])
def test_no_spelling_of_this_machine_is_outside(host: str, keys: Path, authority: Authority) -> None:
    def numbers(told: str, port: int) -> Sequence[str]:
        return [str(one[4][0]) for one in getaddrinfo(told, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)]

    resolve = resolved if host in {"localhost", "127.0.0.1"} else numbers
    speaking = Outward(Route(keys, 5, authority.file), resolve=resolve)
    assert failed(speaking.send(destination(9, host=host), BODY, PRICE), "address", delivered=False)


def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_connected_to(
    certificate: Certificate, keys: Path, authority: Authority
) -> None:
    """Guards `bare = socket.create_connection(proxy or (place, port), …)`: connecting to `host` would resolve it anew.

    The second time it would lead to another server on this machine; the first address is one that never answers well.
    """
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    checked: list[str] = []
    with Provider(certificate, refusing=2) as provider:
        speaking = Outward(
            Route(keys, 20, authority.file), resolve=resolve, outside=lambda one: not checked.append(str(one))
        )
        assert speaking.send(destination(provider.port), BODY, PRICE).became is Became.ANSWERED
        assert provider.connections == 3
    assert asked == [HOST]
    assert checked == ["127.0.0.1"]


def test_the_system_resolves() -> None:
    assert "127.0.0.1" in resolved("127.0.0.1", 443)


# --- Trying again -----------------------------------------------------------------------------------------------------


def test_only_where_nothing_was_said_it_is_tried_again_and_twice_at_most(
    certificate: Certificate, keys: Path, authority: Authority
) -> None:
    """Guards `ATTEMPTS`, and that only `_line` is in the loop."""
    with Provider(certificate, refusing=3) as deaf:
        assert failed(outward(keys, authority).send(destination(deaf.port), BODY, PRICE), "tls", delivered=False)
        assert deaf.connections == 3
    assert failed(outward(keys, authority).send(destination(deaf.port), BODY, PRICE), "connect", delivered=False)
    with Provider(certificate, b"") as silent:
        outcome = outward(keys, authority).send(destination(silent.port), BODY, PRICE)
        assert failed(outcome, "broken-off", delivered=True)
        assert len(silent.requests) == 1


def test_everything_together_has_a_deadline(certificate: Certificate, keys: Path, authority: Authority) -> None:
    """Guards `self._line.settimeout(left(self._end))`: one byte at a time would keep the door for ever."""

    gone = threading.Event()

    def drips(line: socket.socket) -> None:
        for byte in response(completion()):  # some six seconds in all
            line.sendall(bytes([byte]))
            gone.wait(0.02)

    with Provider(certificate, drips) as provider:
        outcome = outward(keys, authority, seconds=0.5).send(destination(provider.port), BODY, PRICE)
        gone.set()
    assert failed(outcome, "deadline", delivered=True)
    with Provider(certificate) as unready:
        unready.greeting.clear()
        outcome = outward(keys, authority, seconds=0.3).send(destination(unready.port), BODY, PRICE)
    assert failed(outcome, "connect", delivered=False) or failed(outcome, "tls", delivered=False)


# --- Through a proxy --------------------------------------------------------------------------------------------------


def test_a_proxy_is_asked_for_the_checked_address_or_for_the_name(
    provider: Provider, keys: Path, authority: Authority
) -> None:
    with Tunnel(provider.port) as proxy:
        place = ("127.0.0.1", proxy.port)
        checked = outward(keys, authority, proxy=place)
        assert checked.send(destination(provider.port), BODY, PRICE).text == ANSWER
        named = outward(keys, authority, proxy=place, named=True)
        assert named.send(destination(provider.port), BODY, PRICE).text == ANSWER
    assert [one.split(b"\r\n")[0] for one in proxy.asked] == [
        f"CONNECT 127.0.0.1:{provider.port} HTTP/1.1".encode(),
        f"CONNECT {HOST}:{provider.port} HTTP/1.1".encode(),
    ]
    assert not any(b"sk-invented" in one for one in proxy.asked)


def test_a_proxy_is_asked_for_an_address_of_version_6_in_brackets(
    provider: Provider, keys: Path, authority: Authority
) -> None:
    with Tunnel(provider.port) as proxy:
        route = Route(keys, 20, authority.file, ("127.0.0.1", proxy.port))
        speaking = Outward(route, resolve=lambda *_: ["2606:4700::1111"])
        assert speaking.send(destination(provider.port), BODY, PRICE).text == ANSWER
    assert proxy.asked[0].startswith(f"CONNECT [2606:4700::1111]:{provider.port} ".encode())


@pytest.mark.parametrize(
    "status",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example.org\r\n\r\n",
    ],
    ids=["no", "and more", "nonsense", "elsewhere"],
)
def test_a_proxy_that_will_not_gets_nothing(
    status: bytes, provider: Provider, keys: Path, authority: Authority
) -> None:
    with Tunnel(provider.port, status) as proxy:
        speaking = outward(keys, authority, proxy=("127.0.0.1", proxy.port))
        assert failed(speaking.send(destination(provider.port), BODY, PRICE), "proxy", delivered=False)
    assert provider.requests == []


# --- What comes back --------------------------------------------------------------------------------------------------

GOOD = json.dumps(completion()).encode()
HTML = b"<!doctype html><title>Sign in</title>"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
UNBOUND = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
NAN = json.dumps(completion(), allow_nan=True).replace("100", "NaN").encode()
CALLS = completion(choices=[{"message": {"content": None, "tool_calls": [{"id": "1"}]}}])
BESIDE = completion(choices=[{"message": {"content": "x", "tool_calls": [{"id": "1"}]}}])
EVENTS = b"data: {}\n\n"
LARGE = b'{"a": "' + b"x" * ANSWER_BYTES + b'"}'
WRONG: dict[str, tuple[bytes, str]] = {
    "html": (response(HTML, content_type="text/html"), "content-type"),
    "html that says it is json": (response(HTML), "not-json"),
    "no type": (response(GOOD, content_type=""), "content-type"),
    "two types": (response(GOOD, Content_Type="text/html"), "content-type"),
    "a stream of events": (response(EVENTS, content_type="text/event-stream"), "content-type"),
    "half a body": (response(GOOD[:40], content_length=str(len(GOOD))), "broken-off"),
    "half a stream": (CHUNKED + b"40\r\n" + GOOD[:30], "broken-off"),
    "a length below": (response(GOOD, content_length="30"), "not-json"),
    "a length that is none": (response(GOOD, content_length="-1"), "protocol"),
    "two lengths": (response(GOOD, Content_Length="5"), "protocol"),
    "no length": (UNBOUND + GOOD, "framing"),
    "packed": (response(GOOD, content_encoding="gzip"), "encoding"),
    "a redirect": (response(b"", status="302 Found", location="https://elsewhere.example.org/"), "redirect"),
    "a redirect that keeps the method": (response(b"", status="307 Temporary", location="/v2"), "redirect"),
    "not modified": (response(b"", status="304 Not Modified"), "redirect"),
    "a failure": (response(GOOD, status="503 Unavailable"), "status-503"),
    "created": (response(GOOD, status="201 Created"), "status-201"),
    "no http": (b"SSH-2.0-OpenSSH_9.7\r\n\r\n", "protocol"),
    "a head without end": (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * HEAD_BYTES, "protocol"),
    "promises without end": ((b"HTTP/1.1 100 Continue\r\nx: " + b"y" * 9_000 + b"\r\n\r\n") * 150, "too-large"),
    "too large": (response(LARGE), "too-large"),
    "much too large": (response(LARGE + b" " * HEAD_BYTES), "too-large"),
    "no number": (response(NAN), "not-json"),
    "a name twice": (response(GOOD.replace(b'{"index"', b'{"message": {}, "index"')), "not-json"),
    "deep": (response(b"[" * 100_000 + b"]" * 100_000), "not-json"),
    "a list": (response(b"[]"), "not-json"),
    "no letters": (response(GOOD.replace(b"weir", b"w\xffir")), "not-json"),
    "no choice": (response(completion(choices=[])), "shape"),
    "two choices": (response(completion(choices=completion()["choices"] * 2)), "shape"),
    "no text": (response(completion(None)), "shape"),
    "a text in parts": (response(completion([{"type": "text", "text": "x"}])), "shape"),
    "an error": (response({"error": {"message": "no"}}), "shape"),
    "tools": (response(CALLS), "tool-calls"),
    "tools beside a text": (response(BESIDE), "tool-calls"),
    "nothing": (response(completion(" \n")), "empty"),
    "a long answer": (response(completion("x" * 65_537)), "too-long"),
    "half a letter": (response(completion("\ud83d")), "no-text"),
    "a terminal's command": (response(completion("\x1b]0;x\x07")), "no-text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_answer_is_a_failure_with_its_code(
    name: str, certificate: Certificate, keys: Path, authority: Authority
) -> None:
    """Guards each line of `_unfit` in `speech.py` and of `read` in `completions.py`: without it, its case passes."""
    answer, reason = WRONG[name]
    with Provider(certificate, answer) as provider:
        outcome = outward(keys, authority).send(destination(provider.port), BODY, PRICE)
        assert len(provider.requests) == 1, "nothing is followed, nothing is tried again"
        assert provider.connections == 1
    assert failed(outcome, reason, delivered=True)


def breaks_off(at: int, line: socket.socket) -> None:
    line.sendall(response(completion())[:at])
    bare = socket.socket(fileno=line.detach())
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    bare.close()  # with a reset


@pytest.mark.parametrize("at", [0, 10, 100])
def test_a_line_that_breaks_is_a_failure_that_was_delivered(
    at: int, certificate: Certificate, keys: Path, authority: Authority
) -> None:
    with Provider(certificate, partial(breaks_off, at)) as provider:
        outcome = outward(keys, authority).send(destination(provider.port), BODY, PRICE)
    assert failed(outcome, "broken-off", delivered=True)


def test_chunks_promises_and_odd_lengths_of_good_answers_are_read(
    certificate: Certificate, keys: Path, authority: Authority
) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:9], GOOD[9:])) + b"0\r\n\r\n"
    for answer in (CHUNKED + chunks, b"HTTP/1.1 100 Continue\r\n\r\n" + response(GOOD)):
        with Provider(certificate, answer) as provider:
            assert outward(keys, authority).send(destination(provider.port), BODY, PRICE).text == ANSWER
    typed = response(GOOD, content_type="application/json; charset=utf-8", content_encoding="identity")
    empty = response(completion(choices=[{"message": {"content": ANSWER, "tool_calls": [], "function_call": None}}]))
    for answer in (typed, empty):
        with Provider(certificate, answer) as provider:
            assert outward(keys, authority).send(destination(provider.port), BODY, PRICE).text == ANSWER


@pytest.mark.parametrize(
    ("usage", "spent"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 1}, 18),
        ({"prompt_tokens": 0, "completion_tokens": 0}, 0),
        ({"prompt_tokens": -5, "completion_tokens": 1}, PRICE),
        ({"prompt_tokens": True, "completion_tokens": 1}, PRICE),
        ({"prompt_tokens": 1.5, "completion_tokens": 1}, PRICE),
        ({"prompt_tokens": 1}, PRICE),
        ({"prompt_tokens": 9_999_999, "completion_tokens": 1}, PRICE),
        ({"prompt_tokens": 10**30, "completion_tokens": 1}, PRICE),
        (None, PRICE),
        ([], PRICE),
    ],
    ids=["few", "none", "below nothing", "true", "a fraction", "half", "too many", "absurd", "null", "a list"],
)
def test_what_it_cost_is_believed_between_nothing_and_what_was_agreed(
    usage: object, spent: int, certificate: Certificate, keys: Path, authority: Authority
) -> None:
    """Guards `if cost <= price` in `_cost` and `0 <= told` in `_count`."""
    with Provider(certificate, response(completion(usage=usage))) as provider:
        outcome = outward(keys, authority).send(destination(provider.port), BODY, PRICE)
    assert (outcome.became, outcome.spent) == (Became.ANSWERED, spent)
