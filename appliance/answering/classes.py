"""Classes of words of which one excludes the others: colours, points of the compass, and the like. As data.

Closed and general, in both languages; a line is a class, a comma-free group before "/" is one member of it.
"""

from functools import cache
from typing import Final

OPPOSITE: Final = """
left / right
linke linken linker links / rechte rechten rechter rechts
before / after
vor vorher / nach nachher
open opened opens unfastened / close closed closes shut fastened
offen geöffnet öffnen öffnet / geschlossen verschlossen schließen schließt
increase increased increases raise raised raises rise rises / decrease decreased reduce reduced lower lowered fall
erhöhen erhöht steigern gesteigert steigt / senken gesenkt verringern reduziert sinkt
upper top highest upwards / lower bottom lowest downwards
oberer oberen obere obersten oberstes höchste höchsten / unterer unteren untere untersten unterstes niedrigsten
morning / evening
morgens morgen vormittags / abends abend nachmittags
day daytime tagsüber / night nachts nacht
inner inside inward indoors indoor drinnen / outer outside outward outdoors outdoor yard draußen
better besser besserer / worse schlechter
innere inneren innen / äußere äußeren außen
internal / external
intern interne / extern externe
admit admitted admission / discharge discharged
aufnahme aufgenommen / entlassung entlassen
warm hot warmem heiß / cold kaltem kalt
continue continued / discontinue discontinued stop stopped pause paused
fortgesetzt weitergegeben / abgesetzt gestoppt pausiert
with mit / without ohne
entrance entry / exit
eingang / ausgang
early earlier earliest frühestens / late later latest spätestens
above / below
high higher / low lower
hoch hoher höher / niedrig niedriger
start starts begin begins beginning / end ends finish finishes
anfang beginn beginnt / ende endet
peripheral / central
peripher periphere / zentral zentrale
oral / intravenous
wet moist nass feucht feuchtem / dry trocken trockenem
full voll / empty leer
clean sauber / dirty schmutzig
new neu neue / old alt alte
public öffentlich / confidential vertraulich
indoor / outdoor
arrive arrival ankunft / depart departure abreise
lock locked verriegelt / unlock unlocked entriegelt
adult adults erwachsene erwachsenen / child children kinder kind
male männlich / female weiblich
domestic inland / foreign ausland
credit gutschrift / debit lastschrift
sell sale verkauf verkaufen / buy purchase kauf kaufen
deposit deposits einzahlung / withdrawal withdrawals auszahlung
fixed fest / variable variabel
gross brutto / net netto
front vorne vordertür / back hinten hintertür
horizontal / vertical
systolic systolisch / diastolic diastolisch
arterial arteriell / venous venös
positive positiv / negative negativ
include included inclusive inklusive einschließlich / exclude excluded exclusive exklusive ausschließlich
voluntary freiwillig / compulsory mandatory verpflichtend
weekday weekdays werktags werktag / weekend weekends wochenende wochenenden
lender lenders verleiher leihgeber / borrower borrowers leihnehmer entleiher
buyer buyers käufer käuferin / seller sellers verkäufer verkäuferin
landlord vermieter vermieterin / tenant tenants mieter mieterin
employer arbeitgeber / employee employees arbeitnehmer
sender absender / recipient recipients empfänger
creditor gläubiger / debtor schuldner
same selben gleichen / next nächsten following
possible möglich / impossible unmöglich
sufficient ausreichend / insufficient unzureichend
accept accepts accepted annehmen angenommen / decline declined reject rejected refuse refused ablehnen abgelehnt
add added zugeben / remove removed entfernen
alone allein alleine / together zusammen gemeinsam zu·zweit
first erste ersten erster erstes zuerst / last letzte letzten letzter letztes zuletzt
rise rises rose risen grew grown climbed climbs up·on / fall falls fell fallen dropped drops shrank shrink down·on
shallow flach / deep tief
steigt stieg gestiegen steigend / fällt fiel gefallen sinkt sank gesunken
"""
"""A line holds two sides; a word of one side denies one of the other, if both could stand in the same place."""

_CLASSES: Final = """
red rot rote roter rotes roten rotem / blue blau blaue blauer blaues blauen blauem
 / green grün grüne grüner grünes grünen grünem / yellow gelb gelbe gelber gelbes gelben gelbem
 / orange orangefarben / white weiß weiße weißer weißes weißen weißem
 / black schwarz schwarze schwarzer schwarzes schwarzen schwarzem / grey gray grau graue grauer graues grauen grauem
 / brown braun braune brauner braunes braunen braunem / pink rosa / purple violet violett lila
north northern nord norden nördlich nördliche nördlichen / south southern süd süden südlich südliche südlichen
 / east eastern ost osten östlich östliche östlichen / west western westen westlich westliche westlichen
frühling frühjahr / summer sommer / autumn herbst / winter
breakfast frühstück / lunch mittagessen / dinner supper abendessen
finger fingers / toe toes zeh zehen / arm arms oberarm / leg legs bein beine / knee knees knie / hip hüfte
 / shoulder shoulders schulter / wrist wrists handgelenk / ankle ankles knöchel / thigh oberschenkel / neck hals
 / ear ears ohr ohren / eye eyes auge augen / thumb daumen
diesel / petrol benzin / electric elektrisch elektrische / gas
train zug bahn / bus / taxi / plane flight flights flugzeug flug flüge flugreise flugreisen
 / car auto wagen / bicycle bike fahrrad
"""


@cache
def members() -> dict[str, tuple[int, str]]:
    """For each word, its class and the member of it that it names."""
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(_CLASSES.strip().replace("\n /", " /").splitlines()):
        for group in line.split(" / "):
            words = group.split()
            found |= dict.fromkeys(words, (number, words[0]))
    return found
