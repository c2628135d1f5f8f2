"""Make what vLLM reads (safetensors) of what llama.cpp reads (GGUF), once; the manifest pins every byte of it.

It is a source of `fetching.fetch`: what it makes is admitted in one step, and only with the manifest's digests.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psutil

from appliance import SILENCE
from appliance.errors import FetchFailed
from appliance.models.fetching import room
from appliance.models.manifest import Entry, File, Progress, verified
from appliance.settings import ROOT

_SECONDS: Final = 3_600.0
_MEMORY: Final = 1.7
"""Memory that the child needs, in sizes of the result: 1.62 were measured for the shipped model."""

_STILL: Final = "Nothing was installed, and the GGUF file is as it was."


@dataclass(frozen=True, slots=True)
class Conversion:
    """Files made by `appliance.models.converter` with the interpreter `python`, which needs transformers and gguf.

    They are made from `origin`, which lies in `models`. The child may take `seconds`.
    """

    origin: Entry
    models: Path
    python: Path = Path(sys.executable)
    seconds: float = _SECONDS

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """See `Source.bring`. Raises also ModelMissing or ModelDamaged for the model that is converted."""
        if entry.made_from != self.origin.name:
            raise FetchFailed(f"The model {entry.name} is not made from {self.origin.name}.", advice=_STILL)
        source = verified(self.origin, self.models, progress)
        room(scratch, entry.files)
        _memory(entry)
        into = scratch / "files"
        into.mkdir(exist_ok=True)
        command = (*(str(self.python), "-m", "appliance.models.converter"), *("--source", str(source.absolute())))
        self._run((*command, "--into", str(into)), into, wanted, progress)

    def _run(self, command: tuple[str, ...], into: Path, wanted: tuple[File, ...], progress: Progress) -> None:
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        with (into.parent / "said").open("w+b") as said:
            try:
                child = subprocess.Popen(
                    command, env=passed | SILENCE | {"PYTHONPATH": str(ROOT)}, stdout=said, stderr=said
                )
            except OSError as error:
                raise FetchFailed(
                    f"{self.python} cannot be started: {error.strerror}.",
                    advice="Set vllm_python to the Python of vLLM's environment.",
                ) from error
            try:
                self._watch(child, into, wanted, progress)
            finally:
                if child.poll() is None:
                    child.kill()
                child.wait()
            if child.returncode:
                raise FetchFailed(
                    f"The conversion failed: {_why(child.returncode, said)}", advice=_advice(child.returncode)
                )

    def _watch(
        self, child: "subprocess.Popen[bytes]", into: Path, wanted: tuple[File, ...], progress: Progress
    ) -> None:
        """Tell how far the files have grown until the child ends. Raises FetchFailed when its time is over."""
        end = time.monotonic() + self.seconds
        while True:
            try:
                child.wait(0.5)
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    raise FetchFailed(
                        f"The conversion took more than {self.seconds:.0f} s and was stopped.", advice=_STILL
                    ) from None
            for file in wanted:
                if (into / file.path).is_file():
                    progress(file.path, min((into / file.path).stat().st_size, file.bytes), file.bytes)
            if child.returncode is not None:
                return


def _memory(entry: Entry) -> None:
    """Raise FetchFailed unless the machine has the memory: else the kernel would end the child, or worse, another."""
    needed, free = _MEMORY * entry.bytes, psutil.virtual_memory().available
    if free < needed:
        raise FetchFailed(
            f"The conversion needs {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} are free.",
            advice=f"Stop what else runs here (`muniment down`), or convert on a larger machine. {_STILL}",
        )


def _why(code: int, said: IO[bytes]) -> str:
    """The child's last line. It speaks of files and libraries; there is no content that it could quote."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").replace("\r", "\n").strip().splitlines()
    if code < 0:
        return f"its process was ended by signal {-code}."
    return (lines or ["no reason given"])[-1][:300]


def _advice(code: int) -> str:
    cause = "Signal 9 means mostly that memory ran out. " if code == -9 else ""
    return f"{cause}vllm_python must name a Python that has torch, transformers, accelerate and gguf. {_STILL}"
