"""How the chat model's engine is started, and where it listens. The caller starts the process and polls `ready`.

An engine of this machine listens on a unix socket that only its own user may open, in a folder that only he may
enter; no port is opened. A remote engine (size `cluster`) is named in the settings, with its key.
"""

import os
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from pydantic import SecretStr

from appliance import SILENCE
from appliance.errors import OperatorError
from appliance.models.manifest import chat, verified
from appliance.settings import ROOT, Settings

SOCKET: Final = "model.sock"
SLOTS: Final = 2
"""Questions that llama.cpp answers at once; the others wait in line."""

SERVED_NAME: Final = "muniment-chat"

_MARGIN: Final = 128
BEGINNING: Final = 1_280
"""Tokens of the constant beginning of every prompt, with room to spare; a test of `answering.prompts` counts them."""
"""Tokens of context beyond prompt and answer: the chat template, and the error of counting without the tokenizer."""

_SOCKET_BYTES: Final = 107
_GPU_DEVICES: Final = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a chat model listens: `base_url` without a trailing slash, over `socket` if there is one, with `key`."""

    base_url: str
    socket: Path | None = None
    key: SecretStr | None = None

    def listens(self) -> bool:
        """Whether somebody listens on the socket; True for an endpoint without one, which only a request can tell.

        Asked before each request, because httpcore leaves the socket of a refused connection open.
        """
        if self.socket is None:
            return True
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def client(self, seconds: float) -> httpx.Client:
        """A client of this endpoint that waits at most `seconds` for a connection, and for each piece of an answer.

        It reads no proxy settings from the environment: what is meant for this engine goes nowhere else.
        """
        transport = httpx.HTTPTransport(uds=str(self.socket)) if self.socket else httpx.HTTPTransport()
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}
        timeout = httpx.Timeout(seconds, connect=min(seconds, 5.0))
        return httpx.Client(
            base_url=self.base_url, transport=transport, headers=headers, timeout=timeout, trust_env=False
        )


@dataclass(frozen=True, slots=True)
class Launch:
    """A process to start: `arguments` in full, its whole `environment`, the `umask` to start it with, its endpoint."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    endpoint: Endpoint
    umask: int = 0o077


def endpoint(settings: Settings) -> Endpoint:
    """Where the chat model of this installation listens. Raises OperatorError if the socket's path is too long."""
    if settings.model_url:
        return Endpoint(settings.model_url.rstrip("/").removesuffix("/v1"), key=settings.model_key)
    path = (settings.run_folder / SOCKET).absolute()
    if len(os.fsencode(path)) > _SOCKET_BYTES:
        raise OperatorError(
            f"The path {path} is too long for a socket (at most {_SOCKET_BYTES} bytes).",
            advice="Choose a data folder with a shorter path.",
        )
    return Endpoint("http://localhost", socket=path)


def launch(settings: Settings) -> Launch:
    """What to start for `settings.engine`, with the model's digest checked and the run folder made.

    Raises ModelMissing or ModelDamaged: an engine is never started on bytes that the manifest does not know; and
    OperatorError if the settings name no Python for vLLM that exists, or no memory on a machine without a GPU.
    """
    model = verified(chat(settings.engine, settings.manifest), settings.models_folder)
    if settings.engine == "vllm":
        _check_vllm(settings)
    settings.run_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.run_folder.chmod(0o700)
    where = endpoint(settings)
    if where.socket:
        where.socket.unlink(missing_ok=True)
    return llama_cpp(settings, model, where) if settings.engine == "llama.cpp" else vllm(settings, model, where)


def llama_cpp(settings: Settings, model: Path, where: Endpoint) -> Launch:
    """llama.cpp's own server, run by `appliance.models.llama_server` on the GGUF file `model`."""
    arguments = (
        *(sys.executable, "-m", "appliance.models.llama_server"),
        *("--model", str(model)),
        *("--name", SERVED_NAME),
        *("--socket", str(where.socket)),
        *("--threads", str(settings.threads)),
        *("--slots", str(SLOTS)),
        *("--context", str(SLOTS * context(settings))),
    )
    return Launch(arguments, _environment({"PYTHONPATH": str(ROOT)}), where)


def vllm(settings: Settings, model: Path, where: Endpoint) -> Launch:
    """vLLM's OpenAI server on the safetensors folder `model`, run with `settings.vllm_python`.

    No request and no answer is logged, no code of the model, of a request or of a plugin is run, and the chat template
    is the model's own. Two salts of a request share no cached keys, nor do two that stand in prompts; the cache knows a
    beginning by a digest that nobody can forge.
    """
    template = model / "chat_template.jinja"
    arguments = (
        *(str(settings.vllm_python or sys.executable), "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(model.absolute())),
        *("--served-model-name", SERVED_NAME),
        *("--uds", str(where.socket)),
        *("--load-format", "safetensors"),
        *("--max-model-len", str(context(settings))),
        *("--max-num-seqs", str(settings.vllm_sequences)),
        *_vllm_memory(settings),
        *(("--quantization", settings.vllm_quantisation) if settings.vllm_quantisation != "none" else ()),
        *("--generation-config", "vllm"),
        *("--seed", "0"),
        "--enable-prefix-caching",
        *("--prefix-caching-hash-algo", "sha256"),
        "--enable-prompt-tokens-details",
        *(("--chat-template", str(template.absolute())) if template.is_file() else ()),
        *("--chat-template-content-format", "string"),
        *VLLM_CLOSED,
    )
    return Launch(arguments, _environment(_vllm_environment(settings)), where)


VLLM_CLOSED: Final = (
    "--no-trust-remote-code",
    "--no-trust-request-chat-template",
    "--no-enable-log-requests",
    "--no-enable-log-outputs",
    "--no-log-error-stack",
    *("--uvicorn-log-level", "warning"),
    "--disable-uvicorn-access-log",
    "--disable-fastapi-docs",
    "--disable-log-stats",
    "--fail-on-environ-validation",
)
"""What is off in every vLLM of this house, whoever starts it: foreign code, logs of content, pages about itself."""


def _vllm_memory(settings: Settings) -> tuple[str, str]:
    if settings.vllm_cache_gib is None:
        return "--gpu-memory-utilization", str(settings.vllm_gpu_share)
    return "--kv-cache-memory-bytes", str(int(settings.vllm_cache_gib * 2**30))


def _vllm_environment(settings: Settings) -> dict[str, str]:
    """Variables of vLLM: silent, on this machine, and with nothing of its own in folders that others may write to.

    torch would keep compiled code below /tmp in a folder whose name anybody can guess and make before us.
    """
    cache = (settings.data / "cache").absolute()
    return {
        "VLLM_DO_NOT_TRACK": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
        "VLLM_PLUGINS": "",
        "VLLM_HOST_IP": "127.0.0.1",
        "VLLM_RPC_BASE_PATH": str(settings.run_folder.absolute()),
        "VLLM_CACHE_ROOT": str(cache / "vllm"),
        "VLLM_CONFIG_ROOT": str(cache / "vllm"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "HF_HOME": str(cache / "huggingface"),
    }


def _check_vllm(settings: Settings) -> None:
    python = settings.vllm_python or Path(sys.executable)
    if not python.is_file():
        raise OperatorError(f"There is no Python at {python}.", advice="Set vllm_python to vLLM's environment.")
    if settings.vllm_cache_gib is None and not any(Path(device).exists() for device in _GPU_DEVICES):
        raise OperatorError(
            "This machine has no GPU, so vLLM would take nine tenths of all memory.",
            advice="Set vllm_cache_gib (2 is enough for the shipped model), or use engine=llama.cpp.",
        )


def context(settings: Settings) -> int:
    """Tokens of context for one question: the constant beginning, the rest of the prompt, the answer and a margin.

    Rounded up to a multiple of 256.
    """
    return -(-(BEGINNING + settings.prompt_budget + settings.answer_tokens + _MARGIN) // 256) * 256


def ready(where: Endpoint, *, seconds: float = 1.0) -> bool:
    """Whether the engine has loaded its model and answers."""
    try:
        with where.client(seconds) as client:
            return where.listens() and client.get("/health").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _environment(more: dict[str, str]) -> dict[str, str]:
    """Only what an engine needs: no secret of the appliance's own environment is passed on."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | SILENCE | more
