"""What a text is: its level, its labels, how long it is kept, by the rules of `labels.toml`. Pure; a rule only adds.

Ingest asks for documents and passages, the gate for whatever would leave. Who may read is never said here: a label is
a word that the policies decide over.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from appliance.access.policy_set import PolicySet
from appliance.errors import PolicyRefused
from appliance.privacy.labelling.lexicon import shipped
from appliance.records import Access, Level

FILE: Final = "labels.toml"
UNSCANNED: Final = "unscanned"
"""The label of what nobody has looked through for personal data: the shipped policies let it leave for nowhere."""
BEGINNING: Final = 1_500
EDGE: Final = 200
"""Characters at the beginning of a document, and at both ends of each page, where a mark counts."""
_BLANKS: Final = re.compile(r"[^\S\n\t ]")
_SPREAD: Final = re.compile(r"(?<![^\W_])[^\W\d_](?: {1,3}[^\W\d_](?![^\W_])){3,60}")
"""Letters that stand alone, one after the other: a word that is spread out."""
_Word = Annotated[str, Field(min_length=2, max_length=80), AfterValidator(str.lower)]
_Words = Annotated[tuple[_Word, ...], Field(min_length=1, max_length=500)]
_Named = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
_Level = Annotated[Level, BeforeValidator({level.name.lower(): level for level in Level}.get)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Rule(_Strict):
    """One rule: conditions, of which all given ones must hold, and what follows. Words are in small letters."""

    id: _Named
    reason: Annotated[str, Field(min_length=5, max_length=300)]
    folder: _Words | None = None
    name: _Words | None = None
    title: _Words | None = None
    mark: _Words | None = None
    words: _Words | None = None
    fields_: Annotated[_Words | None, Field(alias="fields")] = None
    at_least: Annotated[int, Field(ge=1, le=50)] = 1
    entities: Annotated[dict[str, Annotated[int, Field(ge=1)]] | None, Field(min_length=1)] = None
    suspicion: Literal["usual"] | Annotated[float, Field(gt=0, le=1)] | None = None
    language: Annotated[tuple[str, ...] | None, Field(min_length=1)] = None
    level: _Level | None = None
    labels: frozenset[_Named] = frozenset()
    retention: _Named = ""

    @model_validator(mode="after")
    def _says_something(self) -> "Rule":
        given = self.model_fields_set - {"id", "reason", "at_least"}
        if not given - {"level", "labels", "retention"} or not given & {"level", "labels", "retention"}:
            raise ValueError("a rule needs a condition and something that follows")
        return self


class _File(_Strict):
    labels: Annotated[dict[_Named, str], Field(min_length=1)]
    retention: Annotated[dict[_Named, Annotated[int, Field(ge=0, le=200)]], Field(min_length=1)]
    rule: Annotated[list[Rule], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _names_what_it_lists(self) -> "_File":
        ids = [rule.id for rule in self.rule]
        if len(set(ids)) != len(ids):
            raise ValueError("two rules have one id")
        for rule in self.rule:
            if rule.labels - set(self.labels) or (rule.retention and rule.retention not in self.retention):
                raise ValueError(f"rule {rule.id} sets what is not listed")
        return self


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to judge by. `pages` are texts in order; `entities` counts what detection found."""

    pages: Sequence[str]
    uri: str = ""
    title: str = ""
    entities: Mapping[str, int] = field(default_factory=dict)
    suspicion: float = 0.0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the rules say: the least level, the labels, the retention class, and which rules held."""

    level: Level = Level.PUBLIC
    labels: frozenset[str] = frozenset()
    retention: str = ""
    rules: tuple[str, ...] = ()


def raised(access: Access, marks: Marks) -> Access:
    """`access` with what `marks` add: never a lower level, never a label less, nobody more.

    Delete the `max` or the `access.labels |` and `tests/privacy/test_labels.py::test_marks_never_take_away` fails.
    """
    return replace(access, level=max(access.level, marks.level), labels=access.labels | marks.labels)


class LabelRules:
    """The rules of one policy set, compiled. Safe for many threads."""

    def __init__(self, told: _File) -> None:
        self._told = told
        self._rules = [_Compiled(rule) for rule in told.rule]

    @classmethod
    def parsed(cls, text: str) -> "LabelRules":
        """Rules from TOML. Raises PolicyRefused naming where it is not understood."""
        try:
            return cls(_File.model_validate(tomllib.loads(text)))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PolicyRefused(f"{FILE} is not valid TOML.") from error
        except ValidationError as error:
            where = "; ".join(".".join(map(str, fault["loc"])) or fault["msg"] for fault in error.errors()[:5])
            raise PolicyRefused(f"{FILE} is not understood at: {where}.") from error

    @classmethod
    def of(cls, found: PolicySet) -> "LabelRules":
        """The rules of a policy set. Raises PolicyRefused if it has none."""
        return cls.parsed(found.text(FILE))

    @property
    def labels(self) -> frozenset[str]:
        """Every label that the set knows."""
        return frozenset(self._told.labels)

    def marks(self, said: Said) -> Marks:
        """What the rules say of it. More text can only add to it."""
        read = replace(said, pages=[_as_read(page) for page in said.pages], title=_as_read(said.title))
        held = [rule.rule for rule in self._rules if rule.holds(read)]
        kept = [rule.retention for rule in held if rule.retention]
        return Marks(
            max((rule.level for rule in held if rule.level is not None), default=Level.PUBLIC),
            frozenset().union(*(rule.labels for rule in held)),
            max(kept, key=lambda name: (self._told.retention[name], name), default=""),
            tuple(rule.id for rule in held),
        )


class _Compiled:
    """One rule with its expressions."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._mark = _standing(rule.mark) if rule.mark else None
        self._words = _anywhere(rule.words) if rule.words else None
        self._fields = _opening(rule.fields_) if rule.fields_ else None

    def holds(self, said: Said) -> bool:
        """Whether every condition of the rule does. The cheap ones are asked first."""
        rule, folders = self.rule, said.uri.lower().split("/")[:-1]
        return (
            (rule.suspicion is None or said.suspicion >= _limit(rule.suspicion))
            and (rule.entities is None or all(said.entities.get(n, 0) >= least for n, least in rule.entities.items()))
            and (rule.language is None or said.language in rule.language)
            and (rule.folder is None or any(one in folders for one in rule.folder))
            and (rule.name is None or any(one in said.uri.lower().rpartition("/")[2] for one in rule.name))
            and (rule.title is None or any(one in said.title.lower() for one in rule.title))
            and (self._mark is None or any(self._mark.search(place) for place in _places(said.pages)))
            and (self._words is None or _different(self._words, said.pages) >= rule.at_least)
            and (self._fields is None or _different(self._fields, said.pages) >= rule.at_least)
        )


def _limit(suspicion: Literal["usual"] | float) -> float:
    return shipped().threshold if suspicion == "usual" else suspicion


def _as_read(page: str) -> str:
    """A page as people read it: one form of each letter, none that is not seen, every blank a plain one.

    Delete a step of it and `test_labels.py::test_what_is_read_as_a_mark_is_one` fails.
    """
    if not page.isascii():
        page = "".join(one for one in unicodedata.normalize("NFKC", page) if unicodedata.category(one) != "Cf")
    return _SPREAD.sub(_together, _BLANKS.sub(" ", page))


def _together(run: re.Match[str]) -> str:
    return " ".join(word.replace(" ", "") for word in re.split(" {2,}", run[0]))


def _places(pages: Sequence[str]) -> Iterable[str]:
    """Where a mark counts: the beginning of the document, and the edges of each page."""
    yield from (page[:BEGINNING] for page in pages[:1])
    for page in pages:
        yield page[:EDGE]
        yield page[-EDGE:]


def _different(pattern: re.Pattern[str], pages: Iterable[str]) -> int:
    """How many different words of `pattern` stand in the pages."""
    return len({" ".join(found[1].lower().split()) for page in pages for found in pattern.finditer(page)})


def _spelled(words: Iterable[str]) -> str:
    """Words as an alternation, the longest first; a space is any blank; so a line end parts no name."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(r"[ \t\n]{1,4}".join(map(re.escape, word.split())) for word in ordered)


def _standing(words: Iterable[str]) -> re.Pattern[str]:
    """Alone between punctuation or on its line: "Human Resources, confidential." but not "the talk is confidential"."""
    return re.compile(
        rf"(?:^|[\n.,;:|(\[*#–/<>»«\"'“”„‚‘’_—-])[ \t]{{0,40}}(?:{_spelled(words)})[ \t]{{0,40}}"
        r"(?=$|[\n.,;|)\]*–!/<>»«\"'“”„‚‘’_—-])",
        re.IGNORECASE,
    )


def _anywhere(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({_spelled(words)})(?!\w)", re.IGNORECASE)


def _opening(words: Iterable[str]) -> re.Pattern[str]:
    """At the beginning of a line or of a cell, whatever signs stand before it, and a colon after it."""
    return re.compile(rf"(?:^|[\n|;\t])(?:[^\w\n\t|;]|_){{0,12}}({_spelled(words)})[ \t*_]{{0,4}}:", re.IGNORECASE)
