"""`python -m ingest`: the worker's process. It closes itself before it imports anything that could use the network."""

from appliance import closing
from appliance import settings as house
from ingest import offline


def main() -> None:
    """Leave the network, then work. Whoever begins anew after being idle is where he was."""
    settings = house.load()
    if settings.size == "single" and not closing.closed():  # a cluster's store and database are reached over a network
        offline.enter()

    from appliance.operations import reach, walls

    walls.close(reach.worker(settings))
    walls.watch(reach.worker(settings))

    from ingest import jobs  # a library that starts a thread could no longer leave the network

    jobs.main()


main()
