"""What looks for personal data, put together: detectors, labels, and what labels anew."""

from pathlib import Path

from appliance.errors import NotRunning
from appliance.models import manifest
from appliance.operations import policies
from appliance.operations.relabelling import Relabelling
from appliance.privacy.detecting.parts import detection as detectors
from appliance.privacy.detection import Detection, Detector
from appliance.privacy.known.parts import known
from appliance.privacy.labelling.marking import Marking
from appliance.retrieval import launch as store
from appliance.retrieval.index import Index
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.registry import Registry


def detection(settings: Settings, *first: Detector) -> Detection:
    """What is private in texts: who is known, the detectors `first`, then rules and models in a process of their own.

    What counts is what the policy set in force says at this moment. That process starts with the first text.
    Raises PolicyUnavailable, PolicyRefused, ModelMissing, ModelDamaged, RegistryUnavailable.
    """
    entries = [manifest.entry(role) for role in ("names", "personal-data")]
    models: dict[str, Path] = {entry.role: manifest.verified(entry, settings.models_folder) for entry in entries}
    digests = [file.sha256 for entry in entries for file in entry.files]
    return detectors(
        settings, policies.deciding(settings), models=models, digests=digests, first=(known(settings), *first)
    )


def marking(settings: Settings) -> Marking:
    """What labels documents, by the policy set in force. Raises PolicyUnavailable at the first document without one."""
    active = policies.in_force(settings)
    finder = detection(settings) if settings.detection == "on" else None  # without one, what comes in is `unscanned`
    return Marking(lambda: active.current().source, finder)


def relabelling(settings: Settings) -> Relabelling:
    """What labels once more what is in the house. Raises NotRunning."""
    if not store.ready(store.endpoint(settings)):
        raise NotRunning("The vector store is not running; nothing was changed.")
    index = Index(store.endpoint(settings), seconds=settings.store_seconds)
    return Relabelling(Registry(open_database(settings.database)), index, marking(settings), tenant=settings.tenant)
