"""A directory that answers as a test says, beside the contract that Keycloak's people keep too."""

from appliance.access.presence import Known
from appliance.errors import DirectoryUnavailable


class ScriptedDirectory:
    """People by id. `down`: it does not answer; `asked` is whom it was asked about, in order."""

    def __init__(self, people: dict[str, Known] | None = None) -> None:
        self.people = people or {}
        self.down = False
        self.asked: list[str] = []

    def person(self, person_id: str, /) -> Known | None:
        self.asked.append(person_id)
        self.check()
        return self.people.get(person_id)

    def check(self) -> None:
        if self.down or not self.people:
            raise DirectoryUnavailable("The directory does not answer.")
