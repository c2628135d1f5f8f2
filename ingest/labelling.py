"""What language a text is in, and who may read what lies between two lists. Pure."""

import re
from dataclasses import replace
from typing import Final

from appliance.records import Access

_COMMON: Final = {
    "de": frozenset(
        "der die das und ist nicht mit ein eine einen einem einer den dem des im zu von für auf wird werden sind bei "
        "nach oder aus auch an als es sich wenn nur bis muss darf vor über durch zum zur kann wir sie ihr".split()
    ),
    "en": frozenset(
        "the and is not with a an of to in for on are be by or from as it that this at must may if only until before "
        "which has have was will can you we they their there who when after into".split()
    ),
}


def language(text: str, default: str = "en") -> str:
    """`de` or `en`, by the common words of each; `default` where they do not decide."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    german = sum(word in _COMMON["de"] for word in words) + sum(any(c in "äöüß" for c in word) for word in words)
    english = sum(word in _COMMON["en"] for word in words)
    if german == english:
        return default
    return "de" if german > english else "en"


def of_both(old: Access, new: Access) -> Access | None:
    """The access of those alone who may read under `old` and under `new`; None if there is nobody."""
    readers = old.readers & new.readers
    if not readers or _set_apart(old) != _set_apart(new):
        return None
    return replace(
        old,
        readers=readers,
        level=max(old.level, new.level),
        labels=old.labels | new.labels,
        owner=old.owner if old.owner == new.owner else "",
        hold=old.hold or new.hold,
    )


def _set_apart(access: Access) -> tuple[object, ...]:
    """What has no middle between two values: who may read under both cannot be said in one list."""
    return access.tenant, access.department, access.ancestors, access.wall, access.patient, access.purpose
