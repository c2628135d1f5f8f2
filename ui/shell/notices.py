"""What any page may have to say to its visitor, as HTML: a problem, a note, a way on, an emergency."""

import re
from datetime import datetime, tzinfo
from html import escape
from typing import Final

from ui.shell.urgency import Emergency
from ui.words.said import said
from ui.words.speech import lang, later, say_html
from ui.words.times import hour, moment

FOUND: Final = {
    "justified": later("Your emergency of {opened} was found justified."),
    "not-justified": later("Your emergency of {opened} was found **not justified**."),
}
"""What one's own emergency was found to be."""
_COMMAND: Final = re.compile("`([^`]+)`")


def problem(detail: str, advice: str, request_id: str) -> str:
    """What happened and what to do."""
    number = f'<div class="mun-note">{say_html("Request {number}", number=request_id)}</div>' if request_id else ""
    return f'<div class="mun-wrong"><b>{commands(detail)}</b>{commands(advice)}{number}</div>'


def note(what: str, then: str) -> str:
    """Something that is no fault."""
    return f'<div {lang()} class="mun-no"><b>{commands(what)}</b>{commands(then)}</div>'


def commands(text: str) -> str:
    """Text from anywhere as HTML, what stands in it between backticks as something to type."""
    return _COMMAND.sub(r"<code>\1</code>", said(text))


def way(label: str, address: str, *, quiet: bool = False, beside: bool = False) -> str:
    """A button that leads the browser away from this page, or to a page `beside` it, to an address that the API named.
    Anything but http(s) is no address.
    """
    if not address.startswith(("https://", "http://")):
        return ""
    kind = "mun-way mun-quiet" if quiet else "mun-way"
    where = 'target="_blank" rel="noopener"' if beside else 'target="_self"'
    return f'<p {lang()}><a class="{kind}" {where} href="{escape(address)}">{said(label)}</a></p>'


def running(one: Emergency, now: datetime, zone: tzinfo) -> str:
    """One's own that runs. When its time has come the words change by themselves, without a script: style alone."""
    after = f"animation-delay:{max(0, int((one.until - now).total_seconds()))}s"
    until = hour(one.until, zone)
    runs = say_html("Emergency access is open until {time}. What you open is on record.", time=until)
    over = say_html("Emergency access ended at {time}.", time=until)
    return (
        f'<div {lang()} role="status"><span class="mun-open" style="{after}">{runs}</span>'
        f'<span class="mun-over" style="{after}">{over}</span></div>'
    )


def own(one: Emergency, zone: tzinfo) -> str:
    """What became of one's own that is over."""
    opened, due = moment(one.opened, zone), moment(one.due, zone)
    if one.verdict is None:
        told = say_html(
            "Your emergency of {opened} is over. Somebody else reviews it until {due}.", opened=opened, due=due
        )
        return f"<div {lang()}>{told}</div>"
    return f"<div>{say_html(FOUND[one.verdict], opened=opened)}</div>{quoted(one.note)}"


def watch(overdue: int, review: int, runs: int) -> str:
    """What waits for an officer, as counts."""
    late = [f'<span class="mun-late">{say_html("{count} overdue", count=overdue)}</span>'] if overdue else []
    rest = [say_html("{count} to review", count=review)] if review else []
    rest += [say_html("{count} open now", count=runs)] if runs else []
    return f'<div {lang()} role="status">{say_html("Emergencies")}: {" · ".join(late + rest)}</div>'


def quoted(text: str) -> str:
    """What somebody wrote, set apart."""
    return f'<blockquote class="mun-quote">{said(text)}</blockquote>'
