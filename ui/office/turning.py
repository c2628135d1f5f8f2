"""What would turn a decision, in the language of the visit: the house says it in sentences of a few forms."""

import re
from string import Formatter
from typing import Final

from ui.words.levels import named
from ui.words.said import said
from ui.words.speech import later, say_html

FORMS: Final = (
    later("he belonged to the tenant {name}"),
    later("he were cleared for no more than {name}"),
    later("he were cleared for {name}"),
    later("he belonged to the group {name}"),
    later("he belonged to the department {name}"),
    later("he belonged to its deal team"),
    later("he treated its patient"),
    later("he stated the purpose {name}, and might"),
    later("it were a person, not a program"),
    later("he did not hold the role {name}"),
    later("he held the role {name}"),
    later("he did not belong to the group {name}"),
    later("he did not belong to its deal team"),
    later("he did not treat its patient"),
    later("he stated no purpose"),
    later("he were the document's owner"),
    later("he were not the document's owner"),
    later("the document's readers included a group of his"),
    later("the document had no label {name}"),
    later("the document lay behind no wall"),
    later("the document belonged to no patient's record"),
    later("the document were bound to no purpose"),
    later("the document were not under legal hold"),
    later("the document were under legal hold"),
    later("the document were {name}"),
    later("{name} were no reader of the document"),
    later("he asked through a registered program whose model runs in the house"),
    later("he asked through a program that nobody registered"),
    later("the program's model ran outside"),
)
"""Every form of such a sentence; what is of none is shown as it came."""


def turned(words: str) -> str:
    """A change that would turn a decision, as HTML."""
    for form, pattern in _PATTERNS:
        if (found := pattern.fullmatch(words)) is not None:
            return say_html(form, **{name: _level(form, value) for name, value in found.groupdict().items()})
    return said(words)


def _level(form: str, value: str) -> str:
    """A level in the visit's language, where the form speaks of one."""
    return named(value) if form in _OF_LEVELS else value


def _pattern(form: str) -> re.Pattern[str]:
    pieces = Formatter().parse(form)
    return re.compile("".join(re.escape(before) + (f"(?P<{name}>.+)" if name else "") for before, name, _, _ in pieces))


_OF_LEVELS: Final = frozenset(
    {"he were cleared for no more than {name}", "he were cleared for {name}", "the document were {name}"}
)
_PATTERNS: Final = tuple((form, _pattern(form)) for form in FORMS)
