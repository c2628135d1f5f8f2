"""The site's proxies as `deploy/proxy/` ships them: Debian's nginx and Caddy on loopback, with addresses of a test."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.identity.provider import certificates
from tests.left_out import left_out
from tests.ui.conftest import free_port

SHIPPED: Final = Path(__file__).resolve().parents[2] / "deploy" / "proxy"
FILES: Final = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
PROGRAMS: Final = "/usr/sbin:/usr/bin:/bin"
"""Where Debian puts them: the first folder is in nobody's PATH but root's."""


@contextmanager
def before(kind: str, folder: Path, *, port: int, api: str, portal: str) -> Iterator[None]:
    """nginx or Caddy at https://localhost:PORT before both; where it is not installed the test is left out."""
    if shutil.which(kind, path=PROGRAMS) is None:
        package = {"nginx": "nginx-light"}.get(kind, kind)
        left_out(f"THE SITE'S PROXY {kind.upper()}", f"it is not installed (apt-get install {package})")
    folder.mkdir()
    _, certificate, key = certificates(folder)
    (folder / "fullchain.pem").write_text(certificate)
    (folder / "privkey.pem").write_text(key)
    file = folder / FILES[kind]
    file.write_text(_here((SHIPPED / FILES[kind]).read_text("utf-8"), folder, port, api, portal))
    commands = {
        "nginx": ["nginx", "-c", str(file), "-g", "daemon off;", "-p", str(folder)],
        "caddy": ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"],
    }
    environment = {"PATH": PROGRAMS, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with subprocess.Popen(commands[kind], env=environment, cwd=folder) as process:
        try:
            _up(process, port)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _here(text: str, folder: Path, port: int, api: str, portal: str) -> str:
    """The shipped text with this test's name, ports and places, and with nothing else changed."""
    for shipped, mine in {
        "http {\n": f"http {{\n  {_temporary(folder)}\n",
        "\tadmin off": f"\tadmin off\n\thttp_port {free_port()}\n\tdefault_bind 127.0.0.1",
        "https://ask.example {": f"https://localhost:{port} {{",
        "listen 80 default_server": f"listen 127.0.0.1:{free_port()} default_server",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "ask.example": "localhost",
        "/etc/muniment/tls": str(folder),
        "/run/nginx.pid": str(folder / "nginx.pid"),
        "127.0.0.1:8765": api.removeprefix("http://"),
        "127.0.0.1:8766": portal.removeprefix("http://"),
    }.items():
        text = text.replace(shipped, mine)
    return text


def _temporary(folder: Path) -> str:
    """Where nginx keeps what it must: Debian's own places are root's."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)


def _up(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "the proxy ended at once"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("the proxy did not begin to listen")
