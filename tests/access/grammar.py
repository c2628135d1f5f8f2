"""Random policies, people and documents, out of everything that a policy may say. Seeded: the same seed, the same set.

The words are few, so that comparisons often hold, and some of them are hostile: quotes, syntax, look-alike letters.
"""

import random
from typing import Final

from appliance.access.cedar import Circumstances, Client
from appliance.records import Access, Level, Principal

WORDS: Final = ("a", "b", "c", 'q"u\\o', '{"x": [1]}', "а", "a b", "resource.owner == true")
FOLDERS: Final = ("n", "n/icu", "n/icu/beds", "hr", 'hr/"x"')
TENANTS: Final = ("house", "house", "house", "other")
TEXTS: Final = ("tenant", "department", "owner", "wall", "patient", "purpose")
ATTRIBUTES: Final = (*TEXTS, "level", "readers", "labels", "hold")
KNOWN_TEXTS: Final = ("principal.tenant", "principal.id", "principal.department", "context.purpose")
KNOWN_SETS: Final = ("principal.groups", "principal.walls", "principal.treats", "principal.roles", "principal.purposes")


def literal(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Grammar:
    """Makes them, one after the other."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret is drawn

    # --- People and documents -----------------------------------------------------------------------------------------

    def words(self, most: int, *, least: int = 0) -> frozenset[str]:
        return frozenset(self._random.choices(WORDS, k=self._random.randint(least, most)))

    def word(self) -> str:
        return self._random.choice((*WORDS, "", ""))

    def person(self) -> Principal:
        one = self._random
        return Principal(
            one.choice(WORDS), "", one.choice(TENANTS), self.words(3), one.choice(list(Level)), one.choice(WORDS),
            self.word(), kind=one.choice(("person", "program")), roles=self.words(2), walls=self.words(2),
            treats=self.words(2), purposes=self.words(2), purpose=self.word(),
        )  # fmt: skip

    def circumstances(self, person: Principal) -> Circumstances:
        client = Client(person.client, self._random.random() < 0.7, self._random.choice(("house", "outside")))
        return Circumstances(client, person.purpose)

    def document(self) -> Access:
        one = self._random
        return Access(
            one.choice(TENANTS), one.choice(list(Level)), self.words(3, least=1), self.word(), self.words(2),
            tuple(sorted(set(one.choices(FOLDERS, k=one.randint(0, 3))))), self.word(), self.word(), self.word(),
            self.word(), one.random() < 0.4,
        )  # fmt: skip

    # --- Policies -----------------------------------------------------------------------------------------------------

    def policies(self) -> str:
        """One to three permits, and up to three forbids."""
        permits = [self._policy("permit", number) for number in range(self._random.randint(1, 3))]
        forbids = [self._policy("forbid", number) for number in range(self._random.randint(0, 3))]
        return "\n".join((*permits, *forbids))

    def _policy(self, effect: str, number: int) -> str:
        one = self._random
        actions = ('== Action::"read"',) * 6 + ('in [Action::"read", Action::"upload"]', '== Action::"delete"')
        folder = f"in Folder::{literal(one.choice(FOLDERS))}"
        places = ("", "", "", "is Document", "is Document", folder, f"is Document {folder}")
        said = [f"{one.choice(('when', 'when', 'unless'))} {{ {self.condition(3)} }}" for _ in range(one.randint(1, 2))]
        if effect == "permit" and not any(f"resource.{name}" in "".join(said) for name in ATTRIBUTES):
            said.append(f"when {{ {self.atom_of_document()} || resource.level < 5 }}")
        principal = one.choice(("principal", "principal", "principal is Person"))
        place = f"resource {one.choice(places)}"
        return (
            f'@id("{effect}-{number}") {effect}({principal}, action {one.choice(actions)}, {place}) {" ".join(said)};'
        )

    def condition(self, depth: int) -> str:
        drawn = self._random.random()
        if depth == 0 or drawn < 0.3:
            return self.atom_of_document() if self._random.random() < 0.85 else self.atom_of_person()
        if drawn < 0.5:
            return f"!({self.condition(depth - 1)})"
        joint = "&&" if drawn < 0.75 else "||"
        return f"({self.condition(depth - 1)} {joint} {self.condition(depth - 1)})"

    def atom_of_person(self) -> str:
        text, words, number = self._known_text(), self._known_words(), self._known_number()
        return self._random.choice(
            (
                f"{words}.contains({text})", f"principal.clearance >= {number}", 'principal.kind == "person"',
                "context.client.known", 'context.client.location == "house"', "true", "principal is Person",
                f"principal.groups.containsAny({words})", f"principal == Person::{literal('a')}", "context has purpose",
            )
        )  # fmt: skip

    def atom_of_document(self) -> str:
        """One comparison of an attribute with something known, in every way that is accepted."""
        one = self._random
        text, words, number = self._known_text(), self._known_words(), self._known_number()
        attribute, several = f"resource.{one.choice(TEXTS)}", f"resource.{one.choice(('readers', 'labels'))}"
        equal, order = one.choice(("==", "!=")), one.choice(("<", "<=", ">", ">=", "==", "!="))
        folders = ", ".join(f"Folder::{literal(one.choice(FOLDERS))}" for _ in range(one.randint(1, 3)))
        return one.choice(
            (
                f"{attribute} {equal} {text}", f"{text} {equal} {attribute}", f"resource.level {order} {number}",
                f"{number} {order} resource.level", f"{words}.contains({attribute})", f"{several}.contains({text})",
                f"{several}.containsAny({words})", f"{words}.containsAny({several})", "resource.hold",
                f"resource.hold {equal} {one.choice(('true', 'false'))}",
                f"({self.atom_of_person()}) {equal} resource.hold",
                f"resource in Folder::{literal(one.choice(FOLDERS))}", f"resource in [{folders}]",
                f"resource is Document in Folder::{literal(one.choice(FOLDERS))}", "resource is Document",
                f"resource has {one.choice(ATTRIBUTES)}",
            )
        )  # fmt: skip

    def _known_text(self) -> str:
        return self._random.choice((*KNOWN_TEXTS, literal(self.word()), literal(self.word()), '"house"'))

    def _known_words(self) -> str:
        listed = ", ".join(literal(self.word()) for _ in range(self._random.randint(1, 3)))
        mixed = f"[principal.department, {literal(self.word())}]"
        return self._random.choice((*KNOWN_SETS, f"[{listed}]", f"[{listed}]", mixed))

    def _known_number(self) -> str:
        edges = ("9223372036854775807", "-9223372036854775808")
        return self._random.choice(
            ("principal.clearance", "principal.clearance", "0", "1", "2", "3", "-1", "4", *edges)
        )
