"""Telephone and fax numbers: by their shape, or by a label where the shape says little."""

import re
from typing import Final

from appliance.privacy.recognisers.shapes import Recogniser, Shape, some_digits, words
from appliance.records import Entity

_EXTENSION: Final = r"(?: ?(?:[x#]|ext\.?|extension|durchwahl|dw|app\.) ?\d{1,6})?"
_BEGIN: Final = r"(?<![\w.:/+-])(?<!\d,)"
_END: Final = rf"{_EXTENSION}(?![\w]|[.,/:]\d|-\d)"
_SHAPES: Final = "|".join(
    (
        r"\+ ?\d{1,3}(?:[ ./-]{0,2}\(?\d{1,5}\)?){1,7}",  # +49 (0)30 123 45-0
        r"00 ?[1-9]\d{0,2}[ ./-](?:[ ./-]{0,2}\(?\d{1,5}\)?){1,7}",  # 001-518-640-0854
        r"(?:1[ .-])?\(\d{3}\)[ .-]?\d{3}[ .-]\d{4}",  # (579) 888-3058
        r"(?:1[ .-])?\d{3}([ .-])\d{3}\1\d{4}",  # 345-899-3560
        r"\(0?\d{1,5}\)[ -]?\d{2,9}(?:[ -]\d{1,6}){0,4}",  # (08) 8747 6301, (99) 645-791
        r"\(0 ?\d(?: ?\d){1,3}\) ?\d{2,9}(?:[ -]\d{1,6}){0,4}",  # (0 30) 12 34 56-0
        r"0\d{1,5} ?[/-] ?\d{2,9}(?:[ -]\d{1,8}){0,4}",  # 030/1234567, 0228 - 99 12-345
        r"0\d{1,4}(?: \d{2,8}){1,5}(?:-\d{1,5})?",  # 07700 063 966, 0490 75 40 81
        r"0\d{9,10}",  # 07700063966
        r"\d\d([-.])\d\d(?:\2\d\d){2,3}",  # 71-33-52-22
    )
)
_LABELS: Final = words(
    r"(?:tele)?phones?(?: ?(?:no|number|#))?",
    *(
        "tel",
        "telefon(?:nummer)?",
        "fax(?:nummer)?",
        "telefax",
        "mobile",
        "mobil(?:nummer|telefon)?",
        "cell",
        "cellphone",
    ),
    *(
        "handy(?:nummer)?",
        "call (?:me|him|her|us|back)",
        "call(?:ed|s)? (?:at|on|from)",
        "ring (?:me|him|her|us|on|at)",
        "hotline",
    ),
    *("pager", "bleep", "beeper", "dial", "contact (?:no|number)", "(?:my|his|her|our|their|the) number(?: is)?"),
    *(
        "rückruf(?:nummer)?",
        "rufnummer",
        "erreichbar",
        "durchwahl",
        "festnetz",
        "whatsapp",
        "sms",
        "text (?:me|him|her)",
        "answering at",
        "registered",
    ),
    *(
        "reach(?:ed)? (?:me|him|her|us|at|on|by phone|under)",
        "(?:desk|office|home|work|cell|direct|main)(?=:)",
        "notruf(?:nummer)?",
        "emergency contact",
    ),
)
_SURE: Final = re.compile(r"\+|00|\(|0\d{1,4} ?/|(?:1[ .-])?\d{3}([ .-])\d{3}\1\d{4}|0[1-9]\d{8,9}|07\d{3} ")
_NO_PHONE: Final = re.compile(
    r"(?:19|20)\d\d[-/.]\d\d[-/.]\d\d"  # a date
    r"|\d{1,2}[./-](?:0?\d|1[0-2])[./-](?:19|20)?\d\d(?![./-]?\d)"
    r"|\d{1,2}:\d\d|\d+\.\d+$|\d{1,3}/\d{1,3}$"
    r"|(?:\d{1,2}|1\d\d|2[0-4]\d)(?:-\d{1,3})?$"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d$"
)


def _dialled(value: str) -> bool:
    digits = sum(sign.isdigit() for sign in value)
    return 6 <= digits <= 18 and value.count("(") == value.count(")") and not _NO_PHONE.match(value)


def _certain(value: str) -> bool:
    return _dialled(value) and bool(_SURE.match(value)) and sum(sign.isdigit() for sign in value) >= 8


RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="phone",
        entity=Entity.PHONE,
        pattern=re.compile(rf"{_BEGIN}(?:{_SHAPES}){_END}"),
        score=0.7,
        unproven=0.0,
        check=_certain,
        gate=some_digits(8),
    ),
    Shape(
        name="phone-shaped",
        entity=Entity.PHONE,
        pattern=re.compile(rf"{_BEGIN}(?:{_SHAPES}){_END}"),
        score=0.4,
        labelled=0.8,
        labels=_LABELS,
        check=_dialled,
        gate=some_digits(7),
    ),
    Shape(
        name="phone-of",  # 416 60 039 office
        entity=Entity.PHONE,
        pattern=re.compile(
            rf"{_BEGIN}[+(]?\d(?:[ ()./-]{{0,3}}\d){{5,16}}{_EXTENSION}(?=["
            rf" -]{{1,3}}\(?(?:office|fax|mobile|home|desk|cell|work|mobil|privat|büro)\b)"
        ),
        score=0.75,
        check=_dialled,
        gate=some_digits(6),
        small=True,
    ),
    Shape(
        name="phone-labelled",
        entity=Entity.PHONE,
        pattern=re.compile(rf"(?<![\w.,:/])[+(]?\d(?:[ ()./-]{{0,3}}\d){{5,16}}{_END}"),
        score=0.0,
        labelled=0.75,
        labels=_LABELS,
        check=_dialled,
        gate=some_digits(6),
    ),
)
