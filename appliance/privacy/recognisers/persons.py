"""Names that their surroundings give away: titles, labels, salutations, signatures, SURNAME, Given. And the titles.

Names without any of it are the business of a model.
"""

import re
from collections.abc import Iterator
from typing import Final

from appliance.privacy.recognisers.places import COUNTRIES
from appliance.privacy.recognisers.shapes import Recogniser, Shape, has
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Entity, Finding

_UPPER: Final = "A-ZÀ-ÖØ-ÞĀ-ſΆ-ΫЀ-Я"
_PART: Final = (
    rf"(?:[{_UPPER}][^\W\d_]{{1,24}}(?:['-][^\W\d_]{{1,24}}){{0,3}}|[DO]'[{_UPPER}][^\W\d_]{{1,24}}|[{_UPPER}]\.)"
)
_PARTICLE: Final = (
    r"(?:(?:von|van|vom|zu|zum|zur|de|den|der|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ben|ter|ten|st\.|y) ){0,3}"
)
_NAME: Final = rf"{_PARTICLE}{_PART}(?: {_PARTICLE}{_PART}){{0,3}}"
_FULL: Final = rf"{_PARTICLE}{_PART}(?: {_PARTICLE}{_PART}){{1,3}}"
_NO_GIVEN: Final = (
    r"(?!(?:Durchwahl|Tel|Telefon|Fax|Mobil|Extension|Ext|Phone|Room|Zimmer"
    r"|Station|Ward|Director|Leiter|Leiterin|Head)\b)"
)
_SURNAME_FIRST: Final = rf"{_PARTICLE}{_PART}(?: {_PART})?, {_NO_GIVEN}{_PART}(?: {_PART}){{0,2}}"
_TITLE: Final = (
    r"(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sr|Sra|Mme|Dres|Dipl\.-Ing|Dipl\.-Psych"
    r"|Priv\.-Doz)\.?|(?:mr|mrs|ms|dr|prof|MR|MRS|MS|DR|PROF)\.|PD(?= Dr)|Miss|Sir|Dame|Lady|Lord|Madam"
    r"|Father|Sister|Nurse"
    r"|Kollegen?|Kollegin|Doctor|Professor|Captain|Sergeant|Judge|Herrn?|Frau|Fräulein|Schwester|Pfleger"
    r"|Oberarzt|Oberärztin|Chefarzt|Chefärztin"
    r"|Stationsarzt|Stationsärztin|Doktor|Monsieur|Madame|Señora?|Signora?)"
)
_DEGREES: Final = r"(?: (?:med|phil|rer|nat|h\.c|jur|dent|habil|univ)\.?){0,3}"
_FIELDS: Final = (
    "chirurgie innere medizin anästhesie anästhesiologie neurologie radiologie"
    " kardiologie gynäkologie pädiatrie urologie"
    " orthopädie psychiatrie pathologie onkologie dermatologie surgery medicine"
    " cardiology radiology oncology pediatrics"
    " neurology pathology centre center medical group office institute university act law"
    " art abs satz nr vgl siehe bzw inkl compliance legal audit"
    " treasury support marketing operations finance revision recht"
).split()
_STOP: Final = frozenset(_FIELDS) | frozenset(
    "sir madam all colleague colleagues team customer customers patient patients friend"
    " friends doctor parents editor kollegen"
    " kolleginnen kollege kollegin team damen herren kunde kunden patientin patienten"
    " eltern mitarbeiter freunde zusammen everyone"
    " hiring manager board members member please note warning see read no yes the this"
    " that if when and or not none nil unknown"
    " unbekannt keine name date number address phone id email status type care unit ward"
    " room bed information details data record"
    " history file safety letter list portal satisfaction services rights education"
    " consent the a an in on at is are was room"
    " january february march april may june july august september october november"
    " december monday tuesday wednesday thursday"
    " friday saturday sunday januar februar märz mai juni juli oktober dezember montag"
    " dienstag mittwoch donnerstag freitag samstag"
    " sonntag inc ltd llc gmbh ag corp plc department hospital clinic bank abteilung"
    " klinik krankenhaus station zimmer versicherung".split()
)
_LABELS: Final = (
    r"(?:patient(?:in|en)?(?:'s)?(?:[ -]?name)?|(?:full |first |last |given |family "
    r"|middle |maiden |customer |client |account |beneficiary |contact |legal )?name"
    r"|surname|forename|nachname|vorname|familienname|geburtsname|name des patienten"
    r"|(?:attending|referring|treating|primary care|ordering|admitting)?"
    r"(?: )?(?:physician|doctor|surgeon|provider|clinician|nurse|consultant|therapist"
    r"|radiologist|pathologist)|pcp|gp|surgeon"
    r"|(?:haus|ober|chef|stations|fach|behandelnder |behandelnde |überweisender )?(?:arzt"
    r"|ärztin)|operateur|anästhesist|unterzeichner|signed(?: by)?|gez\.?|unterschrift"
    r"|signature"
    r"|dictated by|verified by|reported by|prepared by|reviewed by|approved by|verfasser"
    r"|erstellt von|geprüft von|sachbearbeiter(?:in)?|kontoinhaber(?:in)?|account ?holder"
    r"|card ?holder"
    r"|begünstigter?|empfänger(?:in)?|beneficiary|payee|payer|auftraggeber|borrower"
    r"|applicant|guarantor|insured|subscriber|versicherte[rn]?|next of kin|angehörige[rn]?"
    r"|ansprechpartner(?:in)?"
    r"|emergency contact|notfallkontakt|contact(?: person)?|mother|father|spouse|husband"
    r"|wife|mutter|vater|ehefrau|ehemann|attn\.?|z\. ?hd\.|c/o|von|from|to|an|cc|bcc"
    r"|sender|customer|client|kunde|kundin|mandant(?:in)?|employee|mitarbeiter(?:in)?|user"
    r"|author|directed by|written by|witness|zeuge|zeugin|interpreter)"
)


def _person(value: str) -> bool:
    parts = value.lower().replace(",", " ").split()
    return not (_STOP.intersection(part for part in parts) or " ".join(parts) in COUNTRIES or parts[-1] in COUNTRIES)


def _surname_first(value: str) -> bool:
    surname, _, given = value.partition(", ")
    return (
        _person(value)
        and not given.isupper()
        and not given.lower().endswith(("nummer", "number"))
        and surname.lower() not in COUNTRIES
    )


_ADDRESSEE: Final = re.compile(
    rf"(?:(?<=\n)|(?<=[:>?|*])|(?<![\s\S]))[ \t>|?*]{{0,8}}(?P<v>{_FULL})[ \t]*\n[\s>|?*]{{0,40}}\Z"
)


def addressee(sheet: Sheet, end: int) -> Iterator[Finding]:
    """Yield the name on a line of its own that stands straight above an address, which begins at `end`."""
    if named := _ADDRESSEE.search(sheet.plain[max(0, end - 120) : end]):
        start = max(0, end - 120) + named.start("v")
        if _person(named["v"]):
            yield Finding(start, start + len(named["v"]), Entity.PERSON, 0.6, "addressee")


RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Shape(
        name="title",
        entity=Entity.TITLE,
        pattern=re.compile(
            rf"(?<![\w-])(?P<v>{_TITLE}{_DEGREES}(?: {_TITLE}{_DEGREES}){{0,2}})(?= {_PARTICLE}[{_UPPER}])"
        ),
        score=0.7,
    ),
    Shape(
        name="titled",
        entity=Entity.PERSON,
        pattern=re.compile(rf"(?<![\w-]){_TITLE}{_DEGREES}(?: {_TITLE}{_DEGREES}){{0,2}} (?P<v>{_NAME})"),
        score=0.85,
        check=_person,
    ),
    Shape(
        name="surname-capitals",
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?<![\w-])(?P<v>(?:(?:VON|VAN|DE|ZU) )?[{_UPPER}][{_UPPER}'-]{{1,24}}(?:["
            rf" -][{_UPPER}'-]{{2,24}})?, ?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{{1,20}}(?:["
            rf" -][A-ZÀ-ÖØ-Þ](?:[a-zß-öø-ÿ]{{1,20}}|\.)?){{0,2}})(?![\w-]| [a-z])"
        ),
        score=0.75,
        check=_surname_first,
        gate=has(","),
    ),
    Shape(
        name="surname-first",  # Keller, Jonas (12.03.1961); Keller, Jonas, geb. 1961
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?<![\w-])(?P<v>{_SURNAME_FIRST})(?=[ ,;|(]{{1,3}}(?:\*|geb|born|dob|DOB"
            rf"|accession|Accession|claim|member|record|ward|m\b"
            rf"|f\b|w\b|M\b|F\b|MRN|\d{{1,4}}[./-]\d{{1,2}}[./-]\d))"
        ),
        score=0.75,
        check=_surname_first,
        gate=has(","),
    ),
    Shape(
        name="named",
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?<![\w-])(?i:{_LABELS})(?:\s{{0,3}}[:=]\s{{0,6}}|\t)(?:{_TITLE}{_DEGREES}"
            rf" ){{0,3}}(?P<v>{_PARTICLE}{_PART}, {_NO_GIVEN}{_PART}(?: {_PART}){{0,2}}|{_NAME})(?![\w@:]|\.\w)"
        ),
        score=0.75,
        check=_person,
        gate=has(":", "=", "\t"),
    ),
    Shape(
        name="introduced",
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?i:\b(?:my name is|his name is|her name is|name's|i am called|mein name ist"
            rf"|ich heiße|er heißt|sie heißt|named|namens|signed by|i, the undersigned,"
            rf"|unterzeichnet von)) (?P<v>{_NAME})"
        ),
        score=0.7,
        check=_person,
        gate=has("name", "heiß", "called", "sign", "zeichne"),
    ),
    Shape(
        name="by-proxy",  # i. V. A. Schönfeld
        entity=Entity.PERSON,
        pattern=re.compile(rf"(?<![\w.])(?:i\. ?[VA]\.|ppa\.|gez\.) (?:{_TITLE}{_DEGREES} ){{0,3}}(?P<v>{_NAME})"),
        score=0.7,
        check=_person,
        gate=has("i. v", "i. a", "i.v", "i.a", "ppa.", "gez."),
    ),
    Shape(
        name="relative",
        entity=Entity.PERSON,
        pattern=re.compile(
            r"\b(?i:his|her|my|their|our|your|the patient's|seine[rnm]?|ihre[rnm]?"
            r"|meine[rnm]?|unsere[rnm]?|ihr|sein|mein) "
            r"(?i:husband|wife|son|daughter|mother|father|brother|sister|partner|fiancée?"
            r"|grand(?:son|daughter|mother|father)"
            r"|aunt|uncle|niece|nephew|kid|child|colleague|neighbou?r|friend|boss|carer"
            r"|ehefrau|ehemann|frau|mann|tochter|sohn|mutter|vater|bruder|schwester"
            r"|lebensgefährt(?:e|in)|nachbar(?:in)?"
            rf"|betreuer(?:in)?|enkel(?:in)?|kolleg(?:e|in)|freund(?:in)?),? (?P<v>{_NAME})"
        ),
        score=0.6,
        check=_person,
        gate=has("his ", "her ", "my ", "their ", "our ", "patient's ", "sein", "ihr", "mein", "unser"),
    ),
    Shape(
        name="called-by-role",  # patient Jonas Keller
        entity=Entity.PERSON,
        pattern=re.compile(
            r"(?<![\w-])(?:patient|customer|client|employee|borrower|colleague|Patient(?:in|en)|Kund(?:e|in|en)"
            rf"|Mandant(?:in|en)?|Mitarbeiter(?:in|s)?|Versicherte[rn]?) (?P<v>{_FULL})(?![\w-])"
        ),
        score=0.6,
        check=_person,
        gate=has(
            "patient",
            "customer",
            "client",
            "employee",
            "kund",
            "mandant",
            "borrower",
            "colleague",
            "mitarbeiter",
            "versichert",
        ),
    ),
    Shape(
        name="by-somebody",  # copied at the desk by Owen Prichard; memo from Tobias Renn
        entity=Entity.PERSON,
        pattern=re.compile(
            r"\b(?:(?:seen|examined|signed|copied|given|reviewed|approved|prepared|written|ordered|requested|performed"
            r"|reported|witnessed|treated|accompanied|collected|opened|taken|paid|sent|made)(?: [a-z]{1,12}){0,4} by"
            r"|(?:[Mm]emo|[Ll]etter|[Nn]ote|[Mm]essage|[Ee]-?mail|[Cc]all) from|belongs to|on behalf of|in the name of"
            r"|payee|(?:Vermerk|Brief|Nachricht|Schreiben|Anruf|Mail|Unterschrift) von|[Ii]m Namen von|Inhaber(?:in)?"
            r"|[Uu]nterzeichnet:?|[Ss]igned[,:]|(?:[Dd]ie|[Dd]er|[Dd]em|[Dd]en) (?:Tochter"
            r"|Sohn|Mutter|Vater|Ehefrau|Ehemann"
            rf"|Schwester|Bruder|Nachbarin?|Betreuer(?:in)?)) (?P<v>{_FULL})(?![\w-])"
        ),
        score=0.6,
        check=_person,
        gate=has(
            *("by ", "from ", "belong", "behalf", "name", "payee", "von ", "inhaber", "unterz", "signed", "tochter"),
            *("sohn", "mutter", "vater", "ehe", "schwester", "bruder", "nachbar", "betreuer"),
        ),
    ),
    Shape(
        name="salutation",
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?:(?<=\n)|(?<=^)|(?<=[.!?] ))(?:Dear|Hi|Hello|Hey|Liebe[rs]?|Hallo|Moin"
            rf"|Guten Tag|Good morning),? (?P<v>{_NAME})(?=\s{{0,2}}[,!\n.:]|$)"
        ),
        score=0.65,
        check=_person,
        gate=has("dear", "hi ", "hi, ", "hello", "hey", "lieb", "hallo", "moin", "guten", "good"),
    ),
    Shape(
        name="signature",
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?i:regards|sincerely|wishes|faithfully|truly|cheers|respectfully|grüßen"
            rf"|grüsse|grüße|gruß|hochachtungsvoll|i\.\s?a\.|i\.\s?v\.)[,.]?["
            rf" \t]{{0,4}}\n\s{{0,40}}(?:{_TITLE}{_DEGREES} ){{0,3}}(?P<v>{_NAME})(?=["
            rf" \t]*(?:[\n,(]|$))"
        ),
        score=0.7,
        check=_person,
        gate=has("\n"),
    ),
    Shape(
        name="signed-physician",  # Anna Keller, MD
        entity=Entity.PERSON,
        pattern=re.compile(
            rf"(?<![\w-])(?P<v>{_FULL}),? (?:M\.?D|D\.?O|R\.?N|Ph\.?D|N\.?P|P\.?A(?:-C)?"
            rf"|FRCS|MRCP|FRCP|LPN|DDS|PharmD|Esq)(?![\w])"
        ),
        score=0.8,
        check=_person,
        gate=has(
            *(
                f" {degree}"
                for degree in "md m.d do d.o rn r.n ph.d phd np n.p pa p.a frc mrc lpn dds pharmd esq".split()
            )
        ),
    ),
)
