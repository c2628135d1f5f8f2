"""Does a word look like the name of a drug or another substance? By its ending, as generic names are made."""

import re
from typing import Final

_ENDINGS: Final = """
in ine cillin mycin micin cyclin cycline floxacin oxacin sporin parin platin statin gliptin gliflozin formin dopamin
olol alol adol idol ofol tamol terol azol azole ogol nidazol prazol conazol pril prilat sartan xaban gatran triptan
fenac profen oxifen aminophen proxen oxicam coxib lam pam zepam barbital caine cain pin pine dipin dipine azepin tidin
tidine idin idine amid amide emid emide oride chlorid fluorid oxid onid onide thiazid thiazide semid semide solon
solone thason asone nison tison isone olon olone aron arone actone acton codon codone orphin orphine orphon orphone
oxon oxone anyl entanil pamil tiazem setron prid pride pramid tramid etam racetam gabalin pentin vir avir ovir nib mab
limus trexat trexate curonium flurane fluran grel dronat dronate onate onat sulfat sulfate nitrat nitrate citrat
acetat acetate lactat lactate phosphat phosphate gluconat penem bactam alcium
ithium proat proate triptylin triptyline oxetin oxetine apin apine peridon peridone ulose lactulose ylin yline phyllin
phylline pram lukast zolid stim poetin tocin pressin kinase teplase
"""
_WHOLE: Final = frozenset(
    "iron eisen sodium natrium potassium kalium magnesium calcium barium lithium iodine jod chlorine chlor glucose"
    " saline ringer"
    " oxygen sauerstoff codeine codein caffeine koffein digoxin epinephrine adrenaline marcumar cortisol".split()
)
WHOLE: Final = 6
"""Letters of an ending that is a name by itself: nitrate, phosphate."""

_ORDINARY: Final = """
begin main again plain gain train strain brain drain rain grain chain pain stain remain contain obtain maintain
explain retain certain captain mountain curtain fountain bargain entertain sustain domain cabin margin origin bulletin
basin coin join ruin thin skin twin pin bin win tin spin within herein therein wherein admin login plugin napkin
pumpkin cousin determine examine machine medicine routine combine decline define refine engine line outline online
deadline guideline fine mine nine wine shine discipline magazine imagine vaccine marine masculine feminine genuine
famine vine pine dine refine confine fascine headline hotline baseline pipeline airline borderline underline
streamline incline divine shrine provide program pride bride termin termine ein kein allein hinein herein darin worin
drin bin fein klein rein verein gemein schein stein wein bein allgemein latein benzin magazin medizin disziplin
routine maschine linie kabine gardine kamin ruin delfin cousin weiterhin ohnehin immerhin hin mithin vorhin schwein
führerschein einstein senior harmonie lohn ursprung turbine termin ihnen telefon station version kusine gewinn beginn
sinn unsinn plane gene citrate relation protein toxin resin urine saline examined violin dolphin coffin raisin muffin
satin latin villain complain constrain refrain restrain terrain urin blutspiegel stadium podium medium spleen open
happen deepen sharpen lampen stifte kritzeln pertain undermine timeline tradeline doctrine virgin wohin meines martin
endocrine liaison scheine unwein verein
"""
_LIKE: Final = re.compile(
    rf"[^\W\d_]{{2,}}(?:{'|'.join(sorted(_ENDINGS.split(), key=len, reverse=True))})s?"
    rf"|(?:{'|'.join(ending for ending in _ENDINGS.split() if len(ending) >= WHOLE)})s?"
)
_FEMALE: Final = re.compile(r".*(?:erin|istin|ärztin|login|eutin|antin|entin|ortin|iterin|ürgin|ndin|agtein)(?:nen)?")
"""German for a woman in an office: Apothekerin, Internistin."""


def substance(word: str) -> bool:
    """Whether `word` of at least five letters ends as generic names of drugs and names of compounds do."""
    low = word.casefold()
    if low in _WHOLE:
        return True
    if len(low) < 5 or low in _KNOWN or low.rstrip("s") in _KNOWN or _FEMALE.fullmatch(low):
        return False
    if any(low.endswith(known) and len(known) > 5 for known in _KNOWN):
        return False
    return _LIKE.fullmatch(low) is not None


_KNOWN: Final = frozenset(_ORDINARY.split())
