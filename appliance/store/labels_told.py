"""Labels as a row, written whole and read whole or not at all."""

from typing import Any

from appliance.records import DocumentLabels, Level, PassageLabels
from appliance.store.access_told import access_of, plain_access
from appliance.store.tables import LabelsRow


def row_of(document: str, labels: DocumentLabels) -> LabelsRow:
    """The row of a document's labels."""
    return LabelsRow(
        document=document,
        version=labels.version,
        made_by=labels.made_by,
        listed=plain_access(labels.listed),
        level=int(labels.level),
        labels=sorted(labels.labels),
        retention=labels.retention,
        passages=[
            [one.position, one.page, one.start, one.end, one.language, one.suspicion, dict(one.entities)]
            for one in labels.passages
        ],
    )


def labels_of(row: LabelsRow) -> DocumentLabels:
    """The labels of a row. Raises KeyError, TypeError or ValueError for one that we did not write."""
    return DocumentLabels(
        row.version,
        row.made_by,
        access_of(row.listed),
        Level(row.level),
        frozenset(map(str, row.labels)),
        row.retention,
        tuple(_passage(*one) for one in row.passages),
    )


def _passage(*told: Any) -> PassageLabels:
    position, page, start, end, language, suspicion, entities = told
    counts = {str(name): int(count) for name, count in dict(entities).items()}
    return PassageLabels(int(position), int(page), int(start), int(end), str(language), float(suspicion), counts)
