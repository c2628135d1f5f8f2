"""A ledger on a disk that fills up, to be run on a small file system: `python -m tests.audit.full FOLDER`.

Opens answers until the disk is full, then ends them all; prints what happened as JSON.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from appliance.audit.reserve import Reserve
from appliance.audit.verification import verify
from appliance.errors import LedgerUnavailable
from tests.audit.houses import ENDING, ENTRY, House


def main() -> None:
    """Fill it."""
    folder = Path(sys.argv[1])
    reserve = Reserve(folder / "reserve", 512 * 1024)
    house = House(f"sqlite:///{folder / 'r.sqlite'}", folder, reserve=reserve)
    assert reserve.hold()
    opened, refused = [], ""
    wide = replace(ENTRY, shown=tuple(map(str, range(500))))
    while not refused:
        try:
            house.ledger.append(replace(wide, about=f"a{len(opened)}"))
            opened.append(f"a{len(opened)}")
        except LedgerUnavailable as error:
            refused = str(error)
    held = reserve.held
    open_ = opened[-40:]
    for about in open_:
        house.ledger.append(replace(ENDING, about=about))
    night = replace(ENDING, subject="somebody whose key must be made now")
    house.ledger.append(night)
    still = ""
    try:
        house.ledger.append(ENTRY)
    except LedgerUnavailable as error:
        still = str(error)
    (folder / "ballast").unlink()
    house.notary.round()
    again = house.ledger.append(ENTRY)
    found = verify(house.ledger.rows(), keys={})
    said = {
        "opened": len(opened), "refused": refused, "held after": held, "ended": len(open_), "still": still,
        "again": again, "held again": reserve.held, "last": found.last, "faults": found.faults,
    }  # fmt: skip
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
