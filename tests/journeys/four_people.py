"""The same question as four people, with four outcomes, and why: the demonstration's rules over its own documents.

    .venv/bin/python -m tests.journeys.four_people

No model is asked: the passages stand for what it would be shown. Real are the access lists of the sample institution,
the registry, the policy set that the demonstration's officers signed, the Scope and the decision over each document.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from appliance import wiring
from appliance.access.explaining import explained
from appliance.access.rules import Rules
from appliance.errors import NotAllowed
from appliance.operations import policies
from appliance.records import Access, Action, Principal
from appliance.settings import Settings, load
from ingest.sources import Folder, discover

console = Console(highlight=False, width=118)
QUESTION = "What is the man in ICU bed 4 allergic to?"
ANSWER = "nursing/icu/handover-2026-05-14.txt"
"""Where the answer stands."""


def people(settings: Settings) -> Iterator[tuple[str, Principal]]:
    """Who asks, in words, and as whom the rules know him."""
    identity = wiring.personas(settings)
    mara, viktor = (identity.principal(f"Bearer {identity.token(name)}") for name in ("mara", "viktor"))
    yield "Mara, nurse of the intensive care unit", mara
    yield "Viktor, finance controller", viktor
    yield "Mara, through a program that nobody registered", replace(mara, client="somebody-s-script")
    yield "Mara, who also holds the role of the machine's operator", replace(mara, roles=mara.roles | {"operator"})


def documents(settings: Settings) -> Mapping[str, Access]:
    """The sample institution by path, with what its access lists say."""
    found = discover(Folder(settings.demo_corpus, settings.tenant, settings.file_mib << 20))
    return {file.uri: file.access for file in found.files if file.access is not None}


def outcome(rules: Rules, who: Principal, held: Mapping[str, Access]) -> str:
    """As the desk decides: may he ask, what does the index admit, what is left when each is decided again."""
    try:
        rules.demand(who, Action.ASK)
        scope = rules.scope(who)
    except NotAllowed as refused:
        return f"turned away: {refused}"
    admitted = {uri: access for uri, access in held.items() if scope.admits(access)}
    readable = rules.readable(who, admitted)
    shown = "the note of bed 4 is found" if ANSWER in readable else "the note is not there for him: honest refusal"
    return f"{shown}; {len(readable)} of {len(held)} documents are his to read (the index admits {len(admitted)})"


def main() -> None:
    """Ask as each, and explain."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data=Path(folder))
        rules, held = Rules(policies.in_force(settings).current), documents(settings)
        console.print(f"Policy set {rules.version}. {QUESTION}", markup=False)
        for words, who in people(settings):
            console.print(Rule(words, align="left"))
            console.print(outcome(rules, who, held), markup=False)
            explanation = explained(rules.ruleset(), who, Action.READ, held[ANSWER])
            allowed = explanation.decision.allowed
            console.print(f"explain: reading it is {'allowed' if allowed else 'denied'}")
            for name, reason in explanation.reasons or (("no rule", "permits it"),):
                console.print(f"  by {name}: {reason}", markup=False)
            for change in explanation.changes[:6]:
                otherwise = "denied" if allowed else "allowed"
                console.print(f"  {otherwise} if {', and '.join(change)}", markup=False)


if __name__ == "__main__":
    main()
