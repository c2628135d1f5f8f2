"""One table per recogniser: text, what it must find there, with which score; near misses without marks.

What must be found stands between ⟦ and ⟧; the scores follow in its order. All numbers are invented.
"""

from tests.privacy.recognisers.tables import care, identity, money, network, people, reach, secrets

_FAMILIES = (network, money, care, identity, reach, people, secrets)
ALL: dict[str, list[tuple[str | float, ...]]] = {
    name: table for family in _FAMILIES for name, table in family.TABLES.items()
}
