"""The registered clients: programs that ask in people's names, and where the model runs that reads the answers.

A client is what a token's `azp` names. Registering one is a decision of the security officers: `policies/clients.toml`
is part of the signed policy set. One that is not registered is taken to be outside, and reads what is public.
"""

import tomllib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from appliance.access.cedar import Client
from appliance.errors import PolicyRefused


class _Registered(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    location: Literal["house", "outside"]


class _File(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    client: Annotated[list[_Registered], Field(min_length=1, max_length=10_000)]


class Clients:
    """The registered clients by their ids, and their names for people. Ids are compared character by character."""

    def __init__(self, registered: dict[str, Client], names: dict[str, str]) -> None:
        self._registered = registered
        self._names = names

    @classmethod
    def parsed(cls, text: str) -> "Clients":
        """What a file says. Raises PolicyRefused if it is not TOML, says too little, too much or anything twice."""
        try:
            listed = _File.model_validate(tomllib.loads(text)).client
        except (tomllib.TOMLDecodeError, ValidationError, RecursionError):
            raise PolicyRefused("clients.toml is no list of clients, each with id, name and location.") from None
        if len({client.id for client in listed}) != len(listed):
            raise PolicyRefused("clients.toml names a client twice.")
        registered = {client.id: Client(client.id, known=True, location=client.location) for client in listed}
        return cls(registered, {client.id: client.name for client in listed})

    def named(self, client_id: str) -> Client:
        """The client with this id; one that is not registered is unknown and outside."""
        return self._registered.get(client_id) or self.unknown(client_id)

    def unknown(self, client_id: str) -> Client:
        """How a client is taken whom nobody has registered: outside, and shown what is public."""
        return Client(client_id, known=False, location="outside")

    def name(self, client_id: str) -> str:
        """What people call it; its id if it is not registered."""
        return self._names.get(client_id, client_id)
