"""The entry of a file in the registry, made of what its list and its text say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from appliance.privacy.labelling.labels import raised
from appliance.privacy.labelling.marking import Marking, marks_of
from appliance.records import Access, Document, DocumentLabels, Passage
from appliance.store.registry import QUARANTINED, FileRecord, Registry
from ingest import chunking, labelling
from ingest.records import Parsed, SourceFile


def document(file: SourceFile, listed: Access, parsed: Parsed) -> Document:
    """The document that `file` is by its list; what its text adds comes with its labels."""
    texts = [page.text for page in parsed.pages]
    return Document(
        id=chunking.document_id(listed.tenant, file.uri),
        uri=file.uri,
        version=file.digest,
        title=parsed.title,
        media_type=parsed.media_type,
        language=labelling.language(" ".join(texts)[:20_000]),
        pages=len(parsed.pages),
        access=listed,
        valid_from=file.valid_from,
        superseded_by=successor(file, listed.tenant),
    )


def held(file: SourceFile, record: FileRecord | None, reason: str) -> bool:
    """Whether these very bytes are known to be quarantined for `reason`."""
    return record is not None and (record.outcome, record.version, record.reason) == (QUARANTINED, file.digest, reason)


def successor(file: SourceFile, tenant: str) -> str | None:
    """The id of the document that replaces `file`, if one does."""
    return chunking.document_id(tenant, file.superseded_by) if file.superseded_by else None


def labelled(
    document: Document, parsed: Parsed, passages: Sequence[Passage], marking: Marking
) -> tuple[Access, DocumentLabels]:
    """What the text of `document`, which has its list's access, says of itself, and who may read it then."""
    stretches = [(one.position, one.page, one.start, one.end, one.text, one.language) for one in passages]
    labels = marking.labels(document, document.access, [page.text for page in parsed.pages], stretches)
    return raised(document.access, marks_of(labels)), labels


def labels(record: FileRecord, listed: Access, registry: Registry, marking: Marking) -> DocumentLabels:
    """What a stored text says of itself, beside a list that knows nothing of it: as it was said when it was parsed.

    Of a document that nobody may read the title is not known: then the labels are old from the beginning, so that the
    next relabelling makes them anew. Leave the title out and `test_labelling.py::test_a_title_speaks_again` fails.
    """
    kept = registry.labels(record.document)
    if kept is not None and kept.version == record.version:
        return replace(kept, listed=listed)
    pages = list(_texts(record.document, registry))
    language = labelling.language(" ".join(pages)[:20_000])
    known = registry.document(record.document)
    document = known or Document(record.document, record.uri, record.version, "", "", language, len(pages), listed)
    whole = [(n, n, 0, len(text), text, document.language) for n, text in enumerate(pages, start=1)]
    made = marking.labels(document, listed, pages, whole)
    return made if known else replace(made, made_by="")


def _texts(document: str, registry: Registry) -> Iterator[str]:
    for number in count(1):
        page = registry.page(document, number)
        if page is None:
            return
        yield page.text
