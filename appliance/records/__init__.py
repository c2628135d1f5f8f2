"""The words of the domain as frozen values. Nothing here reads, writes or decides.

`Scope` is the one word that is missing on purpose: it lives in `appliance.access.scope`, the only place that can
build one.
"""

from appliance.records.answers import (
    Answer,
    Citation,
    Doubt,
    Draft,
    Question,
    Reason,
    Refusal,
    Released,
    Sentence,
    Usage,
    Verdict,
    Withheld,
)
from appliance.records.clauses import (
    All,
    Any,
    AnyOf,
    AtMost,
    Clause,
    Equals,
    Not,
    Under,
)
from appliance.records.documents import (
    Box,
    Document,
    Page,
    Passage,
)
from appliance.records.emergencies import (
    Emergency,
    Judgement,
    Mailed,
)
from appliance.records.entries import (
    BEGINNINGS,
    Entry,
    Event,
    Journal,
    by,
)
from appliance.records.filters import UNFILTERED, Filters, Kind
from appliance.records.labels import DocumentLabels, PassageLabels
from appliance.records.people import (
    Access,
    Action,
    Level,
    Principal,
)
from appliance.records.privacy import (
    Entity,
    Finding,
)

__all__ = [
    "BEGINNINGS",
    "UNFILTERED",
    "Access",
    "Action",
    "All",
    "Answer",
    "Any",
    "AnyOf",
    "AtMost",
    "Box",
    "Citation",
    "Clause",
    "Document",
    "DocumentLabels",
    "Doubt",
    "Draft",
    "Emergency",
    "Entity",
    "Entry",
    "Equals",
    "Event",
    "Filters",
    "Finding",
    "Journal",
    "Judgement",
    "Kind",
    "Level",
    "Mailed",
    "Not",
    "Page",
    "Passage",
    "PassageLabels",
    "Principal",
    "Question",
    "Reason",
    "Refusal",
    "Released",
    "Sentence",
    "Under",
    "Usage",
    "Verdict",
    "Withheld",
    "by",
]
