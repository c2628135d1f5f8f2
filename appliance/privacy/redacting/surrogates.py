"""Which token stands for which mention: one for everything that is the same thing, chosen from what a thread has seen.

Pure: the vault keeps what is decided here, sealed. One text's mentions are decided together, people named wholly first,
so that a surname before the whole name finds it too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from appliance.errors import NotScannable
from appliance.privacy.redacting import mentions
from appliance.privacy.redacting.mentions import Name
from appliance.privacy.redacting.tokens import MARK, coined, kind_of, seen_in
from appliance.records.privacy import Entity

ENTRIES: Final = 2_000
"""As many words of its own a thread may have; more is no text for a model, and would take long to tell apart."""
_CROWD: Final = 64
"""From so many names on that a mention may mean, only who is called just so is meant: it would take long to compare."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something private as it stands in a text; `source` is the passage's id, or "question". `entity` "" is a mark."""

    entity: str
    text: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A token and one wording that it stands for, as it stood in `source`; numbered from 1 in its thread.

    `alone`: a mention that may be of several people. It stands for itself and is taken for nobody.
    """

    number: int
    token: str
    entity: str
    text: str = field(repr=False)
    source: str
    alone: bool = False


class Surrogates:
    """The tokens of one thread, from `entries` on. Not for several threads of execution at once."""

    def __init__(self, secret: bytes, entries: Iterable[Entry]) -> None:
        self._secret = secret
        self._entries: dict[tuple[str, str, str], Entry] = {}
        self._order: list[Entry] = []
        self._taken: set[str] = set()
        self._forms: dict[str, list[Entry]] = defaultdict(list)
        self._tokens: dict[tuple[str, str], str] = {}
        self._people: dict[str, dict[Name, set[str]]] = defaultdict(dict)
        self._just: dict[tuple[tuple[str, ...], str], dict[str, None]] = defaultdict(dict)
        self._alone: dict[Name, str] = {}
        self._called: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        for entry in entries:
            self._keep(entry)

    def issue(self, told: Sequence[Mention], *, beside: str) -> tuple[list[Entry], list[Entry]]:
        """The entry of each mention in its order, and those of them that are new. No token is one that `beside` shows.

        Raises NotScannable if the thread would have more than ENTRIES.
        """
        shown = frozenset(seen.token for seen in seen_in(beside))
        named = {place: found for place, one in enumerate(told) if (found := _name(one))}
        places = list(named)
        batch = [named[place] for place in places]
        whole = _by_surname(batch)
        tokens = {
            places[at]: self._person(batch[at], told[places[at]].source, whole, shown)
            for at in mentions.fullest_first(batch)
        }
        new: list[Entry] = []
        issued: list[Entry] = []
        for place, one in enumerate(told):
            token, alone = tokens.get(place) or (self._thing(one, shown), False)
            entry = self._entries.get((token, one.text, one.source))
            if entry is None:
                entry = Entry(len(self._entries) + 1, token, one.entity, one.text, one.source, alone)
                self._keep(entry)
                new.append(entry)
            issued.append(entry)
        return issued, new

    def forms(self, token: str) -> list[Entry]:
        """What `token` stands for: of a person the fullest wording first, else the first met. Maybe nothing."""
        return sorted(self._forms.get(token, ()), key=_fullness)

    def numbered(self, number: int) -> Entry:
        """The entry with this number. Raises IndexError."""
        return self._order[number - 1]

    def _keep(self, entry: Entry) -> None:
        if len(self._entries) >= ENTRIES:
            raise NotScannable(f"More than {ENTRIES} private things in one thread.")
        self._entries[entry.token, entry.text, entry.source] = entry
        self._order.append(entry)
        self._taken.add(entry.token)
        self._forms[entry.token].append(entry)
        found = _name(Mention(entry.entity, entry.text, entry.source))
        if found is None:
            self._tokens[_key(entry.entity, entry.text)] = entry.token
        elif entry.alone:
            self._alone[found] = entry.token
        else:
            self._known(entry.token, found, entry.source)

    def _known(self, token: str, found: Name, source: str) -> None:
        sources = self._people[token].setdefault(found, set())
        if not sources:
            self._just[found.given, found.surname][token] = None
            self._called[(found.surname,)][token] = None
            if found.given:
                self._called[found.given[0], found.surname[0]][token] = None
        sources.add(source)

    def _thing(self, one: Mention, shown: frozenset[str]) -> str:
        key = _key(one.entity, one.text)
        if key not in self._tokens:
            self._tokens[key] = self._coined(*key, shown)
        return self._tokens[key]

    def _person(self, found: Name, source: str, whole: dict[str, set[Name]], shown: frozenset[str]) -> tuple[str, bool]:
        """The token of a mention of a person, and whether it is one that might be of several."""
        fitting = self._fitting(found, source)
        if fitting is not None and len(fitting) == 1 and not self._has_rival(fitting[0], found, whole):
            token = fitting[0]
        elif (fitting is None or len(fitting) > 1) and not found.is_whole:
            if found not in self._alone:
                self._alone[found] = self._coined("Person", f"alone\0{found}", shown)
            return self._alone[found], True
        else:
            token = self._coined("Person", str(found), shown)
        self._known(token, found, source)
        return token, False

    def _fitting(self, found: Name, source: str) -> list[str] | None:
        """The people whom a mention may mean; one who is called just so is meant before all others.

        None: a name by half that a crowd may have.
        """
        just = self._just.get((found.given, found.surname), {})
        called = self._called.get((found.surname,), {})
        if found.given and len(called) <= _CROWD:
            called = called | self._called.get((found.given[0], found.surname[0]), {})
        if len(called) > _CROWD or sum(len(self._people[token]) for token in called) > _CROWD:
            if not found.is_whole:
                return None
            called = just
        fitting = [token for token in called if self._is_one(token, found, source)]
        same = [token for token in fitting if token in just]
        return same if found.is_whole and len(same) == 1 else fitting

    def _is_one(self, token: str, found: Name, source: str) -> bool:
        """Whether a mention may mean this person. Two whole names that differ are of one only within one source."""
        known = self._people[token]
        if not mentions.one_person(list(known), found):
            return False
        told = [(name, sources) for name, sources in known.items() if name.is_whole and found.is_whole]
        return not told or any(name.given == found.given or source in sources for name, sources in told)

    def _has_rival(self, token: str, found: Name, whole: dict[str, set[Name]]) -> bool:
        """Whether somebody who was named by half before may be another one whom this text names wholly."""
        known = list(self._people[token])
        if not found.is_whole or any(name.is_whole for name in known):
            return False
        rivals = set[Name]().union(*(whole.get(name.surname, ()) for name in known))
        return len(rivals) > _CROWD or any(
            not rival.fits(found) and mentions.one_person(known, rival) for rival in rivals
        )  # fmt: skip

    def _coined(self, kind: str, identity: str, shown: frozenset[str]) -> str:
        """A token of its own, not issued and not shown before."""
        attempts = (coined(self._secret, kind, identity, attempt=attempt) for attempt in count())
        token = next(one for one in attempts if one not in self._taken and one not in shown)
        self._taken.add(token)
        return token


def _name(one: Mention) -> Name | None:
    return mentions.name(one.text) if one.entity == Entity.PERSON else None


def _by_surname(batch: Iterable[Name]) -> dict[str, set[Name]]:
    """The whole names of a text by surname; and by its first letter, for who is known by that alone."""
    whole: dict[str, set[Name]] = defaultdict(set)
    for name in batch:
        if name.is_whole:
            whole[name.surname].add(name)
            whole[name.surname[0]].add(name)
    return whole


def _key(entity: str, text: str) -> tuple[str, str]:
    """Kind and identity: a date found once as a date and once as one of birth has one token."""
    return (kind_of(entity), mentions.identity(entity, text)) if entity else (MARK, text)


def _fullness(entry: Entry) -> tuple[bool, int, bool, int]:
    found = mentions.name(entry.text) if entry.entity == Entity.PERSON else None
    if found is None:
        return True, 0, False, entry.number
    return not found.is_whole, -sum(map(len, (*found.given, found.surname))), "," in entry.text, entry.number
