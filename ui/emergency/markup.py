"""Emergencies as HTML, for who opens one and for who reviews it."""

from datetime import datetime, tzinfo

from ui.shell.notices import VERDICTS, moment, quoted
from ui.shell.urgency import OVERDUE, Emergency
from ui.words.said import said

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
MAIL = {"sent": "mail sent", "waiting": "mail on its way", "failed": "the mail could not be sent"}
"""What became of the mail to the officers, where there is one."""


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
    verdict = f"<div>Found {VERDICTS[one.verdict]}.</div>{quoted(one.note)}" if one.verdict else ""
    return (
        f'<div class="mun-title">{who} {badge}</div><div class="mun-meta">{" · ".join(f for f in facts if f)}</div>'
        f"{quoted(one.reason)}{verdict}"
    )


def _end(opened: datetime, over: datetime, zone: tzinfo) -> str:
    """When it was over; the day only where it is another one."""
    begun, ended = opened.astimezone(zone), over.astimezone(zone)
    return f"{ended:%H:%M}" if begun.date() == ended.date() else moment(over, zone)
