"""Numbers that states and offices give: social security, tax, pension, passport, licences, plates, vehicles."""

import re
from typing import Final

from appliance.privacy.recognisers import checks
from appliance.privacy.recognisers.labels import NUMBERED, Label, code
from appliance.privacy.recognisers.shapes import Recogniser, Shape, some_digits, words
from appliance.records import Entity

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="ssn",
        entity=Entity.SSN,
        pattern=re.compile(r"(?<![\w.-])\d{3}([- ])\d\d\1\d{4}(?![\w-]|\.\d)"),
        score=0.7,
        labelled=0.95,
        unproven=0.7,
        labels=words(
            "ssn",
            "social security(?: (?:no|number|#))?",
            "social",
            "ss#",
            "soc sec",
            "sozialversicherung",
            "itin",
            "tax ?id",
        ),
        check=checks.ssn,
        gate=some_digits(9),
    ),
    Shape(
        name="ssn-shaped",  # 9xx areas are of tax numbers (ITIN), or invented; three, two, four digits say enough
        entity=Entity.SSN,
        pattern=re.compile(r"(?<![\w.-])(?:9\d\d|666|000)-\d\d-\d{4}(?![\w-]|\.\d)"),
        score=0.5,
        gate=some_digits(9),
    ),
    Shape(
        name="steuer-id",
        entity=Entity.TAX_ID,
        pattern=re.compile(r"(?<![\w.,/+-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-]|[.,]\d)"),
        score=0.6,
        labelled=0.95,
        unproven=0.6,
        labels=words(
            "steuer-?id",
            "idnr",
            r"id\.?-?nr",
            "steuerliche identifikationsnummer",
            "identifikationsnummer",
            "tin",
            "steuer-identifikationsnummer",
            "tax id",
        ),
        check=checks.steuer_id,
        gate=some_digits(11),
    ),
    Shape(
        name="pension",
        entity=Entity.PENSION_INSURANCE,
        pattern=re.compile(
            r"(?<![\w-])\d\d ?(?:[0-6]\d|[7-9]\d)(?:0[1-9]|1[0-2])\d\d ?[A-Za-z]"
            r" ?\d{3}(?!\w)|(?<![\w-])\d\d ?\d{6} ?[A-Za-z] ?\d{3}(?!\w)"
        ),
        score=0.85,
        labelled=0.95,
        unproven=0.6,
        labels=words(
            "rvnr",
            "rv-?nummer",
            "rentenversicherungs-?(?:nummer|nr)",
            "sozialversicherungs-?(?:nummer|nr)",
            "sv-?(?:nummer|nr)",
            "versicherungsnummer",
            "pension insurance",
            "vsnr",
        ),
        check=checks.pension,
        gate=some_digits(11),
    ),
    Shape(
        name="uk-national-insurance",
        entity=Entity.NATIONAL_ID,
        pattern=re.compile(
            r"(?<![\w-])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)"
        ),
        score=0.8,
        gate=some_digits(6),
    ),
    Shape(
        name="vin",
        entity=Entity.VIN,
        pattern=re.compile(
            r"(?<![\w-])(?=[A-Z0-9]{0,16}\d)(?=\d{0,16}[A-Z])[A-HJ-NPR-Z0-9]{13}\d{4}(?!\w)", re.IGNORECASE
        ),
        score=0.8,
        labelled=0.95,
        unproven=0.75,
        labels=words("vin", "vehicle(?: identification)?", "chassis", "fahrgestell-?(?:nummer|nr)", "fin", "fahrzeug"),
        check=checks.vin,
        gate=some_digits(5),
    ),
    Shape(
        name="plate-shaped",  # B-MK 4711; KX19 ZRT
        entity=Entity.PLATE,
        pattern=re.compile(
            r"(?<![\w-])(?:[A-ZÄÖÜ]{1,3}(?:-[A-Z]{1,2} ?|[ -][A-Z]{1,2} )[1-9]\d{0,3}[EH]?"
            r"|[A-Z]{2}\d\d ?[A-Z]{3})(?![\w%-]|[.,]\d)"
        ),
        score=0.0,
        labelled=0.85,
        labels=words(
            "kennzeichen",
            "kfz(?:-kennzeichen)?",
            "amtl",
            "license plate",
            "number plate",
            "plates?",
            "auto",
            "fahrzeug",
            "wagen",
            "pkw",
            "car",
            "vehicle",
        ),
        gate=some_digits(1),
    ),
)

LABELS: Final = (
    Label(
        name="ssn-labelled",
        entity=Entity.SSN,
        words=rf"ssn|ss#|social(?: security)?{NUMBERED}|soc\.? sec\.?{NUMBERED}",
        value=re.compile(r"\d{3}[-. ]?\d\d[-. ]?\d{4}(?![\w-])"),
        score=0.9,
        proof=checks.ssn,
        unproven=0.75,
    ),
    Label(
        name="tax-number",
        entity=Entity.TAX_ID,
        words=rf"steuer-?(?:nummer|nr\.?)|st\.?-?nr\.?|tax(?:payer)?(?: identification|"
        rf" ref(?:erence)?| id)?{NUMBERED}|ein|utr|itin|ust-?id(?:-?nr\.?)?"
        rf"|vat{NUMBERED}",
        value=re.compile(r"\d{2,3}[/ -]\d{3,4}[/ -]\d{4,5}(?!\w)|(?:[A-Z]{2} ?)?\d{9,11}(?!\w)|\d\d-\d{7}(?!\w)"),
        score=0.8,
    ),
    Label(
        name="passport",
        entity=Entity.PASSPORT,
        words=rf"(?:reise|dienst)?pass(?:es)?(?:-?(?:nummer|nr\.?))|(?:reise)?pass|passports?{NUMBERED}",
        value=re.compile(r"(?=(?:[A-Za-z]{0,3}\d){4})[A-Za-z0-9]{6,10}(?!\w)"),
        score=0.8,
    ),
    Label(
        name="driving-licence",
        entity=Entity.DRIVING_LICENCE,
        words=rf"(?:driver'?s?|driving|drivers')[ -]{{0,2}}licen[cs]es?{NUMBERED}|dl(?:#|"
        rf" no\.?| number)?|führerschein(?:es|s)?(?:-?(?:nummer|nr\.?))?"
        rf"|fahrerlaubnis(?:-?(?:nummer|nr\.?))?",
        value=re.compile(
            r"[A-Z]{5}\d{6}[A-Z0-9]{2,5}(?: ?\d\d)?(?!\w)|(?=(?:[A-Za-z"
            r" -]{0,4}\d){4})[A-Za-z0-9](?:[A-Za-z0-9]|[ -](?=\d)){4,20}(?![\w-])"
        ),
        score=0.8,
    ),
    Label(
        name="national-id",
        entity=Entity.NATIONAL_ID,
        words=rf"(?:personal)?ausweis(?:es|s)?(?:-?(?:nummer|nr\.?))?|(?:national|identity"
        rf"|id)[ -](?:card|document|identity|insurance){NUMBERED}|national"
        rf" id{NUMBERED}|ni number|nino|aufenthaltstitel(?:-?(?:nummer|nr\.?))?",
        value=code(4, 16),
        score=0.75,
    ),
    Label(
        name="licence",
        entity=Entity.LICENCE,
        words=rf"(?:medical|nursing|professional|pharmacy|state|board|rn|md|physician|law"
        rf"|bar)[ -](?:licen[cs]e|certificate|registration|certification"
        rf"|membership){NUMBERED}|(?:licen[cs]e|certificate|lic\.?){NUMBERED}"
        rf"|gmc{NUMBERED}|nmc(?: pin)?{NUMBERED}|gdc{NUMBERED}|lanr|bsnr|lebenslange"
        rf" arztnummer|arzt-?(?:nummer|nr\.?)|betriebsstätten-?(?:nummer|nr\.?)|efn"
        rf"|approbations(?:urkunde|nummer|nr\.?)|zulassungs-?(?:nummer|nr\.?)"
        rf"|bescheinigung nr\.?",
        value=code(5, 16),
        score=0.75,
    ),
    Label(
        name="plate",
        entity=Entity.PLATE,
        words=rf"(?:licen[cs]e|number|registration|vehicle)[ -]plate{NUMBERED}"
        rf"|plate{NUMBERED}|tag number|(?:kfz-?|auto)?kennzeichen|(?:vehicle|car)"
        rf" reg(?:istration)?{NUMBERED}|reg\.? ?(?:no|number)\.?",
        value=re.compile(
            r"(?=[A-ZÄÖÜ -]{0,7}\d)(?=[\d -]{0,7}[A-ZÄÖÜ])[A-ZÄÖÜ0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,2}(?!\w)"
        ),
        score=0.8,
    ),
)
