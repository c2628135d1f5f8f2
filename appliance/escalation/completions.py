"""What a provider of chat completions answered, read strictly: it was written by somebody else. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

CHARACTERS: Final = 65_536
"""No answer is longer."""
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of characters."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The text of the one choice, and what the provider says that it read and wrote; None where it says no number."""

    text: str = field(repr=False)
    tokens_in: int | None
    tokens_out: int | None


def read(body: bytes) -> Completion | str:
    """The completion in `body`, or a code for why there is none."""
    plain = strictly(body)
    if not isinstance(plain, dict):
        return "not-json"
    match plain.get("choices"):
        case [{"message": {"content": str(text)} as message}]:
            pass
        case [{"message": {"tool_calls": called}}] if called:
            return "tool-calls"
        case _:
            return "shape"
    if message.get("tool_calls") or message.get("function_call"):
        return "tool-calls"
    if not text.strip():
        return "empty"
    if len(text) > CHARACTERS:
        return "too-long"
    if _NO_TEXT.search(text):
        return "no-text"
    usage = plain.get("usage")
    told = usage if isinstance(usage, dict) else {}
    return Completion(text, _count(told.get("prompt_tokens")), _count(told.get("completion_tokens")))


def strictly(body: bytes) -> Any:
    """What JSON says; None for what is none, says a name twice, or holds a number that is none."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refused, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _count(told: object) -> int | None:
    return told if type(told) is int and 0 <= told < 1 << 31 else None


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) != len(listed):
        raise ValueError("a name twice")
    return found
