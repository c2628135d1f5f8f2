"""Lists of known persons in memory, in the place of `store.known.KnownLists`; every person and number is invented."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from appliance.privacy.known.book import Digests, packed
from appliance.privacy.known.detector import Known
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.naming import Form, Person, forms
from appliance.store.known import KnownList

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = (
    Person(
        "Änne Maria",
        "Kellenbach",
        (date(1960, 3, 12),),
        (
            ("MRN", "P-1234567"),
            ("PHONE", "+49 30 1234567"),
            ("IBAN", "DE02 1203 0000 0000 2020 51"),
            ("ACCOUNT", "55667788"),
        ),
    ),
    Person("Jörg", "Großmann"),
    Person("Siobhán", "O'Hagarty"),
    Person("Friedrich", "von der Osterwiek"),
    Person("Lotte", "Brackwede-Tannhorst"),
    Person("Otto", "Stein"),
    Person("Will", "May"),
    Person("小明", "王"),
)


class MemoryLists:
    """Keeps what it is given, in the form in which the database would."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[KnownList, bytes]] = {}

    def put(self, name: str, known: Iterable[Form], key: bytes) -> None:
        digests = Digests(key)
        raw, entities = packed(known, digests)
        stamp = f"{len(raw)} {raw[:8].hex()}"
        self.kept[name] = (KnownList(name, stamp, digests.proof, entities, 1, len(raw), NOON), raw)

    def lists(self) -> list[KnownList]:
        return [one for one, _ in self.kept.values()]

    def everything(self) -> list[tuple[KnownList, bytes]]:
        return list(self.kept.values())


def known_people(folder: Path, people: Iterable[Person] = PEOPLE) -> Known:
    """A detector that knows `people`, its key in `folder`."""
    key = KnownKey(folder / "known.key")
    lists = MemoryLists()
    lists.put("patients", set().union(*(forms(one) for one in people)), key.made())
    return Known(lists, key)
