import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access.identity import AUDIENCE, ISSUER, KIND, DemoIdentity
from appliance.errors import NotAuthenticated, SettingsRefused
from appliance.records import Level

PEOPLE = """
- {id: mara, name: Mara, department: nursing, groups: [staff, icu], clearance: internal, language: en}
- {id: bare}
- {id: void, groups: null}
"""


@pytest.fixture
def personas(tmp_path: Path) -> Path:
    file = tmp_path / "personas.yaml"
    file.write_text(PEOPLE, "utf-8")
    return file


@pytest.fixture
def identity(personas: Path) -> DemoIdentity:
    return DemoIdentity(personas, "aldermoor")


def refused(identity: DemoIdentity, header: str | None) -> bool:
    with pytest.raises(NotAuthenticated) as caught:
        identity.principal(header)
    return str(caught.value) == "You are not signed in, or your sign-in has ended."


def part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changed: object) -> dict[str, object]:
    now = int(time.time())
    base = {"iss": ISSUER, "aud": AUDIENCE, "sub": "mara", "iat": now, "exp": now + 60, "jti": "1"}
    return {key: value for key, value in {**base, **changed}.items() if value is not None}


class OwnKey(DemoIdentity):
    """The real identity, with its key in the test's hand: signs anything under any header."""

    def signed(self, content: dict[str, object], kind: str | None = KIND) -> str:
        headers = {"typ": kind} if kind is not None else {"typ": ""}
        return f"Bearer {jwt.encode(content, self._key, algorithm='EdDSA', headers=headers)}"

    def public(self) -> bytes:
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def raw_public(self) -> bytes:
        return self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@pytest.fixture
def own(personas: Path) -> OwnKey:
    return OwnKey(personas, "aldermoor")


def test_a_token_brings_back_its_persona(identity: DemoIdentity) -> None:
    mara = identity.principal(f"Bearer {identity.token('mara')}")
    assert (mara.id, mara.tenant, mara.groups) == ("mara", "aldermoor", {"staff", "icu"})
    assert (mara.clearance, mara.department, mara.client) == (Level.INTERNAL, "nursing", "demo")


@pytest.mark.parametrize("persona", ["bare", "void"])
def test_what_the_file_does_not_say_grants_nothing(identity: DemoIdentity, persona: str) -> None:
    someone = identity.principal(f"bearer {identity.token(persona)}")
    assert (someone.groups, someone.clearance, someone.department) == (frozenset(), Level.PUBLIC, "")


def test_roles_walls_patients_and_purposes_are_the_persona_s_own(tmp_path: Path) -> None:
    file = tmp_path / "personas.yaml"
    file.write_text("- {id: a, roles: [officer], walls: [deal], treats: [p1], purposes: [care]}\n- {id: b}", "utf-8")
    identity = DemoIdentity(file, "aldermoor")
    full, bare = (identity.principal(f"Bearer {identity.token(name)}") for name in "ab")
    assert (full.roles, full.walls, full.treats, full.purposes) == ({"officer"}, {"deal"}, {"p1"}, {"care"})
    assert not bare.roles | bare.walls | bare.treats | bare.purposes
    assert full.purpose == ""


def test_groups_come_from_the_file_at_every_verification(personas: Path, own: OwnKey) -> None:
    """Fails if `principal` takes groups from the claims, or `_current` keeps what it read first."""
    token = own.signed(claims(groups=["hr-leads"], clearance="restricted"))
    assert own.principal(token).groups == {"staff", "icu"}
    personas.write_text(PEOPLE.replace("groups: [staff, icu], ", ""), "utf-8")
    assert own.principal(token).groups == frozenset()
    personas.write_text("- {id: bare}", "utf-8")
    assert refused(own, token)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic bWFyYTo=", "mara"]
)
def test_no_token_is_nobody(identity: DemoIdentity, header: str | None) -> None:
    assert refused(identity, header)


def test_the_scheme_must_be_bearer(identity: DemoIdentity) -> None:
    """Fails if the check of the scheme is deleted from `_subject`."""
    token = identity.token("mara")
    assert refused(identity, token)
    assert refused(identity, f"Basic {token}")
    assert refused(identity, f"Token {token}")


def test_overlong_headers_are_refused_unread(own: OwnKey) -> None:
    """Fails if the check of the length is deleted from `_subject`."""
    assert refused(own, own.signed(claims(padding="x" * 4_000)))


def test_the_token_never_chooses_the_algorithm(own: OwnKey) -> None:
    """Fails if `algorithms=[ALGORITHM]` in `_subject` is replaced by what the token's header says."""
    none = f"Bearer {part({'alg': 'none', 'typ': KIND})}.{part(claims())}."
    assert refused(own, none)
    assert refused(own, none.replace(part({"alg": "none", "typ": KIND}), part({"alg": "None", "typ": KIND})))
    for secret in (own.public(), own.raw_public()):
        signing = part({"alg": "HS256", "typ": KIND}) + "." + part(claims())
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signing.encode(), secret)
        assert refused(own, f"Bearer {signing}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


HOUR = 3600
WRONG: dict[str, Callable[[int], dict[str, object]]] = {
    "expired": lambda now: {"iat": now - 2 * HOUR, "exp": now - HOUR},
    "issued in the future": lambda now: {"iat": now + HOUR, "exp": now + 2 * HOUR},
    "not valid yet": lambda now: {"nbf": now + HOUR},
    "another issuer": lambda _: {"iss": "https://idp.invalid"},
    "another audience": lambda _: {"aud": "somebody-else"},
    "an unknown persona": lambda _: {"sub": "nobody"},
    "a number for a persona": lambda _: {"sub": 7},
    "no issuer": lambda _: {"iss": None},
    "no audience": lambda _: {"aud": None},
    "no subject": lambda _: {"sub": None},
    "no time of issue": lambda _: {"iat": None},
    "no end": lambda _: {"exp": None},
    "no id": lambda _: {"jti": None},
}


@pytest.mark.parametrize("defect", WRONG)
def test_claims_that_do_not_check_out(own: OwnKey, defect: str) -> None:
    """Fails if issuer, audience or `require` is deleted from `_subject`: each has its row."""
    assert own.principal(own.signed(claims())).id == "mara"
    assert refused(own, own.signed(claims(**WRONG[defect](int(time.time())))))


@pytest.mark.parametrize("kind", [None, "JWT", "id_token", "at+JWT2"])
def test_only_access_tokens_open(own: OwnKey, kind: str | None) -> None:
    """Fails if the check of `typ` is deleted from `_subject`."""
    assert refused(own, own.signed(claims(), kind))


def test_a_token_ends_after_eight_hours(personas: Path) -> None:
    late = DemoIdentity(personas, "aldermoor", clock=lambda: time.time() - 8 * HOUR - 1)
    assert refused(late, f"Bearer {late.token('mara')}")
    fresh = DemoIdentity(personas, "aldermoor", clock=lambda: time.time() - 8 * HOUR + 60)
    assert fresh.principal(f"Bearer {fresh.token('mara')}").id == "mara"


def test_another_process_is_another_key(identity: DemoIdentity, personas: Path) -> None:
    assert refused(identity, f"Bearer {DemoIdentity(personas, 'aldermoor').token('mara')}")
    forged = jwt.encode(claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"typ": KIND})
    assert refused(identity, f"Bearer {forged}")


def test_a_token_that_was_cut_or_changed(identity: DemoIdentity) -> None:
    token = identity.token("mara")
    head, body, signature = token.split(".")
    assert refused(identity, f"Bearer {token[:-8]}")
    assert refused(identity, f"Bearer {head}.{body}")
    assert refused(identity, f"Bearer {head}.{part(claims(sub='bare'))}.{signature}")
    assert refused(identity, f"Bearer {head}.{body}.{signature}.{signature}")


def test_only_personas_of_the_file_sign_in(identity: DemoIdentity) -> None:
    assert [persona.id for persona in identity.personas()] == ["mara", "bare", "void"]
    with pytest.raises(NotAuthenticated):
        identity.token("nobody")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "mara",
        "{id: mara}",
        "- {id: mara}\n- {id: mara}",
        "- {id: mara, clearance: all}",
        "- {id: mara, admin: true}",
        "- {id: MARA}",
        "- {name: nobody}",
        "- [",
        "- {id: mara, groups: staff}",
        "- !!python/object/apply:os.getpid []",
    ],
)
def test_a_personas_file_that_does_not_make_sense_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "personas.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsRefused):
        DemoIdentity(file, "aldermoor")


def test_a_personas_file_that_is_gone_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused):
        DemoIdentity(tmp_path / "missing.yaml", "aldermoor")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsRefused):
        DemoIdentity(tmp_path / "binary.yaml", "aldermoor")
