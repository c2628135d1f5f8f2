"""What the operator is told, put together: who is asked for each thing."""

from collections.abc import Callable, Mapping

from appliance.access.emergencies import Emergencies
from appliance.access.rules import Rules
from appliance.audit.reader import LedgerReader
from appliance.models import manifest
from appliance.operations import parts
from appliance.operations.overseeing import Overseeing, Sources
from appliance.operations.storage import StorageCount, places
from appliance.records.operating import ModelInUse
from appliance.retrieval.index import Index
from appliance.settings import Settings
from appliance.store.counting import Counting
from appliance.store.database import open_database


def overseeing(
    settings: Settings,
    *,
    rules: Rules,
    index: Index,
    urgent: Emergencies,
    checks: Mapping[str, Callable[[], None]],
) -> Overseeing:
    """What the operator is told. `checks` are those of `/readyz`; those of worker and door are added here."""
    engine = open_database(settings.database)
    tenant = settings.tenant
    counting = Counting(engine, tenant)
    sources = Sources(
        policies=lambda: rules.version,
        documents=counting.documents,
        uploads=counting.uploads,
        escalations=counting.escalations,
        reviews=lambda: {"open": urgent.unreviewed(tenant), "overdue": urgent.overdue(tenant)},
        conversations=counting.conversations,
        models=lambda: models(settings),
        index=index.state,
        storage=StorageCount(places(settings), settings.data),
        ledger=LedgerReader(engine).covered,
    )
    besides = {"worker": lambda: parts.check_worker(settings)}
    if settings.door_socket is not None and settings.egress == "policy":
        besides["door"] = lambda: parts.check_door(settings)
    return Overseeing(rules, sources, {**checks, **besides})


def models(settings: Settings) -> list[ModelInUse]:
    """The models that this installation uses. Raises ModelMissing, ModelDamaged."""
    found = [
        manifest.chat(settings.engine, settings.manifest),
        *(manifest.entry(role) for role in ("embedding", "ocr", "names", "personal-data")),
    ]
    told = [
        ModelInUse(
            one.role,
            "elsewhere" if one.role == "chat" and settings.model_url is not None else one.name,
            one.engine,
            "" if one.role == "chat" and settings.model_url is not None else one.files[0].sha256[:16],
        )
        for one in found
    ]
    if settings.reranker is not None:
        told.append(ModelInUse("reranking", settings.reranker.name, "cross-encoder", ""))
    return told
