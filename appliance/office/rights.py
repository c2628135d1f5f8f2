"""The officers' questions about people and documents: who can read this, why, and what can this person read.

What is told of a document is where it lies and what the rules speak about: never its title, its text or a passage. Each
look is an entry of the ledger before anything is told (`deploy/decisions/0041-office.md`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from appliance.access import overview
from appliance.access.cedar import Decision
from appliance.access.explaining import Explanation, explained
from appliance.access.rules import Rules
from appliance.errors import NotFound
from appliance.office.people import Roll
from appliance.records import Action, Document, Event, Journal, Principal, by

ABOUT_DOCUMENTS: Final = (
    Action.READ,
    Action.UPLOAD,
    Action.DELETE,
    Action.CHANGE_ACCESS,
    Action.USE_FOR_TRAINING,
    Action.ESCALATE,
    Action.BREAK_GLASS,
)
"""What can be asked about one document."""


class Documents(Protocol):
    """What is registered (`appliance.store.registry.Registry`)."""

    def documents(self) -> Sequence[Document]:
        """All, by their uri. Raises RegistryUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Readers:
    """Everybody who is known, with what is decided of `document`, those who read it first. `reasons` are by rule."""

    document: Document
    decided: tuple[tuple[Principal, Decision], ...]
    reasons: Mapping[str, str]
    policy: str


@dataclass(frozen=True, slots=True)
class Readable:
    """What `person` may read of `known` documents."""

    person: Principal
    documents: tuple[Document, ...]
    known: int
    policy: str


class Rights:
    """Answers officers from the rules in force. Every method raises NotAllowed for anyone else, PolicyUnavailable,
    RegistryUnavailable, and LedgerUnavailable where the look cannot be recorded: then nothing is told."""

    def __init__(self, *, rules: Rules, documents: Documents, roll: Roll, journal: Journal) -> None:
        self._rules = rules
        self._documents = documents
        self._roll = roll
        self._journal = journal

    def people(self, officer: Principal) -> list[Principal]:
        """Everybody who is known in the officer's tenant, by id."""
        self.demand(officer)
        return sorted(self._people(officer), key=lambda one: one.id)

    def named(self, officer: Principal, part: str, *, limit: int) -> list[Document]:
        """At most `limit` documents whose place holds `part`, in order."""
        self.demand(officer)
        found = [one for one in self.documents(officer) if part.casefold() in one.uri.casefold()][:limit]
        self.looked(officer)
        return found

    def readers(self, officer: Principal, document_id: str) -> Readers:
        """Who of those who are known may read a document, and which rule decides. Raises NotFound."""
        self.demand(officer)
        document, ruleset = self._document(officer, document_id), self._rules.ruleset()
        self.looked(officer, documents=[document])
        decided = overview.readers(ruleset, self._people(officer), document)
        return Readers(document, tuple(decided), ruleset.engine.reasons, ruleset.version)

    def explained(
        self, officer: Principal, document_id: str, person_id: str, action: Action, *, purpose: str = ""
    ) -> Explanation:
        """Why `person_id` may or may not do `action` with a document, and what would turn it. Raises NotFound."""
        self.demand(officer)
        if action not in ABOUT_DOCUMENTS:
            raise NotFound
        document, person = self._document(officer, document_id), self._person(officer, person_id)
        self.looked(officer, documents=[document], person=person_id)
        stating = replace(person, purpose=purpose) if purpose else person
        destination = "somewhere" if action is Action.ESCALATE else ""
        # whose record it is, and whose patient or deal somebody has, is not the office's to know
        return explained(
            self._rules.ruleset(), stating, action, document.access, destination=destination, discreet=True
        )

    def readable(self, officer: Principal, person_id: str) -> Readable:
        """What a person may read. Raises NotFound for one who is not known."""
        self.demand(officer)
        person, ruleset = self._person(officer, person_id), self._rules.ruleset()
        self.looked(officer, person=person_id)
        documents = self.documents(officer)
        found = overview.readable(ruleset, person, documents)
        return Readable(person, tuple(found), len(documents), ruleset.version)

    # --- What the policies' desk asks too -----------------------------------------------------------------------------

    def demand(self, officer: Principal) -> None:
        """Raise NotAllowed for anyone but an officer. Tested: nobody else is told anything here."""
        self._rules.demand(officer, Action.MANAGE_POLICIES)

    def documents(self, officer: Principal) -> list[Document]:
        """The documents of the officer's tenant. Another tenant's are not there, tested."""
        return [one for one in self._documents.documents() if one.access.tenant == officer.tenant]

    def changes(
        self,
        officer: Principal,
        compare: Callable[[Sequence[Principal], Sequence[Document]], Sequence[overview.Change]],
    ) -> Sequence[overview.Change]:
        """What `compare` finds over everybody and every document. Who asks has recorded it."""
        self.demand(officer)
        return compare(self._people(officer), self.documents(officer))

    def looked(
        self, officer: Principal, *, documents: Sequence[Document] = (), person: str = "", about: str = ""
    ) -> None:
        """Record that somebody looked; `about` is the digest of a set. Raises LedgerUnavailable."""
        entry = replace(by(officer, Event.RIGHTS_VIEWED), policy=self._rules.version, about=about)
        self._journal.append(replace(entry, documents=tuple(one.id for one in documents), question=person))

    def _people(self, officer: Principal) -> list[Principal]:
        return [one for one in self._roll.everybody() if one.tenant == officer.tenant]

    def _person(self, officer: Principal, person_id: str) -> Principal:
        found = next((one for one in self._people(officer) if one.id == person_id), None)
        if found is None:
            raise NotFound
        return found

    def _document(self, officer: Principal, document_id: str) -> Document:
        found = next((one for one in self.documents(officer) if one.id == document_id), None)
        if found is None:
            raise NotFound
        return found
