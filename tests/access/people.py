"""People, documents and policies for the tests of this room."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from appliance.access.cedar import Circumstances, Client, Engine
from appliance.records import Access, Level, Principal

SCHEMA: Final = Path("policies/schema.cedarschema").read_text("utf-8")
HERE: Final = Circumstances(Client("portal", known=True, location="house"))
NURSE: Final = Principal("nora", "Nora", "house", frozenset({"icu"}), Level.CONFIDENTIAL, "portal", "nursing")
PAPER: Final = Access("house", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset(), ("nursing", "nursing/icu"))
STAFF: Final = """
@id("staff")
permit(principal, action == Action::"read", resource is Document)
when {
  resource.tenant == principal.tenant && principal.clearance >= resource.level
    && principal.groups.containsAny(resource.readers)
};
"""


@cache
def engine(*policies: str) -> Engine:
    return Engine("\n".join(policies), SCHEMA)


def nurse(**other: Any) -> Principal:
    return replace(NURSE, **other)


def paper(**other: Any) -> Access:
    return replace(PAPER, **other)
