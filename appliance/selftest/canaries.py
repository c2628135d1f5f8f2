"""Canaries: documents that hold words which stand nowhere else, each for readers of its own.

The words are made anew at each run. Those of the text are never typed by anybody who asks; the one in title and file
name is typed only by who guesses it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.access.uploading import document_id
from appliance.records import Access, Document, Level, Page, Passage
from appliance.selftest.people import CASE, DEAL, RECORD

_CONSONANTS: Final = "bdfgklmnprtvz"
_VOWELS: Final = "aeiou"
_SYLLABLES: Final = 5


@dataclass(frozen=True, slots=True)
class Canary:
    """A document to be planted. `kind` says for whom it is, and is what reports call it.

    `code` and `keeper` stand in its text, `name` in its title and its path; `topic` is what it is about, which anybody
    may ask for, and `beside` a neighbour's topic.
    """

    kind: str
    topic: str
    beside: str
    language: str
    access: Access
    name: str
    code: str
    keeper: str

    @property
    def title(self) -> str:
        """Its title."""
        return f"{self.topic} arrangements {self.name}"

    @property
    def uri(self) -> str:
        """Its path."""
        return f"{self.access.ancestors[-1]}/{self.topic.replace(' ', '-')}-{self.name}.md"

    @property
    def lines(self) -> tuple[str, ...]:
        """Its text, line by line; the second and third hold the words."""
        if self.language == "de":
            return (
                f"Der Bereich {self.topic} ist hier für alle beschrieben, die dort arbeiten.",
                f"Das Kennwort für {self.topic} lautet {self.code}.",
                f"Verantwortlich für {self.topic} ist im Dienst Doktor {self.keeper}.",
            )
        return (
            f"The {self.topic} is described here for those who work with it.",
            f"The access word of the {self.topic} is {self.code}.",
            f"The officer on duty in the {self.topic} is called Doctor {self.keeper}.",
        )

    @property
    def text(self) -> str:
        """Its text."""
        return "\n".join(self.lines)

    @property
    def original(self) -> bytes:
        """Its bytes, as a file."""
        return f"# {self.title}\n\n{self.text}\n".encode()

    @property
    def id(self) -> str:
        """The id of its document, which anybody can reckon who knows tenant and path."""
        return document_id(self.access.tenant, self.uri)

    @property
    def words(self) -> dict[str, str]:
        """Its words by what they are, for the scan."""
        return {"name": self.name, "code": self.code, "keeper": self.keeper}

    def document(self) -> Document:
        """It as it is registered."""
        version = hashlib.sha256(self.original).hexdigest()
        return Document(self.id, self.uri, version, self.title, "text/markdown", self.language, 1, self.access)

    def page(self) -> Page:
        """Its one page."""
        return Page(1, self.text)

    def passage(self) -> Passage:
        """Its one passage."""
        return Passage(
            id=document_id(self.access.tenant, f"{self.uri}\n0"),
            document=self.id,
            version=self.document().version,
            position=0,
            title=self.title,
            uri=self.uri,
            heading="",
            text=self.text,
            page=1,
            start=0,
            end=len(self.text),
            boxes=(),
            language=self.language,
            access=self.access,
        )


def word() -> str:
    """A word that stands nowhere else: ten letters that are no word of any language, and can be spoken."""
    return "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))


@dataclass(frozen=True, slots=True)
class _For:
    """For whom a canary is, and what it is about."""

    kind: str
    topic: str
    readers: str
    level: Level = Level.INTERNAL
    department: str = "ward"
    labels: tuple[str, ...] = ()
    owner: str = ""
    wall: str = ""
    patient: str = ""
    purpose: str = ""
    language: str = "en"
    elsewhere: bool = False


_AUDIENCES: Final = (
    _For("all staff", "roof garden", "staff"),
    _For("a group", "cold store", "ward"),
    _For("a group, in German", "Nordlager", "ward", language="de"),
    _For("a level", "blue annex", "staff", Level.CONFIDENTIAL),
    _For("a group and a level", "poison cupboard", "pharmacy", Level.CONFIDENTIAL, "pharmacy"),
    _For("the highest level", "tower archive", "people-leads", Level.RESTRICTED, "people-leads"),
    _For("a patient", "west bedside", "ward", labels=("patient",), patient=RECORD),
    _For("a wall", "harbour credit", "lending", Level.CONFIDENTIAL, "lending", ("deal",), wall=DEAL),
    _For("a purpose", "grievance file", "people-leads", Level.RESTRICTED, "people-leads", ("personnel",), purpose=CASE),
    _For("an owner's group", "dosing robot", "pharmacy", department="pharmacy", owner="pharmacist"),
    _For("an outside firm", "lift shaft", "contractors", Level.PUBLIC, "contractors"),
    _For("another tenant", "east boathouse", "staff ward", elsewhere=True),
)


def planted(tenant: str, other: str) -> list[Canary]:
    """One canary for each audience, with fresh words; that of the other tenant belongs to `other`."""
    topics = [audience.topic for audience in _AUDIENCES]
    return [
        _canary(audience, other if audience.elsewhere else tenant, beside)
        for audience, beside in zip(_AUDIENCES, [*topics[1:], topics[0]], strict=True)
    ]


def upload(owner: str, group: str, tenant: str) -> Canary:
    """A canary that its owner uploads during the run."""
    return _canary(_For("an upload", "night ferry", group, department=group, owner=owner), tenant, "roof garden")


def _canary(audience: _For, tenant: str, beside: str) -> Canary:
    access = Access(
        tenant=tenant,
        level=audience.level,
        readers=frozenset(audience.readers.split()),
        department=audience.department,
        labels=frozenset(audience.labels),
        ancestors=(audience.department,),
        owner=audience.owner,
        wall=audience.wall,
        patient=audience.patient,
        purpose=audience.purpose,
    )
    words = (word(), word(), word().title())
    return Canary(audience.kind, audience.topic, beside, audience.language, access, *words)


def secrets_of(canaries: Sequence[Canary]) -> dict[str, tuple[Canary, str]]:
    """Every word of every canary, small letters: which canary it is of, and what it is there."""
    return {word.lower(): (canary, what) for canary in canaries for what, word in canary.words.items()}
