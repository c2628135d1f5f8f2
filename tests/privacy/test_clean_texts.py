"""What a hospital and a bank write all day without naming anybody: nothing counts, by the shipped thresholds."""

import pytest

from appliance.privacy.detecting import site
from appliance.privacy.detecting.rules import Rules
from appliance.settings import ROOT

RULES = Rules()
CLEAN = {
    "codes and doses": "Type 2 diabetes (E11.9), appendicitis (K35.80). Give 5 mg/kg IV q24h, metformin 1000 mg 1-0-1.",
    "infusion": "0,9 % NaCl 500 ml i.v., dann 125 ml/h; Ibuprofen 400 mg 1-1-1-0, Heparin 5000 IE s.c.",
    "vital signs": "BP 130/80 mmHg, HR 72/min, T 98.6 F, SpO2 97 %, RR 14-16, weight 72.5 kg, BMI 24.9.",
    "values": "Hb 12,4 g/dl, CRP 145 mg/l, Leukozyten 14.200/µl, Kreatinin 1,02 mg/dl, INR 2.0-3.0.",
    "ranges": "Reference range 120-180 U/l; values of 100-1400 ml; ratio 1:200; 10 000 to 15 000 cells.",
    "rooms and forms": "Room 4711, ward 3B, bed 12, form F-113, page 2 of 4, section 4.2.1, appendix C, table 7.",
    "versions": "Version 2.10.4 of the guideline replaces 2.9; firmware 1.2.3.4; ISO 9001, EN 60601-1.",
    "documents": "See document HP-204 and policy QM-17-03, revision 5; standard operating procedure 12.",
    "law": "§ 25h KWG, Art. 92 CRR, 12 CFR 1005.10(a)(1), 15 U.S.C. 1604, DSGVO Art. 9 Abs. 2.",
    "money": "EUR 1.250.000,00 or $ 12,500.75; 3.75 % p.a.; Tier 1 ratio 14.2 %; 250 basis points.",
    "dosing by weight": "Children 10-20 kg: 250 mg every 8 hours, at most 40 mg/kg per day, for 7 days.",
    "times": "Rounds at 07:30 and 14:00; visiting hours 10-12 and 15-18; call the desk before 9.",
    "german ward": "Die Station 4 hat 28 Betten; das Zimmer 214 ist gesperrt. Bitte den Plan A verwenden.",
    "english ward": "The login page was down; the password is required; user names are short; the card was swiped.",
    "claims": "They claim 50 % of it. The account was opened; the member said so; the device is serviced.",
    "staging": "pT2 pN0 cM0, G2, R0; Gleason 3+4=7; ASA III; NYHA II; Child-Pugh B; stage IIIA.",
    "genes": "BRCA1 c.68_69delAG, EGFR exon 19, HER2 3+, Ki-67 20 %, PD-L1 TPS 50 %.",
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_counts_in_a_text_that_names_nobody(name: str) -> None:
    thresholds = site.read(ROOT / "policies" / "detection.yaml").thresholds
    (found,) = RULES.detect([CLEAN[name]], "en")
    counted = [hit for hit in found if hit.score >= thresholds[hit.entity]]
    assert not counted, [(CLEAN[name][hit.start : hit.end], hit.source) for hit in counted]
