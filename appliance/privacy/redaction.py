"""Redaction: what was found private in a text is removed, widened or replaced by a token, as the policy says.

A `Redacted` can be built only here: its constructor asks for this module's seal. What takes one knows that every
finding was dealt with, that whatever looked like a token is none, and that the tokens in it can be turned back.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import Final, final

from appliance.access.redactions import Redactions, Way
from appliance.errors import DetectorUnavailable
from appliance.privacy.detecting.plain import View, folded, unveiled
from appliance.privacy.redacting.generalising import wider
from appliance.privacy.redacting.surrogates import Entry, Mention
from appliance.privacy.redacting.tokens import inside_word, kind_of, seen_in
from appliance.privacy.redacting.vault import Vault
from appliance.records.privacy import Entity, Finding

QUESTION: Final = "question"
"""The source of what a person wrote himself."""
_ISSUED_HERE: Final = object()
_STRICTNESS: Final = (Way.GENERALISE, Way.TOKEN, Way.REMOVE)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands instead of the original's characters `start` to `end`: `put`, from `at` on in the redacted text.

    `entity` ("" for what looked like a token), `source` (the detector or rule) and `way` are the reason. `number` is
    the entry of the vault that turns a token back, 0 for what is not turned back.
    """

    entity: str
    start: int
    end: int
    source: str
    way: Way
    put: str = ""
    at: int = 0
    number: int = 0


@final
@dataclass(frozen=True, slots=True)
class Redacted:
    """A text as it may go to `destination`, and what was replaced in it, in order. `digest` names all of that."""

    text: str = field(repr=False)
    replacements: tuple[Replacement, ...]
    destination: str
    thread: str
    digest: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _ISSUED_HERE:
            raise TypeError("a Redacted is built only by appliance.privacy.redaction")


def redact(
    text: str,
    findings: Sequence[Finding],
    *,
    rules: Redactions,
    destination: str,
    vault: Vault,
    source: str = QUESTION,
) -> Redacted:
    """`text` as it may go to `destination`. `findings` are all that was found, in order; `source` is the passage's id.

    1 the findings are sound; 2 each has its way, and whatever looks like a token becomes one; 3 none stands right
    beside another or inside a word; 4 words are put in their places.
    Raises DetectorUnavailable for findings that are none, VaultClosed, NotScannable, RegistryUnavailable.
    """
    _check(text, findings)
    spans = [_span(text, finding, rules.way(finding.entity, destination)) for finding in findings]
    apart = _apart(text, [*spans, *_marks(text, vault)])
    tokens = iter(_issued(text, apart, vault, source))
    done: list[Replacement] = []
    pieces: list[str] = []
    copied = length = 0
    for span in apart:
        entry = next(tokens) if span.way is Way.TOKEN else None
        put = entry.token if entry else _said(text[span.start : span.end], span, rules, vault)
        before = text[copied : span.start]
        at = length + len(before)
        done.append(replace(span, put=put, at=at, number=entry.number if entry else 0))
        pieces += [before, put]
        copied, length = span.end, at + len(put)
    told = "".join([*pieces, text[copied:]])
    return Redacted(
        told, tuple(done), destination, vault.thread, _digest(told, done, destination, vault), seal=_ISSUED_HERE
    )


def _check(text: str, findings: Sequence[Finding]) -> None:
    """Findings lie inside the text, in order, apart from one another, and none is empty. Raises DetectorUnavailable."""
    reached = 0
    for finding in findings:
        if not reached <= finding.start < finding.end <= len(text) or not finding.entity:
            raise DetectorUnavailable("Findings overlap, are out of order, empty, or lie outside the text.")
        reached = finding.end


def _span(text: str, finding: Finding, way: Way) -> Replacement:
    """Where `finding` is to be replaced: a possessive stays, so that a name and its possessive are one mention."""
    end = finding.end
    if finding.entity == Entity.PERSON and text[finding.start : end].endswith(("'s", "’s", "'S", "’S")):
        end = max(finding.start + 1, end - 2)
    return Replacement(finding.entity, finding.start, end, finding.source, way)


def _marks(text: str, vault: Vault) -> list[Replacement]:
    """What looks like a token in the text itself: turned back later, it would name somebody whom it never meant."""
    as_read = _as_read(text)
    seen = [(one, (one.start, one.end)) for one in seen_in(text)]
    seen += [(one, as_read.span(one.start, one.end)) for one in seen_in(as_read.text)]
    known = vault.opened() if any(not one.strict for one, _ in seen) else None
    return [
        Replacement("", start, end, "looks like a token", Way.TOKEN)
        for one, (start, end) in seen
        if one.strict or (known and known.forms(one.token))
    ]


def _as_read(text: str) -> View:
    """The text without what is invisible: a model reads a token that has such a sign inside as the token."""
    return unveiled(text) or folded(text)


def _apart(text: str, spans: Iterable[Replacement]) -> list[Replacement]:
    """The spans in order, those that become tokens widened to whole words, and joined where they overlap or touch.

    Of what is joined the stricter way counts, and the first one that is a finding names it.
    """
    apart: list[Replacement] = []
    for span in sorted((_whole(text, one) for one in spans), key=lambda one: (one.start, one.end)):
        before = apart[-1] if apart else None
        if before and _meet(before, span):
            apart[-1] = _joined(before, span)
        else:
            apart.append(span)
    return apart


def _whole(text: str, span: Replacement) -> Replacement:
    if span.way is not Way.TOKEN:
        return span
    start, end = span.start, span.end
    while start > 0 and inside_word(text[start - 1]):
        start -= 1
    while end < len(text) and inside_word(text[end]):
        end += 1
    return replace(span, start=start, end=end)


def _meet(before: Replacement, span: Replacement) -> bool:
    touching = Way.TOKEN in (before.way, span.way) and span.start == before.end
    return span.start < before.end or touching


def _joined(before: Replacement, span: Replacement) -> Replacement:
    named = before if before.entity or not span.entity else span
    way = max(before.way, span.way, key=_STRICTNESS.index)
    return replace(named, start=before.start, end=max(before.end, span.end), way=way)


def _issued(text: str, spans: Iterable[Replacement], vault: Vault, source: str) -> list[Entry]:
    told = [Mention(span.entity, text[span.start : span.end], source) for span in spans if span.way is Way.TOKEN]
    return vault.issue(told, beside=f"{text}\n{_as_read(text).text}") if told else []


def _said(original: str, span: Replacement, rules: Redactions, vault: Vault) -> str:
    """What is said where no token stands."""
    put = None
    if span.way is Way.GENERALISE:
        put = wider(span.entity, original, this_year=vault.today, regions=rules.regions)
    return put or f"[{kind_of(span.entity).lower()} removed]"


def _digest(told: str, done: Iterable[Replacement], destination: str, vault: Vault) -> str:
    """SHA-256 (hexadecimal) over what left and why; nothing of the original can be tried out against it."""
    lines = [f"{one.entity}\0{one.start}\0{one.end}\0{one.source}\0{one.way}\0{one.put}" for one in done]
    whole = "\1".join([destination, vault.thread, told, *lines])
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
