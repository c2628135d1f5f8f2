"""Questions that go outside as HTML: where to, what the rules say, how far it has come, what came back."""

from collections.abc import Iterable
from datetime import tzinfo
from decimal import Decimal
from typing import Final

from ui.ask import markup as ask
from ui.ask.client import Answer, Citation, Refusal
from ui.outside.client import Destination, Escalation, Shown
from ui.shell.notices import quoted
from ui.words.levels import level, named
from ui.words.said import said
from ui.words.speech import later, say, say_html
from ui.words.times import moment, number

STATES: Final = {
    "proposed": later("Prepared, not sent"),
    "awaiting": later("Waits for somebody's approval"),
    "approved": later("Approved; it is about to leave"),
    "sent": later("On its way"),
    "answered": later("Answered"),
    "failed": later("Failed"),
    "denied": later("Not allowed"),
    "expired": later("Over without being sent"),
}
"""How far it has come."""
REASONS: Final = {
    "withdrawn": later("You withdrew it."),
    "rejected": later("An officer rejected it."),
    "policy-changed": later("The rules changed after it was prepared. Prepare it anew."),
    "changed": later("A document behind it changed after it was prepared. Prepare it anew."),
    "dry-run": later("It was only tried."),
    "too-late": later("Its time ran out."),
    "within-the-budget": later("The budget of this month does not suffice."),
    "not-prepared": later("It could not be prepared, so nothing left."),
    "no-private-text-leaves": later("A document behind it has a label that never leaves."),
    "uncertain": later("It may have left and been answered; nobody can tell. It is not sent again."),
    "forgotten": later("It was answered, but the answer was not fetched in time and is gone."),
    "never-arrived": later("It did not leave, and never will."),
    "sent-before": later("It was sent before, and nothing is sent twice."),
    "budget-person": later("The budget of this month does not suffice."),
    "budget-department": later("The budget of this month does not suffice."),
    "budget-house": later("The budget of this month does not suffice."),
}
"""Why it is over, where there is more to say than the state does."""
BY_CODE: Final = {
    "denied": later("A rule forbids it:"),
    "failed": later("No answer came of it. By this word the operator can find out why:"),
    "expired": later("It was not sent. By this word the operator can find out why:"),
}
"""What is said before the house's own code, of which there are many."""
VERDICTS: Final = {
    "permitted": (later("May leave at once"), "mun-yes"),
    "needs-approval": (later("May leave once another person has approved it"), "mun-maybe"),
    "denied": (later("May not leave"), "mun-never"),
}
LOCAL: Final = {
    "refused": later("The house was asked first and could not answer."),
    "answered": later("The house was asked first and gave an answer."),
    "unasked": later("The house was not asked first."),
}
_PLACES: Final = Decimal("0.0001")


def money(amount: Decimal, currency: str) -> str:
    """An amount, as HTML. What is not nothing is never shown as nothing."""
    shown = amount.quantize(_PLACES).normalize()
    few = f"< {number(float(_PLACES), 4)}" if amount and not shown else number(float(shown), _digits(shown))
    return said(f"{few} {currency}".strip())


def _digits(amount: Decimal) -> int:
    """Behind the point, as many as it has."""
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def destination(one: Destination, currency: str) -> str:
    """Where it would go, as the officers signed it in."""
    kept = (
        say("days that it is kept there: {days}", days=one.retention_days)
        if one.retention_days
        else say("not kept there")
    )
    facts = [
        said(one.model),
        said(one.region),
        say_html("contract {name}", name=one.contract),
        say_html("for {levels} text", levels=", ".join(named(name) for name in one.classes)),
        kept,
        say_html(
            "{into} in, {out} out per million tokens",
            into=f"{number(float(one.price_in), 2)} {currency}",
            out=f"{number(float(one.price_out), 2)} {currency}",
        ),
    ]
    return f'<div class="mun-title">{said(one.name)}</div><div class="mun-meta">{" · ".join(facts)}</div>'


def decision(one: Shown, verdict: str, currency: str) -> str:
    """What the rules say of it, with their reasons, and what it costs."""
    words, style = VERDICTS[verdict]
    rules = "".join(f'<li>{said(rule.reason)} <code class="mun-rule">{said(rule.id)}</code></li>' for rule in one.rules)
    price = say("costs at most") + f" <strong>{money(one.price, currency)}</strong>"
    return (
        f'<div class="mun-verdict {style}"><strong>{say(words)}</strong> · {price}'
        f"{f'<ul>{rules}</ul>' if rules else ''}</div>"
    )


def state(one: Escalation, zone: tzinfo) -> str:
    """How far it has come, and why no further."""
    wrote = f'<div class="mun-note">{say("The officer wrote:")}</div>{quoted(one.why)}' if one.why else ""
    until = say("It can be sent until {moment}.", moment=moment(one.expires, zone))
    note = f'<div class="mun-note">{until}</div>' if one.state in {"proposed", "awaiting"} else ""
    return f'<div class="mun-state" role="status"><strong>{_state(one)}</strong> {_reason(one)}{wrote}{note}</div>'


def _state(one: Escalation) -> str:
    return say(STATES[one.state]) if one.state in STATES else said(one.state)


def _reason(one: Escalation) -> str:
    """Why it came no further: in words, or by the house's own code where there are none."""
    if one.reason in REASONS:
        return say(REASONS[one.reason])
    if one.state not in BY_CODE or not one.reason:
        return ""
    return f'{say(BY_CODE[one.state])} <code class="mun-rule">{said(one.reason)}</code>'


def bound(one: Shown, zone: tzinfo) -> str:
    """What is bound to these bytes, for who approves them."""
    labels = "".join(f'<span class="mun-word">{said(label)}</span>' for label in one.labels or ())
    rows = [
        (say("Asked by"), f"{said(one.name)} ({said(one.asker)}), {said(one.department)}"),
        (say("In the house"), say(LOCAL[one.local])),
        (say("Labels"), labels or say("none")),
        (say("Highest level"), level(one.level or "")),
        (say("Rules"), f"<code>{said(one.policy)}</code>"),
        (say("Digest"), f"<code>{said(one.digest)}</code>"),
        (say("Asked on"), moment(one.created, zone)),
        (say("Can be sent until"), moment(one.expires, zone)),
    ]
    return facts(rows)


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and what stands for them, both as HTML."""
    return f'<dl class="mun-dl">{"".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in rows if told)}</dl>'


def bytes_of(body: str) -> str:
    """The exact bytes, as they would stand on the line. Can be scrolled by keyboard."""
    label = say("The exact bytes")
    return f'<div class="mun-bytes" tabindex="0" role="region" aria-label="{label}">{said(body)}</div>'


def answer(told: Answer | Refusal, sent_to: str) -> str:
    """What came back, so that nobody takes it for an answer of the house."""
    head = say_html("From outside: {name}", name=sent_to)
    if isinstance(told, Refusal):
        return f'<div class="mun-outside"><div class="mun-from">{head}</div>{ask.refusal(told)}</div>'
    checked = say("Checked against the passages that went with the question. Written by a model outside.")
    left_out = (
        say("What could not be verified was left out. Sentences: {count}", count=told.withheld) if told.withheld else ""
    )
    return (
        f'<div class="mun-outside"><div class="mun-from">{head}</div>{ask.sentences(told.sentences)}'
        f'<div class="mun-note">{checked} {left_out}</div></div>'
    )


def card(citation: Citation) -> str:
    """Where something that came back stands in the house, like the sources of any answer."""
    return ask.card(citation)


def line(one: Escalation, currency: str, zone: tzinfo) -> str:
    """One of several."""
    spent = say("cost") + " " + money(one.spent, currency) if one.spent else ""
    told = [said(one.destination), moment(one.created, zone), spent, _reason(one)]
    return (
        f'<div class="mun-title">{_state(one)}</div><div class="mun-meta">{" · ".join(part for part in told if part)}'
        f"</div>"
    )
