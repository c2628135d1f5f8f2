"""Parts killed at random moments: nothing acknowledged is lost, nothing is there twice, nothing is left over."""

import socket
import tempfile
from pathlib import Path

from appliance.settings import load
from tests.faults.killing import run


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_six_kills_lose_double_and_leave_nothing() -> None:
    """Guards `Jobs.resume`, `writing` around each entry of the ledger, and the order of `Pipeline`'s durable steps."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        remains = run(load(data=Path(folder), api_port=free_port()), times=6, seed=7)
    assert remains.faults == [], remains
    assert remains.acknowledged
    assert any(told == "/v1/ask 200 answer" for told in remains.told), "no question ever reached the model"
    assert any(" 503 " in told for told in remains.told), "no kill was ever noticed"
