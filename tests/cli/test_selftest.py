"""`muniment selftest`: what it does is tested in `tests/selftest`; here, how it ends."""

import tempfile
from pathlib import Path

from tests.cli.test_cli import muniment


def test_a_test_that_cannot_be_made_proves_nothing_and_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="site-") as folder:  # its path is short enough for the store's socket
        told = muniment("selftest", "leaks", MUNIMENT_DATA=folder, MUNIMENT_MODELS=f"{folder}/none")
        assert told.returncode == 2
        assert "models fetch" in told.stderr
        assert "Traceback" not in told.stderr
        assert not list((Path(folder) / "selftest").iterdir())


def test_a_data_folder_too_deep_for_a_socket_is_named(tmp_path: Path) -> None:
    told = muniment("selftest", "leaks", MUNIMENT_DATA=str(tmp_path / ("d" * 100)))
    assert told.returncode == 2
    assert "Choose a shorter data folder." in told.stderr


def test_no_attempts_are_no_test(tmp_path: Path) -> None:
    assert muniment("selftest", "leaks", "--attempts", "0", MUNIMENT_DATA=str(tmp_path)).returncode == 2
