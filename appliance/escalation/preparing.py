"""Steps a and b of an escalation: redact all that would leave, then look at the result by other means.

The second look trusts nothing of the first. Everything that was taken out is searched for in any spelling; so is
everybody whom the house knows; then the detectors read what is left. What turns up is taken out as well, and the whole
is looked at again; what still turns up after that is counted, and policy lets none of it leave.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.access.redactions import Redactions, Way
from appliance.errors import NotScannable
from appliance.escalation.envelope import BODY_BYTES
from appliance.escalation.matter import INSTRUCTIONS, Matter
from appliance.privacy.redacting.standing import Span, standing
from appliance.privacy.redacting.tokens import CODE
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redacting.writings import Sought, sought
from appliance.privacy.redaction import Redacted, Replacement, redact
from appliance.records.escalations import Destination
from appliance.records.privacy import Entity, Finding

ROUNDS: Final = 3
"""How often what the second look finds is taken out too, before it is only counted."""
_SMALL: Final = frozenset((Entity.SECRET, Entity.EMAIL, Entity.URL, Entity.USERNAME))
"""Kinds that are written in small letters by their nature."""
_STRICT: Final = "en"
"""The language in which detectors doubt least what they find: what is said to be in another is read in it too."""
_BLANK: Final = "X" * CODE
"""Stands for the code of a token before detectors: what they think of a text must not hang on chance."""


class Finder(Protocol):
    """What finds personal data (`appliance.privacy.detection.Detection`)."""

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:
        """For each text, in order: sorted findings, none overlapping. Raises NotScannable, DetectorUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would leave. `body` are the very bytes; `entities` the kinds that were found in any look, `replaced` the
    places where something was replaced; `residual` counts what the last look at them still found."""

    parts: tuple[Redacted, ...]
    body: bytes = field(repr=False)
    entities: frozenset[str]
    replaced: int
    residual: int


class Preparing:
    """Redacts and looks again. `residual` finds everybody whom the house knows (`Known.residual`); `tokens` is the
    longest answer that is asked for."""

    def __init__(self, finder: Finder, residual: Callable[[str], list[Finding]], *, tokens: int) -> None:
        self._finder = finder
        self._residual = residual
        self._tokens = tokens

    def prepare(self, matter: Matter, destination: Destination, *, rules: Redactions, vault: Vault) -> Prepared:
        """`matter` as it may go to `destination`. Raises DetectorUnavailable, NotScannable, VaultClosed,
        RegistryUnavailable: then nothing leaves."""
        texts = [part.text for part in matter.parts]
        languages = [part.language or matter.language for part in matter.parts]
        found = fresh = self._read(texts, [{one} for one in languages])
        taken: dict[str, set[str]] = {}
        for _ in range(ROUNDS):
            redacted = [
                redact(part.text, findings, rules=rules, destination=destination.ways, vault=vault, source=part.source)
                for part, findings in zip(matter.parts, found, strict=True)
            ]
            _take(taken, texts, redacted, fresh)
            again = self._again(texts, redacted, languages, taken)
            if not any(again):
                break
            fresh = [list(_placed(one, more)) for one, more in zip(redacted, again, strict=True)]
            found = [_merged([*before, *more]) for before, more in zip(found, fresh, strict=True)]
        return Prepared(
            tuple(redacted),
            self._body(destination, redacted),
            frozenset(taken) | {str(one.entity) for findings in again for one in findings},
            sum(len(part.replacements) for part in redacted),
            sum(map(len, again)),
        )

    def _again(
        self,
        texts: Sequence[str],
        redacted: Sequence[Redacted],
        languages: Sequence[str],
        taken: Mapping[str, Collection[str]],
    ) -> list[list[Finding]]:
        """What is still to be found in each of the redacted texts, in its own places, outside what was put there."""
        told = {kind: sought(originals, kind) for kind, originals in taken.items()}
        read = self._read([_blanked(one) for one in redacted], [{one, _STRICT} for one in languages])
        return [
            [*_outside(one, [*_standing(one, told), *self._residual(one.text)]), *_outside(one, findings, text)]
            for one, findings, text in zip(redacted, read, texts, strict=True)
        ]

    def _read(self, texts: Sequence[str], languages: Sequence[set[str]]) -> list[list[Finding]]:
        """What the detectors find in each text, read in each of its languages."""
        found: list[list[Finding]] = [[] for _ in texts]
        for language in sorted(set().union(*languages)):
            at = [place for place, some in enumerate(languages) if language in some]
            told = self._finder.find([texts[place] for place in at], language=language)
            for place, findings in zip(at, told, strict=True):
                found[place] += [one for one in findings if one not in found[place]]
        return found

    def _body(self, destination: Destination, redacted: Sequence[Redacted]) -> bytes:
        """The request's body as bytes. Raises NotScannable if it is too large, or no text."""
        asked = "\n\n".join(one.text for one in redacted)
        plain = {
            "model": destination.model,
            "messages": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": asked}],
            "max_tokens": self._tokens,
            "temperature": 0,
            "stream": False,
        }
        try:
            body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            raise NotScannable("What would leave holds characters that no text has.") from None
        if len(body) > BODY_BYTES:
            raise NotScannable(f"What would leave has {len(body):,} bytes; {BODY_BYTES:,} are the most.")
        return body


def _take(
    taken: dict[str, set[str]],
    texts: Sequence[str],
    redacted: Sequence[Redacted],
    fresh: Sequence[Sequence[Finding]],
) -> None:
    """Adds to `taken` what was taken out of the texts, by its kind: as it was found, since of findings that are joined
    only one names the whole, and as it was replaced. What looked like a token was not anybody's."""
    for text, one, findings in zip(texts, redacted, fresh, strict=True):
        spans: list[Finding | Replacement] = [*findings, *one.replacements]
        for span in spans:
            if span.entity:
                taken.setdefault(str(span.entity), set()).add(text[span.start : span.end])


def _standing(one: Redacted, taken: Mapping[str, Sought]) -> Iterator[Finding]:
    """What was taken out anywhere and stands in this text still."""
    for (start, end), kind in standing(one.text, taken, aside=_puts(one)):
        yield Finding(start, end, kind, 1.0, "taken out elsewhere")


def _puts(one: Redacted) -> list[Span]:
    return [(put.at, put.at + len(put.put)) for put in one.replacements]


def _blanked(one: Redacted) -> str:
    """The text with the same code in every token, at the same places."""
    pieces: list[str] = []
    copied = 0
    for put in one.replacements:
        end = put.at + len(put.put)
        if put.way is Way.TOKEN:
            pieces += [one.text[copied : end - CODE], _BLANK]
            copied = end
    return "".join([*pieces, one.text[copied:]])


def _outside(one: Redacted, findings: Sequence[Finding], original: str | None = None) -> Iterator[Finding]:
    """The parts of `findings` that lie outside what was put there and say something. `original`, the text before
    anything was put there, is given for findings of detectors, which may guess.

    One that takes a token for a name often takes in the words beside it, and once these are a token too, the next
    words: taken out, they would eat the sentence, and after the last round deny it. So of what reaches over a token a
    piece all in small letters is dropped, unless what stood where the token stands was in small letters too (who
    writes "renner" writes "tobias"), or the kind is written in small letters by its nature. What that gives up is a
    name half in capitals and half not, of which the first look saw only the capitals. Pieces in a script that has no
    small letters are kept.
    """
    puts = _puts(one)
    for finding in findings:
        for start, end in _cut(finding, puts):
            said = one.text[start:end]
            if not any(sign.isalnum() for sign in said):
                continue
            if original is None or (start, end) == (finding.start, finding.end) or _says(said, finding, one, original):
                yield Finding(start, end, finding.entity, finding.score, finding.source)


def _says(said: str, finding: Finding, one: Redacted, original: str) -> bool:
    """Whether a piece of a detector's finding that reaches over a token says anything."""
    if finding.entity in _SMALL or any(sign.isalnum() and not sign.islower() for sign in said):
        return True
    reached = (put for put in one.replacements if put.at < finding.end and finding.start < put.at + len(put.put))
    return any(put.entity and original[put.start : put.end].islower() for put in reached)


def _cut(finding: Finding, puts: Sequence[Span]) -> Iterator[Span]:
    start = finding.start
    for begins, ends in puts:
        if ends <= start or begins >= finding.end:
            continue
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < finding.end:
        yield start, finding.end


def _placed(one: Redacted, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Where `findings` in the redacted text stand in the original: they lie outside what was put there."""
    for finding in findings:
        shift = 0
        for put in one.replacements:
            if put.at + len(put.put) <= finding.start:
                shift = put.end - (put.at + len(put.put))
        yield Finding(finding.start + shift, finding.end + shift, finding.entity, finding.score, finding.source)


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """In order and apart from one another: of what overlaps the whole is one, of the kind of what begins first, but a
    secret stays one."""
    apart: list[Finding] = []
    for one in sorted(findings):
        before = apart[-1] if apart else None
        if before is not None and one.start < before.end:
            end = max(before.end, one.end)
            kind = one.entity if one.entity == Entity.SECRET else before.entity
            apart[-1] = Finding(before.start, end, kind, max(before.score, one.score), before.source)
        else:
            apart.append(one)
    return apart
