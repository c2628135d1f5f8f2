"""A conversation as a PDF: text and nothing else, with its fonts inside, so that it looks the same everywhere.

What comes from documents and people is made plain first, as in the Markdown file, and is drawn letter by letter: no
mark-up is read in it, and the file has no link, no script and no form. A sign that the font does not have stands there
as its number.
"""

import io
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from appliance.answering.plain import plainly
from appliance.api.conversation_views import ConversationView, TurnView
from appliance.errors import QueueFull

PLAIN, BOLD, SLANTED = "Vera", "VeraBd", "VeraIt"
"""Bitstream Vera, which reportlab brings along: its licence lets anyone embed it."""
WIDTH, HEIGHT = 595.28, 841.89
"""A4, in points."""
MARGIN: Final = 57.0
_ONE_AT_A_TIME: Final = threading.Lock()
"""The fonts are the process's, and reckon with one document at a time."""
PATIENCE: Final = 2.0
"""Seconds that one document waits for another: whoever waits holds a thread that others need."""
_WORDS: Final = {
    "en": {
        "exported": "From what could be read by its owner when it was exported. Begun {begun}.",
        "understood": "Understood as: {text}",
        "source": "[{number}] {title}, page {page} ({uri})",
        "withdrawn": "{count} sentences are not shown any more: a document behind them is gone, or is not for you now.",
        "NO_EVIDENCE": "Nothing that you may read speaks about this.",
        "NOT_ANSWERED": "The documents that you may read come near, but do not answer this.",
        "NOT_VERIFIED": "An answer was written, but it could not be verified against the documents.",
        "WITHDRAWN": "What this answer was drawn from changed while it was written.",
    },
    "de": {
        "exported": "Aus dem, was beim Export gelesen werden durfte. Begonnen am {begun}.",
        "understood": "Verstanden als: {text}",
        "source": "[{number}] {title}, Seite {page} ({uri})",
        "withdrawn": "{count} Sätze werden nicht mehr gezeigt: Ein Dokument dahinter ist fort oder nicht mehr für Sie.",
        "NO_EVIDENCE": "Nichts, was Sie lesen dürfen, spricht davon.",
        "NOT_ANSWERED": "Was Sie lesen dürfen, kommt dem nahe, beantwortet es aber nicht.",
        "NOT_VERIFIED": "Eine Antwort wurde geschrieben, ließ sich aber an den Dokumenten nicht belegen.",
        "WITHDRAWN": "Worauf diese Antwort beruhte, hat sich geändert, während sie geschrieben wurde.",
    },
}


def pdf(view: ConversationView, *, language: str = "en") -> bytes:
    """The conversation, turn by turn, with where each sentence stands; our own words in `language` (de, or English).

    Raises QueueFull if others are written just now.
    """
    words = _WORDS.get(language, _WORDS["en"])
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        raise QueueFull("Other conversations are just being written as PDF.", advice="Try again in a moment.")
    try:
        sheet = _Sheet()
        sheet.write(view.title, BOLD, 15)
        sheet.write(words["exported"].format(begun=f"{view.created:%Y-%m-%d %H:%M} UTC"), PLAIN, 8.5, grey=0.35)
        for turn in view.questions:
            sheet.gap(14)
            _turn(sheet, turn, words)
        return sheet.done()
    finally:
        _ONE_AT_A_TIME.release()


def _turn(sheet: "_Sheet", turn: TurnView, words: dict[str, str]) -> None:
    sheet.write(turn.question, BOLD, 11)
    if turn.understood:
        sheet.write(words["understood"].format(text=turn.understood), SLANTED, 9, grey=0.3)
    said = " ".join(
        plainly(one.text) + "".join(f" [{cited.number}]" for cited in one.citations) for one in turn.sentences
    )
    if said:
        sheet.write(said, PLAIN, 10.5)
    if turn.refusal is not None:
        sheet.write(words[turn.refusal.code], PLAIN, 10.5)
    if turn.withdrawn:
        sheet.write(words["withdrawn"].format(count=turn.withdrawn), SLANTED, 9, grey=0.3)
    cited = {one.number: one for sentence in turn.sentences for one in sentence.citations}
    for number, one in sorted(cited.items()):
        told = words["source"].format(number=number, title=plainly(one.title), page=one.page, uri=plainly(one.uri))
        sheet.write(told, PLAIN, 8.5, grey=0.3, indent=12)


class _Sheet:
    """Pages that are written from the top to the bottom, each with its number."""

    def __init__(self) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self._fonts = _fonts()
        self._held = io.BytesIO()
        # invariant: the file tells no time and no number that could be traced
        self._canvas: Any = Canvas(self._held, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        self._canvas.setTitle("Muniment")
        self._page, self._left = 1, HEIGHT - MARGIN

    def write(self, text: str, font: str, size: float, *, grey: float = 0.0, indent: float = 0.0) -> None:
        """A paragraph below what stands there already."""
        step = size * 1.4
        for line in self._lines(plainly(text), font, size, WIDTH - 2 * MARGIN - indent):
            if self._left - step < MARGIN:
                self._turn()
            self._left -= step
            self._canvas.setFillGray(grey)
            self._canvas.setFont(font, size)
            self._canvas.drawString(MARGIN + indent, self._left, line)
        self.gap(4)

    def gap(self, points: float) -> None:
        """Leave some room."""
        self._left -= points

    def done(self) -> bytes:
        """The file."""
        self._number()
        self._canvas.save()
        return self._held.getvalue()

    def _turn(self) -> None:
        self._number()
        self._canvas.showPage()
        self._page, self._left = self._page + 1, HEIGHT - MARGIN

    def _number(self) -> None:
        self._canvas.setFillGray(0.35)
        self._canvas.setFont(PLAIN, 8.5)
        self._canvas.drawRightString(WIDTH - MARGIN, MARGIN / 2, str(self._page))

    def _lines(self, text: str, font: str, size: float, width: float) -> Iterator[str]:
        """`text` in lines that are no wider than `width` points; a word that is wider is broken."""
        line = ""
        for word in self._drawn(text, font).split():
            for part in self._pieces(word, font, size, width):
                longer = f"{line} {part}" if line else part
                if line and self._wide(longer, font, size) > width:
                    yield line
                    line = part
                else:
                    line = longer
        if line:
            yield line

    def _pieces(self, word: str, font: str, size: float, width: float) -> Iterator[str]:
        """`word`, broken where it is too wide. Widths are added letter by letter: some languages set no blanks."""
        begun, used = 0, 0.0
        for place, letter in enumerate(word):
            wide = self._wide(letter, font, size)
            if place > begun and used + wide > width:
                yield word[begun:place]
                begun, used = place, 0.0
            used += wide
        if word[begun:]:
            yield word[begun:]

    def _wide(self, text: str, font: str, size: float) -> float:
        return float(self._fonts[font].stringWidth(text, size))

    def _drawn(self, text: str, font: str) -> str:
        signs = self._fonts[font].face.charToGlyph
        return "".join(one if one == " " or ord(one) in signs else f"(U+{ord(one):04X})" for one in text)


@cache
def _fonts() -> dict[str, Any]:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    fonts = {name: TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD, SLANTED)}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return fonts
