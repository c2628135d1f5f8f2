"""Organisations that say what they are: by their legal form, or by what kind of house they call themselves.

An employer, a care home or a company in a memo points at a person together with little else.
"""

import re
from typing import Final

from appliance.privacy.recognisers.shapes import Recogniser, Shape
from appliance.records import Entity

_PART: Final = r"[^\W\d_a-zäöüß][\w'’-]{1,24}"
_NAME: Final = rf"(?:St\. )?{_PART}(?: (?:&|und|and|of) {_PART}| {_PART}){{0,3}}"
_FORMS: Final = (
    r"GmbH(?: & Co\. KG(?:aA)?)?|gGmbH|mbH|AG|SE|KG|OHG|KGaA|UG|e\. ?V\.|eG|Inc\.?"
    r"|Ltd\.?|LLC|LLP|plc|PLC|Corp\.?|Limited"
    r"|S\.A\.|SARL|B\.V\."
)
_HOUSES: Final = (
    r"Krankenhaus|Klinikum|Klinik|Spital|Seniorenheim|Pflegeheim|Altenheim|Hospiz|Sparkasse|Volksbank|Kasse"
    r"|Hospital|Infirmary|Clinic|Care Home|Nursing Home|Hospice|Medical Cent(?:re|er)|Health Cent(?:re|er)|Surgery"
)
_GERMAN_HOUSES: Final = r"Seniorenheim|Pflegeheim|Altenheim|Hospiz|Klinikum|Klinik|Krankenhaus|Sparkasse|Volksbank"

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="legal-form",
        entity=Entity.ORGANIZATION,
        pattern=re.compile(rf"(?<![\w-])(?P<v>{_NAME},? (?:{_FORMS}))(?![\w-])"),
        score=0.8,
    ),
    Shape(
        name="kind-of-house",
        entity=Entity.ORGANIZATION,
        pattern=re.compile(rf"(?<![\w-])(?P<v>(?!(?:Der|Die|Das|The|Our|Im|In|Dem|Den) (?:{_HOUSES}))"
                           rf"{_NAME} (?:{_HOUSES}))(?![\w-])"),
        score=0.6,
    ),
    Shape(
        name="house-named",
        entity=Entity.ORGANIZATION,
        pattern=re.compile(rf"(?<![\w-])(?P<v>(?:{_GERMAN_HOUSES}) (?:(?:am|zum|zur|an der|St\.) )?{_PART})(?![\w-])"),
        score=0.6,
    ),
)  # fmt: skip
