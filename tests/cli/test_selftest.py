"""`muniment selftest`: what it does is tested in `tests/selftest`; here, how it ends."""

from pathlib import Path

from tests.cli.test_cli import muniment


def test_a_test_that_cannot_be_made_proves_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    told = muniment("selftest", "leaks", MUNIMENT_DATA=str(tmp_path), MUNIMENT_MODELS=str(tmp_path / "none"))
    assert told.returncode == 2
    assert "models fetch" in told.stderr
    assert "Traceback" not in told.stderr
    assert not list((tmp_path / "selftest").iterdir())


def test_no_attempts_are_no_test(tmp_path: Path) -> None:
    assert muniment("selftest", "leaks", "--attempts", "0", MUNIMENT_DATA=str(tmp_path)).returncode == 2
