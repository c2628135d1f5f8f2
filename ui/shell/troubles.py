"""What the house says went wrong, where the visit is not in English: the portal's own words stand in for the house's.

Only for what always means the same. Anything else (what was wrong with a form, why a rule forbids) is said in the
house's own words.
"""

from typing import Final

from ui.house.problem import Problem
from ui.words.speech import language, later, say

_LATER: Final = later("Nothing was lost. Try again in a minute; if it stays, tell the operator.")
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
    "queue-full": (later("Too many people are asking just now."), later("Try again in a minute.")),
    "waited-too-long": (later("It took too long until your turn came."), later("Try again in a few minutes.")),
    "model-unavailable": (later("The chat model does not answer."), _LATER),
    "store-unavailable": (later("The vector store does not answer."), _LATER),
    "embedder-unavailable": (later("The search does not work."), _LATER),
    "registry-unavailable": (later("The database does not answer."), _LATER),
    "ledger-unavailable": (later("The ledger cannot be written, so nothing is answered."), _LATER),
    "policy-unavailable": (later("The rules of this house cannot be read, so nothing is shown."), _LATER),
    "internal": (later("Something went wrong inside the appliance."), later("Tell the operator the request's id.")),
}
"""What happened and what to do, by the house's code."""


def told(problem: Problem) -> tuple[str, str]:
    """What happened and what to do, as text that may come from outside."""
    known = KNOWN.get(problem.code)
    if known is None or language() == "en":
        return problem.detail, problem.advice
    return say(known[0]), say(known[1]) if known[1] else ""
