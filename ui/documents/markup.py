"""Documents as HTML: one in a list, one with all that is told of it, who reads it, and what is held back."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from ui.documents.client import Document, Held, Need, Rule, Versions, Why
from ui.words.levels import level, named
from ui.words.said import said
from ui.words.speech import later, say, say_html
from ui.words.times import day, moment, size

STATES: Final = {
    "queued": later("waits to be read"),
    "running": later("is being read"),
    "stored": later("in the house"),
    "quarantined": later("held back"),
    "discarded": later("thrown away by a curator"),
}
"""How far a document has come."""
NEEDS: Final = {
    "clearance": later("clearance for **{value}** or above"),
    "wall": later("membership of the deal team **{value}**"),
    "patient": later("treatment of the patient of **{value}**"),
    "purpose": later("the purpose **{value}**, stated"),
}
"""What a member of a group must be besides."""
REASONS: Final = (
    later("no access list"),
    later("its name holds control characters or is not Unicode"),
    later("it is a link, and links are not followed"),
    later("it is not an ordinary file"),
    later("it is empty"),
    later("it is encrypted"),
    later("it is damaged or not well formed"),
    later("its content is not what its name says"),
    later("its format is not supported"),
    later("it inflates beyond what its size explains"),
    later("it is one of too many attachments"),
    later("it is nested too deeply"),
    later("it holds a line longer than 1,000,000 bytes"),
    later("it holds a picture of too many pixels"),
    later("it declares entities of its own"),
    later("no text found"),
    later("it is scanned, and waits for the reader of pictures"),
    later("its pictures hold no text that can be read"),
    later("its parser crashed"),
    later("it cannot be read"),
    later("it changes while it is read"),
    later("it was being stored when a run was interrupted"),
    later("the worker failed at it again and again"),
)
"""Why the house holds a file back, as it says so; any other reason is shown in its own words."""
PLAINER: Final = {
    "it is larger than file_mib allows": later("it is larger than this house takes"),
    "it has more pages than the setting pages allows": later("it has more pages than this house takes"),
    "it is scanned, and the model that reads pictures is missing: run `muniment models fetch`": later(
        "it is scanned, and this house cannot read pictures yet; the operator can change that"
    ),
    "its parser needed more memory than worker_memory_mib": later("reading it takes more memory than this house gives"),
    "its parser needed more time than worker_seconds, or ocr_seconds if it is scanned": later(
        "reading it takes longer than this house waits"
    ),
    "its parser returned more than the limit": later("it holds more text than this house takes"),
}
"""Where the house names a setting, for the operator: the same for who knows none."""
_BAD: Final = frozenset({"quarantined", "discarded"})


def state(document: Document) -> str:
    """How far it has come, as a badge; nothing of what simply is in the house."""
    if document.status == "stored":
        return ""
    kind = "mun-bad" if document.status in _BAD else "mun-way-on"
    return f'<span class="mun-badge {kind}">{say(STATES.get(document.status, document.status))}</span>'


def reason(told: str) -> str:
    """Why something is held back, as HTML."""
    if told in PLAINER:
        return say(PLAINER[told])
    return say(told) if told in REASONS else said(told)


def row(document: Document, number: int) -> str:
    """One document of a list."""
    facts = [level(document.level), _told(document.department)]
    facts += [say_html("valid from {day}", day=day(document.valid_from))] if document.valid_from else []
    facts += [say("yours")] if document.own else []
    old = f'<span class="mun-badge">{say("replaced")}</span>' if document.superseded else ""
    because = reason(document.reason) if document.status == "quarantined" else said(document.reason)
    told = f'<div class="mun-note">{because}</div>' if document.reason else ""
    return (
        f'<div class="mun-row"><span class="mun-no-of" aria-hidden="true">{number}</span><div>'
        f'<div class="mun-title">{said(document.title or document.name)} {old}{state(document)}</div>'
        f'<div class="mun-meta">{said(document.uri)}</div>'
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}{words(document.labels)}</div>'
        f"{told}</div></div>"
    )


def words(labels: Sequence[str]) -> str:
    """Labels, each set apart."""
    return "".join(f' <span class="mun-badge">{said(label)}</span>' for label in labels)


def facts(document: Document, zone: tzinfo) -> str:
    """All that is told of one."""
    told = [
        (say("File"), said(document.uri)),
        (say("Level"), level(document.level)),
        (say("Department"), _told(document.department)),
        (say("Labels"), words(document.labels).strip()),
        (say("Valid from"), day(document.valid_from) if document.valid_from else ""),
        (say("Language"), _told(document.language)),
        (say("Pages"), str(document.pages) if document.pages else ""),
        (say("Size"), size(document.bytes) if document.bytes is not None else ""),
        (say("Given to the house"), moment(document.received, zone) if document.received else ""),
        (say("You let read it"), words(document.readers).strip()),
    ]
    return _listed(told)


def outcome(document: Document) -> str:
    """How it ended, if it did not simply end well."""
    if document.status == "stored":
        if document.readable:
            return ""
        return _box(say("You cannot read it any more"), say("Its text has raised its level above your own clearance."))
    if document.status == "quarantined":
        then = say("Nobody can read it. A curator decides about it; you can also give it again under the same name.")
        return _box(say("Held back"), f"<div>{reason(document.reason)}</div>{then}")
    if document.status == "discarded":
        return _box(say("Thrown away by a curator"), said(document.reason))
    return f'<div class="mun-wait" role="status">{say("It is safe, and will be read in its turn.")}</div>'


def versions(found: Versions) -> str:
    """What replaces it and what it replaces, in words; the ways there are buttons beside."""
    if found.newer is None and not found.older:
        return ""
    newer = [say_html("A newer one replaces it: {title}", title=_called(found.newer))] if found.newer else []
    older = [say_html("It replaces: {title}", title=_called(one)) for one in found.older]
    return "".join(f'<div class="mun-facts">{one}</div>' for one in [*newer, *older])


def mine(why: Why) -> str:
    """Why one sees it oneself."""
    owner = f"<li>{say('You answer for it.')}</li>" if why.owner else ""
    hold = f"<li>{say('It is under legal hold: nobody removes or replaces it.')}</li>" if why.hold else ""
    return f'<ul class="mun-why">{"".join(map(_rule, why.rules))}{owner}{hold}</ul>'


def groups(why: Why) -> str:
    """Who else reads it: each group, by which rules, and what a member needs besides."""
    rows = []
    for group in why.groups or []:
        needs = "".join(f"<li>{_need(need)}</li>" for need in group.needs if need.kind in NEEDS)
        besides = f'{say("with")}<ul class="mun-why">{needs}</ul>' if group.allowed and needs else ""
        verdict = say("may read it") if group.allowed else say("may not read it")
        rows.append(
            f'<tr><th scope="row">{said(group.group)}</th><td>{verdict} {besides}</td>'
            f'<td><ul class="mun-why">{"".join(map(_rule, group.rules))}</ul></td></tr>'
        )
    head = "".join(f'<th scope="col">{one}</th>' for one in (say("Group"), say("A member"), say("By the rule")))
    return (
        f'<div class="mun-scroll" tabindex="0" role="region" aria-label="{say("Who else can see it")}">'
        f'<table class="mun-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def held(one: Held, zone: tzinfo) -> str:
    """A file that is held back: its reason, and what is told of it."""
    if one.name:
        called = said(one.name)
    else:
        called = say_html("A file (.{ending})", ending=one.ending) if one.ending else say("A file")
    hidden = say("What it is called is told only to those who could read it.")
    why = "" if one.name else f'<div class="mun-note">{hidden}</div>'
    told = [
        (say("Held back since"), moment(one.since, zone)),
        (say("Came by"), say("upload") if one.uploaded else say("a folder of the house")),
        (say("Given by"), _told(one.uploader)),
        (say("File"), _told(one.uri)),
        (say("Size"), size(one.bytes) if one.bytes is not None else ""),
        (say("Level"), level(one.level) if one.level else say("no list says who reads it")),
        (say("Department"), _told(one.department)),
        (say("Readers"), words(one.readers).strip()),
    ]
    return f'<h2 class="mun-sub">{called}</h2><div class="mun-because">{reason(one.reason)}</div>{why}{_listed(told)}'


def _listed(pairs: Sequence[tuple[str, str]]) -> str:
    inside = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs if value)
    return f'<dl class="mun-dl">{inside}</dl>'


def _told(text: str) -> str:
    """What was told as HTML; nothing if nothing was."""
    return said(text) if text else ""


def _box(what: str, then: str) -> str:
    return f'<div class="mun-no"><b>{what}</b>{then}</div>'


def _called(document: Document) -> str:
    return document.title or document.name


def _rule(rule: Rule) -> str:
    return f'<li><span class="mun-badge">{said(rule.name)}</span> {said(rule.reason)}</li>'


def _need(need: Need) -> str:
    value = named(need.value) if need.kind == "clearance" else need.value
    return say_html(NEEDS[need.kind], value=value)
