"""How the house is doing, as HTML: parts, figures and tables beside the plots."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from ui.operations.client import Index, Ledger, Model, Part, Questions, Times
from ui.operations.plots import seconds
from ui.words.said import said
from ui.words.speech import later, say, say_html
from ui.words.times import moment, number

PARTS: Final = {
    "store": later("Vector store"),
    "model": later("Chat model"),
    "registry": later("Database"),
    "ledger": later("Ledger"),
    "checkpoints": later("Checkpoints"),
    "policies": later("Policies"),
    "directory": later("Directory"),
    "worker": later("Worker"),
    "door": later("Door"),
}
STATES: Final = {
    "queued": later("waiting"),
    "running": later("being worked on"),
    "removing": later("being removed"),
    "stored": later("brought in"),
    "quarantined": later("quarantined"),
    "withdrawn": later("withdrawn"),
    "updating": later("being updated"),
    "proposed": later("prepared"),
    "awaiting": later("waiting for approval"),
    "approved": later("approved"),
    "sent": later("on their way"),
    "answered": later("answered"),
    "failed": later("failed"),
    "denied": later("not allowed"),
    "expired": later("over without being sent"),
    "open": later("to be reviewed"),
    "overdue": later("overdue"),
}
STEPS: Final = {
    "waited": later("until its turn came"),
    "first": later("until the first sentence"),
    "whole": later("until it was complete"),
}
ROLES: Final = {
    "chat": later("answers"),
    "embedding": later("index"),
    "ocr": later("scanned pages"),
    "names": later("names in texts"),
    "personal-data": later("personal data in texts"),
    "reranking": later("order of hits"),
}
STORED: Final = {
    "documents": later("documents"),
    "index": later("index"),
    "database": later("database"),
    "models": later("models"),
    "ledger's second place": later("the ledger's second place"),
    "ledger's reserve": later("the ledger's reserve"),
    "policies": later("policies"),
    "logs and sockets": later("logs and sockets"),
}


def worded(words: Mapping[str, str], name: str) -> str:
    """What is known by `name`, in words of ours; by its own name where there are none."""
    return say(words[name]) if name in words else name


def health(parts: Sequence[Part]) -> str:
    """Each part: a word and a sign, never colour alone."""
    broken = [part for part in parts if not part.works]
    head = say("All parts work: {count}", count=len(parts))
    if broken:
        head = say("Parts that do not work: {count}", count=len(broken))
    tiles = "".join(_part(part) for part in sorted(parts, key=lambda one: (one.works, one.name)))
    style = "mun-ill" if broken else "mun-well"
    return f'<div class="mun-health {style}" role="status">{head}</div><ul class="mun-parts">{tiles}</ul>'


def _part(part: Part) -> str:
    state = say("works") if part.works else f"<code>{said(part.state)}</code>"
    sign = "✓" if part.works else "✕"
    style = "mun-well" if part.works else "mun-ill"
    took = say("in {count} ms", count=number(part.seconds * 1000))
    return (
        f'<li class="mun-part {style}"><span aria-hidden="true">{sign}</span> '
        f"<strong>{said(worded(PARTS, part.name))}</strong><div>{state} · {took}</div></li>"
    )


def queue(one: Questions) -> str:
    """The queue of questions."""
    running = say("{count} of {most} being answered", count=one.running, most=one.places)
    waiting = say("{count} of at most {most} waiting", count=one.waiting, most=one.room)
    return tiles([(say("Questions"), running), (say("Queue"), waiting)])


def tiles(named: Iterable[tuple[str, str]]) -> str:
    """Figures that are looked at first, as HTML."""
    inside = "".join(f'<div class="mun-tile"><dt>{name}</dt><dd>{told}</dd></div>' for name, told in named)
    return f'<dl class="mun-tiles">{inside}</dl>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """A table of ours; each cell is HTML. The first column is what the row is about."""
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<div class="mun-scroll" tabindex="0" role="region" aria-label="{caption}"><table class="mun-table">'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def counts(counted: Mapping[str, int], caption: str, words: Mapping[str, str] = STATES) -> str:
    """What there is how many of."""
    rows = [(said(worded(words, name)), number(count)) for name, count in counted.items()]
    return table([say("what"), say("count")], rows, caption)


def times(found: Sequence[Times], caption: str, words: Mapping[str, str]) -> str:
    """How long each took."""
    rows = [
        (said(worded(words, one.kind)), number(one.count), _within(one.half), _within(one.nearly_all)) for one in found
    ]
    heads = [say("what"), say("count"), say("half within"), say("95 of 100 within")]
    return table(heads, rows, caption)


def _within(value: float | None) -> str:
    return say("longer than any bound") if value is None else f"{seconds(value)} s"


def models(found: Sequence[Model]) -> str:
    """The models in use."""
    rows = [
        (said(worded(ROLES, one.role)), said(one.name), said(one.engine), f"<code>{said(one.digest)}</code>")
        for one in found
    ]
    return table([say("for"), say("model"), say("engine"), say("digest begins")], rows, say("Models in use"))


def index(one: Index) -> tuple[str, str]:
    """The index, as a tile."""
    made = say_html(
        "made with {embedder}, {dimension} numbers each; words by {words}",
        embedder=one.embedder, dimension=one.dimension, words=one.words,
    )  # fmt: skip
    return say("Passages in the index"), f"{number(one.passages)}<div>{made}</div>"


def ledger(one: Ledger, zone: tzinfo) -> str:
    """How far the ledger is vouched for."""
    if one.at is None:
        last = say("none yet")
    else:
        last = say("number {number}, {moment}", number=one.number, moment=moment(one.at, zone))
    open_ = one.entries - one.covers
    return tiles(
        [
            (say("Entries in the ledger"), number(one.entries)),
            (say("Last checkpoint"), last),
            (say("Entries after it"), number(open_)),
            (say("Checkpoints on their way to the second place"), number(one.waiting)),
        ]
    )


def oldest(at: datetime, zone: tzinfo) -> str:
    """Since when the oldest waits."""
    return f'<div class="mun-note">{say("The oldest with work left came on {moment}.", moment=moment(at, zone))}</div>'


def stored(part: str) -> str:
    """A part that keeps something, as HTML."""
    return said(worded(STORED, part))


def version(told: str | None) -> str:
    """A version, as HTML."""
    return f"<code>{said(told)}</code>" if told else say("not known")


def unknown(what: str) -> str:
    """That something cannot be told now: never shown as nothing."""
    return f'<div class="mun-no"><b>{what}</b>{say("This cannot be told at this moment.")}</div>'


def since(at: datetime, zone: tzinfo) -> str:
    """When this was."""
    return f'<div class="mun-note">{say("As of {moment}", moment=moment(at, zone))}</div>'
