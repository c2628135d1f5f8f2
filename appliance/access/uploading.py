"""What an upload may be called, where it will stand, and who may be its readers. Pure."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from appliance.errors import BadRequest, NotAllowed
from appliance.records import Access, Level, Principal

ROOT: Final = "/uploads"
"""Where uploads stand. The path of a file in a folder begins with no slash, so no folder's document is named so, and
none that is ingested counts an upload among its own that have vanished."""
NAME_BYTES: Final = 200
_NAMESPACE: Final = uuid.UUID("6b1f3c0e-8a55-4f0b-9c57-1f3d0f0a7d52")
"""The one from which ingest makes the ids of all documents; a test keeps the two equal."""
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")


def name(given: str) -> str:
    """`given` as a file's name: the last part of a path, normalised, white space folded, without invisible characters.

    Raises BadRequest if nothing is left, for more than 200 bytes, and for controls and marks of direction.
    """
    if any(_unfit(character) for character in given):
        raise BadRequest("The name holds control or direction characters.", advice="Give the file a plain name.")
    visible = "".join(character for character in given if unicodedata.category(character) != "Cf")
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", visible))[-1]
    cleaned = re.sub(r"\s+", " ", last).strip(" .")
    if not cleaned or len(cleaned.encode()) > NAME_BYTES:
        raise BadRequest(f"A name has 1 to {NAME_BYTES} bytes.", advice="Give the file a short, plain name.")
    return cleaned


def folder(principal: Principal) -> str:
    """The folder of a person's uploads. Every id has one of its own, whatever characters it holds."""
    own = quote(principal.id, safe="")
    if not own.strip("."):  # no letter at all: "." and ".." would be the folders around it
        own = own.replace(".", "%2E")
    return f"{ROOT}/{own}"


def document_id(tenant: str, uri: str) -> str:
    """The id of the document at `uri`, stable over its versions."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant}\n{uri}"))


def granted(principal: Principal, level: Level, readers: Sequence[str]) -> Access:
    """The attributes of a document that `principal` uploads and answers for, never wider than what is his own.

    The rules decide over them afterwards (`Shelf.permit`). Raises BadRequest where nobody would be a reader, NotAllowed
    for a level above his clearance or a group that is not his. Each check is a security property;
    `tests/access/test_uploading.py` fails if one is deleted.
    """
    named = frozenset(readers)
    if not named or "" in named:
        raise BadRequest("No readers are named, so nobody could read it.", advice="Name one or more of your groups.")
    if not named <= principal.groups:
        raise NotAllowed("You may name only groups to which you belong.", advice="GET /v1/me shows them.")
    if level > principal.clearance:
        raise NotAllowed("The level is above your own clearance.", advice="GET /v1/me shows it.")
    if not principal.department:
        raise NotAllowed("You belong to no department, so the document would belong to none.")
    above = (ROOT, folder(principal))
    return Access(principal.tenant, level, named, principal.department, frozenset(), above, owner=principal.id)


def _unfit(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} or character in _BIDI
