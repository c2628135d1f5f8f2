"""A bank's numbers: IBAN, BIC, cards, accounts, sort codes, routing numbers."""

import re
from collections.abc import Iterator
from typing import Final

from appliance.privacy.recognisers import checks
from appliance.privacy.recognisers.labels import NUMBER_OF, NUMBERED, Label, code
from appliance.privacy.recognisers.shapes import Recogniser, Shape, near, some_digits, words
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Entity, Finding

_RUN: Final = re.compile(r"(?<![\w+.,])\d(?:[ ./_-]{0,2}\d){11,40}(?!\w)")
_BROKEN_RUN: Final = re.compile(r"(?<![\w+.,])\d(?:[\s./_·\u2043-]{0,3}\d){11,40}(?!\w)")
_BLOCKS: Final = re.compile(r"(?:\d{4}\D{0,3}){3}\d{1,7}|\d{4}\D{1,3}\d{6}\D{1,3}\d{5}")
_GROUP: Final = re.compile(r"\d+")
_WIDE: Final = re.compile(r"\d{4}")
_ISSUERS: Final = re.compile(r"4|5[0-9]|2[2-7]|3[0-9]|6[0-9]|8[12]|1800|2131|9792")
_BREAK: Final = r"[\s._·\u2043-]{0,3}"
_WIDE_GAP: Final = re.compile(r"[^A-Za-z0-9 .-]|[ .-]{2}")
"""What an IBAN that is not broken holds nowhere."""
_CARD_LABELS: Final = words(
    r"(?:credit|debit|bank|charge|master)?-?\s?cards?",
    *("cc", "visa", "mastercard", "amex", "american express", "maestro", "pan"),
    r"(?:kredit|bank|ec-|giro)?-?karten?(?:-?n(?:ummer|r\.?))?",
)
_BIC_COUNTRIES: Final = frozenset(" ".join(checks.IBAN_LENGTHS.values()).split()) | frozenset(
    "US CA AU NZ JP CN HK SG IN KR TW TH MY ID PH VN ZA NG KE MA MX AR CL CO PE UY BO PY EC".split()
)


class Cards:
    """Card numbers of 13 to 19 digits, by Luhn, whatever separates them, and whatever digits stand beside them."""

    name = "card"

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield the longest numbers that prove themselves; one that does not counts where a label names it."""
        if sheet.digits < 12:
            return
        for run in _RUN.finditer(sheet.plain):
            if not _WIDE.search(run[0]) and not near(_CARD_LABELS, sheet, *run.span()):
                continue  # 120 118 122 119
            groups = [(run.start() + found.start(), run.start() + found.end()) for found in _GROUP.finditer(run[0])]
            found = self._proven(sheet, groups)
            if found:
                yield from found
            elif 12 <= sum(end - start for start, end in groups) <= 19 and near(_CARD_LABELS, sheet, *run.span()):
                yield Finding(*run.span(), Entity.CARD, 0.6, self.name)
        yield from self._broken(sheet)

    def _broken(self, sheet: Sheet) -> Iterator[Finding]:
        """Numbers over lines and columns: only an issuer's, in a card's blocks, or columns of years would be cards."""
        for run in _BROKEN_RUN.finditer(sheet.plain):
            groups = [(run.start() + found.start(), run.start() + found.end()) for found in _GROUP.finditer(run[0])]
            for one in self._proven(sheet, groups):
                written = sheet.plain[one.start : one.end]
                if _BLOCKS.fullmatch(written) and _ISSUERS.match(written):
                    yield one

    def _proven(self, sheet: Sheet, groups: list[tuple[int, int]]) -> list[Finding]:
        found: list[Finding] = []
        first = 0
        while first < len(groups):
            for last in reversed(_long_enough(groups, first)):
                start, end = groups[first][0], groups[last][1]
                if score := _card(sheet, start, end):
                    found.append(Finding(start, end, Entity.CARD, score, self.name))
                    first = last
                    break
            first += 1
        return found


def _long_enough(groups: list[tuple[int, int]], first: int) -> list[int]:
    """The last groups with which a number from `first` on has 13 to 19 digits."""
    fitting, digits = [], 0
    for last in range(first, len(groups)):
        digits += groups[last][1] - groups[last][0]
        if digits > 19:
            break
        if digits >= 13:
            fitting.append(last)
    return fitting


def _card(sheet: Sheet, start: int, end: int) -> float:
    if not checks.luhn(sheet.plain[start:end]):
        return 0.0
    if near(_CARD_LABELS, sheet, start, end):
        return 0.95
    if not _WIDE.search(sheet.plain, start, end):
        return 0.0
    return 0.85 if _ISSUERS.match(checks.compact(sheet.plain[start:end])) else 0.55


def _bic(value: str) -> bool:
    return value[4:6] in _BIC_COUNTRIES and (value.endswith("XXX") or any(sign.isdigit() for sign in value))


def _iban(gap: str) -> str:
    countries = (
        rf"(?:{codes.lower().replace(' ', '|')}){gap}\d{gap}\d(?:{gap}[a-z0-9]){{{length - 4}}}"
        for length, codes in checks.IBAN_LENGTHS.items()
    )
    return rf"(?:{'|'.join(countries)})(?![a-z0-9])"


RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Cards(),
    Shape(
        name="iban",
        entity=Entity.IBAN,
        pattern=re.compile(rf"(?<![a-z0-9])(?=[a-z]{{2}}[ .-]?\d[ .-]?\d){_iban('[ .-]?')}"),
        score=0.95,
        unproven=0.7,
        labels=words("iban", "kontoverbindung", "konto", "account", "bank"),
        check=checks.mod97,
        gate=some_digits(6),
        small=True,
    ),
    Shape(
        name="iban-broken",  # over lines, columns or dots; looked for at every place, for most of them are none
        entity=Entity.IBAN,
        pattern=re.compile(
            rf"(?<![a-z0-9])(?=[a-z]{{2}}{_BREAK}\d{_BREAK}\d)(?=(?P<v>{_iban(_BREAK)}))",
        ),
        score=0.9,
        check=lambda value: _WIDE_GAP.search(value) is not None and checks.mod97(value),
        gate=some_digits(6),
        small=True,
    ),
    Shape(
        name="bic",
        entity=Entity.BIC,
        pattern=re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[A-Z]{2}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?(?![A-Za-z0-9])"),
        score=0.55,
        labelled=0.9,
        unproven=0.75,
        labels=words("bic", "swift", r"swift-?code"),
        check=_bic,
    ),
    Shape(
        name="sort-code-account",
        entity=Entity.SORT_CODE,
        pattern=re.compile(r"(?<![\w-])(?P<v>\d\d[- ]\d\d[- ]\d\d)(?=[ ,/:;]{1,3}(?:a/?c[ :.]{1,2})?\d{8}(?!\d))"),
        score=0.75,
        gate=some_digits(14),
    ),
    Shape(
        name="account-behind-sort-code",
        entity=Entity.ACCOUNT,
        pattern=re.compile(r"(?<![\w-])\d\d[- ]\d\d[- ]\d\d[ ,/:;]{1,3}(?:a/?c[ :.]{1,2})?(?P<v>\d{8})(?!\d)"),
        score=0.75,
        gate=some_digits(14),
    ),
)

LABELS: Final = (
    Label(
        name="sort-code",
        entity=Entity.SORT_CODE,
        words=rf"sort[ -]?codes?{NUMBERED}",
        value=re.compile(r"\d\d[- ]?\d\d[- ]?\d\d(?![\d-])"),
        score=0.85,
        check=lambda _: True,
    ),
    Label(
        name="routing",
        entity=Entity.ROUTING,
        words=rf"(?:aba|routing|rtn|transit|fedwire|ach)(?: (?:routing|transit))?{NUMBERED}",
        value=re.compile(r"\d{4}[ -]?\d{4}[ -]?\d(?![\d-])"),
        score=0.9,
        proof=checks.aba,
        unproven=0.7,
    ),
    Label(
        name="bank-code",
        entity=Entity.ROUTING,
        words="blz|bankleitzahl",
        value=re.compile(r"\d{3} ?\d{3} ?\d{2,3}(?![\d-])"),
        score=0.75,
    ),
    Label(
        name="account",
        entity=Entity.ACCOUNT,
        words=r"(?:bank |checking |savings |loan |deposit |billing |current |giro)?"
        rf"(?:account|acct\.?|a/c|acc\.){NUMBERED}"
        r"|(?:giro|spar|bank|depot|darlehens|kredit)?(?:konto|kto\.?)(?:-?(?:nummern?|nr\.?))?"
        rf"|depot(?:-?(?:nummer|nr\.?))?|(?:customer|client|loan|contract|policy ?holder){NUMBER_OF}"
        r"|(?:kunden|vertrags|darlehens|mandats)-?(?:nummern?|nr\.?|id)|mandatsreferenz|mandate reference",
        value=code(6),
        score=0.75,
    ),
)
