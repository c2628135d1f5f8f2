"""What opens doors: keys of known shapes, tokens, passwords behind labels, addresses with credentials in them."""

import math
import re
from collections import Counter
from typing import Final

from appliance.privacy.recognisers.shapes import Recogniser, Shape, has
from appliance.records import Entity

_KNOWN: Final = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        r"gh[pousr]_[A-Za-z0-9]{30,255}",
        r"github_pat_[A-Za-z0-9_]{30,255}",
        r"glpat-[\w-]{16,64}",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",
        r"sk-(?:ant-|proj-|or-)?[\w-]{20,250}",
        r"(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,120}",
        r"AIza[\w-]{30,45}",
        r"ya29\.[\w-]{20,400}",
        r"hf_[A-Za-z0-9]{20,80}",
        r"npm_[A-Za-z0-9]{30,60}",
        r"dop_v1_[a-f0-9]{40,80}",
        r"SG\.[\w-]{16,40}\.[\w-]{20,80}",
        r"hvs\.[\w-]{20,200}",
        r"AGE-SECRET-KEY-1[A-Z0-9]{50,70}",
    )
)
_PRIVATE_KEY: Final = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?"
_BREAK: Final = r"(?:[\s>]|\\[rn]){1,12}"
_GATES: Final = (
    "akia asia abia acca ghp_ gho_ ghu_ ghs_ ghr_ github_pat glpat xox sk-"
    " sk_ pk_ rk_ aiza ya29 hf_ npm_ dop_ sg. hvs. age-"
).split()


def _kinds(value: str) -> int:
    """Of how many kinds of signs `value` is: small and capital letters, digits, others."""
    return sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^\w]"))


def _random(value: str) -> bool:
    """Say that `value` looks drawn by lot: of several kinds of signs, and hardly any twice."""
    kinds = _kinds(value)
    counts = Counter(value).values()
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
    return (
        kinds >= (2 if len(value) >= 16 else 3)
        and any(sign.isdigit() for sign in value)
        and entropy >= min(3.3, math.log2(len(value)) * 0.75)
    )


def _base64(value: str) -> bool:
    """Say that long lines hold small and capital letters and digits: sums of files are of two of them."""
    return all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", r"\d"))


def _no_word(value: str) -> bool:
    """Say that what stands behind "password is" can be one, and is no word of the sentence."""
    return not value.isalpha() or not (value.islower() or value.istitle()) or len(value) > 14


RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="pem",
        entity=Entity.SECRET,
        # To its END whatever stands between (headers, dashes); where that is cut off, to the end of the text.
        pattern=re.compile(
            rf"-{{4,5}} ?BEGIN {_PRIVATE_KEY} ?-{{4,5}}(?:[\s\S]*?-{{4,5}} ?END {_PRIVATE_KEY} ?-{{4,5}}|[\s\S]*)"
        ),
        score=0.99,
        gate=has("private key"),
    ),
    Shape(
        name="key-lines",  # a key whose first line stands in another passage
        entity=Entity.SECRET,
        pattern=re.compile(
            rf"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{{16,59}}{_BREAK})?"
            rf"[A-Za-z0-9+/]{{60,76}}(?:{_BREAK}[A-Za-z0-9+/]{{60,76}}(?![A-Za-z0-9+/]))+"
            rf"(?:{_BREAK}[A-Za-z0-9+/]{{2,59}}(?![A-Za-z0-9+/])={{0,2}}|={{0,2}})"
        ),
        score=0.9,
        check=_base64,
    ),
    Shape(
        name="jwt",
        entity=Entity.SECRET,
        pattern=re.compile(r"(?<![\w.-])eyJ[\w-]{8,4000}\.[\w-]{4,8000}\.[\w-]{0,2000}"),
        score=0.95,
        gate=has("eyj"),
    ),
    Shape(
        name="key-known",
        entity=Entity.SECRET,
        pattern=re.compile(rf"(?<![\w-])(?:{_KNOWN})(?![\w])"),
        score=0.95,
        gate=has(*_GATES),
    ),
    Shape(
        name="bearer",
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?i:\b(?:bearer|token|authorization: ?basic))"
            r" (?P<v>(?=[\w.~+/-]{0,60}\d)[\w.~+/-]{12,4000}=*)"
        ),
        score=0.85,
        check=_random,
        gate=has("bearer", "basic", "token"),
    ),
    Shape(
        name="connection",
        entity=Entity.SECRET,
        pattern=re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@]{0,100}:(?P<v>[^\s/@]{1,200})@(?=[\w\[])"),
        score=0.95,
        gate=has("://"),
    ),
    Shape(
        name="password",
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?i:\b(?:pass(?:word|wort|phrase|code|wd)?|pwd|passwd|kennwort|geheimzahl"
            r"|pin(?:-code)?|tan|puk|cvv2?|cvc2?|security code|prüfziffer))"
            r"(?:\s{0,3}[:=]\s{0,3}|\s(?i:is|ist|lautet|war"
            r"|was)\s{0,2}:?\s{0,2})[\"'`]?(?P<v>[^\s\"'`,;]{3,200}(?<![.)]))"
        ),
        score=0.8,
        check=_no_word,
        gate=has("pass", "pwd", "kennwort", "geheimzahl", "pin", "tan", "puk", "cv", "code", "prüf"),
    ),
    Shape(
        name="password-bare",  # the password Winter26! was found
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?i:\b(?:password|passwort|kennwort|passphrase))"
            r" [\"'`(]?(?P<v>[^\s\"'`,;]{6,100}(?<![.)?!:]))"
        ),
        score=0.75,
        check=lambda value: _kinds(value) >= 3,
        gate=has("passw", "kennwort", "passphrase"),
    ),
    Shape(
        name="pin",
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?<![\w-])(?:PIN|TAN|PUK|CVV2?|CVC2?)(?:-(?:Code|Nummer))?(?:"
            r" ?[:#]? ?| number | code )(?P<v>\d{3,8})(?![\w-]|[.,]\d)"
        ),
        score=0.75,
        gate=has("pin", "tan", "puk", "cv"),
    ),
    Shape(
        name="password-colon",
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?i:\b(?:password|passwort|pwd|passwd"
            r"|kennwort))\s{0,2}[:=]\s{0,2}[\"'`]?(?P<v>[^\s\"'`,;]{4,200}(?<![.)]))"
        ),
        score=0.7,
        gate=has("passw", "pwd", "kennwort"),
    ),
    Shape(
        name="key-labelled",
        entity=Entity.SECRET,
        pattern=re.compile(
            r"(?i:\b\w{0,30}(?:api[_ -]?key|secret|access[_ -]?key|private[_ -]?key|auth[_"
            r" -]?token|token|client[_ -]?secret|credential|schlüssel|api[_"
            r" -]?schlüssel)s?)"
            r"\s{0,3}(?:[:=]|\bis\b|\bist\b|\blautet\b|=>)\s{0,3}[\"'`]?(?P<v>[\w+/=.~!$%&*@#-]{10,500}(?<![.]))"
        ),
        score=0.85,
        check=_random,
        gate=has("key", "secret", "token", "credential", "schlüssel"),
    ),
)
