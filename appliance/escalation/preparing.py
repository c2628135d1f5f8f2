"""Steps a and b of an escalation: redact all that would leave, then look at the result by other means.

The second look trusts nothing of the first. Everything that was taken out is searched for in any spelling; so is
everybody whom the house knows; then the detectors read what is left. What turns up is taken out as well, and the whole
is looked at again; what still turns up after that is counted, and policy lets none of it leave.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.access.redactions import Redactions, Way
from appliance.errors import NotScannable
from appliance.escalation.envelope import BODY_BYTES
from appliance.escalation.matter import INSTRUCTIONS, Matter
from appliance.privacy.redacting.standing import Span, standing
from appliance.privacy.redacting.tokens import CODE
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redaction import Redacted, redact
from appliance.records.escalations import Destination
from appliance.records.privacy import Finding

ROUNDS: Final = 3
"""How often what the second look finds is taken out too, before it is only counted."""
_BLANK: Final = "X" * CODE
"""Stands for the code of a token before detectors: what they think of a text must not hang on chance."""


class Finder(Protocol):
    """What finds personal data (`appliance.privacy.detection.Detection`)."""

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:
        """For each text, in order: sorted findings, none overlapping. Raises NotScannable, DetectorUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would leave. `body` are the very bytes; `entities` the kinds that were replaced in `replaced` places;
    `residual` counts what the last look at them still found."""

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
        found = self._finder.find(texts, language=matter.language)
        for _ in range(ROUNDS):
            redacted = [
                redact(part.text, findings, rules=rules, destination=destination.ways, vault=vault, source=part.source)
                for part, findings in zip(matter.parts, found, strict=True)
            ]
            again = self._again(texts, redacted, matter.language)
            if not any(again):
                break
            found = [
                _merged([*first, *_placed(one, more)]) for first, one, more in zip(found, redacted, again, strict=True)
            ]
        body = self._body(destination, redacted)
        done = [one for part in redacted for one in part.replacements]
        return Prepared(
            tuple(redacted),
            body,
            frozenset(str(one.entity) for one in done if one.entity),
            len(done),
            sum(map(len, again)),
        )

    def _again(self, texts: Sequence[str], redacted: Sequence[Redacted], language: str) -> list[list[Finding]]:
        """What is still to be found in each of the redacted texts, in its own places, outside what was put there."""
        taken = _taken(texts, redacted)
        read = self._finder.find([_blanked(one) for one in redacted], language=language)
        return [
            list(_outside(one, [*_standing(one, taken), *self._residual(one.text), *findings]))
            for one, findings in zip(redacted, read, strict=True)
        ]

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


def _taken(texts: Sequence[str], redacted: Sequence[Redacted]) -> dict[str, set[str]]:
    """What was taken out of any of the texts, by its kind. What looked like a token was not anybody's."""
    taken: dict[str, set[str]] = {}
    for text, one in zip(texts, redacted, strict=True):
        for replacement in one.replacements:
            if replacement.entity:
                taken.setdefault(replacement.entity, set()).add(text[replacement.start : replacement.end])
    return taken


def _standing(one: Redacted, taken: dict[str, set[str]]) -> Iterator[Finding]:
    """What was taken out anywhere and stands in this text still."""
    aside = _puts(one)
    for entity, originals in sorted(taken.items()):
        for start, end in standing(one.text, originals, aside=aside):
            yield Finding(start, end, entity, 1.0, "taken out elsewhere")


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


def _outside(one: Redacted, findings: Sequence[Finding]) -> Iterator[Finding]:
    """The parts of `findings` that lie outside what was put there and say something.

    A detector that takes a token for a name often takes in the words beside it: of what reaches over a token only what
    a name or a number can be is kept, not words in small letters.
    """
    puts = _puts(one)
    for finding in findings:
        pieces = list(_cut(finding, puts))
        whole = pieces == [(finding.start, finding.end)]
        for start, end in pieces:
            said = one.text[start:end]
            if any(sign.isalnum() for sign in said) and (whole or any(s.isupper() or s.isdigit() for s in said)):
                yield Finding(start, end, finding.entity, finding.score, finding.source)


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
    """In order and apart from one another: of what overlaps the whole is one, of the kind of what begins first."""
    apart: list[Finding] = []
    for one in sorted(findings):
        before = apart[-1] if apart else None
        if before is not None and one.start < before.end:
            end = max(before.end, one.end)
            apart[-1] = Finding(before.start, end, before.entity, max(before.score, one.score), before.source)
        else:
            apart.append(one)
    return apart
