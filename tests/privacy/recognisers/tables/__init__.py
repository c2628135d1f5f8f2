"""One table per recogniser: text, what it must find there, with which score; near misses without marks.

What must be found stands between ⟦ and ⟧; the scores follow in its order. All numbers are invented.
"""

from tests.privacy.recognisers.tables import money, network

ALL: dict[str, list[tuple[str | float, ...]]] = {**network.TABLES, **money.TABLES}
