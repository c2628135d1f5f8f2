"""Builds every bound document of the demonstration from its source text.

Run from the repository's root: ``python -m deploy.demo.generate.build``. A second run
changes no byte.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.demo.generate.markup import Source, SourceError, read_source
from deploy.demo.generate.pdf import render_pdf
from deploy.demo.generate.word import render_docx

TEXTS = Path(__file__).parent / "text"
DOCUMENTS = Path(__file__).parent.parent / "documents"


def render(source: Source) -> bytes:
    """Return the bytes of a source in the format its target names."""
    suffix = Path(source.target).suffix
    if suffix == ".pdf":
        return render_pdf(source)
    if suffix == ".docx":
        return render_docx(source)
    raise SourceError(f"{source.target}: only .pdf and .docx are built")


def render_all(texts: Path = TEXTS) -> dict[str, bytes]:
    """Return every bound document: its path below ``documents/`` and its bytes."""
    sources = [read_source(path) for path in sorted(texts.glob("*.txt"))]
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
