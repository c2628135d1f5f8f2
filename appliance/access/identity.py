"""Who asks: the demonstration's identity. Anyone on this machine can be any persona, and the portal says so.

Tokens are signed by an Ed25519 key that is made at start and lives in memory, so they end with the process; only where
several workers serve one API do they share a key of that start, from a file that goes with them.
A token carries a persona's id and nothing that grants: groups and clearance are read from the personas file at every
verification, and a key that is missing there means empty.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import uuid4

import jwt
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from appliance.access.claims import stating
from appliance.access.presence import Known, met
from appliance.errors import NotAuthenticated, SettingsRefused
from appliance.records import Level, Principal

ALGORITHM: Final = "EdDSA"
"""The one algorithm that is accepted; a token's own header never chooses."""
KIND: Final = "at+jwt"
"""The `typ` of an access token (RFC 9068); an ID token or any other kind is refused."""
ISSUER: Final = "muniment-demo"
AUDIENCE: Final = "muniment-api"
CLIENT: Final = "demo"
LIFETIME_S: Final = 8 * 3600
LONGEST: Final = 2_048
"""Characters of an Authorization header; longer ones are refused unread."""

_Groups = Annotated[frozenset[str], BeforeValidator(lambda value: value or ())]
_Clearance = Literal["public", "internal", "confidential", "restricted"]


class Persona(BaseModel):
    """One person of the demonstration, as the personas file describes him. What is missing grants nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    name: str = ""
    title: str = ""
    department: str = ""
    groups: _Groups = frozenset()
    roles: _Groups = frozenset()
    walls: _Groups = frozenset()
    treats: _Groups = frozenset()
    purposes: _Groups = frozenset()
    clearance: _Clearance = "public"
    language: Literal["en", "de"] = "en"


class DemoIdentity:
    """Signs in the personas of `personas_file` as people of `tenant`, and recognises the tokens it gave them.

    `key` is one that several processes share, if it is not to be its own. `client` is the program in whose name they
    all ask. `clock` gives seconds since the epoch and is used to issue tokens; verification reads the system's clock.
    Raises SettingsRefused if the file cannot be read, is no list of personas, is empty or names one twice.
    """

    def __init__(
        self,
        personas_file: Path,
        tenant: str,
        *,
        key: Ed25519PrivateKey | None = None,
        client: str = CLIENT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = personas_file
        self._tenant = tenant
        self._clock = clock
        self._client = client
        self._key = key or Ed25519PrivateKey.generate()
        self._seen: tuple[tuple[int, int], dict[str, Persona]] = ((0, 0), {})
        self.personas()

    def personas(self) -> tuple[Persona, ...]:
        """Everyone whom the file describes now, in its order."""
        return tuple(self._current().values())

    def token(self, persona_id: str) -> str:
        """A fresh token for one persona. Raises NotAuthenticated if there is no such persona."""
        if persona_id not in self._current():
            raise _refused()
        now = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": persona_id,
            "iat": now,
            "exp": now + LIFETIME_S,
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"typ": KIND})

    def principal(self, authorization_header: str | None, purpose: str = "", /) -> Principal:
        """The person behind an Authorization header, stating `purpose`.

        Raises NotAuthenticated, never saying which part failed, and NotAllowed if the purpose is not his.
        """
        persona = self._current().get(self._subject(authorization_header or ""))
        if persona is None:
            raise _refused()
        someone = Principal(
            id=persona.id,
            name=persona.name,
            tenant=self._tenant,
            groups=persona.groups,
            clearance=Level.named(persona.clearance),
            client=self._client,
            department=persona.department,
            language=persona.language,
            roles=persona.roles,
            walls=persona.walls,
            treats=persona.treats,
            purposes=persona.purposes,
        )
        return stating(someone, purpose)

    def effective(self, principal: Principal, /) -> Principal:
        """The person with no more than the file says of him now: it is the demonstration's directory.

        Raises NotAuthenticated if it does not describe him any more.
        """
        persona = self._current().get(principal.id)
        return met(principal, None if persona is None or principal.tenant != self._tenant else _known(persona))

    def _subject(self, header: str) -> str:
        """The verified `sub` of a bearer token."""
        scheme, _, token = header.partition(" ")
        if len(header) > LONGEST or scheme.lower() != "bearer":
            raise _refused()
        try:
            if jwt.get_unverified_header(token).get("typ") != KIND:
                raise _refused()
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["iss", "aud", "sub", "iat", "exp", "jti"]},
            )
        except jwt.InvalidTokenError as error:
            raise _refused() from error
        return str(claims["sub"])

    def _current(self) -> dict[str, Persona]:
        """The personas by id, read again whenever the file has changed."""
        try:
            state = self._file.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if stamp != self._seen[0]:
                self._seen = (stamp, _parse(self._file.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
            raise SettingsRefused("The personas file cannot be read, or is no list of personas.") from error
        return self._seen[1]


def _parse(text: str) -> dict[str, Persona]:
    listed = TypeAdapter(list[Persona]).validate_python(yaml.safe_load(text))
    by_id = {persona.id: persona for persona in listed}
    if not by_id or len(by_id) != len(listed):
        raise SettingsRefused("The personas file is empty, or names a persona twice.")
    return by_id


def _known(persona: Persona) -> Known:
    return Known(
        enabled=True,
        groups=persona.groups,
        clearance=Level.named(persona.clearance),
        department=persona.department,
        roles=persona.roles,
        walls=persona.walls,
        treats=persona.treats,
        purposes=persona.purposes,
    )


def _refused() -> NotAuthenticated:
    return NotAuthenticated("You are not signed in, or your sign-in has ended.")
