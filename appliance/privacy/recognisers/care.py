"""Numbers of care: records, claims, members, insurance, providers and devices."""

import re
from typing import Final

from appliance.privacy.recognisers import checks
from appliance.privacy.recognisers.labels import NUMBER_OF, NUMBERED, Label, code
from appliance.privacy.recognisers.shapes import Recogniser, Shape, has, some_digits, words
from appliance.records import Entity

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="nhs",
        entity=Entity.NHS,
        pattern=re.compile(r"(?<![\w.,/+(-])\d{3}([ -]?)\d{3}\1\d{4}(?![\w-]|[.,]\d)"),
        score=0.0,
        labelled=0.95,
        unproven=0.7,
        labels=words("nhs", "nhs (?:no|number)", "chi"),
        check=checks.nhs,
        gate=some_digits(10),
    ),
    Shape(
        name="npi",
        entity=Entity.NPI,
        pattern=re.compile(r"(?<![\w.,/+-])[12]\d{9}(?![\w-]|[.,]\d)"),
        score=0.5,
        labelled=0.95,
        unproven=0.7,
        labels=words("npi", "national provider", "provider (?:id|no|number)", "provider"),
        check=checks.npi,
        gate=some_digits(10),
    ),
    Shape(
        name="dea",
        entity=Entity.DEA,
        pattern=re.compile(r"(?<![\w-])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![\w-])"),
        score=0.7,
        labelled=0.95,
        unproven=0.7,
        labels=words("dea", "prescriber", "registration"),
        check=checks.dea,
        gate=some_digits(7),
    ),
    Shape(
        name="kvnr",
        entity=Entity.HEALTH_INSURANCE,
        pattern=re.compile(r"(?<![\w-])[A-Za-z] ?\d{3} ?\d{3} ?\d{3}(?![\w-]|[.,]\d)"),
        score=0.7,
        labelled=0.95,
        unproven=0.65,
        labels=words(
            "kvnr",
            "kv-?(?:nummer|nr)",
            "krankenversicherten-?(?:nummer|nr)",
            "versicherten-?(?:nummer|nr|id)",
            "versicherungs-?(?:nummer|nr)",
            "krankenkasse",
            "gesundheitskarte",
            "egk",
            "health insurance",
        ),
        check=checks.kvnr,
        gate=some_digits(9),
    ),
    Shape(
        name="mbi",  # 1EG4-TE5-MK73
        entity=Entity.MEMBER,
        pattern=re.compile(
            r"(?<![\w-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d(-?)[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d\1[AC-HJKMNP-RT-Y]{2}\d\d(?![\w-])"
        ),
        score=0.75,
        gate=some_digits(5),
    ),
    Shape(
        name="udi",
        entity=Entity.UDI,
        pattern=re.compile(
            r"\(01\) ?\d{14}(?: ?\((?:10|11|17|21|240|30)\) ?[A-Za-z0-9./_-]{1,20}(?<!\.)){0,5}"
            r"|(?<![\w+])\+[A-Z]\d{3}[A-Z0-9]{1,18}\d[A-Z0-9]?/\$\$?[A-Z0-9+/]{4,40}"
        ),
        score=0.9,
        gate=has("(01)", "/$"),
    ),
    Shape(
        name="udi-bare",
        entity=Entity.UDI,
        pattern=re.compile(r"(?<!\w)01\d{14}(?:(?:11|17)\d{6})?(?:10|21)[A-Z0-9]{2,20}(?!\w)"),
        score=0.0,
        labelled=0.85,
        labels=words("udi", "udi-di", "gs1", "device", "implant", "barcode"),
        gate=some_digits(16),
    ),
)

_CODE: Final = code(4, 20)

LABELS: Final = (
    Label(
        name="mrn",
        entity=Entity.MRN,
        words=rf"mrns?(?:#| no\.?| number)?|med(?:ical)?\.? rec(?:ord)?s?\.?{NUMBERED}"
        rf"|(?:hospital|chart|unit record|health record|record|file|case|encounter"
        rf"|visit|admission|episode|fin){NUMBER_OF}"
        rf"|patient(?:'s)?[ -]{{0,2}}(?:id|identifier|no|nr|number|#|record)s?{NUMBERED}"
        rf"|pat\.?-?(?:id|nr\.?|no\.?)|patienten-?(?:nummer|nr\.?|id|akte)|fall-?(?:nummer"
        rf"|nr\.?|id)|aufnahme-?(?:nummer|nr\.?)|akten-?(?:zeichen|nummer|nr\.?)"
        rf"|krankenakte|pid",
        value=_CODE,
        score=0.85,
        reach=3,
    ),
    Label(
        name="accession",
        entity=Entity.ACCESSION,
        words=rf"accession{NUMBERED}|acc{NUMBER_OF}|(?:specimen|sample|order|requisition"
        rf"|study|exam|lab|pathology|radiology)[ -](?:id|no|number|nr|#)\.?"
        rf"|(?:auftrags|proben|untersuchungs|befund|einsende|journal"
        rf"|eingangs)-?(?:nummer|nr\.?|id)",
        value=_CODE,
        score=0.8,
        reach=3,
    ),
    Label(
        name="claim",
        entity=Entity.CLAIM,
        words=rf"claims?{NUMBER_OF}|claim|icn|dcn|(?:prior )?auth(?:orization|orisation)?["
        rf" -](?:no|number|#|code)\.?|schaden(?:s|fall)?-?(?:nummer|nr\.?)"
        rf"|leistungsfall|vorgangs-?(?:nummer|nr\.?)|(?:case|incident|ticket)"
        rf" reference",
        value=_CODE,
        score=0.8,
        reach=3,
    ),
    Label(
        name="member",
        entity=Entity.MEMBER,
        words=rf"(?:member(?:ship)?|subscriber|enrollee|beneficiary|insured|policy ?holder"
        rf"|medicare|medicaid|mbi|hicn){NUMBER_OF}|member|mbi|hicn"
        rf"|mitglieds?-?(?:nummer|nr\.?)|versicherten-?(?:nummer|nr\.?|id)",
        value=_CODE,
        score=0.8,
        reach=3,
    ),
    Label(
        name="health-plan",
        entity=Entity.HEALTH_PLAN,
        words=rf"(?:health )?plan{NUMBER_OF}|(?:group|policy|rx ?bin|rx ?grp|rx ?pcn|payer"
        rf"|insurance)[ -]{{0,2}}(?:id|no|number|#|nr|policy)\.?|policy{NUMBER_OF}"
        rf"|rxbin|versicherungsschein-?(?:nummer|nr\.?)?|policen?-?(?:nummer|nr\.?)?"
        rf"|(?:kassen|ik)-?(?:nummer|nr\.?)|institutionskennzeichen",
        value=_CODE,
        score=0.75,
        reach=3,
    ),
    Label(
        name="health-insurance",
        entity=Entity.HEALTH_INSURANCE,
        words=r"kvnr\.?|kv-?(?:nummer|nr\.?)|kranken(?:versicherten|versicherungs"
        r"|kassen)-?(?:nummer|nr\.?)|gesundheitskarte|egk",
        value=re.compile(r"[A-Za-z]? ?\d(?: ?\d){7,11}(?!\w)"),
        score=0.8,
        reach=3,
    ),
    Label(
        name="nhs-labelled",
        entity=Entity.NHS,
        words=rf"nhs{NUMBERED}|chi{NUMBERED}",
        value=re.compile(r"\d(?:[ -]{0,2}\d){9}(?!\w)"),
        score=0.85,
        reach=3,
    ),
    Label(
        name="device",
        entity=Entity.DEVICE,
        words=rf"(?:device|pacemaker|implant|pump|ventilator|monitor|equipment|model|unit"
        rf"|machine|generator|lead|stent|defibrillator|icd)?["
        rf" -]{{0,2}}serial{NUMBER_OF}|s/n|sn|ser\.? ?no\.?|lot(?: (?:no|number|#)\.?)"
        rf"|(?:geräte|serien|chargen|herzschrittmacher|implantat|inventar)-?(?:nummer"
        rf"|nr\.?|id)|device{NUMBER_OF}|imei|asset tag",
        value=_CODE,
        score=0.75,
        reach=3,
    ),
)
