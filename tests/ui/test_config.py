import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / "ui" / ".streamlit" / "config.toml").read_text("utf-8"))

PROTECTS = {
    ("browser", "gatherUsageStats"): False,
    ("server", "address"): "127.0.0.1",
    ("server", "headless"): True,
    ("server", "enableCORS"): True,
    ("server", "corsAllowedOrigins"): [],
    ("server", "enableXsrfProtection"): True,
    ("server", "allowedHosts"): ["localhost", "127.0.0.1"],
    ("server", "fileWatcherType"): "none",
    ("server", "enableStaticServing"): False,
    ("server", "enableAgentApi"): False,
    ("client", "showErrorDetails"): "none",
    ("client", "allowedOrigins"): [],
    ("client", "toolbarMode"): "minimal",
}


@pytest.mark.parametrize(("section", "option"), PROTECTS)
def test_what_protects_is_set(section: str, option: str) -> None:
    assert CONFIG[section][option] == PROTECTS[(section, option)]


def test_streamlit_reads_the_file_beside_the_entry_from_any_folder(tmp_path: Path) -> None:
    """Every option exists in the installed Streamlit and takes effect."""
    program = (
        "import sys, json; from streamlit import config; config._main_script_path = sys.argv[1];"
        "config.get_config_options(force_reparse=True);"
        "print(json.dumps({k: config.get_option(k) for k in sys.argv[2:]}))"
    )
    names = [f"{section}.{option}" for section, options in CONFIG.items() for option in options if section != "theme"]
    run = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "ui" / "app.py"), *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "not a valid config option" not in run.stderr
    import json

    assert json.loads(run.stdout) == {
        f"{section}.{option}": value
        for section, options in CONFIG.items()
        for option, value in options.items()
        if section != "theme"
    }
