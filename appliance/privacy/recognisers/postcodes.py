"""Postcodes that stand without an address."""

import re
from typing import Final

from appliance.privacy.recognisers.labels import NUMBERED, Label
from appliance.privacy.recognisers.places import MONTHS
from appliance.privacy.recognisers.shapes import Recogniser, Shape, some_digits
from appliance.records import Entity

_TOWN: Final = r"[A-ZÄÖÜ][a-zäöüß]{2,24}(?:[ -](?:am|an der|im|in|ob der|bei|vor der|[A-ZÄÖÜ][a-zäöüß]{2,24})){0,3}"

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="postcode-uk",
        entity=Entity.POSTCODE,
        pattern=re.compile(
            r"(?<![\w-])(?:[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKSTUW]"
            r"|[A-HK-Y]\d[ABEHMNPRVWXY])) \d[ABD-HJLNP-UW-Z]{2}(?![\w-])"
        ),
        score=0.75,
        gate=some_digits(2),
    ),
    Shape(
        name="postcode-us-long",
        entity=Entity.POSTCODE,
        pattern=re.compile(r"(?<![\w.,/+-])\d{5}-\d{4}(?![\w-]|[.,]\d)"),
        score=0.6,
        gate=some_digits(9),
    ),
    Shape(
        name="postcode-placed",  # in Quinta Nova 3610-114
        entity=Entity.POSTCODE,
        pattern=re.compile(
            rf"(?:\b(?:in|at|near|from|aus) )(?!(?i:{MONTHS}|total|all"
            rf"|over)\b)[A-ZÀ-Þ][^\W\d_]{{2,24}}(?:[ -][^\W\d_]{{2,24}}){{0,3}}"
            rf" (?P<v>\d{{4}}-\d{{3}}|\d{{3}} \d\d|\d{{5}})(?![\w-]|[.,]\d)"
        ),
        score=0.5,
        gate=some_digits(5),
    ),
    Shape(
        name="postcode-german",
        entity=Entity.POSTCODE,
        pattern=re.compile(
            rf"(?:(?<![\w-])(?:D|DE|A|CH)-\d{{4,5}} {_TOWN}|(?:(?<=\n)|(?<=, )|(?<= in )"
            rf"|(?<=aus ))(?!0000)\d{{5}} {_TOWN}(?=[ \t]*(?:[\n,.;)]|$)))"
        ),
        score=0.65,
        gate=some_digits(4),
    ),
)

LABELS: Final = (
    Label(
        name="postcode",
        entity=Entity.POSTCODE,
        words=rf"zip(?:[ -]?codes?)?{NUMBERED}|post(?:al)?[ -]?codes?{NUMBERED}|plz|postleitzahl",
        value=re.compile(
            r"\d{3,5}(?:-\d{3,4}| \d{2}(?!\d)| ?[A-Z]{2}(?![\w]))?(?![\w]|[.,]\d)"
            r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)|[A-Z]{1,2}-\d{4,5}|[A-Z]\d[A-Z]"
            r" ?\d[A-Z]\d"
        ),
        score=0.75,
        check=lambda _: True,
        reach=3,
    ),
)
