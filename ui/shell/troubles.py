"""What the house says went wrong, where the visit is not in English: the portal's own words stand in for the house's.

Only where they are true whatever the cause. Anything else (what was wrong with a form, why a rule forbids) is said in
the house's own words.
"""

import re
from typing import Final

from ui.house.problem import Problem
from ui.words.speech import language, later, say

_LATER: Final = later("Nothing was lost. Try again in a minute; if it stays, tell the operator.")
_MINUTE: Final = later("Nothing was begun. Try again in a minute.")
_COMMAND: Final = re.compile("`[^`]+`")
KNOWN: Final = {
    "api-unavailable": (later("The appliance does not answer."), _LATER),
    "connection-lost": (
        later("The connection to the appliance broke before the end."),
        later("What is shown so far was verified, but it is not the whole answer. Ask again."),
    ),
    "not-understood": (
        later("The appliance gave an answer that this portal does not understand."),
        later("Portal and appliance may be of different versions. Tell the operator."),
    ),
    "not-authenticated": (later("You are not signed in, or your sign-in has ended."), later("Sign in to go on.")),
    "not-found": (later("There is nothing here that you may see."), ""),
    "model-unavailable": (later("The chat model cannot be used just now."), _LATER),
    "store-unavailable": (later("The vector store cannot be used just now."), _LATER),
    "embedder-unavailable": (later("The search cannot be used just now."), _LATER),
    "registry-unavailable": (later("What the house keeps cannot be used just now."), _LATER),
    "ledger-unavailable": (later("The ledger cannot be used just now."), _LATER),
    "policy-unavailable": (later("The rules cannot be used just now."), _LATER),
    "internal": (later("Something went wrong inside the appliance."), later("Tell the operator the request's id.")),
}
"""What happened and what to do, by the house's code: one code has several causes, and this is true of each."""
SAID: Final = {
    later("So many questions are waiting that no more are taken at this moment."): _MINUTE,
    later("No place came free in time: too many people are asking."): _MINUTE,
    later("Another question of yours is being prepared for outside."): _MINUTE,
    later("Too many prepare questions for outside just now."): _MINUTE,
}
"""What to do, by the house's own sentence, where the same code also means something else."""


def told(problem: Problem) -> tuple[str, str]:
    """What happened and what to do, as text that may come from outside."""
    if language() == "en":
        return problem.detail, problem.advice
    if problem.detail in SAID:
        return say(problem.detail), say(SAID[problem.detail])
    if problem.code not in KNOWN:
        return problem.detail, problem.advice
    what, then = KNOWN[problem.code]
    return say(what), " ".join(filter(None, (say(then) if then else "", _for_operators(problem.advice))))


def _for_operators(advice: str) -> str:
    """The commands that the house's own advice names, which no words of ours stand in for."""
    commands = ", ".join(_COMMAND.findall(advice))
    return say("For the operator: {commands}", commands=commands) if commands else ""
