"""Addresses of machines and accounts on them: IP, MAC, web, mail, user names."""

import ipaddress
import re
from typing import Final

from appliance.privacy.recognisers.shapes import Recogniser, Shape, has, some_digits, words
from appliance.records import Entity

_HOST: Final = r"[a-z0-9](?:[a-z0-9-]{0,62})"
_SURE: Final = (
    "com org net edu gov mil int info biz io dev app cloud online health care clinic hospital bank de ch uk fr nl eu"
    " ca au se dk fi pl cz sk hu ro bg gr pt es ie lt lv ee si hr rs ua ru"
    " tr il za br mx ar cl co jp cn kr nz li lu mt cy local lan internal intra corp"
)
"""Endings that no word of a sentence has; the others need a protocol, `www.` or a path."""


def _ipv4(value: str) -> bool:
    parts = value.partition("/")[0].split(".")
    if any(int(part) > 255 or (len(part) > 1 and part[0] == "0") for part in parts):
        return False
    return parts[0] == "10" or any(int(part) > 31 for part in parts)  # 1.2.3.4 is a chapter as soon as an address


def _ipv6(value: str) -> bool:
    if value.count(":") < 2 or not any(sign.isdigit() for sign in value) or len(value) < 5:
        return False
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


_IP_LABELS: Final = words(
    "ip", "ipv[46]", "ip.?addres{1,2}e?", "hosts?", "server", "gateway", "subnet", "dns", "client"
)

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="ipv4",
        entity=Entity.IP_ADDRESS,
        pattern=re.compile(r"(?<![\w.])(?<!version )\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w-]|\.\d)"),
        score=0.85,
        unproven=0.8,
        labels=_IP_LABELS,
        check=_ipv4,
        gate=some_digits(4),
    ),
    Shape(
        name="ipv6",
        entity=Entity.IP_ADDRESS,
        pattern=re.compile(r"(?<![\w:.])(?=[0-9a-f]{0,4}:)[0-9a-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\w:]|\.\d)"),
        score=0.9,
        check=_ipv6,
        gate=has("::", ":0", "fe80:", "fd", "fc", "200", "2a"),
        small=True,
    ),
    Shape(
        name="mac",
        entity=Entity.MAC_ADDRESS,
        pattern=re.compile(
            r"(?<![\w:.-])(?:[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}"
            r"|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![\w:-]|\.\w)"
        ),
        score=0.85,
        small=True,
    ),
    Shape(
        name="email",
        entity=Entity.EMAIL,
        pattern=re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])"),
        score=0.95,
        gate=has("@"),
    ),
    Shape(
        name="email-spelled",
        entity=Entity.EMAIL,
        pattern=re.compile(
            r"(?<![\w.+-])[\w.+-]{1,64}(?: ?[\[({<] ?(?:at|ät|@) ?[\])}>] ?| @ ?| (?=at [\w-]{1,40} (?:dot|punkt) )at )"
            r"[\w-]{1,63}(?:(?: ?[\[({<] ?(?:dot|punkt|\.) ?[\])}>] ?| (?:dot|punkt) |\.)[\w-]{1,63}){0,4}"
            r"(?: ?[\[({<] ?(?:dot|punkt|\.) ?[\])}>] ?| (?:dot|punkt) |\.)"
            r"(?:com|org|net|edu|gov|info|eu|de|ch|at|uk|fr|nl|us|io|health|care)(?!\w)"
        ),
        score=0.85,
        gate=has("at)", "at]", "at}", "ät)", "(@", "[@", " dot ", " punkt ", "@ "),
        small=True,
    ),
    Shape(
        name="url",
        entity=Entity.URL,
        pattern=re.compile(
            r"(?<![\w@])(?:(?:https?|s?ftp|wss?|ldaps?|smb)://|www\d?\.)[^\s<>\"{}"
            r"|\\^`\[\]“”„«»]{2,2000}(?<![.,;:!?)'])"
        ),
        score=0.95,
        gate=has("://", "www"),
        small=True,
    ),
    Shape(
        name="domain",
        entity=Entity.URL,
        pattern=re.compile(
            rf"(?<![\w@./+-])(?:{_HOST}\.){{1,6}}(?:{'|'.join(_SURE.split())})(?![\w@-]"
            rf"|\.\w)(?:/[^\s<>\"“”„«»]{{0,500}}(?<![.,;:!?)]))?"
            rf"|(?<![\w@./+-])(?:{_HOST}\.){{1,6}}[a-z]{{2,18}}/[^\s<>\"“”„«»]{{1,500}}(?<![.,;:!?)])"
        ),
        score=0.7,
        gate=has("."),
        small=True,
    ),
    Shape(
        name="username-as",  # logged in as mquill7
        entity=Entity.USERNAME,
        pattern=re.compile(
            r"\b(?:logged (?:in|on)|logs (?:in|on)|sign(?:ed|s)? in|log-?in|angemeldet"
            r"|anmeldung|eingeloggt) (?:as|als) "
            r"[\"']?(?P<v>(?=[a-z_.-]{0,30}\d|[\w-]{1,20}[._\\][a-z])[\w.\\-]{2,60}\w)"
        ),
        score=0.7,
        gate=has("log", "sign", "anmeld"),
        small=True,
    ),
    Shape(
        name="username",
        entity=Entity.USERNAME,
        pattern=re.compile(
            r"(?:user[ _-]?(?:name|id)|log-?in(?:[ _-]?(?:name|id))?|screen ?name"
            r"|benutzer(?:name|kennung|konto)|anmeldename|windows-?kennung"
            r"|kennung)\s{0,3}(?:[:=]|is\b|was\b|ist\b|lautet\b"
            r"|war\b)\s{0,3}[\"'<]?(?P<v>[\w.@\\+-]{2,60}[\w])"
        ),
        score=0.8,
        check=lambda value: not value.isdigit() or len(value) > 3,
        gate=has("user", "login", "log-in", "screen", "benutzer", "anmelde", "kennung"),
        small=True,
    ),
)
