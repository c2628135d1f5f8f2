"""The people of the scratch house: one for each way in which somebody may, or may not, read. All are invented.

They differ from each other in one attribute where they can, so that a leak names the attribute that was not looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from appliance.access.identity import DemoIdentity, Persona
from appliance.errors import NotAuthenticated
from appliance.records import Principal


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks: a person of the scratch house, and the purpose that he states at every request ("" is none).

    `elsewhere` is whether he belongs to the other tenant.
    """

    persona: Persona
    purpose: str = ""
    elsewhere: bool = False

    @property
    def name(self) -> str:
        """What reports call him: his id, and the purpose that he states."""
        return f"{self.persona.id} for {self.purpose}" if self.purpose else self.persona.id


def _person(name: str, groups: str, **more: object) -> Persona:
    told: dict[str, object] = {
        "clearance": "internal",
        "department": groups.rsplit(maxsplit=1)[-1] if groups else "",
        **more,
    }
    return Persona.model_validate({"id": name, "name": name.title(), "groups": groups.split(), **told})


CASE: Final = "case-work"
RECORD: Final = "record-7"
DEAL: Final = "deal-7"
NURSE: Final = Asker(_person("nurse", "staff ward", treats=[RECORD]))
COLLEAGUE: Final = Asker(_person("colleague", "staff ward"))
CLERK: Final = Asker(_person("clerk", "staff"))
PHARMACIST: Final = Asker(_person("pharmacist", "staff pharmacy", clearance="confidential"))
TRAINEE: Final = Asker(_person("trainee", "staff pharmacy", clearance="public"))
LENDER: Final = Asker(_person("lender", "staff lending", clearance="confidential", walls=[DEAL]))
NEIGHBOUR: Final = Asker(_person("neighbour", "staff lending", clearance="confidential"))
LEADER: Final = Asker(_person("leader", "staff people-leads", clearance="restricted", purposes=[CASE]), CASE)
SILENT: Final = Asker(_person("silent-leader", "staff people-leads", clearance="restricted", purposes=[CASE]))
OUTSIDER: Final = Asker(_person("outsider", "contractors", clearance="restricted"))
GUEST: Final = Asker(_person("guest", "contractors", clearance="public"))
OPERATOR: Final = Asker(_person("operator", "staff ward", clearance="restricted", roles=["operator"]))
NOBODY: Final = Asker(_person("nobody", "", clearance="restricted"))
STRANGER: Final = Asker(_person("stranger", "staff ward", clearance="restricted"), elsewhere=True)
EVERYBODY: Final = (
    NURSE, COLLEAGUE, CLERK, PHARMACIST, TRAINEE, LENDER, NEIGHBOUR, LEADER, SILENT, OUTSIDER, GUEST, OPERATOR, NOBODY,
    STRANGER,
)  # fmt: skip


def written(people: Sequence[Asker], file: Path) -> Path:
    """Write the people as a file of personas, which `DemoIdentity` reads, and return it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump([asker.persona.model_dump(mode="json") for asker in people]), "utf-8")
    return file


class TwoTenants:
    """The identity of the scratch house, where people of two tenants ask one API. Each token is good for its own.

    It is the directory of both, too. `identities` come by the names of their tenants.
    """

    def __init__(self, identities: Mapping[str, DemoIdentity]) -> None:
        self._by_tenant = identities
        self._identities = tuple(identities.values())

    def personas(self) -> tuple[Persona, ...]:
        """Everyone."""
        return tuple(persona for identity in self._identities for persona in identity.personas())

    def token(self, persona_id: str, /) -> str:
        """A token of whoever is called so. Raises NotAuthenticated."""
        for identity in self._identities[:-1]:
            try:
                return identity.token(persona_id)
            except NotAuthenticated:
                continue
        return self._identities[-1].token(persona_id)

    def principal(self, authorization_header: str | None, purpose: str = "", /) -> Principal:
        """Whoever holds the token. Raises NotAuthenticated, NotAllowed if the purpose is not his."""
        for identity in self._identities[:-1]:
            try:
                return identity.principal(authorization_header, purpose)
            except NotAuthenticated:
                continue
        return self._identities[-1].principal(authorization_header, purpose)

    def effective(self, principal: Principal, /) -> Principal:
        """`principal` with no more than the file of his own tenant says of him now. Raises NotAuthenticated."""
        return self._by_tenant[principal.tenant].effective(principal)
