"""A scripted Desk and Reader for the API and the portal: small real classes that satisfy the ports by their types.

Each question names its own scene; the pages are two made-up ones, one with a drawn picture and one without.
"""

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from PIL import Image, ImageDraw

from appliance.answering.reading import CitedPage, Original
from appliance.answering.suggesting import Suggested, Topic
from appliance.api.telling import Step
from appliance.errors import BadRequest, ModelUnavailable, NotFound, StoreUnavailable
from appliance.records import (
    UNFILTERED,
    Access,
    Answer,
    Box,
    Citation,
    Filters,
    Level,
    Passage,
    Principal,
    Reason,
    Refusal,
    Sentence,
    Usage,
)

DRAWN, WRITTEN, HOSTILE = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
HOSTILE_TITLE = (
    "**Bold** <script>window.pwned=1</script> [link](https://evil.invalid) ![p](https://evil.invalid/p.png) $x^2$"
)
HOSTILE_TEXT = (
    '<img src=x onerror="window.pwned=1"> # Heading :red[red] :material/delete: https://evil.invalid '
    "evil\u202etxt.exe\u202c `code` *stars* </div><b>b</b> &lt;script&gt;"
)
PAGE_TEXT = (
    "Giving blood\n\nTime limits. A bag of red cells must have run through within four hours of leaving the fridge.\n"
    "Platelets run through within thirty minutes."
)
QUOTE = "A bag of red cells must have run through within four hours of leaving the fridge."


def citation(number: int, passage: str, **other: str) -> Citation:
    """A citation of one of the made-up pages."""
    named = {"title": "Giving blood", "heading": "Time limits", "quote": QUOTE, **other}
    return Citation(
        number=number,
        passage=passage,
        document=f"document-{number}",
        uri="nursing/transfusion.html",
        page=3 if passage == DRAWN else 1,
        valid_from=date(2026, 3, 1),
        **named,
    )


def answer(*sentences: Sentence, withheld: int = 0) -> Answer:
    """The whole answer made of these sentences."""
    cited = {c.number: c for sentence in sentences for c in sentence.citations}
    return Answer("a-1", sentences, tuple(cited.values()), "local", withheld, Usage(700, 40, 0.5, 0.9))


FIRST = Sentence("A bag of red cells must have run through within four hours.", (citation(1, DRAWN),))
SECOND = Sentence(
    "Platelets run through within thirty minutes.",
    (
        citation(
            2, WRITTEN, title="Platelets at a glance", heading="", quote="Platelets run through within thirty minutes."
        ),
    ),
)
NASTY = Sentence(HOSTILE_TEXT, (citation(1, HOSTILE, title=HOSTILE_TITLE, heading=HOSTILE_TITLE, quote=HOSTILE_TEXT),))
REFUSAL = Refusal("r-1", Reason.NO_EVIDENCE, ("helicopter", "parking"), Usage())


PATIENCE = 60
"""Seconds until a test gives up waiting for an event: far more than a loaded machine needs."""


class ScriptedDesk:
    """Plays the scene that the question names.

    `begun` is set when an endless story has begun, `closed` when it was closed. The story about blood waits for
    `goes_on` after its first sentence, where a test gives one.
    """

    def __init__(self, goes_on: threading.Event | None = None) -> None:
        self.goes_on = goes_on
        self.begun = threading.Event()
        self.closed = threading.Event()
        self.asked: list[tuple[str, str]] = []
        self.filters = UNFILTERED
        self._scenes: dict[str, Callable[[], Iterator[Step]]] = {
            "blood": self._blood,
            "helicopter": lambda: iter([REFUSAL]),
            "urgent": lambda: iter([FIRST, replace(answer(FIRST), emergency="e-1")]),
            "hostile": lambda: iter([NASTY, answer(NASTY)]),
            "breaks": self._breaks,
            "taken": self._taken,
            "stops": lambda: iter([FIRST]),
            "endless": self._endless,
            "bug": self._bug,
            "store": self._store,
            "empty": self._empty,
        }

    def answer(self, principal: Principal, question: str, *, filters: Filters = UNFILTERED) -> Iterator[Step]:
        self.asked.append((principal.id, question))
        self.filters = filters
        yield from next(scene() for word, scene in self._scenes.items() if word in question)

    def search(self, _principal: Principal, question: str, *, limit: int, **_filters: object) -> list[Passage]:
        if "store" in question:
            raise StoreUnavailable("The vector store does not answer.")
        access = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))
        found = Passage(
            DRAWN, "d-1", "v", 0, "Giving blood", "nursing/t.html", "", QUOTE, 3, 0, 10, (), "en", access, score=0.5
        )
        return [found] * limit

    def _blood(self) -> Iterator[Step]:
        yield FIRST
        if self.goes_on is not None:
            self.goes_on.wait(PATIENCE)
        yield SECOND
        yield answer(FIRST, SECOND, withheld=1)

    def _taken(self) -> Iterator[Step]:
        yield FIRST
        if self.goes_on is not None:
            self.goes_on.wait(PATIENCE)
        yield Refusal("r-2", Reason.WITHDRAWN, (), Usage())

    def _breaks(self) -> Iterator[Step]:
        yield FIRST
        raise ModelUnavailable("The chat model stopped in the middle.")

    def _endless(self) -> Iterator[Step]:
        try:
            while True:
                self.begun.set()
                yield FIRST
                time.sleep(0.05)
        finally:
            self.closed.set()

    def _bug(self) -> Iterator[Step]:
        raise RuntimeError("the secret text of a document")
        yield FIRST

    def _store(self) -> Iterator[Step]:
        raise StoreUnavailable("The vector store does not answer.")
        yield FIRST

    def _empty(self) -> Iterator[Step]:
        raise BadRequest("The question is empty.", advice="Write a question.")
        yield FIRST


class ScriptedReader:
    """Three pages for everyone but Dana, to whom they do not exist."""

    def page(self, principal: Principal, passage_id: str, *, number: int = 0) -> CitedPage:
        if principal.id == "dana" or passage_id not in {DRAWN, WRITTEN, HOSTILE}:
            raise NotFound
        if number:
            return self._turned(self.page(principal, passage_id), number)
        hostile = passage_id == HOSTILE
        text = f"{HOSTILE_TEXT}\n\n{HOSTILE_TEXT}" if hostile else PAGE_TEXT
        start = text.rindex(HOSTILE_TEXT if hostile else QUOTE)
        return CitedPage(
            passage=passage_id,
            document="d-1",
            title=HOSTILE_TITLE if hostile else "Giving blood",
            uri="nursing/transfusion.html",
            heading=HOSTILE_TITLE if hostile else "Time limits",
            language="en",
            level=Level.INTERNAL,
            valid_from=date(2026, 3, 1),
            superseded=hostile,
            page=3 if passage_id == DRAWN else 1,
            pages=12 if passage_id == DRAWN else 1,
            text=text,
            start=start,
            end=start + len(HOSTILE_TEXT if hostile else QUOTE),
            boxes=(Box(3, 0.10, 0.24, 0.88, 0.27), Box(3, 0.10, 0.275, 0.55, 0.305)) if passage_id == DRAWN else (),
            picture="digest" if passage_id == DRAWN else "",
            takeable=True,
        )

    def _turned(self, cited: CitedPage, number: int) -> CitedPage:
        if number > cited.pages:
            raise NotFound
        if number == cited.page:
            return cited
        return replace(cited, page=number, text=f"What stands on page {number}.", start=0, end=0, boxes=())

    def picture(self, principal: Principal, passage_id: str, *, number: int = 0) -> bytes:
        if not self.page(principal, passage_id, number=number).picture:
            raise NotFound
        return drawn_page()

    def original(self, principal: Principal, document_id: str) -> Original:
        if principal.id == "dana" or document_id not in {"d-1", "document-1"}:
            raise NotFound
        return Original("transfusion.html", b"<script>window.pwned=1</script>")


class ScriptedSuggestions:
    """Two topics for everyone, one of them hostile."""

    def of(self, _principal: Principal, **_turn: object) -> Suggested:
        topics = (
            Topic("d-1", "Giving blood", "Time limits", "What do the documents say about blood and its time limits?"),
            Topic("d-3", HOSTILE_TITLE, HOSTILE_TITLE, "hostile"),
        )
        return Suggested(topics, ("nursing", "pharmacy"))


def drawn_page() -> bytes:
    """A page of grey lines with a heading, 1000 by 1414 pixels, as PNG."""
    picture = Image.new("RGB", (1000, 1414), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((100, 100), "Giving blood", fill="black", font_size=44)
    for line in range(24):
        top = 250 + line * 45
        pen.text(
            (100, top),
            QUOTE if line in (2,) else "Lines of a page that stand around it, in small type.",
            fill="#333",
            font_size=21,
        )
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()
