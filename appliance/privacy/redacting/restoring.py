"""Restoring: the tokens of a thread are turned back in what comes from outside, in one pass, in streams too.

Tokens are recognised by one fixed pattern and looked up; none is ever made into a pattern. What was never issued in
this thread stays as it is, and so does what the reader may not see: each name keeps the passage that it comes from.
"""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.errors import NotAllowed
from appliance.privacy.redacting.surrogates import Entry, Surrogates
from appliance.privacy.redacting.tokens import Seen, seen_in, unfinished
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redaction import Redacted

MayShow = Callable[[str], bool]
"""Whether the reader may see the passage with this id now ("question": what was asked in the thread)."""


@dataclass(frozen=True, slots=True)
class Name:
    """What stands in a restored text from `start` to `end`: it came from `source`, and `token` may stand for it."""

    start: int
    end: int
    token: str
    source: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A text with its names. `strange` counts tokens that this thread never issued, `withheld` those not shown."""

    text: str
    names: tuple[Name, ...]
    strange: int = 0
    withheld: int = 0

    def shown(self, may_show: MayShow) -> str:
        """The text for a later reader, who is asked about anew: a token where he may not see where a name is from."""
        pieces: list[str] = []
        copied = 0
        for name in self.names:
            kept = self.text[name.start : name.end] if may_show(name.source) else name.token
            pieces += [self.text[copied : name.start], kept]
            copied = name.end
        return "".join([*pieces, self.text[copied:]])


class Restorer:
    """Restores one stream: `feed` each piece as it comes, `close` at the end; each returns what is certain by then.

    What came out in all is the same however the stream was cut. `names` grows along.
    """

    def __init__(self, known: Surrogates, *, may_show: MayShow) -> None:
        self._known = known
        self._may_show = may_show
        self._held = ""
        self._before = 0  # characters of `_held` that went out already, kept because they stand beside what follows
        self._told = 0
        self.names: list[Name] = []
        self.strange = 0
        self.withheld = 0

    def feed(self, piece: str) -> str:
        """Take the next piece."""
        self._held += piece
        return self._out(unfinished(self._held, start=self._before))

    def close(self) -> str:
        """The stream is over: what was held back."""
        out = self._out(len(self._held))
        self._held, self._before = "", 0
        return out

    def _out(self, until: int) -> str:
        pieces: list[str] = []
        copied = self._before
        for seen in seen_in(self._held, start=copied):
            if seen.start >= until:
                break
            pieces.append(self._held[copied : seen.start])
            self._told += len(pieces[-1])
            pieces.append(self._word(seen))
            self._told += len(pieces[-1])
            copied = seen.end
        if copied < until:
            pieces.append(self._held[copied:until])
            self._told += len(pieces[-1])
            copied = until
        self._before = min(copied, 1)
        self._held = self._held[copied - self._before :]
        return "".join(pieces)

    def _word(self, seen: Seen) -> str:
        """What stands in the place of what looks like a token."""
        written = self._held[seen.start : seen.end]
        forms = self._known.forms(seen.token)
        entry = next((form for form in forms if self._may_show(form.source)), None)
        if entry is None:
            self.withheld += bool(forms)
            self.strange += not forms and seen.strict
            return written
        self.names.append(_named(self._told, entry))
        return entry.text


def restore(text: str, vault: Vault, *, may_show: MayShow) -> Restored:
    """`text` with this thread's tokens turned back. Raises VaultClosed, RegistryUnavailable."""
    restorer = Restorer(vault.opened(), may_show=may_show)
    told = restorer.feed(text) + restorer.close()
    return Restored(told, tuple(restorer.names), restorer.strange, restorer.withheld)


def undone(redacted: Redacted, vault: Vault, *, may_show: MayShow) -> Restored:
    """The text as it was before its tokens, each mention in its own wording, place by place.

    Raises NotAllowed if it was redacted in another thread, VaultClosed, RegistryUnavailable.
    """
    if redacted.thread != vault.thread:
        raise NotAllowed("A text is restored only in the thread in which it was redacted.")
    known = vault.opened()
    pieces: list[str] = []
    names: list[Name] = []
    copied = told = withheld = 0
    for one in redacted.replacements:
        if not one.number:
            continue
        entry = known.numbered(one.number)
        shown = may_show(entry.source)
        withheld += not shown
        before = redacted.text[copied : one.at]
        told += len(before)
        if shown:
            names.append(_named(told, entry))
        pieces += [before, entry.text if shown else one.put]
        copied, told = one.at + len(one.put), told + len(pieces[-1])
    return Restored("".join([*pieces, redacted.text[copied:]]), tuple(names), withheld=withheld)


def _named(start: int, entry: Entry) -> Name:
    return Name(start, start + len(entry.text), entry.token, entry.source)
