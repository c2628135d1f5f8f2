"""Questions, answers and cited pages as HTML."""

import base64

from ui.ask.client import Answer, Box, Citation, CitedPage, Refusal, Sentence
from ui.words.said import said

DO = {
    "NO_EVIDENCE": "Try the words that the document itself would use, or ask whoever keeps such documents. "
    "What you may not read is never searched.",
    "NOT_ANSWERED": "Ask about one thing at a time, or name the ward, the medicine or the year.",
    "WITHDRAWN": "Ask again: what you may read now is answered.",
    "NOT_VERIFIED": "Ask more narrowly. The sentences that could not be verified are not shown to anyone.",
}
"""What a person can do after a refusal, by its code."""


GONE = "Some of this is not shown any more: a document behind it is gone, or is not for you now."
"""What is said in place of sentences that were shown before and may not be shown again."""

URGENT = (
    '<div class="mun-urgent">Given in your emergency. What only that opened is not shown any more once it ends.</div>'
)
"""What marks an answer that was given because of an emergency."""


def sentences(released: list[Sentence]) -> str:
    """The sentences so far, each with its citation marks."""
    parts = [
        said(sentence.text) + "".join(f'<span class="mun-mark">{c.number}</span>' for c in sentence.citations)
        for sentence in released
    ]
    return f'<div class="mun-answer">{" ".join(parts)}</div>'


def closing(answer: Answer) -> str:
    """The small print under an answer."""
    left_out = {0: "", 1: " One sentence was left out because it could not be verified."}.get(
        answer.withheld, f" {answer.withheld} sentences were left out because they could not be verified."
    )
    seconds = f"{answer.usage.total_s:.1f} s"
    return f'<div class="mun-note">Every sentence was checked against its source · {seconds}.{left_out}</div>'


def understood(question: str | None) -> str:
    """How a follow-up was understood, if it was not as it was asked."""
    return f'<div class="mun-note">Understood as: {said(question)}</div>' if question else ""


def refusal(no: Refusal) -> str:
    """An honest no: why, what was looked for, what can be done."""
    words = "".join(f'<span class="mun-word">{said(word)}</span>' for word in no.looked_for)
    looked = f"<div>Looked for: {words}</div>" if words else ""
    return f'<div class="mun-no"><b>No answer</b>{said(no.reason)}{looked}<div>{DO.get(no.code, "")}</div></div>'


def card(citation: Citation) -> str:
    """One citation: mark, title, heading, page, date and the quoted text."""
    since = f"in force since {citation.valid_from:%-d %B %Y}" if citation.valid_from else ""
    facts = [f"Page {citation.page}", said(citation.heading) if citation.heading else "", since]
    return (
        f'<div class="mun-title"><span class="mun-mark" style="margin-left:0">{citation.number}</span> '
        f"{said(citation.title)}</div>"
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}</div>'
        f'<blockquote class="mun-quote">{said(citation.quote)}</blockquote>'
    )


def page_head(cited: CitedPage) -> str:
    """Title and facts of a cited page."""
    facts = [f"Page {cited.page} of {cited.pages}", cited.level]
    if cited.valid_from:
        facts.append(f"in force since {cited.valid_from:%-d %B %Y}")
    badges = "".join(f'<span class="mun-badge">{said(fact)}</span>' for fact in facts)
    heading = f'<div class="mun-meta">{said(cited.heading)}</div>' if cited.heading else ""
    old = '<div class="mun-no mun-old"><b>Superseded</b>A newer version of this document is in force.</div>'
    return (
        f'<h1 class="mun-head">{said(cited.title)}</h1>{heading}<div class="mun-facts">{badges}</div>'
        f'<div class="mun-meta">{said(cited.uri)}</div>{old if cited.superseded else ""}'
    )


def page_picture(cited: CitedPage, picture: bytes) -> str:
    """The page's picture with the passage marked. Sent in the page itself, so that no other address ever serves it."""
    data = base64.b64encode(picture).decode()
    boxes = "".join(f'<div class="mun-box" style="{_place(box)}"></div>' for box in cited.boxes)
    return (
        f'<div class="mun-page"><img alt="Page {cited.page}, the passage marked" '
        f'src="data:image/png;base64,{data}">{boxes}</div>'
    )


def _place(box: Box) -> str:
    left, top, right, bottom = (min(max(v, 0.0), 1.0) * 100 for v in (box.left, box.top, box.right, box.bottom))
    width, height = max(right - left, 0.0), max(bottom - top, 0.0)
    return f"left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"


def page_text(cited: CitedPage) -> str:
    """The page's text with the passage highlighted."""
    before, passage, after = cited.text[: cited.start], cited.text[cited.start : cited.end], cited.text[cited.end :]
    return (
        f'<div class="mun-text" dir="auto">{said(before)}<mark id="passage">{said(passage)}</mark>{said(after)}</div>'
    )
