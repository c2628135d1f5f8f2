"""What the house knows of a document's text: how it was labelled, what stands in each stretch. Values only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.records.people import Access, Level


@dataclass(frozen=True, slots=True)
class PassageLabels:
    """Characters `start` to `end` of page `page`: language, how many of each kind of personal data, injection signs.

    `suspicion` lies in [0, 1]. `entities` is empty where nothing was found, or where nobody looked.
    """

    position: int
    page: int
    start: int
    end: int
    language: str
    suspicion: float
    entities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentLabels:
    """What was said of one version of a document by the rules and detectors that `made_by` names.

    `listed` is who may read it by its list alone; `level` and `labels` are what its text adds to that.
    """

    version: str
    made_by: str
    listed: Access
    level: Level
    labels: frozenset[str]
    retention: str
    passages: tuple[PassageLabels, ...] = ()

    @property
    def entities(self) -> Mapping[str, int]:
        """How many of each kind of personal data stand in the document."""
        return sum((Counter(one.entities) for one in self.passages), Counter[str]())

    @property
    def suspicion(self) -> float:
        """That of the most suspicious stretch."""
        return max((one.suspicion for one in self.passages), default=0.0)
