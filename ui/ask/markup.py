"""Questions, answers and cited pages as HTML."""

import base64
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import Final

from ui.ask.client import Answer, Box, Citation, CitedPage, Heading, Near, Refusal, Sentence, Topic
from ui.shell import notices
from ui.words.levels import level
from ui.words.said import said
from ui.words.speech import lang, later, say, say_html
from ui.words.times import day, moment, number

WHY: Final = {
    "NO_EVIDENCE": later("Nothing that you may read speaks about this."),
    "NOT_ANSWERED": later("The documents that you may read come near, but do not answer this."),
    "NOT_VERIFIED": later(
        "An answer was written, but it could not be verified against the documents, so it is not shown."
    ),
    "WITHDRAWN": later(
        "What this answer was drawn from has just changed, or is no longer yours to read. It ends here, and what was "
        "shown of it is withdrawn."
    ),
}
"""Why there is no answer, by the code of the refusal."""
DO: Final = {
    "NO_EVIDENCE": later(
        "Try the words that the document itself would use, or ask whoever keeps such documents. What you may not read "
        "is never searched."
    ),
    "NOT_ANSWERED": later("Ask about one thing at a time, or name the ward, the medicine or the year."),
    "WITHDRAWN": later("Ask again: what you may read now is answered."),
    "NOT_VERIFIED": later("Ask more narrowly. The sentences that could not be verified are not shown to anyone."),
}
"""What a person can do after a refusal, by its code."""
GONE: Final = later("Some of this is not shown any more: a document behind it is gone, or is not for you now.")
"""What is said in place of sentences that were shown before and may not be shown again."""
INTERRUPTED: Final = later("Interrupted before it was complete. Ask again to get the whole answer.")
_SLIDES: Final = frozenset({".pptx"})


def urgent() -> str:
    """What marks an answer that was given because of an emergency."""
    told = say("Given in your emergency. What only that opened is not shown any more once it ends.")
    return f'<div class="mun-urgent">{told}</div>'


def topic(one: Topic) -> str:
    """Something to ask about, and where it stands."""
    return (
        f'<div class="mun-topic"><div class="mun-title">{said(one.heading)}</div>'
        f'<div class="mun-meta">{said(one.title)}</div></div>'
    )


def stopped() -> str:
    """What is said when the person stopped an answer: style shows it once nothing is drawn any more."""
    return f'<div class="mun-note mun-stopped">{say(INTERRUPTED)}</div>'


def queued(place: int) -> str:
    """One's place in the queue; nothing to be told once it is one's turn."""
    if not place:
        return '<div class="mun-queue"></div>'
    told = say("You are next.") if place == 1 else say("Others asked first: you are number {place}.", place=place)
    return f'<div class="mun-queue" role="status">{told}</div>'


def sentences(released: list[Sentence], *, origin: str = "") -> str:
    """The sentences so far, each with its citation marks. What a model outside wrote looks otherwise than ours."""
    parts = [
        said(sentence.text) + "".join(f'<span class="mun-mark">{c.number}</span>' for c in sentence.citations)
        for sentence in released
    ]
    answer = f'<div class="mun-answer">{" ".join(parts)}</div>'
    if not origin.startswith("outside"):
        return answer
    head = say_html("Written by a model outside this house ({name})", name=origin.partition(": ")[2] or origin)
    return f'<div class="mun-foreign"><div class="mun-foreign-head">{head}</div>{answer}</div>'


def closing(answer: Answer) -> str:
    """The small print under an answer."""
    told = say("Every sentence was checked against its source · {seconds} s.", seconds=number(answer.usage.total_s, 1))
    if answer.withheld == 1:
        told += " " + say("One sentence was left out because it could not be verified.")
    elif answer.withheld:
        told += " " + say("{count} sentences were left out because they could not be verified.", count=answer.withheld)
    return f'<div {lang()} class="mun-note">{told}</div>'


def understood(question: str | None) -> str:
    """How a follow-up was understood, if it was not as it was asked."""
    return f'<div class="mun-note">{say_html("Understood as: {question}", question=question)}</div>' if question else ""


def refusal(no: Refusal, *, filtered: bool = False) -> str:
    """An honest no: why, what was looked for, what can be done."""
    why = say(WHY[no.code]) if no.code in WHY else said(no.reason)
    words = "".join(f'<span class="mun-word">{said(word)}</span>' for word in no.looked_for)
    looked = f'<div class="mun-words">{say("Looked for:")} {words}</div>' if words else ""
    do = [say(DO[no.code])] if no.code in DO else []
    if filtered:
        do.append(say("Filters were on: only a part of what you may read was looked at."))
    advice = "".join(f"<div>{one}</div>" for one in do)
    return f'<div {lang()} class="mun-no" role="status"><b>{say("No answer")}</b>{why}{looked}{advice}</div>'


def near(one: Near) -> str:
    """A document that comes near, and which department keeps it."""
    facts = [say("Page {page}", page=one.page), said(one.heading) if one.heading else ""]
    kept = say_html("Kept by: **{department}**", department=one.department) if one.department else ""
    return (
        f'<div class="mun-title">{said(one.title)}</div><div>{kept}</div>'
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}</div>'
    )


def nobody() -> str:
    """Nothing comes near at all."""
    told = say("Nothing that you may read comes near it. Ask in your own department who keeps such documents.")
    return f'<div {lang()} class="mun-note">{told}</div>'


def card(citation: Citation) -> str:
    """One citation: mark, title, heading, page, date and the quoted text."""
    since = say("in force since {day}", day=day(citation.valid_from)) if citation.valid_from else ""
    facts = [say("Page {page}", page=citation.page), said(citation.heading) if citation.heading else "", since]
    return (
        f'<div class="mun-title"><span class="mun-mark" style="margin-left:0">{citation.number}</span> '
        f"{said(citation.title)}</div>"
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}</div>'
        f'<blockquote class="mun-quote">{said(citation.quote)}</blockquote>'
    )


def heading(one: Heading, zone: tzinfo) -> str:
    """A kept conversation in the list."""
    facts = [
        moment(one.updated, zone),
        say("one question") if one.turns == 1 else say("{count} questions", count=one.turns),
    ]
    if one.until is not None:
        facts.append(say("kept until {day}", day=day(one.until.astimezone(zone).date())))
    return f'<div class="mun-title">{said(one.title)}</div><div class="mun-meta">{" · ".join(facts)}</div>'


def nothing(words: str, days: int) -> str:
    """Why the list of kept conversations is empty: none with these `words`, none yet, or none ever (0 `days`)."""
    if not days:
        what = say("This house keeps no questions")
        then = say("What you ask is gone once you leave this portal, and so are its answers.")
    elif words:
        what = say("Nothing found")
        then = say("You asked nothing with all of these words. The words of answers are not searched.")
    else:
        what = say("Nothing is kept here yet")
        then = say("What you ask appears here, with its answer, until its time is over or you delete it.")
    return notices.note(what, then)


# --- Pages ------------------------------------------------------------------------------------------------------------


def page_head(cited: CitedPage) -> str:
    """Title and facts of a cited page."""
    facts = [say("Page {page} of {pages}", page=cited.page, pages=cited.pages), level(cited.level)]
    if cited.valid_from:
        facts.append(say("in force since {day}", day=day(cited.valid_from)))
    badges = "".join(f'<span class="mun-badge">{fact}</span>' for fact in facts)
    under = f'<div class="mun-meta">{said(cited.heading)}</div>' if cited.heading and marked(cited) else ""
    old = (
        f'<div class="mun-no mun-old"><b>{say("Superseded")}</b>'
        f"{say('A newer version of this document is in force.')}</div>"
    )
    return (
        f'<h1 class="mun-head">{said(cited.title)}</h1>{under}<div class="mun-facts">{badges}</div>'
        f'<div class="mun-meta">{said(cited.uri)}</div>{old if cited.superseded else ""}'
    )


def marked(cited: CitedPage) -> bool:
    """Whether the passage, or a part of it, stands on this page."""
    return cited.end > cited.start or bool(cited.boxes)


def page_picture(cited: CitedPage, picture: bytes) -> str:
    """The page's picture with the passage marked. Sent in the page itself, so that no other address ever serves it."""
    data = base64.b64encode(picture).decode()
    boxes = "".join(f'<div class="mun-box" style="{_place(box)}"></div>' for box in cited.boxes)
    name = say("Page {page}, the passage marked", page=cited.page) if boxes else say("Page {page}", page=cited.page)
    return f'<div class="mun-page"><img alt="{name}" src="data:image/png;base64,{data}">{boxes}</div>'


def _place(box: Box) -> str:
    left, top, right, bottom = (min(max(v, 0.0), 1.0) * 100 for v in (box.left, box.top, box.right, box.bottom))
    width, height = max(right - left, 0.0), max(bottom - top, 0.0)
    return f"left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"


def page_text(cited: CitedPage) -> str:
    """The page's text with the passage highlighted."""
    before, passage, after = cited.text[: cited.start], cited.text[cited.start : cited.end], cited.text[cited.end :]
    mark = f'<mark id="passage">{said(passage)}</mark>' if passage else ""
    return f'<div class="mun-text" dir="auto">{said(before)}{mark}{said(after)}</div>'


def page_sheet(cited: CitedPage) -> str:
    """A slide, a sheet, a message, whatever has no picture: laid out as a page, with the passage marked."""
    kind = "mun-sheet mun-slide" if PurePosixPath(cited.uri).suffix.lower() in _SLIDES else "mun-sheet"
    return f'<div class="{kind}" dir="auto">{"".join(_laid_out(cited))}</div>'


def _laid_out(cited: CitedPage) -> list[str]:
    """Line by line; lines of `Header: value | Header: value` one after another are one table."""
    made: list[str] = []
    rows: list[tuple[str, bool]] = []
    at = 0
    for line in cited.text.split("\n"):
        low, high = max(cited.start - at, 0), min(cited.end - at, len(line))
        cells = line.split(" | ")
        if len(cells) > 1 and all(": " in cell for cell in cells):
            rows.append((line, high > low))
        else:
            made += _table(rows)
            rows = []
            made.append(_line(line, low, high))
        at += len(line) + 1
    return made + _table(rows)


def _line(line: str, low: int, high: int) -> str:
    if high <= low:
        return f'<div class="mun-line">{said(line)}</div>'
    before, passage, after = line[:low], line[low:high], line[high:]
    parts = [said(before) if before else "", f"<mark>{said(passage)}</mark>", said(after) if after else ""]
    return f'<div class="mun-line">{"".join(parts)}</div>'


def _table(rows: list[tuple[str, bool]]) -> list[str]:
    """Rows of one header each are a table; a row in which the passage stands is marked whole."""
    made: list[str] = []
    head: list[str] = []
    for line, within in rows:
        cells = [cell.partition(": ") for cell in line.split(" | ")]
        names = [name for name, _, _ in cells]
        if names != head:
            made += (["</table>"] if head else []) + [
                "<table><tr>",
                *(f"<th>{said(name)}</th>" for name in names),
                "</tr>",
            ]
            head = names
        values = (said(value) for _, _, value in cells)
        made.append(
            "<tr>" + "".join(f"<td>{f'<mark>{one}</mark>' if within else one}</td>" for one in values) + "</tr>"
        )
    return [*made, "</table>"] if head else made
