"""A ledger tampered with in six ways, straight in its database: `python -m tests.audit.tampering` shows what is said.

The ledger has 40 entries; the second place vouches for 20 and for 40. Whoever tampers can write the database, and
knows how hashes are made; he cannot write the second place.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from appliance.audit.chain import ORIGIN, chained
from appliance.settings import ROOT
from tests.audit.houses import House

Tamper = Callable[[sqlite3.Connection], None]


def changed_body(connection: sqlite3.Connection) -> None:
    """One entry says another client; its hash is left."""
    connection.execute("UPDATE ledger SET body = replace(body, 'portal', 'nobody') WHERE number = 7")


def changed_hash(connection: sqlite3.Connection) -> None:
    """One entry's hash is another."""
    connection.execute("UPDATE ledger SET hash = substr(hash, 2) || '0' WHERE number = 9")


def removed_middle(connection: sqlite3.Connection) -> None:
    """Three entries are gone."""
    connection.execute("DELETE FROM ledger WHERE number BETWEEN 11 AND 13")


def reordered(connection: sqlite3.Connection) -> None:
    """Two entries changed places, bodies and hashes together."""
    rows = connection.execute("SELECT body, hash FROM ledger WHERE number IN (15, 16) ORDER BY number").fetchall()
    for number, (body, digest) in zip((16, 15), rows, strict=True):
        connection.execute("UPDATE ledger SET body = ?, hash = ? WHERE number = ?", (body, digest, number))


def cut_off(connection: sqlite3.Connection) -> None:
    """The last five entries are gone, and with them the checkpoint that the database held of them."""
    connection.execute("DELETE FROM ledger WHERE number > 35")
    connection.execute("DELETE FROM checkpoints WHERE entry > 35")


def written_anew(connection: sqlite3.Connection) -> None:
    """One entry is taken out, one put in, all numbered again and every hash made anew: a chain without a fault."""
    bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM ledger ORDER BY number")]
    del bodies[17]
    bodies.insert(5, dict(bodies[5]))
    connection.execute("DELETE FROM ledger")
    connection.execute("DELETE FROM checkpoints")
    previous = ORIGIN
    for number, plain in enumerate(bodies, start=1):
        body = json.dumps(plain | {"number": number}, sort_keys=True, separators=(",", ":"))
        previous = chained(previous, body)
        connection.execute("INSERT INTO ledger VALUES (?, ?, ?)", (number, body, previous))


WAYS: tuple[Tamper, ...] = (changed_body, changed_hash, removed_middle, reordered, cut_off, written_anew)


def built(data: Path) -> House:
    """The ledger before anybody touched it, in the folder of an installation."""
    house = House(f"sqlite:///{data / 'registry.sqlite'}", data / "built")
    for _ in range(2):
        house.fill(20, client="portal")
        house.notary.round()
    house.engine.dispose()
    return house


def tampered(data: Path, tamper: Tamper) -> None:
    """Do it."""
    with sqlite3.connect(data / "registry.sqlite") as connection:
        tamper(connection)
    connection.close()


def main() -> None:
    """Each way with what `muniment ledger verify` says of it, with the second place and without."""
    for way in (None, *WAYS):
        data = Path(tempfile.mkdtemp())
        try:
            house = built(data)
            if way is not None:
                tampered(data, way)
            sys.stdout.write(f"\n=== {way.__name__ if way else 'untouched'}: {way.__doc__ if way else ''}\n")
            public = data / "built" / "keys" / "checkpoint.key.pub"
            for given in (["--checkpoint", str(house.place)], []):
                command = [sys.executable, "-m", "appliance.cli", "ledger", "verify", "--key", str(public), *given]
                environment = os.environ | {"MUNIMENT_DATA": str(data), "COLUMNS": "160"}
                done = subprocess.run(
                    command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
                )  # fmt: skip
                sys.stdout.write(f"--- {'with the second place' if given else 'without'}: exit {done.returncode}\n")
                sys.stdout.write(done.stdout + done.stderr)
        finally:
            shutil.rmtree(data)


if __name__ == "__main__":
    main()
