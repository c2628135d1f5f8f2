"""The child process that runs llama.cpp's own server on a unix socket: `python -m appliance.models.llama_server`.

It says nothing about requests: at llama.cpp's warning level a malformed request is quoted in the log, so the level is
"nothing", and what the operator must know (a model that does not load) is said here.
"""

import argparse
import os
import signal
import sys
from pathlib import Path


def main() -> int:
    """Load the model, listen, and wait for SIGTERM. Exit code 1 if the model does not load."""
    asked = _arguments()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    import xllamacpp

    os.umask(0o177)  # the socket is made by the server: 0600 from its first moment
    try:
        server = xllamacpp.Server(_parameters(asked))
    except RuntimeError as error:
        sys.stderr.write(f"llama.cpp could not load the model or listen: {error}\n")
        return 1
    sys.stderr.write(f"llama.cpp listens; {xllamacpp.get_system_info()}\n")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server
    asked.socket.unlink(missing_ok=True)
    return 0


def _parameters(asked: argparse.Namespace) -> object:
    """One set of `xllamacpp.CommonParams`: what is off is off because it would show or keep a prompt, or reach out."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(asked.model)
    parameters.model_alias = {asked.name}
    parameters.hostnames = [str(asked.socket)]
    parameters.n_parallel = asked.slots
    parameters.n_ctx = asked.context
    parameters.kv_unified = False  # each slot has its own share: one long prompt cannot starve another
    parameters.cpuparams.n_threads = asked.threads
    parameters.cpuparams_batch.n_threads = asked.threads
    parameters.cache_prompt = True  # the constant beginning of a prompt is read once
    parameters.cache_ram_mib = 0  # no second store of old prompts; a slot keeps its last one
    parameters.cache_idle_slots = False
    parameters.n_gpu_layers = 0
    parameters.verbosity = 0
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_props = False
    parameters.endpoint_metrics = False
    parameters.cors_origins = ""
    parameters.offline = True
    return parameters


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="llama_server", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the GGUF file")
    parser.add_argument("--name", required=True, help="the name it is served under")
    parser.add_argument("--socket", type=Path, required=True, help="the unix socket to listen on")
    parser.add_argument("--threads", type=int, required=True, help="processor threads")
    parser.add_argument("--slots", type=int, required=True, help="questions answered at once")
    parser.add_argument("--context", type=int, required=True, help="tokens of context of all slots together")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
