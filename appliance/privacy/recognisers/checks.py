"""Check digits: the arithmetic by which a number proves that it is one. All take the number as it is written."""

import re
from typing import Final

_NOT_ALNUM: Final = re.compile(r"[^A-Za-z0-9]")
IBAN_LENGTHS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD FK",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK MN",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG DZ",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "LC MT SC",
    33: "RU",
}
"""How many letters and digits an IBAN has, by country."""
_VIN: Final = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_PENSION_WEIGHTS: Final = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def compact(value: str) -> str:
    """`value` without separators, in capitals."""
    return _NOT_ALNUM.sub("", value).upper()


def luhn(value: str) -> bool:
    """Cards and many others: every second digit from the right doubled; the digits' sum ends in 0."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(digits) > 1 and any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def mod97(value: str) -> bool:
    """IBAN: the first four moved behind, letters as numbers from 10, leaves 1 by 97."""
    iban = compact(value)
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1


def npi(value: str) -> bool:
    """A US provider's number: ten digits from 1 or 2, Luhn with 80840 before them."""
    number = compact(value)
    return len(number) == 10 and number[0] in "12" and luhn("80840" + number)


def dea(value: str) -> bool:
    """A US prescriber's registration: two letters (or a letter and 9) and seven digits, the last by the others."""
    number = compact(value)
    digits = [int(digit) for digit in number[2:]]
    return len(digits) == 7 and (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def nhs(value: str) -> bool:
    """An English patient's number: ten digits, modulus 11."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    rest = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return rest % 11 == digits[9] and rest != 10


def aba(value: str) -> bool:
    """A US routing number: nine digits, weights 3 7 1, and a beginning that the Federal Reserve gives."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    begins = digits[0] * 10 + digits[1] if len(digits) == 9 else 99
    given = begins <= 12 or 21 <= begins <= 32 or 61 <= begins <= 72 or begins == 80
    weighted = sum(digit * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=False))
    return given and any(digits) and weighted % 10 == 0


def vin(value: str) -> bool:
    """A vehicle: 17 letters and digits, the ninth by the others (North America; elsewhere it may be anything)."""
    number = compact(value)
    if len(number) != 17:
        return False
    total = sum(int(_VIN.get(letter, letter)) * weight for letter, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == number[8]


def ssn(value: str) -> bool:
    """A US social security number by its areas: not 000, 666 or from 900 on, no group 00, no serial 0000."""
    number = compact(value)
    area, group, serial = number[:3], number[3:5], number[5:]
    return len(number) == 9 and area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def steuer_id(value: str) -> bool:
    """A German tax id: eleven digits, one of the first ten twice or thrice, the last by ISO 7064 (mod 11, 10)."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    if len(digits) != 11 or digits[0] == 0:
        return False
    counts = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    if counts[-1] not in (2, 3) or counts.count(2) + counts.count(3) != 1:
        return False
    rest = 10
    for digit in digits[:10]:
        rest = ((digit + rest) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == digits[10]


def pension(value: str) -> bool:
    """A German pension insurance number: area, birthday, a letter, serial, check digit."""
    number = compact(value)
    if len(number) != 12 or not number[8].isalpha():
        return False
    written = number[:8] + f"{ord(number[8]) - 64:02d}" + number[9:11]
    weighted = (int(d) * weight for d, weight in zip(written, _PENSION_WEIGHTS, strict=True))
    return sum(sum(divmod(product, 10)) for product in weighted) % 10 == int(number[11])


def kvnr(value: str) -> bool:
    """A German health insurance number: a letter and nine digits, the last by Luhn's rule turned round."""
    number = compact(value)
    if len(number) != 10 or not number[0].isalpha():
        return False
    written = f"{ord(number[0]) - 64:02d}" + number[1:9]
    products = (int(digit) * (1, 2)[at % 2] for at, digit in enumerate(written))
    return sum(sum(divmod(product, 10)) for product in products) % 10 == int(number[9])


def gtin(value: str) -> bool:
    """A trade item's number (GS1), 8 to 14 digits: weights 3 and 1 from the right."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    return sum(digit * (1, 3)[at % 2] for at, digit in enumerate(reversed(digits))) % 10 == 0
