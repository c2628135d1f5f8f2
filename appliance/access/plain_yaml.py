"""YAML of a policy set: looked at for size and depth before anything is made of it. Whoever wrote it may be a stranger.

libyaml takes more than linear time for what is nested, and pydantic's and our own readers go as deep as the text does.
"""

from typing import Any, Final

import yaml

from appliance.errors import PolicyRefused

LARGEST: Final = 256 * 1024
"""Bytes of one file: some fifteen times the largest one that is shipped."""
DEEPEST: Final = 30
_UNREAD: Final = (yaml.YAMLError, RecursionError, ValueError, LookupError, AttributeError, TypeError)
"""What its readers raise for a file, or for a tag on a value that it does not fit (`!!int ""`)."""


def loaded(text: str, name: str) -> Any:
    """What `text`, the file called `name`, says. Raises PolicyRefused if it is too large or too deep, or no YAML."""
    bound(text, name)
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except _UNREAD as error:
        raise PolicyRefused(f"{name} is not valid YAML.", faults=(f"{name}: no YAML",)) from error


def bound(content: str | bytes, name: str) -> bool:
    """Whether it repeats parts of itself by name (&, *). Raises PolicyRefused if it is too large or too deep.

    What is no YAML is told by who reads it.
    """
    if len(content) > LARGEST:
        raise _refused(f"{name} is larger than {LARGEST:,} bytes.")
    depth, repeats = 0, False
    try:
        for event in yaml.parse(content, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:  # nothing behind it is read any more
                raise _refused(f"{name} is nested more than {DEEPEST} deep.")
            repeats = repeats or isinstance(event, yaml.AliasEvent)
    except (yaml.YAMLError, ValueError):
        return repeats
    return repeats


def _refused(words: str) -> PolicyRefused:
    return PolicyRefused(words, faults=(words,))
