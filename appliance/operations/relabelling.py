"""Labels once more: what the rules and detectors of today would say of every document, and then saying it.

Nothing is parsed or embedded. What a change takes from readers is written to the index before the registry knows it,
and what it gives is written to the registry's truth last: who stops half-way has left nothing wider open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from appliance.privacy.labelling.labels import raised
from appliance.privacy.labelling.marking import Marking, Stretch, marks_of
from appliance.records import Access, Document, DocumentLabels
from appliance.retrieval.index import Index
from appliance.store.registry import Registry

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One document and its labels anew; `access` is who might read it then."""

    document: Document
    access: Access
    labels: DocumentLabels

    @property
    def differs(self) -> bool:
        """Whether level or labels become others."""
        return self.access != self.document.access

    @property
    def narrower(self) -> bool:
        """Whether fewer people may read it: its level rises."""
        return self.access.level > self.document.access.level

    @property
    def wider(self) -> bool:
        """Whether it opens: its level falls, or a label goes that the policies may close it by."""
        before = self.document.access
        return self.access.level < before.level or not self.access.labels >= before.labels


class Relabelling:
    """Every document of `tenant`, in order of uri."""

    def __init__(self, registry: Registry, index: Index, marking: Marking, *, tenant: str) -> None:
        self._registry = registry
        self._index = index
        self._marking = marking
        self._tenant = tenant

    def total(self) -> int:
        """How many documents there are."""
        return sum(one.access.tenant == self._tenant for one in self._registry.documents())

    def changes(self, *, only_old: bool = False) -> Iterator[Change]:
        """Each document with the labels of today. `only_old` passes over those that have them already."""
        after, version = "", self._marking.version
        while page := self._registry.after(self._tenant, after, _PAGE):
            for document in page:
                kept = self._registry.labels(document.id)
                if only_old and kept is not None and (kept.made_by, kept.version) == (version, document.version):
                    continue
                yield self._change(document, kept)
            after = page[-1].uri

    def _change(self, document: Document, kept: DocumentLabels | None) -> Change:
        pages = [page.text for n in range(1, document.pages + 1) if (page := self._registry.page(document.id, n))]
        listed = _listed(document, kept)
        made = self._marking.labels(document, listed, pages, _stretches(document, pages, kept))
        return Change(document, raised(listed, marks_of(made)), made)

    def apply(self, change: Change) -> bool:
        """Write it; False if the document has become another meanwhile. Who calls it holds `alone`."""
        document = change.document
        now = self._registry.document(document.id)
        record = self._registry.record(document.id)
        if now != document or record is None or record.reason:
            return False
        if change.differs:
            self._index.change_access(document.id, change.access, superseded=document.superseded_by is not None)
        self._registry.relabel(document.id, change.access, change.labels)
        return True


def _listed(document: Document, kept: DocumentLabels | None) -> Access:
    """What the list alone says; where it is not known any more, what holds now: nothing is ever opened by a guess.

    Delete the comparison and `test_relabelling.py::test_a_list_that_is_another_one_now_opens_nothing` fails.
    """
    if kept is None or kept.version != document.version:
        return document.access
    same = replace(kept.listed, level=document.access.level, labels=document.access.labels) == document.access
    return kept.listed if same else document.access


def _stretches(document: Document, pages: Sequence[str], kept: DocumentLabels | None) -> list[Stretch]:
    """The passages as they were labelled before; of documents from before labels, their pages."""
    if kept is None or kept.version != document.version:
        return [(n, n, 0, len(text), text, document.language) for n, text in enumerate(pages, start=1)]
    return [
        (one.position, one.page, one.start, one.end, pages[one.page - 1][one.start : one.end], one.language)
        for one in kept.passages
        if one.page <= len(pages)
    ]
