"""Attachments: each parsed in a process of its own, then put behind the pages of its message."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ingest import wire
from ingest.parsing.assembly import clean
from ingest.parsing.mail import Attachment
from ingest.records import Block, Fault, Line, PageText, Parsed, Refused

_REFUSED, _OUT_OF_MEMORY = 1, 3
_HEADED: Final = "Attachment: "

Assembled = tuple[tuple[Block, ...], tuple[PageText, ...]]


def apart(parse: Callable[[], Parsed | Refused]) -> Parsed | Refused:
    """What `parse` returns in a process of its own; whatever ends that process is the fault of its file alone."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _answer(theirs, parse)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        received = stream.read(wire.LARGEST + wire.PREFIX + 1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    announced = wire.lengths(received[: wire.PREFIX]) if len(received) >= wire.PREFIX else None
    if code == 0 and announced is not None and len(received) == wire.PREFIX + sum(announced):
        body = wire.PREFIX + announced[0]
        return wire.result(received[wire.PREFIX : body], received[body:])
    return Refused({_REFUSED: Fault.DAMAGED, _OUT_OF_MEMORY: Fault.MEMORY}.get(code, Fault.CRASHED))


def _answer(descriptor: int, parse: Callable[[], Parsed | Refused]) -> None:
    """Parse, answer, end: whatever a library raises is an exit code."""
    code = _REFUSED
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(wire.answer(parse()))
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    finally:
        os._exit(code)


def joined(message: Assembled, attachments: Sequence[Attachment]) -> Assembled:
    """The pages of a message and behind them those of its attachments, each under a heading with its name."""
    blocks, pages = list(message[0]), list(message[1])
    for one in attachments:
        if isinstance(one.result, Parsed):
            more = _behind(one.result, len(pages), _HEADED + " ".join(clean(one.name).split()))
            blocks.extend(more[0])
            pages.extend(more[1])
    return tuple(blocks), tuple(pages)


def _behind(parsed: Parsed, before: int, heading: str) -> Assembled:
    """`parsed` as the pages after `before` ones, `heading` on top of the first."""
    first = Block("heading", heading, before + 1, 0, len(heading), 1)
    blocks = [first]
    for block in parsed.blocks:
        shift = len(heading) + 2 if block.page == 1 else 0
        lines = tuple(
            Line(line.start + shift, line.end + shift, replace(line.box, page=line.box.page + before))
            for line in block.lines
        )
        blocks.append(
            replace(
                block, page=block.page + before, start=block.start + shift, end=block.end + shift, lines=lines,
                level=block.level + 1 if block.kind == "heading" else 0,
            )
        )  # fmt: skip
    pages = [replace(page, number=page.number + before) for page in parsed.pages]
    pages[0] = replace(pages[0], text=f"{heading}\n\n{pages[0].text}" if pages[0].text else heading)
    return tuple(blocks), tuple(pages)
