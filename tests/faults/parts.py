"""The API and the worker with an embedder that needs no weights: `python -m tests.faults.parts api|worker`."""

import sys

from appliance import wiring
from appliance.answering.ask import Desk
from appliance.answering.reading import PageReader
from appliance.api.app import create_app
from appliance.models import engines
from appliance.models.local import OpenAIChatModel
from appliance.operations import workers
from appliance.operations.parts import check_model, check_store
from appliance.retrieval import launch as store
from appliance.retrieval.index import Index
from appliance.retrieval.search import Search
from appliance.settings import Settings, load
from ingest.jobs import serve
from ingest.worker import Limits, Parsers
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.ingest.uploading import jobs_of


def api(settings: Settings) -> None:
    """As `wiring.api`, without conversations."""
    index = Index(store.endpoint(settings), seconds=settings.store_seconds)
    _, registry, archive = wiring.promises(settings)
    index.ensure(HashingEmbedder())
    model = OpenAIChatModel(engines.endpoint(settings), seconds=settings.model_seconds)
    rules = wiring.rules(settings)
    search = Search(index, HashingEmbedder(), registry.current, rules=rules)
    journal = wiring.ledger_of(settings).ledger
    desk = Desk(search=search, model=model, journal=journal, settings=settings, rules=rules)
    app = create_app(
        settings=settings,
        identity=wiring.identity(settings),
        desk=desk,
        reader=PageReader(passages=index, documents=registry, originals=archive, journal=journal, rules=rules),
        shelf=wiring.shelf(settings, journal, rules),
        checks={"store": lambda: check_store(settings), "model": lambda: check_model(settings)},
    )
    workers.run(settings, lambda: app, named="")


def worker(settings: Settings) -> None:
    """A worker that lives until it is killed."""
    index = Index(store.endpoint(settings), seconds=settings.store_seconds)
    with Parsers(Limits(memory_mib=1_024, seconds=60, pages=100), hidden=(settings.data,)) as parsers:
        serve(settings, jobs_of(settings, index, parsers))


if __name__ == "__main__":
    {"api": api, "worker": worker}[sys.argv[1]](load())
