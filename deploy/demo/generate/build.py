"""Builds every bound document of the demonstration from its source text.

Run from the repository's root: ``python -m deploy.demo.generate.build``. A second run
changes no byte.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.demo.generate.bank.house import render_bank
from deploy.demo.generate.mail import read_letter, render_eml
from deploy.demo.generate.markup import NOTICES, Source, SourceError, read_source
from deploy.demo.generate.pdf import render_pdf
from deploy.demo.generate.scans import render_scan
from deploy.demo.generate.sheets import render_csv, render_xlsx
from deploy.demo.generate.slides import render_pptx
from deploy.demo.generate.word import render_docx

TEXTS = Path(__file__).parent / "text"
DOCUMENTS = Path(__file__).parent.parent / "documents"
_FORMATS = {
    ".pdf": render_pdf,
    ".docx": render_docx,
    ".xlsx": render_xlsx,
    ".csv": render_csv,
    ".pptx": render_pptx,
}


def render(source: Source) -> bytes:
    """Return the bytes of a source in the format its target names."""
    if source.form == "scan":
        return render_scan(source)
    suffix = Path(source.target).suffix
    if suffix not in _FORMATS:
        raise SourceError(f"{source.target}: only {', '.join(_FORMATS)} and, as a scan, .tif are built")
    return _FORMATS[suffix](source)


def render_all(texts: Path = TEXTS) -> dict[str, bytes]:
    """Return every bound document of hospital and bank: its path below ``documents/`` and its bytes."""
    made = _rendered(texts)
    attached = _rendered(texts / "attached")
    for path in sorted((texts / "letters").glob("*.txt")):
        letter = read_letter(path)
        made[letter.target] = render_eml(letter, attached, notice=NOTICES[letter.language])
    return made | render_bank(render)


def _rendered(folder: Path) -> dict[str, bytes]:
    sources = [read_source(path) for path in sorted(folder.glob("*.txt"))]
    return {source.target: render(source) for source in sources}


def main(documents: Path = DOCUMENTS) -> int:
    """Write the documents that differ from what lies there, and say how many those were."""
    changed = 0
    rendered = render_all()
    for target, content in rendered.items():
        path = documents / target
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        changed += 1
    sys.stdout.write(f"{len(rendered)} documents, {changed} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
