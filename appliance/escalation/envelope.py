"""What leaves, bound to everything that was decided about it. Pure; the gate makes it and the door checks it.

The digest is what a person approves, what the ledger records and what the door sends once. It covers a nonce, so that
nobody who reads it can try out questions against it.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from appliance.errors import BadRequest

METHOD: Final = "POST"
BODY_BYTES: Final = 256 * 1024
"""No body is larger."""
_CONTEXT: Final = b"muniment-envelope-1\n"
_TEXTS: Final = (
    "id", "tenant", "asker", "department", "destination", "method", "url", "model", "policy", "nonce",
)  # fmt: skip


@dataclass(frozen=True)
class Envelope:
    """The exact bytes of a request's body, and what they are bound to.

    `policy` is the version of the policy set that decided; `price` what it costs at most, in millionths; `nonce` is
    random (hexadecimal). Nothing of it but `body` and the destination's credentials goes out.
    """

    id: str
    tenant: str
    asker: str
    department: str
    destination: str
    method: str
    url: str
    model: str
    policy: str
    nonce: str
    expires: datetime
    price: int
    body: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) over all of it."""
        plain = {name: getattr(self, name) for name in _TEXTS}
        plain |= {
            "expires": self.expires.astimezone(UTC).isoformat(),
            "price": self.price,
            "body": hashlib.sha256(self.body).hexdigest(),
        }
        told = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(_CONTEXT + told).hexdigest()

    def told(self) -> dict[str, Any]:
        """As JSON, for the door."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _TEXTS}
        return plain | {
            "expires": self.expires.astimezone(UTC).isoformat(),
            "price": self.price,
            "body": base64.b64encode(self.body).decode("ascii"),
        }


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    tenant: str
    asker: str
    department: str
    destination: str
    method: str
    url: str
    model: str
    policy: str
    nonce: str
    expires: str
    price: Annotated[int, Field(ge=0)]
    body: str


def parsed(plain: Mapping[str, Any]) -> Envelope:
    """What `told` wrote. Raises BadRequest for anything else."""
    try:
        told = _Told.model_validate(plain)
        body = base64.b64decode(told.body, validate=True)
        expires = datetime.fromisoformat(told.expires)
    except ValueError:
        raise BadRequest("This is no envelope.") from None
    if expires.tzinfo is None or len(body) > BODY_BYTES:
        raise BadRequest("This is no envelope.")
    texts = {name: getattr(told, name) for name in _TEXTS}
    return Envelope(**texts, expires=expires, price=told.price, body=body)
