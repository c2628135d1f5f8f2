from pathlib import Path
from typing import Any

import pytest

from appliance.errors import SettingsRefused
from appliance.operations import parts, reach, walls
from appliance.operations.reach import Peer
from appliance.settings import Settings, load
from tests.walls.test_closing import run

OIDC: dict[str, Any] = {
    "identity": "oidc",
    "issuer": "https://Idp.house.example/realms/house",
    "audience": "muniment",
    "directory": "keycloak",
    "directory_secret": "x",
    "ledger_witness": "file:/var/log/witness",
}
CLUSTER = OIDC | {
    "size": "cluster",
    "engine": "vllm",
    "store_url": "http://10.0.0.5:6333",
    "store_key": "x",
    "model_url": "https://gpu.house.example/v1",
    "database_url": "postgresql+psycopg://m@db.house.example/m",
    "notice_smtp": "smtp://mail.house.example",
    "notice_from": "a@house.example",
    "notice_to": "b@house.example",
}


def test_on_one_machine_with_invented_people_nobody_asks_anybody() -> None:
    parts = {one.part: one for one in reach.parts(Settings())}
    assert {name: one.connect for name, one in parts.items()} == {
        "store": [],
        "model": [],
        "worker": [],
        "api": [],
        "portal": [8765],
    }
    assert not any(one.names for one in parts.values())
    assert {name: one.bind for name, one in parts.items() if one.bind} == {"api": [8765], "portal": [8766]}


def test_the_api_reaches_whom_the_settings_name() -> None:
    """Fails if a setting that names somebody is left out of `reach.api`, or one that names nobody is in it."""
    api = reach.api(Settings(**CLUSTER, also_reached=["[fd00::7]:8443", "token.house.example:9443"]))
    assert set(api.peers) == {
        Peer("10.0.0.5", 6333, "store"),
        Peer("gpu.house.example", 443, "model"),
        Peer("db.house.example", 5432, "database"),
        Peer("idp.house.example", 443, "issuer"),
        Peer("mail.house.example", 25, "mail"),
        Peer("fd00::7", 8443, "also"),
        Peer("token.house.example", 9443, "also"),
    }
    assert api.names
    assert reach.worker(Settings(**CLUSTER)).connect == [5432, 6333]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://m@10.0.0.7:5433/m", [("10.0.0.7", 5433)]),
        ("postgresql://m@/m?host=/run/postgresql", []),
        ("postgresql://m@/m?host=db1,db2", [("db1", 5432), ("db2", 5432)]),
        ("postgresql://m@/m?host=db1,db2&port=5433,5434", [("db1", 5433), ("db2", 5434)]),
        ("postgresql://m@/m?host=db1:5433&host=db2:5434", [("db1", 5433), ("db2", 5434)]),
    ],
)
def test_databases_are_found_where_addresses_name_them(url: str, expected: list[tuple[str, int]]) -> None:
    found = reach.worker(Settings(**CLUSTER | {"database_url": url})).peers
    assert [(peer.host, peer.port) for peer in found if peer.what == "database"] == expected


def test_addresses_are_no_names() -> None:
    assert not any(Peer(host, 1, "x").named for host in ("127.0.0.1", "::1", "10.1.2.3", "localhost"))
    assert Peer("issuer", 1, "x").named


def test_what_is_also_reached_must_name_a_port() -> None:
    with pytest.raises(SettingsRefused):
        load(also_reached=["idp.house.example"])


def test_the_words_that_close_a_part_before_it_runs() -> None:
    words = parts.closed(reach.portal(Settings()), ("python", "-m", "ui.serve", "--port", "8766"))
    told = ["--reach", "127.0.0.1:8765", "--bind", "8766", "ui.serve", "--port", "8766"]
    assert list(words) == ["python", "-m", "appliance.closed", *told]


def test_from_outside_one_sees_which_process_is_closed(tmp_path: Path) -> None:
    """Guards `> _filters("self")` in `walls.told`: what a container's runtime puts on is no wall of ours."""
    code = """
import os
from appliance.operations import walls
from pathlib import Path
child = os.fork()
if child == 0:
    closing.close()
    os.write(told, b"x")
    os.read(wait, 1)
    os._exit(0)
"""
    code = f"import os\n(seen, told), (wait, end) = os.pipe(), os.pipe()\n{code}" + (
        "os.read(seen, 1)\nprint(walls.told(child).split()[-1], walls.told(os.getpid()))\nclosing.close()\n"
        "print(walls.told(child))\nos.write(end, b'x')"
    )
    told = run(code)
    assert told == [walls.closing.possible().told().split()[-1], "open", "open"]


def test_a_process_that_begins_anew_is_closed_once() -> None:
    """Guards `if closing.closed()` in `walls.close`: Landlock has room for sixteen, and then the worker would end."""
    code = """
from appliance.operations import reach, walls
from appliance.settings import Settings
for _ in range(20):
    walls.close(reach.worker(Settings()))
print(closing.closed())
"""
    assert run(code) == ["True"]


def test_the_command_line_starts_no_threads_before_a_command() -> None:
    """`serve` closes itself first, and could not: numpy, imported by any of them, starts threads."""
    code = """
from importlib.metadata import entry_points
import appliance.cli.main
[entry.load() for entry in entry_points(group="muniment.commands")]
import os
print(len(os.listdir("/proc/self/task")), "numpy" in sys.modules)
"""
    assert run(code) == ["1", "False"]
