"""Many appends at one moment, for `strace`: `python -m tests.audit.grouped FOLDER together|alone COUNT`.

Between the two looks at MARK nothing happens but COUNT appends: by as many threads, which begin while another process
holds the database (so that all of them wait at one time), or one after the other.
"""

import os
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Final

from tests.audit.houses import ENTRY, House

MARK: Final = "/no-such-mark"


def main() -> None:
    """Append."""
    folder, how, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    house = House(f"sqlite:///{folder / 'r.sqlite'}", folder)
    house.ledger.append(ENTRY)  # the day's key is made, the log is open
    numbers: list[int] = []
    if how == "alone":
        os.access(MARK, os.F_OK)
        numbers = [house.ledger.append(ENTRY) for _ in range(count)]
    else:
        holder = sqlite3.connect(folder / "r.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        threads = [
            threading.Thread(target=lambda: numbers.append(house.ledger.append(ENTRY))) for _ in range(count)
        ]  # fmt: skip
        os.access(MARK, os.F_OK)
        for thread in threads:
            thread.start()
        while len(house.ledger._queue) < count - 1:  # all wait but the first, who leads
            threading.Event().wait(0.01)
        holder.execute("ROLLBACK")
        for thread in threads:
            thread.join()
        holder.close()
    os.access(MARK, os.F_OK)
    assert sorted(numbers) == list(range(2, count + 2))


if __name__ == "__main__":
    main()
