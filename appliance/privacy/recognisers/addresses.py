"""Addresses, whole: street and number in either order, flat, box, postcode, place and country, over several lines.

A core is looked for first (a kind of street, a flat, a box, a corner, or words and numbers behind a label); the address
goes on from there over what only an address goes on with. All patterns are over classes of tokens (`address_tokens`).
"""

import re
from collections.abc import Iterator
from typing import Final

from appliance.privacy.recognisers.address_tokens import Tokens, tokens_of
from appliance.privacy.recognisers.persons import addressee
from appliance.privacy.recognisers.shapes import BEFORE, words
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Entity, Finding

_C: Final = r"(?:[CSBEWKTR]\.?)"
_NAME: Final = rf"{_C}(?:p{{0,3}}{_C}){{0,4}}"
_NUMBER: Final = r"[NM](?!q)"
_FIRST: Final = r"(?:[NM],?){0,2}"
_UNIT: Final = r"U\.?#?[NMRT]"
_ANY: Final = r"(?:[CSBEWKTRpsebyw]\.?)"
_BOTH: Final = rf"(?:{_C}{{1,2}}&)?"
_CORES: Final = {
    "corner": rf"p?kp(?:[NMD]\.?|{_ANY}){{1,6}}&[yp]{{0,2}}(?:[NMD]\.?|[CSBEWKTRUseb]\.?|p(?=[CSBEWKTR])){{1,5}}",
    "unit": rf"(?:[NM],?(?:[NM],?)?{_C}{_ANY}{{0,5}}(?:[NM]\.?{_C}{{0,3}})?[,L]{{0,2}}"
    rf"|{_NAME}(?:[NM]\.?{_C}{{0,3}})?[,L]{{0,2}})?{_UNIT}(?:{_C}{{1,3}}(?:y(?=[.,L]|$))?"
    rf"|,?[NM]{_NAME}(?:{_NUMBER})?)?",
    "flat": rf"[NM],?[NM]?(?:[wypseb]{{1,4}}\.?[NM]\.?"
    rf"|[wypeb]{{1,3}}[sb]\.?)[,L]{{0,2}}{_UNIT}(?:[wy]{{1,3}}(?=[L,]|$))?",
    "box": rf"{_FIRST}X\.?#?[NM](?:,?L?[xX][NM]|N{{0,2}})(?:{_C}{{1,2}}(?=[,L]|$))?|x[NM],?x[NM]"
    rf"|(?:V{_C}{{1,3}}[,L]{{1,3}})?A[TyC]?M",
    "last": rf"{_FIRST}{_BOTH}(?:(?:{_NAME}w?p?)?E|{_NAME}w?e)\.?{_NUMBER}\.?",
    "begun": rf"{_FIRST}{_BOTH}[Bb]\.?p{{0,3}}{_NAME}(?:,?N|M)(?!q)"
    rf"|{_FIRST}[NM],?[Bb]\.?p{{0,3}}(?:w|{_C})(?:p?{_C}){{0,3}}",
    "first": rf"{_FIRST}[NM],?(?:{_C}(?:{_C}|p){{0,4}})?[SE]\.?(?:{_C}{{1,2}}(?=[,L]|$))?",
    "small": rf"{_FIRST}[NM][wyb]{{1,2}}s\.?(?=[,L.]|$)",
    "weak": rf"{_FIRST}(?:{_NAME}w?p?)?W\.?N(?!q)\.?",
    "said": rf"{_NAME}[NM]\.?[sS]\.?",
    "between": rf"[NM],?(?:[NM],?)?{_NAME}{_NUMBER}\.?",
    "named": rf"{_NAME}{_NUMBER}\.?",
    "numbered": rf"[NM],?{_NAME}",
    "state": rf"{_C}{{1,3}},?TM",
}
_CORE: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _CORES.items()))
_PLACE: Final = rf"{_C}(?:[pye]?{_C}){{0,3}}(?:\({_C}{{1,2}}\))?(?=[,LMZKT.]|$)"
_ROOM: Final = rf"[,L]{{0,3}}U\.?#?[NMRT](?:{_C}{{1,3}}(?=[K,L]|$))?|[,L]{{0,2}}N\.?F|[,L]{{1,2}}F\.?N"
_COUNTRY: Final = r"[,L]{0,4}K+(?:\([CKwy]\))?"
_ARMY: Final = rf"[,L]{{0,3}}(?:V{_C}{{1,3}}[,L]{{1,3}})?A[TyC]?M"
_TOWN: Final = rf"[,L]{{1,4}}{_PLACE}|[,L]{{1,2}}[wyp]{{1,3}}(?=,[yTR]M|,?M)"
_REGION: Final = r"[,L]{1,4}[yTR](?=[LM,]|$)|[,L]{1,4}N(?=L?M)|T(?=[,LM]|$)"
_POSTAL: Final = (
    rf"(?:[,L]{{0,4}}Z|[,L]{{0,4}}M(?:N(?![A-Za-z]))?(?![q:])|[,L]{{1,4}}NM(?!q)|L,?N(?=L|$|K|,))"
    rf"(?:{_PLACE}|{_C}{{1,3}}(?=K)|(?<=[,L]M){_C})?"
)
_TAIL: Final = re.compile(
    rf"(?:{_ROOM}|{_COUNTRY}|{_ARMY}|{_REGION}|{_TOWN}){{0,8}}(?:{_POSTAL}(?:{_COUNTRY}|{_REGION}|,{_PLACE}){{0,3}})?"
)
"""What an address goes on with; it may be nothing. Behind postcode and place only region and country follow."""
_SCORES: Final = {
    "corner": 0.7,
    "unit": 0.75,
    "flat": 0.7,
    "box": 0.8,
    "first": 0.7,
    "small": 0.55,
    "said": 0.65,
    "last": 0.75,
    "begun": 0.7,
    "weak": 0.0,
    "between": 0.0,
    "named": 0.0,
    "numbered": 0.0,
    "state": 0.7,
}
"""What a core is worth when the address does not go on, and no label names it."""
_WITH_TAIL: Final = {"weak": 0.75, "between": 0.7, "named": 0.0, "numbered": 0.0}
_YEAR: Final = re.compile(r"(?:19|20)\d\d(?!\d)")
_LABELS: Final = words(
    *(
        "address(?: is| was)?",
        "addresses",
        "lives (?:at|in|on|near)",
        "living (?:at|in)",
        "live (?:at|in)",
        "resid(?:es|ing) (?:at|in)",
    ),
    *(
        "located (?:at|in|on)",
        "moved? to",
        "moved? from",
        "ship(?:ped)? to",
        "deliver(?:ed|y)? (?:it )?(?:to|at)(?! least)",
        "mail(?:ed)? to",
        "home is",
    ),
    *(
        "based (?:at|in|on)",
        "wohnhaft(?: in)?",
        "wohnt(?: in)?",
        "anschrift",
        "adresse",
        "gemeldet in",
        "directions to",
    ),
)


class Addresses:
    """Whole addresses."""

    name = "address"

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield each address from its first number or word to its country."""
        if not sheet.digits:
            return
        tokens = tokens_of(sheet.plain)
        at = 0
        while core := _CORE.search(tokens.classes, at):
            kind = core.lastgroup or ""
            tail = _TAIL.match(tokens.classes, core.end())
            end = tail.end() if tail else core.end()
            score = self._score(kind, sheet, tokens, core, tail=bool(tail and tail[0].strip("NM,L.")))
            if score:
                last = core.start() + len(tokens.classes[core.start() : end].rstrip(",L."))
                yield Finding(tokens.starts[core.start()], tokens.ends[last - 1], Entity.ADDRESS, score, self.name)
                yield from addressee(sheet, tokens.starts[core.start()])
            at = end if score else core.start() + 1

    def _score(self, kind: str, sheet: Sheet, tokens: Tokens, core: re.Match[str], *, tail: bool) -> float:
        start = tokens.starts[core.start()]
        if kind == "between" and _YEAR.match(sheet.plain, start):
            return 0.0
        if _LABELS.search(sheet.low, max(0, start - BEFORE), start):
            return 0.85
        return max(_SCORES[kind], 0.85 if _SCORES[kind] else _WITH_TAIL[kind]) if tail else _SCORES[kind]


RECOGNISERS: Final = (Addresses(),)
