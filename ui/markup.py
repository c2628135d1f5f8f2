"""Everything that the portal shows as HTML is made here, and everything that comes from outside is escaped here.

Documents, titles and model output are data. They are never given to Streamlit's Markdown, which would render images,
links, formulas and icons; they stand in HTML as escaped text, isolated from the writing direction around them.
"""

import base64
import re
from datetime import datetime, tzinfo
from html import escape

from ui.client import Answer, Box, Citation, CitedPage, Refusal, Sentence
from ui.urgency import OVERDUE, Emergency

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters and those that turn the direction of writing: shown by their number, not obeyed."""

CSS = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 3.75rem;}
[data-testid="stLayoutWrapper"]:has(> .st-key-banner) {position: sticky; top: 3.25rem; z-index: 90;}
.mun-banner {background: #a51d24; color: #fff; padding: .5rem .9rem; border-radius: .5rem; font-weight: 600;}
.mun-answer {font-size: 1.06rem; line-height: 1.65;}
.mun-said {white-space: pre-wrap; overflow-wrap: anywhere;}
.mun-mark {display: inline-block; font-size: .72rem; font-weight: 700; line-height: 1; padding: .2em .42em;
  margin: 0 .1em 0 .25em; border-radius: .45em; vertical-align: .25em;
  background: color-mix(in srgb, #2b8079 22%, transparent); color: inherit;}
.mun-note, .mun-meta {font-size: .86rem; opacity: .78;}
.mun-meta {overflow-wrap: anywhere;}
.mun-title {font-weight: 650; overflow-wrap: anywhere;}
.mun-quote {margin: .4rem 0 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid color-mix(in srgb, currentColor 25%,
  transparent); font-size: .95rem; line-height: 1.5; max-height: 9rem; overflow: auto;}
.mun-no {border: 1px solid #c28a1e; border-left-width: 5px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #c28a1e 11%, transparent); line-height: 1.55;}
.mun-wrong {border: 1px solid #b3353b; border-left-width: 5px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #b3353b 11%, transparent); line-height: 1.55;}
.st-key-emergency {background: #7d4a00; color: #fff; padding: .5rem .9rem; border-radius: .5rem;}
.st-key-emergency button {background: transparent; color: #fff; border-color: #fff;}
.st-key-emergency button:hover, .st-key-emergency button:focus-visible {background: #fff; color: #7d4a00;}
.mun-open, .mun-over {display: block; overflow: hidden; font-weight: 600;}
.mun-open {max-height: 12rem; animation: mun-ends 1ms linear forwards;}
.mun-over {max-height: 0; visibility: hidden; animation: mun-begins 1ms linear forwards;}
@keyframes mun-ends {to {max-height: 0; visibility: hidden;}}
@keyframes mun-begins {to {max-height: 12rem; visibility: visible;}}
.st-key-watch, [class*="st-key-own-"] {border: 1px solid #c28a1e; border-left-width: 5px; border-radius: .5rem;
  padding: .5rem 1rem; background: color-mix(in srgb, #c28a1e 11%, transparent);}
.mun-late {color: #b3353b; border-color: #b3353b; font-weight: 650;}
.mun-urgent {display: inline-block; font-size: .86rem; font-weight: 600; border-left: 4px solid #c28a1e;
  padding: .1rem .7rem; margin-bottom: .3rem; background: color-mix(in srgb, #c28a1e 14%, transparent);}
.mun-way {display: inline-block; padding: .5rem 1.1rem; border-radius: .5rem; background: #1f5f5b;
  color: #fff !important; text-decoration: none !important; font-weight: 600; margin-top: .6rem;}
.mun-way:hover, .mun-way:focus-visible {background: #2b8079;}
.mun-quiet {background: transparent; color: inherit !important; border: 1px solid currentColor;}
.mun-quiet:hover, .mun-quiet:focus-visible {background: color-mix(in srgb, currentColor 12%, transparent);}
.mun-facts {margin: .35rem 0;}
.mun-old {margin-top: .7rem;}
.mun-no b, .mun-wrong b {display: block; margin-bottom: .2rem;}
.mun-word {display: inline-block; border: 1px solid color-mix(in srgb, currentColor 35%, transparent);
  border-radius: .8em; padding: 0 .6em; margin: .15em .3em .15em 0; font-size: .88rem;}
.mun-page {position: relative; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); line-height: 0;
  background: #fff; border-radius: .3rem; overflow: hidden;}
.mun-page img {width: 100%; height: auto;}
.mun-box {position: absolute; background: rgba(255, 205, 40, .38); outline: 2px solid rgba(190, 130, 0, .85);
  border-radius: 2px; mix-blend-mode: multiply;}
.mun-text {white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.65; padding: 1.1rem 1.3rem;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem;}
.mun-text mark {background: rgba(255, 205, 40, .42); color: inherit; padding: .1em 0; border-radius: 2px;
  box-shadow: 0 0 0 2px rgba(255, 205, 40, .42); -webkit-box-decoration-break: clone; box-decoration-break: clone;}
h1.mun-head {font-size: 1.6rem; line-height: 1.25; padding: 0; margin: .2rem 0 .4rem; overflow-wrap: anywhere;}
.mun-badge {display: inline-block; font-size: .82rem; padding: .1em .6em; margin: .1em .35em .1em 0;
  border-radius: .8em; border: 1px solid color-mix(in srgb, currentColor 30%, transparent);}
</style>"""

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
BREAK_GLASS = (
    '<div class="mun-answer">For when waiting would do harm. It opens what the rules of this house name for an '
    "emergency: for reading, for as long as you say, here and nowhere else.</div>"
    "<ul><li><b>You and the security officers are told at once.</b> What you open is on record.</li>"
    "<li>Somebody else reviews it afterwards.</li>"
    "<li>It does not open what lies above your clearance, behind a wall, or with another institution.</li>"
    "<li>Nothing may be exported, uploaded, approved or sent to a model outside because of it.</li></ul>"
)
"""What an emergency is and what it is not, for who is about to open one."""
STATES = {"overdue": "Overdue", "to-review": "To review", "runs": "Open now", "barred": "Bars its person"}
"""How an emergency stands, for officers."""
VERDICTS = {"justified": "justified", "not-justified": "<b>not justified</b>"}
"""What an emergency was found to be, as HTML."""
MAIL = {"sent": "mail sent", "waiting": "mail on its way", "failed": "the mail could not be sent"}
"""What became of the mail to the officers, where there is one."""


def said(text: str) -> str:
    """Text from outside as HTML: escaped, isolated, its controls made visible. The one place where this is done."""
    return f'<bdi dir="auto" class="mun-said">{escape(_UNSEEN.sub(_shown, text))}</bdi>'


def _shown(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"


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


def problem(detail: str, advice: str, request_id: str) -> str:
    """What happened and what to do."""
    number = f'<div class="mun-note">Request {said(request_id)}</div>' if request_id else ""
    commands = re.sub("`([^`]+)`", r"<code>\1</code>", said(advice))
    return f'<div class="mun-wrong"><b>{said(detail)}</b>{commands}{number}</div>'


def note(what: str, then: str) -> str:
    """Something that is no fault."""
    return f'<div class="mun-no"><b>{said(what)}</b>{said(then)}</div>'


def way(label: str, address: str, *, quiet: bool = False) -> str:
    """A button that leads the browser away from this page, to an address that the API named. Anything but http(s) is
    no address.
    """
    if not address.startswith(("https://", "http://")):
        return ""
    kind = "mun-way mun-quiet" if quiet else "mun-way"
    return f'<p><a class="{kind}" target="_self" href="{escape(address)}">{said(label)}</a></p>'


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


def moment(at: datetime, zone: tzinfo) -> str:
    """A day and a time there."""
    return f"{at.astimezone(zone):%-d %B %Y, %H:%M %Z}"


def running(one: Emergency, now: datetime, zone: tzinfo) -> str:
    """One's own that runs. When its time has come the words change by themselves, without a script: style alone."""
    after = f"animation-delay:{max(0, int((one.until - now).total_seconds()))}s"
    until = f"{one.until.astimezone(zone):%H:%M %Z}"
    return (
        f'<div role="status"><span class="mun-open" style="{after}">Emergency access is open until {said(until)}. '
        f'What you open is on record.</span><span class="mun-over" style="{after}">Emergency '
        f"access is over since {said(until)}.</span></div>"
    )


def own(one: Emergency, zone: tzinfo) -> str:
    """What became of one's own that is over."""
    called = f"Your emergency of {said(moment(one.opened, zone))}"
    if one.verdict is None:
        return f"<div>{called} is over. Somebody else reviews it until {said(moment(one.due, zone))}.</div>"
    return f"<div>{called} was found {VERDICTS[one.verdict]}.</div>{_quoted(one.note)}"


def watch(overdue: int, review: int, runs: int) -> str:
    """What waits for an officer, as counts."""
    late = [f'<span class="mun-late">{overdue} overdue</span>'] if overdue else []
    rest = [f"{count} {what}" for count, what in ((review, "to review"), (runs, "open now")) if count]
    return f'<div role="status">Emergencies: {" · ".join(late + rest)}</div>'


def emergency(one: Emergency, zone: tzinfo, kind: str = "") -> str:
    """All that is told of an emergency. With `kind`, how it stands for an officer; without, it is one's own."""
    over = min(one.ended or one.until, one.until)
    state = STATES.get(kind, "")
    badge = f'<span class="mun-badge{" mun-late" if kind == OVERDUE else ""}">{state}</span>' if state else ""
    who = f"{said(one.name)} ({said(one.person)})" if kind else said(moment(one.opened, zone))
    facts = [
        f"for {said(one.purpose)}",
        f"{said(moment(one.opened, zone))} to {said(_end(one.opened, over, zone))}",
        f"{one.questions} question{'s' * (one.questions != 1)}, {one.documents} document{'s' * (one.documents != 1)}",
        MAIL.get(one.mail, "") if kind else "",
        f"review due {said(moment(one.due, zone))}" if one.verdict is None and not one.running else "",
    ]
    verdict = f"<div>Found {VERDICTS[one.verdict]}.</div>{_quoted(one.note)}" if one.verdict else ""
    return (
        f'<div class="mun-title">{who} {badge}</div><div class="mun-meta">{" · ".join(f for f in facts if f)}</div>'
        f"{_quoted(one.reason)}{verdict}"
    )


def _end(opened: datetime, over: datetime, zone: tzinfo) -> str:
    """When it was over; the day only where it is another one."""
    begun, ended = opened.astimezone(zone), over.astimezone(zone)
    return f"{ended:%H:%M}" if begun.date() == ended.date() else moment(over, zone)


def _quoted(text: str) -> str:
    return f'<blockquote class="mun-quote">{said(text)}</blockquote>'
