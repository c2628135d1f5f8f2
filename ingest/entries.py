"""The entry of a file in the registry, made of what its list and its text say."""

from appliance.records import Access, Document
from ingest import chunking, labelling
from ingest.records import Parsed, SourceFile


def document(file: SourceFile, listed: Access, parsed: Parsed) -> Document:
    """The document that `file` is, never wider open than its list."""
    texts = [page.text for page in parsed.pages]
    return Document(
        id=chunking.document_id(listed.tenant, file.uri),
        uri=file.uri,
        version=file.digest,
        title=parsed.title,
        media_type=parsed.media_type,
        language=labelling.language(" ".join(texts)[:20_000]),
        pages=len(parsed.pages),
        access=labelling.strictest(listed, texts),
        valid_from=file.valid_from,
        superseded_by=successor(file, listed.tenant),
    )


def successor(file: SourceFile, tenant: str) -> str | None:
    """The id of the document that replaces `file`, if one does."""
    return chunking.document_id(tenant, file.superseded_by) if file.superseded_by else None
