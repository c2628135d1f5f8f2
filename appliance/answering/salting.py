"""What keeps the engines' prefix caches of two people apart. Pure but for one random key.

An engine that has read the beginning of a prompt before answers sooner; whoever could ask with another's beginning
would hear from the time alone that it was read before. So nothing is shared but what is the same in every prompt.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Final

from appliance.access.scope import Scope

_KEY: Final = secrets.token_bytes(32)
"""Of this process and nobody else: a salt that somebody saw once is worth nothing after the next start."""

_LINE: Final = 8


@dataclass(frozen=True, slots=True)
class Salt:
    """`line` stands in the prompt, right after its constant beginning, for engines that know no other way; it is the
    same at every start, so that a prompt and its answer are too. `request` goes beside the prompt, to those that do.
    """

    line: str
    request: str


UNSALTED: Final = Salt("", "")
"""For prompts that nobody asks a model with. An engine is never told an empty salt (`OpenAIChatModel`)."""


def salt(scope: Scope) -> Salt:
    """The salt of this Scope in this person's hands. Two people who may read the same have two.

    Of two with equal rights, one could otherwise try whether a colleague has just asked a certain question.
    """
    who = scope.principal
    told = json.dumps([scope.digest, who.tenant, who.id]).encode("utf-8", "surrogatepass")
    return Salt(hashlib.sha256(told).hexdigest()[:_LINE], hmac.new(_KEY, told, hashlib.sha256).hexdigest())
