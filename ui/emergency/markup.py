"""Emergencies as HTML, for who opens one and for who reviews it."""

from datetime import datetime, tzinfo
from typing import Final

from ui.shell.notices import quoted
from ui.shell.urgency import OVERDUE, Emergency
from ui.words.said import said
from ui.words.speech import lang, later, say_html
from ui.words.times import moment

STATES: Final = {
    "overdue": later("Overdue"),
    "to-review": later("To review"),
    "runs": later("Open now"),
    "barred": later("Bars its person"),
}
"""How an emergency stands, for officers."""
MAIL: Final = {
    "sent": later("mail sent"),
    "waiting": later("mail on its way"),
    "failed": later("the mail could not be sent"),
}
"""What became of the mail to the officers, where there is one."""
FOUND: Final = {"justified": later("Found justified."), "not-justified": later("Found **not justified**.")}
"""What an emergency was found to be."""


def break_glass() -> str:
    """What an emergency is and what it is not, for who is about to open one."""
    what = say_html(
        "For when waiting would do harm. It opens what the rules of this house name for an emergency: for reading, for "
        "as long as you say, here and nowhere else."
    )
    points = (
        say_html("**You and the security officers are told at once.** What you open is on record."),
        say_html("Somebody else reviews it afterwards."),
        say_html("It does not open what lies above your clearance, behind a wall, or with another institution."),
        say_html("Nothing may be exported, uploaded, approved or sent to a model outside because of it."),
    )
    return f'<div {lang()} class="mun-answer">{what}</div><ul>{"".join(f"<li>{point}</li>" for point in points)}</ul>'


def emergency(one: Emergency, zone: tzinfo, kind: str = "") -> str:
    """All that is told of an emergency. With `kind`, how it stands for an officer; without, it is one's own."""
    late = " mun-late" if kind == OVERDUE else ""
    badge = f'<span class="mun-badge{late}">{say_html(STATES[kind])}</span>' if kind in STATES else ""
    who = f"{said(one.name)} ({said(one.person)})" if kind else said(moment(one.opened, zone))
    verdict = f"<div>{say_html(FOUND[one.verdict])}</div>{quoted(one.note)}" if one.verdict else ""
    return (
        f'<div class="mun-title">{who} {badge}</div><div class="mun-meta">{" · ".join(_facts(one, zone, kind))}</div>'
        f"{quoted(one.reason)}{verdict}"
    )


def _facts(one: Emergency, zone: tzinfo, kind: str) -> list[str]:
    opened, over = moment(one.opened, zone), _end(one.opened, min(one.ended or one.until, one.until), zone)
    facts = [
        say_html("for {purpose}", purpose=one.purpose),
        say_html("{begin} to {end}", begin=opened, end=over),
        say_html("Questions: {count}", count=one.questions),
        say_html("Documents: {count}", count=one.documents),
    ]
    if kind and one.mail in MAIL:
        facts.append(say_html(MAIL[one.mail]))
    if one.verdict is None and not one.running:
        facts.append(say_html("review due {moment}", moment=moment(one.due, zone)))
    return facts


def _end(opened: datetime, over: datetime, zone: tzinfo) -> str:
    """When it was over; the day only where it is another one."""
    begun, ended = opened.astimezone(zone), over.astimezone(zone)
    return f"{ended:%H:%M}" if begun.date() == ended.date() else moment(over, zone)
