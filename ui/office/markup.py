"""What officers look at as HTML: tables, rules, decisions, entries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from ui.office.client import Decided, Entry, Explanation, Known, Matter, Place, Rule, Sighting
from ui.office.turning import turned
from ui.words.levels import level
from ui.words.said import said
from ui.words.speech import later, say, say_html

EVENTS: Final = {
    "asked": later("asked"),
    "retrieved": later("searched for an answer"),
    "opened": later("evidence was found"),
    "closed": later("the answer was complete"),
    "refused": later("refused"),
    "broken": later("a part failed"),
    "left": later("went away"),
    "withdrawn": later("an answer was taken back"),
    "feedback": later("judged an answer"),
    "searched": later("searched"),
    "page-opened": later("opened a cited page"),
    "picture-opened": later("saw a page's picture"),
    "page-refused": later("a page was not shown"),
    "document-opened": later("opened an original"),
    "conversation-opened": later("opened a conversation"),
    "conversation-exported": later("took a conversation along"),
    "conversation-deleted": later("deleted a conversation"),
    "uploaded": later("uploaded a document"),
    "removed": later("removed a document"),
    "quarantine-viewed": later("looked at what is held back"),
    "quarantine-released": later("let a file be tried again"),
    "quarantine-discarded": later("threw a file away"),
    "access-changed": later("changed who may read a document"),
    "relabelled": later("documents were labelled anew"),
    "emergency-opened": later("opened an emergency"),
    "broke-glass": later("saw documents in an emergency"),
    "emergency-ended": later("an emergency was ended"),
    "emergency-reviewed": later("reviewed an emergency"),
    "emergency-lifted": later("let somebody open emergencies again"),
    "escalation-proposed": later("prepared a question for outside"),
    "escalation-denied": later("a question was not let outside"),
    "escalation-awaiting": later("wants a question approved for outside"),
    "escalation-approved": later("a question may go outside"),
    "escalation-sent": later("a question went outside"),
    "escalation-answered": later("an answer came from outside"),
    "escalation-failed": later("a question got no answer outside"),
    "escalation-expired": later("a question for outside ended unsent"),
    "escalation-shown": later("saw what came from outside"),
    "approval": later("approved what leaves, byte for byte"),
    "policy-brought": later("brought a policy set"),
    "policy-activated": later("a policy set came into force"),
    "policy-refused": later("a policy set was refused"),
    "model-started": later("a model was started"),
    "signed-in": later("signed in"),
    "signed-out": later("signed out"),
    "sign-in-refused": later("was not let in"),
    "directory-silent": later("the directory is silent; only what is public is served"),
    "directory-heard": later("the directory answers again"),
    "keys-changed": later("a key was made"),
    "known-changed": later("a list of known persons was changed"),
    "person-erased": later("somebody's keys were destroyed"),
    "self-tested": later("the house was tested"),
    "ledger-viewed": later("looked into the ledger"),
    "rights-viewed": later("looked up rights"),
    "redaction-tried": later("tried out a text"),
}
"""What an entry tells, for those who read it: every event that the house records."""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table. Everything in it is HTML already; `numbers` are columns that stand on the right. It scrolls by itself
    where it is too wide, with the keyboard too."""
    heads = "".join(
        f'<th scope="col" class="mun-number">{one}</th>' if place in numbers else f'<th scope="col">{one}</th>'
        for place, one in enumerate(head)
    )
    body = "".join(f"<tr>{_cells(row, numbers)}</tr>" for row in rows)
    return (
        f'<div class="mun-scroll" tabindex="0" role="region" aria-label="{caption}"><table class="mun-table">'
        f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: Sequence[str], numbers: Sequence[int]) -> str:
    return "".join(
        f'<td class="mun-number">{one}</td>' if place in numbers else f"<td>{one}</td>" for place, one in enumerate(row)
    )


def event(name: str) -> str:
    """What an entry tells, in the visit's language."""
    return say(EVENTS[name]) if name in EVENTS else said(name)


def person(one: Known) -> str:
    """Who somebody is to the rules."""
    facts = [
        say_html("department {name}", name=one.department) if one.department else "",
        f"{say('cleared for')} {level(one.clearance)}",
        say_html("groups {names}", names=", ".join(one.groups) or "–"),
        say_html("roles {names}", names=", ".join(one.roles)) if one.roles else "",
        say_html("purposes {names}", names=", ".join(one.purposes)) if one.purposes else "",
    ]
    return (
        f'<div class="mun-title">{said(one.name or one.id)} <span class="mun-meta">{said(one.id)}</span></div>'
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}</div>'
    )


def matter(one: Matter) -> str:
    """Where a document lies, and what the rules know of it."""
    facts = [
        level(one.level),
        say_html("readers {names}", names=", ".join(one.readers)),
        say_html("labels {names}", names=", ".join(one.labels)) if one.labels else "",
        say_html("department {name}", name=one.department) if one.department else "",
        say_html("owner {name}", name=one.owner) if one.owner else "",
        say_html("behind the wall of {name}", name=one.wall) if one.wall else "",
        say_html("for the purpose {name} only", name=one.purpose) if one.purpose else "",
        say("under legal hold") if one.hold else "",
    ]
    return (
        f'<div class="mun-title">{said(one.uri)}</div>'
        f'<div class="mun-meta">{" · ".join(fact for fact in facts if fact)}</div>'
    )


def rules(some: Sequence[Rule]) -> str:
    """The rules that decided, with their reasons."""
    if not some:
        return say("no rule permits it")
    return "<br>".join(f"{said(one.reason)} <code>{said(one.rule)}</code>" for one in some)


def readers(people: Sequence[Decided]) -> str:
    """Who may read it, and by which rule."""
    rows = [
        (
            named(one.name, one.person),
            yes(one.allowed),
            rules(one.rules),
        )
        for one in people
    ]
    return table(say("Everybody who is known"), (say("Person"), say("May read"), say("Because")), rows)


def named(name: str, identifier: str) -> str:
    """Somebody in a table: his name, and under it his id."""
    return f'{said(name or identifier)}<span class="mun-meta mun-id">{said(identifier)}</span>'


def yes(allowed: bool) -> str:  # noqa: FBT001  # the one thing that it says
    """Yes or no, not by colour alone."""
    return (
        f'<span class="mun-yes">✓ {say("yes")}</span>' if allowed else f'<span class="mun-never">✗ {say("no")}</span>'
    )


def explanation(one: Explanation) -> str:
    """Why, and what would turn it."""
    head = say("It is allowed.") if one.allowed else say("It is denied.")
    errors = "".join(f"<li>{said(words)}</li>" for words in one.errors)
    otherwise = say("It would be denied if …") if one.allowed else say("It would be allowed if …")
    both = f" {say('and')} "
    ways = "".join(f"<li>{both.join(turned(words) for words in together)}</li>" for together in one.changes)
    none = f"<div>{say('No few changes would turn it.')}</div>"
    ways = f'<div>{otherwise}</div><ul class="mun-list">{ways}</ul>' if ways else none
    return f'<div class="mun-big">{head}</div><p>{rules(one.rules)}</p>{f"<ul>{errors}</ul>" if errors else ""}{ways}'


def places(some: Sequence[Place]) -> str:
    """How many documents lie where."""
    rows = [(said(one.folder or "–"), level(one.level), str(one.documents)) for one in some]
    return table(
        say("Counted by folder and level"), (say("Folder"), say("Level"), say("Documents")), rows, numbers=(2,)
    )


def matters(some: Sequence[Matter]) -> str:
    """Documents by where they lie."""
    rows = [(said(one.uri), level(one.level), said(", ".join(one.labels))) for one in some]
    return table(say("Each by where it lies"), (say("Document"), say("Level"), say("Labels")), rows)


def sightings(some: Sequence[Sighting], zone: tzinfo) -> str:
    """What a person did."""
    rows = [
        (
            str(one.number),
            moment(one.at, zone),
            f"{event(one.event)} {said(one.reason) if one.reason else ''}",
            _documents(one),
            said(one.client),
            said(one.policy),
        )
        for one in some
    ]
    head = (say("Entry"), say("When"), say("What"), say("Documents"), say("Program"), say("Rules"))
    return table(say("The newest first"), head, rows)


def _documents(one: Sighting) -> str:
    gone = [say("No longer there: {count}", count=one.unknown)] if one.unknown else []
    return "<br>".join([*(said(uri) for uri in one.documents), *gone])


def entries(some: Sequence[Entry], zone: tzinfo) -> str:
    """Entries of the ledger."""
    rows = [
        (
            str(one.number),
            moment(one.at, zone),
            event(one.event),
            said(one.reason),
            said(one.about),
            said(one.client),
            said(one.policy),
            _sums(one),
        )
        for one in some
    ]
    names = (
        say("Entry"),
        say("When"),
        say("What"),
        say("Code"),
        say("About"),
        say("Program"),
        say("Rules"),
        say("Counts"),
    )
    return table(say("The newest first"), names, rows)


def _sums(one: Entry) -> str:
    told = {
        say("Passages: {count}", count=one.passages): one.passages,
        say("Sentences: {count}", count=one.released): one.released,
        say("Withheld: {count}", count=one.withheld): one.withheld,
    }
    return "<br>".join(words for words, count in told.items() if count)


def moment(at: str, zone: tzinfo) -> str:
    """A time of the ledger's where the browser is; as it stands if it is none."""
    try:
        return f'<span class="mun-when">{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d %H:%M:%S}</span>'
    except ValueError:
        return said(at)


def good(what: str, then: str = "") -> str:
    """Something that went well; both are HTML."""
    return f'<div class="mun-good" role="status"><b>{what}</b>{then}</div>'


def facts(some: Mapping[str, str]) -> str:
    """Names and values, both HTML, one under the other."""
    return "".join(f'<div class="mun-meta">{name}: {value}</div>' for name, value in some.items())
