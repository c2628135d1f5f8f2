"""The detectors of an installation put together: rules and models in an enclosed process, behind one Detection."""

import atexit
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from appliance.access.policy_set import PolicySet
from appliance.errors import PolicyRefused
from appliance.privacy.detecting.enclosed import Bounds, Enclosed, Inside
from appliance.privacy.detecting.site import proven
from appliance.privacy.detection import Detection, Detector
from appliance.settings import Settings

SITE: Final = "detection.yaml"
"""The file of a policy set that says what counts as personal data."""


def examine(found: PolicySet) -> None:
    """Raise PolicyRefused unless a set says what counts as personal data: else it must not be activated."""
    if SITE not in found.files:
        raise PolicyRefused(f"The policy set has no {SITE}: nobody could look for personal data by it.")
    proven(found.files[SITE], name=SITE)


def detection(
    settings: Settings,
    found: PolicySet,
    *,
    models: Mapping[str, Path],
    digests: Sequence[str],
    first: Sequence[Detector] = (),
) -> Detection:
    """All detectors of the house, as the policy set `found` wants them. Raises PolicyRefused as `examine` does.

    `models` are the folders of the roles "names" and "personal-data", `digests` what tells their versions apart;
    `first` are detectors of this process, trusted more than those of the enclosed one.
    """
    examine(found)  # its faults are told here, where somebody reads them
    site = found.files[SITE].decode("utf-8")
    keys = (file.parent for file in (settings.vault_keys_file, settings.known_key) if file)
    hidden = (settings.data, settings.ledger_keys_folder, *keys)
    bounds = Bounds(seconds=settings.detection_seconds, memory_mib=settings.detection_memory_mib, hidden=hidden)
    inside = Inside(models=models, site=site, threads=settings.threads)
    version = sha256("\n".join((*digests, site)).encode("utf-8")).hexdigest()[:16]
    enclosed = Enclosed(inside, bounds, version=version)
    atexit.register(enclosed.close)
    # The enclosed one too: its rules cover what is longer than a piece, and it cuts for the models itself.
    return Detection([*first, enclosed], thresholds={}, whole=[one.name for one in (*first, enclosed)])
