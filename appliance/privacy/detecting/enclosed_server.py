"""The process that looks for personal data: no network, none of the house's data, and a limit to its memory.

It reads the models, enters the enclosure, and then answers one request after the other until the other end is gone.
"""

import os
import resource
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from appliance import enclosure
from appliance.errors import DetectorUnavailable, MunimentError, NotScannable
from appliance.privacy.detecting import frames
from appliance.privacy.detection import Detection, Detector

_SPARE_MIB: Final = 1_024
_ROLES: Final = ("names", "personal-data")


def serve(descriptor: int) -> None:
    """The process's whole life."""
    connection = socket.socket(fileno=descriptor)
    start = frames.receive(connection)
    private = Path(start["private"])
    # Read here: inside, the folder of models may be covered.
    held = {role: _held(Path(start["models"][role])) for role in _ROLES}
    try:
        enclosure.enter([Path(folder) for folder in start["hidden"]], private=private)
    except OSError as error:
        frames.send(connection, {"enclosed": False, "why": error.strerror or str(error)})
        return
    cap = (start["memory_mib"] + _SPARE_MIB) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))  # the wall behind the watch from outside
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["TMPDIR"] = tempfile.tempdir = str(private)
    try:
        detection = _detection(start, held, private)
    except MunimentError as error:
        frames.send(connection, {"enclosed": False, "why": str(error)})
        return
    held.clear()
    frames.send(connection, {"enclosed": True})
    while True:
        try:
            asked = frames.receive(connection)
        except EOFError:
            return
        frames.send(connection, _answer(detection, asked))


def _answer(detection: Detection, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = detection.find(asked["texts"], language=asked["language"])
    except NotScannable as error:
        return {"refused": str(error)}
    except DetectorUnavailable as error:
        return {"failed": str(error)}
    return {"found": [[(one.start, one.end, one.entity, one.score, one.source) for one in some] for some in found]}


def _detection(start: Mapping[str, Any], held: Mapping[str, Mapping[str, bytes]], private: Path) -> Detection:
    """The detectors, the most trusted first. The models lie in memory while they are loaded, and then no more."""
    # Presidio and spaCy import torch if it is there, and need nothing of it: seconds of each start, and much memory.
    sys.modules["torch"] = None  # type: ignore[assignment]  # what Python means by "not to be imported"
    from appliance.privacy.detecting.presidio import Presidio
    from appliance.privacy.detecting.rampart import Rampart
    from appliance.privacy.detecting.rules import Rules
    from appliance.privacy.detecting.site import proven

    site = proven(start["site"].encode("utf-8"), name="detection.yaml")
    folders = {role: _laid_out(files, private / role) for role, files in held.items()}
    detectors: list[Detector] = [
        Rules(site.recognisers),
        Presidio(folders["names"]),
        Rampart(folders["personal-data"], threads=start["threads"]),
    ]
    for role, files in held.items():
        for name in files:
            (private / role / name).unlink()
    return Detection(detectors, thresholds=site.thresholds, whole=["rules"])


def _held(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _laid_out(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


if __name__ == "__main__":
    serve(int(sys.argv[1]))
