"""One question through the first look and the second, with finders that find what a test needs."""

import json
import re
from collections.abc import Callable, Sequence

from appliance.escalation.matter import Matter, Part
from appliance.escalation.preparing import Finder, Prepared, Preparing
from appliance.privacy.detection import Detection
from appliance.privacy.redaction import QUESTION
from appliance.records.escalations import Destination
from appliance.records.privacy import Finding
from tests.contracts.word_list import WordList
from tests.escalation.house import House

Known = Callable[[str], list[Finding]]


def nobody(_text: str) -> list[Finding]:
    return []


def there(house: House) -> Destination:
    return house.ruleset.destinations.named["large"]


def prepared(house: House, *texts: str, words: dict[str, str]) -> Prepared:
    return made(house, Detection([WordList(words)], thresholds={}), *texts)


def made(house: House, finder: Finder, *texts: str, residual: Known = nobody, languages: str = "") -> Prepared:
    """`languages`: two letters for each of the passages, none for what is in English as the question is."""
    told = [languages[at : at + 2] for at in range(0, 2 * len(texts), 2)]
    parts = [Part(text, f"p{number}", told[number - 1]) for number, text in enumerate(texts[:-1], start=1)]
    matter = Matter(texts[-1], "en", (*parts, Part(texts[-1], QUESTION)), frozenset({"standard"}), "refused")
    preparing = Preparing(finder, residual, tokens=10)
    vault = house.vaults.begin(f"thread-{len(texts)}-{len(texts[-1])}")
    return preparing.prepare(matter, there(house), rules=house.ruleset.redactions, vault=vault)


def said(one: Prepared) -> str:
    return str(json.loads(one.body)["messages"][1]["content"])


class Restless:
    """Finds another short word at every look."""

    def __init__(self) -> None:
        self.looks = 0

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002  # the port's
        self.looks += 1
        short = [list(re.finditer(r"\b\w{1,2}\b", text))[-1] for text in texts]
        return [[Finding(*found.span(), "PERSON", 1.0, "x")] for found in short]


class Restful:
    """Finds nothing."""

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002
        return [[] for _ in texts]
