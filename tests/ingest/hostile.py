"""A parser server taken over: what it is asked to parse is Python, which runs in the parser's place."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ingest.records import Block, PageText, Parsed
from ingest.server import serve


def run(name: str, content: bytes, pages: int, models: object, now: bool) -> Parsed:
    """Run `content`; what it leaves in `told` is the text of the only page."""
    names = {"told": f"{name} {pages}"}
    exec(content, names)  # noqa: S102 - the attack itself
    text = str(names["told"])
    return Parsed("t", "text/plain", (Block("text", text, 1, 0, len(text)),), (PageText(1, text),))


if __name__ == "__main__":
    serve(int(sys.argv[1]), run)
