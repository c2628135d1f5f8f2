"""The bank's sources: texts beside this module become documents, texts in ``attached/`` hang on its mails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from deploy.demo.generate.mail import read_letter, render_eml
from deploy.demo.generate.markup import Source, read_source

BANK = Path(__file__).parent
NOTICES = {
    "en": "Weir Savings Bank is invented; so is everyone in it.",
    "de": "Die Wehr-Sparbank ist erfunden, ebenso alle Personen darin.",
}
Render = Callable[[Source], bytes]


def render_bank(render: Render, folder: Path = BANK) -> dict[str, bytes]:
    """Return the bank's bound documents and mails: each path below ``documents/`` and its bytes.

    `render` sets one source in the format that its target names.
    """
    made = {source.target: render(source) for source in _sources(folder)}
    attached = {source.target: render(source) for source in _sources(folder / "attached")}
    for path in sorted((folder / "letters").glob("*.txt")):
        letter = read_letter(path)
        made[letter.target] = render_eml(letter, attached, notice=NOTICES[letter.language])
    return made


def _sources(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.glob("*.txt")):
        source = read_source(path)
        yield replace(source, notice=NOTICES[source.language])
