"""The desks of the officers, together, and the routes that lead to them."""

from dataclasses import dataclass

from fastapi import APIRouter

from appliance.api import office, office_ledger, office_policies, office_trying

UPLOADS = office_policies.UPLOADS
ZIP_BYTES = office_policies.ZIP_BYTES
"""Paths whose bodies are a zip, and how large one may be."""


@dataclass(frozen=True, slots=True)
class Offices:
    """The desks of the officers; without a `playground` nothing in this house looks for personal data."""

    rights: office.RightsPort
    ledger: office_ledger.LedgerPort
    policies: office_policies.SetsPort
    results: office_trying.ResultsPort
    playground: office_trying.PlaygroundPort | None = None


def offices(desks: Offices) -> APIRouter:
    """All of their routes."""
    router = APIRouter()
    router.include_router(office.rights(desks.rights))
    router.include_router(office_ledger.ledger(desks.ledger))
    router.include_router(office_policies.policies(desks.policies))
    router.include_router(office_trying.results(desks.results))
    if desks.playground is not None:
        router.include_router(office_trying.playground(desks.playground))
    return router
