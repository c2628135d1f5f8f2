"""`python -m ingest`: the worker's process. It leaves the network before it imports anything that could use one."""

from appliance import settings as house
from ingest import offline

if house.load().size == "single":  # a cluster's store and database are reached over the network
    offline.enter()

from ingest.jobs import main  # a library that starts a thread could no longer leave the network

main()
