"""Which findings of models are believed. A model of names answers for text it never saw; what it says there is noise.

Only models are doubted, never a rule, a list of the house or a site's own recogniser; and only for a reason that holds
for every text of its sort. Where the reason is in doubt, the finding counts.
"""

import re
from collections.abc import Callable
from typing import Final

from appliance.records.privacy import Entity, Finding

NAMES_MODEL: Final = "presidio SpacyRecognizer"
"""The source of what the model of names found. It reads English only."""
TOKENS_MODEL: Final = "rampart"
_SURE: Final = 0.9
_WORD: Final = re.compile(r"[^\W\d_]{1,40}")
_CAPITAL: Final = re.compile(r"(?<!\w)[^\W\d_a-z][^\W\d_]{1,40}")
_GERMAN: Final = frozenset(
    "der die das den dem des ein eine einer eines einem einen und oder nicht mit von vom zu zum zur im am ins bei beim"
    " nach für auf aus über unter vor seit wegen ohne durch gegen ist sind war waren wird werden wurde wurden hat haben"
    " hatte kann können soll sollen muss müssen bitte sie er es wir ihr ihre ihrer ihrem ihren sein seine seiner sich"
    " dass wenn als auch nur noch keine kein keinen dieser diese dieses sehr geehrte geehrter freundlichen grüßen wie"
    " bis alle allen zwei drei vier fünf sechs nie täglich folgt sowie ab bzw geb herr herrn frau uhr".split()
)
_ENGLISH: Final = frozenset(
    "the a an and or not with of to at by for from on in is are was were be been has have had can could should must"
    " will"
    " would may please she he it we you they i my your her his their our that which when if as also only no this these"
    " there who what where dear sincerely regards mr mrs ms".split()
)
_BOTH: Final = frozenset("a an i in it ms not was who will".split())
"""English words that stand in German texts too: as words, initials, units or abbreviations."""
_NEAR: Final = 100
"""Characters before and behind a finding that tell in which language it stands."""
_TIMES: Final = frozenset(
    "this that last next the a an one two three four five six seven eight nine ten eleven twelve fourteen fifteen"
    " twenty"
    " thirty couple few several many some past coming following previous first second third fourth other half quarter"
    " about over under than more less almost nearly around at least most of in age old ago early earlier late later now"
    " today yesterday tomorrow tonight recent every each once twice working business day days week weeks month months"
    " year years hour hours minute minutes second seconds decade decades century weekend weekends morning afternoon"
    " evening night noon midnight daily weekly monthly yearly annual annually nightly hourly quarterly and or to for"
    " within after before during until since all s euro euros st nd rd th mid min".split()
)
_OLD: Final = re.compile(r"(?<!\d)(?:9\d|1[01]\d)(?!\d)")
_LONG_NUMBER: Final = re.compile(r"\d{4}|\d[./:-]\d")
_DECADE: Final = re.compile(r"(?:19|20)\d0s")
_FIELDS: Final = frozenset(
    "iban bic swift ssn itin mrn dob nhs npi dea vin pin tan id ids cvv cvc udi gtin kyc aml atm url ip mac usb pdf"
    " ct mri mr ecg ekg eeg emg ultrasound xray icu er ed or gp iv im sc po prn bp hr rr st bmi gfr egfr crp inr ptt"
    " tsh"
    " hba fev fvc ldl hdl alt ast ggt ldh copd mrsa hiv hcv hbv covid dvt pe uti tia stemi nstemi nyha asa who icd ops"
    " mrt mrd rö us echo sono lwk bwk hws bws lws ggf zn vd dd oa oä ca"
    " diagnosis diagnoses history findings impression assessment plan medication medications allergies procedure"
    " procedures treatment therapy discharge admission examination laboratory labs summary recommendation"
    " recommendations vitals patient patients unit stroke ward emergency care department clinic"
    " befund befunde diagnose diagnosen anamnese beurteilung therapie procedere medikation aufnahme entlassung verlauf"
    " labor allergien nikotin alkohol vorerkrankungen empfehlung station ambulanz intensivstation abdomen thorax"
    " paracetamol ibuprofen aspirin insulin morphine morphin heparin vancomycin warfarin marcumar metformin potassium"
    " sodium chloride kalium natrium kreatinin creatinine haemoglobin hemoglobin hämoglobin saline prednisolone"
    " blutdruck puls temperatur gewicht größe skala scale score grad grade stadium stage typ type morse".split()
)
_SUFFIXES: Final = re.compile(
    r"\w{3,}(?:mycin|cillin|prazole?|statin|olol|[io]pril|profen|parin|azepam|floxacin|dipine?|gliptin|gliflozin"
    r"|itis|itiden|aemia|emia|ämie|ektomie|ectomy|graphie|graphy|gramm|skopie|scopy|therapie|therapy|pathie|pathy"
    r"|insuffizienz|chlorid|chloride)|\w{2,}sartan"
)
_NAMED: Final = frozenset((Entity.PERSON, Entity.LOCATION, Entity.ORGANIZATION, Entity.NATIONALITY))
_MEASURED: Final = re.compile(
    r"[^\W\d_]*\W{0,3}\d{1,3}(?:/\d{1,3})?\s?(?:mm|cm|mg|ml|kg|g|%|°|mmol|µmol|mmhg|bpm|/ ?min)\b", re.IGNORECASE
)
_STREET: Final = frozenset((Entity.ADDRESS, Entity.POSTCODE))


def believer(text: str, language: str) -> Callable[[Finding], bool]:
    """What says of a finding in `text` whether it is believed. `language` is what the text is said to be in."""
    prose = len(_CAPITAL.findall(text)) >= 2

    def believed(finding: Finding) -> bool:
        model = finding.source == NAMES_MODEL
        if not model and finding.source != TOKENS_MODEL:
            return True
        if model and _is_german(_around(text, finding.start, finding.end), language):
            return False
        words = _WORD.findall(text[finding.start : finding.end].lower())
        if model and finding.entity == Entity.DATE:
            return not _says_no_date(text[finding.start : finding.end], words)
        if finding.entity in _STREET:
            return _MEASURED.match(text, finding.start) is None
        if finding.entity in _NAMED:
            timid = not model and prose and finding.score < _SURE and _small(text[finding.start : finding.end])
            return not timid and not (words and all(map(_plain, words)))
        return True

    return believed


def in_english(text: str, start: int, end: int) -> bool:
    """Whether a small word that only English has stands near the characters `start` to `end`."""
    return _english(set(_WORD.findall(_around(text, start, end).lower())))


def _around(text: str, first: int, last: int) -> str:
    """The whole words near a finding: what stands far off decides nothing about it, whoever wrote it there."""
    start, end = max(0, first - _NEAR), min(len(text), last + _NEAR)
    while 0 < start < first and text[start - 1].isalpha():
        start += 1
    while last < end < len(text) and text[end].isalpha():
        end -= 1
    return text[start:end]


def _english(words: set[str]) -> bool:
    return not words.isdisjoint(_ENGLISH - _BOTH)


def _is_german(near: str, language: str) -> bool:
    """By its small words: one that only English has is enough to doubt it. Without any, by what it is said to be."""
    words = set(_WORD.findall(near.lower()))
    if _english(words):
        return False
    return not words.isdisjoint(_GERMAN) or (language == "de" and words.isdisjoint(_ENGLISH))


def _says_no_date(found: str, words: list[str]) -> bool:
    """Whether it only tells how long or how often, or points at a day from a day that it does not name."""
    if _LONG_NUMBER.search(found) and not _DECADE.fullmatch(found):
        return False
    if _OLD.search(found) and "years" in words:
        return False
    return all(word in _TIMES for word in words)


def _small(found: str) -> bool:
    return found.islower()


def _plain(word: str) -> bool:
    return word in _FIELDS or _SUFFIXES.fullmatch(word) is not None
