"""The desks of the officers, together, and the routes that lead to them."""

from dataclasses import dataclass

from fastapi import APIRouter

from appliance.api import office, office_ledger


@dataclass(frozen=True, slots=True)
class Offices:
    """The desks of the officers."""

    rights: office.RightsPort
    ledger: office_ledger.LedgerPort


def offices(desks: Offices) -> APIRouter:
    """All of their routes."""
    router = APIRouter()
    router.include_router(office.rights(desks.rights))
    router.include_router(office_ledger.ledger(desks.ledger))
    return router
