"""What is asked in the house and what would leave, side by side as HTML: what was replaced is marked and numbered."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ui.outside.client import Piece
from ui.words.said import said
from ui.words.speech import later, say

QUESTION: Final = "question"
"""The source of the piece that is the question itself."""
KINDS: Final = {
    "PERSON": later("name"),
    "USERNAME": later("user name"),
    "ORGANIZATION": later("organisation"),
    "ADDRESS": later("address"),
    "LOCATION": later("place"),
    "POSTCODE": later("postcode"),
    "PHONE": later("telephone number"),
    "EMAIL": later("mail address"),
    "URL": later("web address"),
    "MRN": later("patient number"),
    "CLAIM": later("claim number"),
    "MEMBER": later("member number"),
    "ACCOUNT": later("account"),
    "IBAN": later("IBAN"),
    "AGE": later("age"),
    "DATE_OF_BIRTH": later("date of birth"),
    "DATE": later("date"),
    "SECRET": later("secret"),
    "NATIONALITY": later("nationality, religion or political group"),
    "TITLE": later("title"),
    "IP_ADDRESS": later("IP address"),
    "MAC_ADDRESS": later("MAC address"),
    "SSN": later("social security number"),
    "TAX_ID": later("tax number"),
    "PENSION_INSURANCE": later("pension insurance number"),
    "NATIONAL_ID": later("identity card number"),
    "PASSPORT": later("passport number"),
    "DRIVING_LICENCE": later("driving licence number"),
    "LICENCE": later("licence number"),
    "PLATE": later("number plate"),
    "VIN": later("vehicle number"),
    "ACCESSION": later("accession number"),
    "HEALTH_PLAN": later("health plan number"),
    "HEALTH_INSURANCE": later("health insurance number"),
    "NHS": later("NHS number"),
    "NPI": later("provider number (NPI)"),
    "DEA": later("DEA number"),
    "DEVICE": later("device's serial number"),
    "UDI": later("device identifier (UDI)"),
    "SORT_CODE": later("sort code"),
    "ROUTING": later("routing number"),
    "BIC": later("BIC"),
    "CARD": later("card number"),
}
"""What was replaced, in words; of a kind of the site's own the house's word is shown."""


class Place(NamedTuple):
    """A stretch of a text that is marked: what it is, and its number on both sides."""

    start: int
    end: int
    kind: str
    number: int


def beside(pieces: list[Piece], *, left: bool = False) -> str:
    """Every piece in both its forms. `left`: it has left already."""
    if not pieces:
        return ""
    rows, number = [], 1
    for passage, piece in enumerate(pieces, start=1):
        called = say("The question") if piece.source == QUESTION else say("Passage {number}", number=passage)
        rows.append(_row(called, piece, number, say("What left") if left else say("What would leave")))
        number += len(piece.replaced)
    return f'<div class="mun-beside">{"".join(rows)}</div>'


def taken_out(pieces: list[Piece]) -> str:
    """How much of what kind was replaced, as one line."""
    counts: dict[str, int] = {}
    for piece in pieces:
        for one in piece.replaced:
            counts[one.kind] = counts.get(one.kind, 0) + 1
    if not counts:
        return f'<div class="mun-note">{say("Nothing private was found, so nothing was replaced.")}</div>'
    words = "".join(f'<span class="mun-word">{count} × {kind(name)}</span>' for name, count in sorted(counts.items()))
    return f'<div class="mun-note">{say("Replaced before it leaves:")} {words}</div>'


def kind(name: str) -> str:
    """A kind of what is replaced, as HTML."""
    return say(KINDS[name]) if name in KINDS else said(name.replace("_", " ").lower())


def _row(called: str, piece: Piece, first: int, away: str) -> str:
    here = [Place(one.start, one.end, one.kind, first + turn) for turn, one in enumerate(piece.replaced)]
    there = [Place(one.at, one.at + len(one.put), one.kind, first + turn) for turn, one in enumerate(piece.replaced)]
    return (
        f'<section aria-label="{called}"><h3 class="mun-piece">{called}</h3><div class="mun-two">'
        f"{_side(say('In this house'), piece.original, here, out=True)}"
        f"{_side(away, piece.leaving, there, out=False)}</div></section>"
    )


def _side(called: str, text: str | None, places: list[Place], *, out: bool) -> str:
    told = f'<div class="mun-note">{say("Not for you.")}</div>' if text is None else _marked(text, places, out=out)
    return f'<div class="mun-side"><div class="mun-side-head">{called}</div>{told}</div>'


def _marked(text: str, places: list[Place], *, out: bool) -> str:
    parts = []
    for stretch, place in _stretches(text, places):
        if place is None:
            parts.append(said(stretch))
            continue
        tag = "del" if out else "ins"
        parts.append(
            f'<{tag} class="mun-put">{said(stretch)}<sup title="{kind(place.kind) if place.kind in KINDS else ""}">'
            f"{place.number}</sup></{tag}>"
        )
    return f'<div class="mun-piece-text" dir="auto">{"".join(parts)}</div>'


def _stretches(text: str, places: list[Place]) -> Iterator[tuple[str, Place | None]]:
    """`text` in order, cut where a place begins or ends. What lies outside of it, or in another, marks nothing."""
    done = 0
    for place in sorted(places):
        if not done <= place.start < place.end <= len(text):
            continue
        if place.start > done:
            yield text[done : place.start], None
        yield text[place.start : place.end], place
        done = place.end
    if done < len(text):
        yield text[done:], None
