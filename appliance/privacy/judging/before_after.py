"""One text before and after: as it is, as it would go to each destination, restored. Values, and a page. Pure.

The page holds the text as it is: it is for those who may read it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.privacy.redaction import Redacted
from appliance.records.privacy import Finding


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. `kind` is "" for what stays as it is; `way` is what became of it."""

    text: str
    kind: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What goes to one destination, and what comes back from there."""

    redacted: Redacted
    restored: str
    whole: bool
    """Whether everything came back: nothing was removed or widened."""

    @property
    def pieces(self) -> list[Piece]:
        """The redacted text, what was put in marked by kind and way."""
        spans = [
            (one.at, one.at + len(one.put), one.entity or "TOKEN", str(one.way)) for one in self.redacted.replacements
        ]
        return list(_cut(self.redacted.text, spans))


def found(text: str, findings: Sequence[Finding]) -> list[Piece]:
    """The text as it is, what was found in it marked by kind."""
    return list(_cut(text, [(one.start, one.end, one.entity, "") for one in findings]))


def render(name: str, before: Sequence[Piece], gone: Sequence[Gone]) -> str:
    """The page."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader("appliance.privacy.judging", "."), PackageLoader("appliance.workshop", ".")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("before_after.html.j2").render(name=name, before=before, gone=gone)


def _cut(text: str, spans: Sequence[tuple[int, int, str, str]]) -> Iterator[Piece]:
    copied = 0
    for start, end, kind, way in spans:
        if start > copied:
            yield Piece(text[copied:start])
        yield Piece(text[start:end], kind, way)
        copied = end
    if copied < len(text):
        yield Piece(text[copied:])
