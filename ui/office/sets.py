"""What the officers' pages ask of the house about policy sets, texts to try out, and results of tests."""

from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlencode

from ui.house.client import Api, Credential, Read


class Activation(Read):
    """That a set came into force."""

    version: str
    digest: str
    at: datetime
    officers: list[str]


class Policies(Read):
    """What decides now, what did before, and who may sign."""

    version: str
    fault: str
    officers: list[str]
    history: list[Activation]


class File(Read):
    """A file of a set."""

    name: str
    text: str


class WrittenRule(Read):
    """A rule as it is written."""

    rule: str
    reason: str
    effect: Literal["permit", "forbid"]
    file: str
    text: str


class PolicySet(Read):
    """A set word for word."""

    version: str
    digest: str
    rules: list[WrittenRule]
    files: list[File]


class Row(Read):
    """A row of a table, decided."""

    table: str
    row: str
    expected: str
    came: str
    rules: list[str]
    fault: str


class Tables(Read):
    """Every row of a set's tables."""

    rows: list[Row]


class Signature(Read):
    """A signature beside a set."""

    officer: str
    state: Literal["valid", "unknown", "invalid"]


class FileChange(Read):
    """A file that is another one."""

    file: str
    kind: Literal["added", "removed", "changed"]
    lines: list[str]
    more: bool


class Change(Read):
    """What would open and close to a person."""

    person: str
    name: str
    opens: int
    closes: int
    opened: list[str]
    closed: list[str]


class Examined(Read):
    """What an uploaded set says and would change."""

    version: str
    digest: str
    against: str
    faults: list[str]
    rows: int
    signatures: list[Signature]
    activates: bool
    earlier: bool
    files: list[FileChange]
    changes: list[Change] | None


class Replacement(Read):
    """What stands instead of something private: `put`, from `at` on."""

    entity: str
    start: int
    end: int
    way: Literal["remove", "generalise", "token"]
    put: str
    at: int
    source: str


class Leaving(Read):
    """What would leave for one kind of destination."""

    ways: str
    destinations: list[str]
    text: str
    replacements: list[Replacement]
    residual: int


class Leavings(Read):
    """What would leave, for each kind of destination."""

    leaving: list[Leaving]


class Figure(Read):
    """What a figure means and must reach."""

    name: str
    meaning: str
    unit: str
    target: float | None
    frozen_target: float | None


class Evaluation(Read):
    """One run of the golden questions."""

    run: str
    golden_set: str
    finished: datetime
    questions: int
    figures: dict[str, float]


class Evaluations(Read):
    """Runs in the order of time."""

    figures: list[Figure]
    runs: list[Evaluation]
    unread: int


class LeakTest(Read):
    """One leak test."""

    began: datetime
    verdict: str
    exit_code: int
    attempts: int
    findings: int
    controls: int
    missed: int
    model: str
    policy: str


class LeakTests(Read):
    """Leak tests in the order of time."""

    runs: list[LeakTest]
    unread: int


def policies(api: Api, who: Credential) -> Policies:
    """What decides now, and what did before."""
    return api.get(who, "/v1/office/policies", Policies)


def shown(api: Api, who: Credential, version: str) -> PolicySet:
    """A set that was activated, word for word."""
    return api.get(who, f"/v1/office/policies/sets/{quote(version, safe='')}", PolicySet)


def tables(api: Api, who: Credential, version: str) -> list[Row]:
    """Every row of its tables, decided now."""
    return api.get(who, f"/v1/office/policies/sets/{quote(version, safe='')}/tables", Tables).rows


def examined(api: Api, who: Credential, content: bytes) -> Examined:
    """What a set in a zip says and would change."""
    return api.post(who, "/v1/office/policies/examination", content, Examined)


def activate(api: Api, who: Credential, content: bytes, looked: Examined) -> Activation:
    """Bring the set in a zip into force, if it and the one in force are those that were looked at."""
    asked = urlencode({"digest": looked.digest, "against": looked.against})
    return api.post(who, f"/v1/office/policies/activation?{asked}", content, Activation)


def leaving(api: Api, who: Credential, text: str, language: str) -> list[Leaving]:
    """What would leave of a text."""
    return api.post(who, "/v1/office/redactions", {"text": text, "language": language}, Leavings).leaving


def evaluations(api: Api, who: Credential) -> Evaluations:
    """How good the answers were, run after run."""
    return api.get(who, "/v1/office/evaluations", Evaluations)


def leaks(api: Api, who: Credential) -> LeakTests:
    """Whether anything came out, run after run."""
    return api.get(who, "/v1/office/leaks", LeakTests)
