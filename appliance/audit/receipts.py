"""Receipts: signed word of the ledger's keeper that an entry over a digest is durable, for who cannot read the ledger.

Signed with the key of the checkpoints, under a context of its own: no receipt passes for a checkpoint, nor the reverse.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.audit.checkpoints import Signer
from appliance.errors import BadRequest
from appliance.records import Entry, Event, Journal

_CONTEXT: Final = b"muniment-receipt-1\n"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entry `entry` of the ledger, of kind `event` and about `about`, records `digest`; `subject` did it.

    `key` is the id of the signing key.
    """

    event: str
    entry: int
    about: str
    digest: str
    subject: str
    key: str
    signature: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def signed_by(self, keys: Mapping[str, Ed25519PublicKey]) -> bool:
        """Whether one of `keys` (by their ids) really signed it."""
        key = keys.get(self.key)
        if key is None:
            return False
        try:
            key.verify(bytes.fromhex(self.signature), _signed(self))
        except (InvalidSignature, ValueError):
            return False
        return True


class Recorder:
    """Appends entries and vouches for them."""

    def __init__(self, journal: Journal, signer: Signer) -> None:
        self._journal = journal
        self._signer = signer

    def append(self, entry: Entry, digest: str) -> Receipt:
        """Record `entry` with `digest` as its reason, durably; only then is the receipt signed.

        Raises LedgerUnavailable.
        """
        number = self._journal.append(replace(entry, reason=digest))
        plain = Receipt(str(entry.event), number, entry.about, digest, entry.subject, self._signer.id)
        return replace(plain, signature=self._signer.sign(_signed(plain)))

    def made(self, receipt: Receipt) -> bool:
        """Whether this ledger's own key signed it."""
        return receipt.signed_by({self._signer.id: self._signer.public})


def parsed(plain: Mapping[str, Any]) -> Receipt:
    """What `told` wrote. Raises BadRequest for anything else."""
    names = {"event", "about", "digest", "subject", "key", "signature"}
    if plain.keys() != names | {"entry"} or type(plain["entry"]) is not int:
        raise BadRequest("This is no receipt.")
    if not all(type(plain[name]) is str for name in names) or plain["event"] not in {*Event}:
        raise BadRequest("This is no receipt.")
    return Receipt(**plain)


def _signed(receipt: Receipt) -> bytes:
    plain = {name: value for name, value in asdict(receipt).items() if name != "signature"}
    return _CONTEXT + json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
