"""Who can have a duty in a house: words for offices and trades, in English and German, by their endings too."""

import re
from typing import Final

PERSONS: Final = {
    "en": """
adviser advisor anaesthetist anesthetist applicant auditor bank board broker cardiologist cashier clerk committee
consultant contractor controller department deputy desk dietician director dispensary doctor doctors engineer firm
guard head holder inspector insurer laboratory lawyer leader manager manufacturer microbiology midwife notary nurse
nurses office officer ombudsman pharmacist pharmacists pharmacy physician physiotherapist police porter prescriber
radiographer requester secretary staff student students supervisor supplier surgeon team technician teller therapist
trainee treasurer underwriter warden
""",
    "de": """
abteilung anästhesist apotheke apotheker apothekerin arzt aufsichtsrat auszubildende beauftragte beauftragter berater
beraterin betriebsrat chefarzt chirurg einkauf filialleitung geldwäschebeauftragte geldwäschebeauftragter hausdienst
hebamme kasse kreditabteilung kundenberater kuratorium küche labor leiter leiterin leitung mitarbeitende notar
oberarzt personalabteilung pflegedirektion pflegekraft pflegekräfte polizei prüfer revision sekretariat
stationsleitung therapeut vertretung vorstand wachdienst werkfeuerwehr zentrale ärzte ärztin
""",
}
"""Who can have a duty. A word that ends in one of these of six letters or more counts as well: Finanzabteilung."""

PARTIES: Final = {
    "en": "visitor visitors guest parent relative patient patients customer customers client ward applicant child",
    "de": "patient patientin kunde kundin besucher angehörige station kind antragsteller bewohner",
}
"""Who has dealings with the house: they change places with persons, but do not stand for one another."""

_ENGLISH: Final = """
\\w+ologist \\w+ician \\w+therapist \\w+master \\w+keeper \\w+warden \\w+woman \\w+women \\w+paedist attendant
operator inspector steward lifeguard midwife agency council authority ministry dean rector court tribunal regulator
commission principal headteacher electrician fitter caretaker janitor chef cook foreman chairman chair chairperson
minister mayor governor provost registrar bursar librarian archivist curator coach teacher tutor captain pilot driver
courier landlord solicitor judge accountant actuary trustee coordinator administrator specialist chief president carer
paramedic surgeon anaesthetist anesthetist nurse pharmacist porter supervisor manager director auditor treasurer
cashier lawyer notary physician consultant technician engineer dean vet veterinarian conservator
superintendent invigilator examiner surveyor assessor councillor underwriter
"""
_GERMAN: Final = """
leitung leiter leiterin führer führerin amt behörde gericht ministerium rat rätin dienst abteilung meister meisterin
arzt ärztin chirurg chirurgin loge login iker ikerin iater dekan dekanin dekanat rektor rektorin rektorat präsident
präsidentin präsidium direktor direktorin vorsitzende vorsitzender vorsitzenden ausschuss kommission verwaltung
zentrale sekretariat pfleger pflegerin hygiene wehr polizei koch köchin lehrer lehrerin trainer beauftragte
beauftragter beauftragten auftraggeber auftragnehmer referat dezernat gremium kanzler kanzlei anwalt anwältin
techniker technikerin betreuer betreuerin apotheker apothekerin apotheke gutachter gutachterin sachverständiger
sachverständigen verwalter verwalterin beratung vertretung kammer schwester vorstand aufsichtsrat geschäftsführung
"""
_OFFICES: Final = {
    "en": re.compile(rf"(?:{'|'.join(_ENGLISH.split())})s?", re.IGNORECASE),
    "de": re.compile(rf"\w*(?:{'|'.join(_GERMAN.split())})(?:s|es|n|en)?", re.IGNORECASE),
}
_NOT: Final = re.compile(
    r"(?:vorrat|hausrat|gericht|zimmer|heirat|monat\w*|\w*format|zitat|apparat|\w+kommissionen|gesamt\w*|insgesamt|verrat"
    r"|heirat|material|rat|nachbar|samt|allesamt|chair|chief|cook|coach|court|principal|specialist|electric)s?",
    re.IGNORECASE,
)
"""Words that end like an office or are more often something else."""


def office(word: str, language: str) -> bool:
    """Whether `word` names somebody who could have a duty."""
    return bool(_OFFICES[language].fullmatch(word)) and not _NOT.fullmatch(word)
