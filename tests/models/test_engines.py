"""An engine starts on verified bytes only, behind a socket of its own, and keeps what it reads to itself."""

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from appliance.errors import ModelDamaged, ModelMissing, OperatorError
from appliance.models.engines import Endpoint, Launch, context, endpoint, launch, llama_cpp, ready, vllm
from appliance.models.local import Message, OpenAIChatModel, Text
from appliance.models.manifest import entry
from appliance.settings import load
from tests.contracts.chat_models import running_engine, wait_until
from tests.contracts.fake_engine import fake_launch

MARK = "Quillfeather"
Running = tuple[Endpoint, "subprocess.Popen[bytes]", Path]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


def as_nobody(program: str) -> "subprocess.CompletedProcess[str]":
    nobody = pwd.getpwnam("nobody")
    return subprocess.run(
        ["/usr/bin/python3", "-c", program],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_engine_does_not_start_without_its_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        launch(load(data=tmp_path / "d", models=tmp_path / "m"))


def test_an_engine_does_not_start_on_other_bytes(tmp_path: Path) -> None:
    """Guards the call of `verified` in `launch`."""
    model = entry("chat")
    home = tmp_path / "m" / model.name
    home.mkdir(parents=True)
    (home / model.files[0].path).write_bytes(b"GGUF")
    with pytest.raises(ModelDamaged, match=model.files[0].sha256):
        launch(load(data=tmp_path / "d", models=tmp_path / "m"))


def test_an_engine_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards `_environment`: the engine gets a list of named variables, not the appliance's environment."""
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", "postgresql://u:secret@h/d")
    monkeypatch.delenv("MUNIMENT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SOME_TOKEN", "secret")
    settings = load(data=tmp_path)
    for start in (
        llama_cpp(settings, tmp_path / "m.gguf", endpoint(settings)),
        vllm(settings, tmp_path / "m", endpoint(settings)),
    ):
        assert "secret" not in str(start)
        assert start.environment["HF_HUB_OFFLINE"] == "1"
        assert start.umask == 0o077


def test_vllm_is_locked_and_logs_no_request(tmp_path: Path) -> None:
    settings = load(data=tmp_path, engine="vllm")
    start = vllm(settings, tmp_path / "m", endpoint(settings))
    assert {"--no-enable-log-requests", "--disable-uvicorn-access-log", "--enable-prefix-caching"} <= set(
        start.arguments
    )
    assert start.arguments[start.arguments.index("--uds") + 1] == str(start.endpoint.socket)
    assert "--trust-remote-code" not in start.arguments
    assert context(settings) >= settings.prompt_budget + settings.answer_tokens


def test_vllm_is_started_by_its_own_python_within_its_memory(tmp_path: Path) -> None:
    settings = load(data=tmp_path, vllm_python="/opt/v/bin/python", vllm_cache_gib=1.5, vllm_sequences=4)
    start = vllm(settings, tmp_path / "m", endpoint(settings))
    said = dict(zip(start.arguments, start.arguments[1:], strict=False))
    assert start.arguments[0] == "/opt/v/bin/python"
    assert (said["--kv-cache-memory-bytes"], said["--max-num-seqs"]) == (str(3 * 2**29), "4")
    assert "--gpu-memory-utilization" not in said
    assert "--quantization" not in said


def test_vllm_keeps_what_it_compiles_and_its_inner_sockets_where_no_other_user_writes(tmp_path: Path) -> None:
    """Guards `_vllm_environment`: torch's own place for compiled code lies in /tmp under a name that can be guessed."""
    settings = load(data=tmp_path, engine="vllm")
    environment = vllm(settings, tmp_path / "m", endpoint(settings)).environment
    for name in ("TORCHINDUCTOR_CACHE_DIR", "VLLM_CACHE_ROOT", "VLLM_CONFIG_ROOT", "VLLM_RPC_BASE_PATH", "HF_HOME"):
        assert Path(environment[name]).is_relative_to(tmp_path), name
    assert environment["VLLM_HOST_IP"] == "127.0.0.1"


OWN_MODEL = """
[[model]]
name = "own"
role = "chat"
engine = "vllm"
licence = "CC0-1.0"
source = "made for this test"
[[model.file]]
path = "config.json"
bytes = 2
sha256 = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""


def test_vllm_is_not_started_where_it_would_take_all_memory_or_has_no_python(tmp_path: Path) -> None:
    """Guards `_check_vllm`: without a GPU vLLM would take its share of the whole machine's memory."""
    (tmp_path / "m" / "own").mkdir(parents=True)
    (tmp_path / "m" / "own" / "config.json").write_text("{}")
    (tmp_path / "own.toml").write_text(OWN_MODEL)
    common = {"data": tmp_path / "d", "models": tmp_path / "m", "manifest": tmp_path / "own.toml", "engine": "vllm"}
    with pytest.raises(OperatorError, match="no Python at"):
        launch(load(**common, vllm_python="/no/such/python", vllm_cache_gib=1))
    assert launch(load(**common, vllm_cache_gib=1)).arguments[0] == sys.executable
    if not any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")):
        with pytest.raises(OperatorError, match="no GPU"):
            launch(load(**common))


def test_a_remote_engine_is_the_one_in_the_settings(tmp_path: Path) -> None:
    settings = load(
        size="cluster",
        identity="oidc",
        engine="vllm",
        data=tmp_path,
        issuer="https://id.example",
        audience="muniment",
        directory="absent",
        ledger_witness="syslog:/dev/log",
        database_url="postgresql+psycopg://h/d",
        store_url="https://store.example",
        store_key="s",
        model_url="https://model.example/v1/",
        model_key="k",
    )
    assert endpoint(settings) == Endpoint("https://model.example", key=settings.model_key)


def test_a_socket_path_that_no_kernel_takes_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="too long for a socket"):
        endpoint(load(data=tmp_path / ("x" * 120)))


def test_the_fake_engine_starts_as_the_real_one_does(tmp_path: Path) -> None:
    start: Launch = fake_launch(load(data=tmp_path), "--reply", "As scripted.")
    process = subprocess.Popen(start.arguments, env=start.environment, umask=start.umask)
    try:
        wait_until(lambda: ready(start.endpoint), seconds=120)
        pieces = list(OpenAIChatModel(start.endpoint).stream([Message("user", "?")], max_tokens=9))
        assert "".join(piece.text for piece in pieces if isinstance(piece, Text)) == "As scripted."
    finally:
        process.terminate()
        process.wait(60)


def test_a_model_that_does_not_load_is_told_and_ends_the_process(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF, as it were")
    settings = load(data=tmp_path)
    start = llama_cpp(settings, tmp_path / "m.gguf", Endpoint("http://localhost", socket=tmp_path / "e.sock"))
    done = subprocess.run(start.arguments, env=start.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "could not load" in done.stderr


@pytest.mark.model
def test_nobody_else_reaches_the_engine(engine: Running) -> None:
    """Guards `os.umask(0o177)` in `llama_server` and the 0700 of the run folder in `launch`."""
    where, process, _ = engine
    assert where.socket is not None
    assert where.socket.stat().st_mode & 0o777 == 0o600
    assert where.socket.parent.stat().st_mode & 0o777 == 0o700
    assert not [c for c in psutil.Process(process.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    if os.geteuid() == 0:
        told = as_nobody(f"import socket; socket.socket(socket.AF_UNIX).connect({str(where.socket)!r})")
        assert "PermissionError" in told.stderr


@pytest.mark.model
def test_no_prompt_is_printed_or_shown(engine: Running) -> None:
    """Guards `verbosity = 0` and the closed endpoints in `llama_server`: at level 2 a malformed request is logged."""
    where, _, output = engine
    list(OpenAIChatModel(where).stream([Message("user", f"Greet {MARK}.")], max_tokens=2))
    malformed = f'{{"messages": [{{"role": "user", "content": "{MARK}'
    too_long = {"messages": [{"role": "user", "content": f"{MARK} " * 2_000}]}
    with where.client(30) as client:
        assert client.post("/v1/chat/completions", content=malformed).status_code == 400
        assert client.post("/v1/chat/completions", json=too_long).status_code == 400
        for path in ("/slots", "/metrics", "/props", "/v1/models", "/v1/streams/lookup", "/tools", "/"):
            assert MARK not in client.get(path).text
    assert MARK not in output.read_text()


@pytest.mark.model
def test_closing_the_stream_stops_the_engine(engine: Running) -> None:
    """Guards that the iterator owns the connection: an answer that nobody reads must not keep the processor busy."""
    where, process, _ = engine
    pieces = OpenAIChatModel(where).stream([Message("user", "Count from 1 to 900, one a line.")], max_tokens=600)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    at_work = psutil.Process(process.pid)
    closed = at_work.cpu_times().user

    def idle() -> bool:
        """Whether half a second passes without work."""
        used = at_work.cpu_times().user
        time.sleep(0.5)
        return at_work.cpu_times().user - used < 0.1

    wait_until(idle, seconds=300)
    # Seconds of the processor, which do not grow with what else the machine does; 600 tokens take more than ten times
    # as many.
    assert at_work.cpu_times().user - closed < 3


@pytest.mark.model
def test_the_constant_beginning_of_a_prompt_is_read_once(engine: Running) -> None:
    system = Message("system", "You answer from the passages alone and cite them by number. " * 8)
    model = OpenAIChatModel(engine[0])
    list(model.stream([system, Message("user", "One?")], max_tokens=1))
    *_, end = model.stream([system, Message("user", "Quite another question?")], max_tokens=1)
    assert end.cached_tokens > 80  # type: ignore[union-attr]  # the last piece is Finished


def test_the_children_are_started_with_this_very_python(tmp_path: Path) -> None:
    settings = load(data=tmp_path)
    assert llama_cpp(settings, tmp_path, endpoint(settings)).arguments[0] == sys.executable
