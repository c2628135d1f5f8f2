"""What any page may have to say to its visitor, as HTML: a problem, a note, a way on, an emergency."""

import re
from datetime import datetime, tzinfo
from html import escape

from ui.shell.urgency import Emergency
from ui.words.said import said

VERDICTS = {"justified": "justified", "not-justified": "<b>not justified</b>"}
"""What an emergency was found to be, as HTML."""


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
    return f"<div>{called} was found {VERDICTS[one.verdict]}.</div>{quoted(one.note)}"


def watch(overdue: int, review: int, runs: int) -> str:
    """What waits for an officer, as counts."""
    late = [f'<span class="mun-late">{overdue} overdue</span>'] if overdue else []
    rest = [f"{count} {what}" for count, what in ((review, "to review"), (runs, "open now")) if count]
    return f'<div role="status">Emergencies: {" · ".join(late + rest)}</div>'


def quoted(text: str) -> str:
    """What somebody wrote, set apart."""
    return f'<blockquote class="mun-quote">{said(text)}</blockquote>'
