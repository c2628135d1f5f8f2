"""The words that verification knows by name, in English and German, as data. Everything else it learns from passages.

Each list is closed and general: no drug, no name, no word of a single institution. Words are compared by their stems.
"""

from typing import Final

ALIKE: Final = {
    "en": """
visitor visitors guest guests family families relative relatives visit visits visiting
general normal ordinary regular usual
doctor doctors physician physicians
medicine medicines medication medications drug drugs
start starts started begin begins begun beginning commence initiate
end ends ended ending finish finishes finished through
give gives given giving administer administered administration receive receives received get gets
buy buying purchase purchases purchasing
employee employees staff worker workers personnel
fridge refrigerator refrigerated
telephone phone
ring rings call calls dial phone telephone
sibling siblings brother brothers sister sisters
maximum maximal highest largest
minimum minimal lowest smallest
need needs needed require requires required necessary
keep kept keeps store stored holds hold
inform informs informed tell tells told notify notified learn learns
check checks checked inspect inspected verify verified
price prices cost costs charge charges fee fees
return returns returned back
complete completes completed fill filled
swallow swallowed take takes taken taking
measure measured measures
lie lies located located situated stand stands found
kid kids child children
parent parents mother father
sum amount amounts
phone telephone
decline declined reject rejected refuse refused
raise raised raises increase increased increases
lower lowered reduce reduced decrease decreased
close closed closes shut
meet meets meeting
pay pays paid
wash washed clean cleaned rinse rinsed
document documents paper papers paperwork
fetch fetched collect collected
hand handed submit submitted deliver delivered
exchange exchanged change changed changes replace replaced
teach teaches train trains trained training
loan loans credit credits
withdraw withdrawal withdrawals cash
client clients customer customers
bed bedside
speak speaks talk talks
discuss discussed talk talks
allow allowed permitted
shop shops store
send sends sent
lead leads led
bring brings brought
pay pays paid
run runs ran
sell sells sold
show shows shown
stand stands stood
take takes took taken
throw throws thrown threw
wear wears worn wore
write writes written wrote
choose chooses chosen
draw draws drawn
freeze freezes frozen
break breaks broken
lay lays laid
hold holds held
lose loses lost
wear wears wore worn
reach reached arrive arrives
use used uses
kilo kilogram kg
yearly annually annual year
assembly gather meeting
""",
    "de": """
besucher besuch besuchen gast gäste angehörige familie
allgemein normal gewöhnlich üblich
arzt ärztin ärzte mediziner
medikament medikamente arznei arzneimittel mittel
beginnen beginnt anfangen starten startet beginn
enden endet ende schluss
geben gibt gegeben gabe verabreichen verabreicht erhalten erhält bekommen bekommt
mitarbeiter mitarbeiterin mitarbeitende beschäftigte personal
brauchen braucht benötigen benötigt nötig erforderlich notwendig
informieren informiert unterrichten unterrichtet verständigen verständigt benachrichtigen erfahren mitteilen mitgeteilt
prüfen prüft geprüft kontrollieren kontrolliert
kosten kostet preis preise gebühr gebühren
messen misst gemessen
liegt liegen befindet befinden steht stehen
operation operations surgery
operation eingriff
elternteil eltern mutter vater
attest bescheinigung
krebsmittel zytostatikum zytostatika
summe betrag beträge
schließen geschlossen verschlossen
zahlen zahlt bezahlen trägt tragen übernimmt
waschen gewaschen abwaschen spülen gespült
unterlagen dokumente papiere
einreichen abgeben stellen gestellt beantragen beantragt antrag
beantwortet beantworten antwort antwortet antworten rückmeldung
wechseln wechselt wechsel tauschen
schulung schulen fortbildung
kredit darlehen
abheben abgehoben
kunde kunden
erlaubt gestattet zulässig genehmigt
anordnen angeordnet anordnung ordnet
gehen geht gegangen
kommen kommt gekommen
sprechen spricht gesprochen
nehmen nimmt genommen
helfen hilft geholfen
schreiben schreibt geschrieben
ruf rufen ruft gerufen anrufen angerufen
tragen trägt getragen
lassen lässt gelassen
verlassen verlässt
ziehen zieht gezogen
werfen wirft geworfen
treffen trifft getroffen
bringen bringt gebracht
senden sendet gesandt schicken schickt geschickt
tagen tagt
findet stattfinden statt
unterschreiben unterschreibt unterschrieben unterzeichnen unterschrift
melden meldung gemeldet
öffnen geöffnet offen
dokumentieren dokumentiert eintragen
""",
}
"""A line is a group of words that people use for one another."""

OPPOSITE: Final = """
left / right
linke linken linker links / rechte rechten rechter rechts
before / after
vor vorher / nach nachher
open opened opens / close closed closes shut
offen geöffnet öffnen öffnet / geschlossen verschlossen schließen schließt
increase increased increases raise raised raises rise rises / decrease decreased reduce reduced lower lowered lowers fall falls
erhöhen erhöht steigern gesteigert steigt / senken gesenkt verringern reduziert sinkt
upper top highest upwards / lower bottom lowest downwards
oberer oberen obere obersten oberstes höchste höchsten oben / unterer unteren untere untersten unterstes niedrigste niedrigsten unten
morning / evening
morgens morgen vormittags / abends abend nachmittags
day daytime tagsüber / night nachts nacht
inner inside inward / outer outside outward
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
same selben gleichen / next nächsten following
possible möglich / impossible unmöglich
sufficient ausreichend / insufficient unzureichend
accept accepts accepted annehmen angenommen / decline declined reject rejected refuse refused ablehnen abgelehnt
add added zugeben / remove removed entfernen
alone allein alleine / together zusammen gemeinsam zu·zweit
first erste ersten erster erstes / last letzte letzten letzter letztes
"""
"""A line holds two sides; a word of one side denies one of the other, if both could stand in the same place."""

PERSONS: Final = {
    "en": """
nurse nurses doctor doctors physician pharmacist pharmacists surgeon anaesthetist anesthetist consultant cardiologist
manager director head supervisor leader deputy officer clerk adviser advisor teller cashier auditor lawyer notary
porter warden technician engineer dietician physiotherapist prescriber requester supplier manufacturer applicant student
students trainee staff team committee board department desk office bank pharmacy dispensary laboratory microbiology
 guard inspector insurer ombudsman holder
midwife therapist radiographer secretary treasurer broker underwriter controller contractor firm police
""",
    "de": """
pflegekraft pflegekräfte arzt ärztin ärzte apotheker apothekerin apotheke chirurg anästhesist oberarzt chefarzt
leitung leiter leiterin stationsleitung filialleitung pflegedirektion vorstand aufsichtsrat betriebsrat kuratorium
berater beraterin kundenberater kreditabteilung abteilung personalabteilung beauftragte beauftragter
geldwäschebeauftragte geldwäschebeauftragter wachdienst polizei zentrale labor küche einkauf kasse hausdienst
 mitarbeitende auszubildende vertretung prüfer revision notar
werkfeuerwehr hebamme therapeut sekretariat
""",
}
"""Who can have a duty. A word that ends in one of these of six letters or more counts as well: Finanzabteilung."""

PARTIES: Final = {
    "en": "visitor visitors guest parent relative patient patients customer customers client ward applicant child",
    "de": "patient patientin kunde kundin besucher angehörige station kind antragsteller bewohner",
}
"""Who has dealings with the house: they change places with persons, but do not stand for one another."""

EVERYDAY: Final = {
    "en": """
able about accept access according act actually add addition additional after again agree allow already also although
always answer anyone anything apply approach arrange arrive ask asked available away basis become before behind being
best better between big both bring brought case cases carry carried cause certain come comes common concern condition
consider contain contains correct could current currently date deal describe detail determine different direct directly
does done due during each ease easy either else enough ensure especially even event every everything exact exactly
example except exist expect explain extra fact far find follow following follows form found free further general
generally get go goes going good group had handle handled happen has have having he help helps here how however if
important include included includes including indicate information instead into involve involved involves item its itself just
keep kind know last later least less let like likely limit limited list long longer look made main make makes making
many matter may mean means mention mentioned method might more most much must name namely necessary need never new next
no normal not note nothing now number obtain occur of offer often once one only option or order other otherwise out
overall own part particular people per perform performed perhaps period permit permitted person persons place placed
plan please point possible prepare present prevent procedure proceed process provide provided provides purpose put
question quick quickly quite rather reach ready reason receive recommend recommended regard regarding related relevant
remain remains report respective respectively result right rule said same say says second see seen separate set several
should show shown similar simply since single situation so some someone something soon specific specified specify
start state stated stay step still stop such suitable sure take taken takes than that their them then there therefore
these they thing things this those through thus time times together total toward try turn two type under unless until
up upon use used uses using usual usually value various very via want was way well were what when where whether which
while who whole whose why will wish with within without word work would write written yes yet you your allowed must
carry carries charge amount respectively stands hold holds takes place last lasts happen occurs ahead advance
immediately begin ends end finish size holding beginning rate reported reporting handed cover apply applies applied
total sum equal equals correspond range maximum minimum limit duration length long hour valid start responsible
responsibility duty task job belong belongs available called named known located kept situated reach contact contacted
person member fill hand give gives given send sends go pay pays paid cost costs price open day per while without
obliged mandatory compulsory obligation requirement requirements rules policy regulation regulations permitted forbidden
prohibited wait waits lead leads sign approve decide decides
""",
    "de": """
alt jahr ende anfang beginn abgeben ab aber aktuell alle allgemein als also andere anderen anders angabe angeben angegeben anschließend antwort
art auch auf aufgrund außerdem bedeutet befindet befinden beginnen beginnt bei beim bekommen bekommt benötigen benötigt
bereits bestimmt bestimmte betragen beträgt betreffen betrifft bevor bezüglich binnen bitte bleiben bleibt braucht
brauchen bringen dabei dadurch dafür daher damit danach dann daran darauf daraus darf darin darüber davon dazu denn
deren deshalb dies diese dieser direkt dort dürfen durch durchführen durchgeführt eigen eigene ein einem einen einer
einfach eingehalten einige einmal einzeln entsprechend entsprechende entweder erfolgen erfolgt erforderlich erhalten
erhält erlaubt erst etwa etwas fall falls finden findet folgen folgende folgt frei für ganz geben gibt gegeben geht gehen
gehört gehören geltend gelten gilt gemacht gemäß genau genannt gesamt geschehen gilt gleich gut haben handeln handelt
heißt helfen heute hinaus hoch immer insgesamt innerhalb ist ja jede jeder jedes jeweils jetzt kann kein kommen kommt
können konnte kosten kostet lang lange lassen lässt laut legen leicht letzte liegen liegt machen macht man maximal mehr
mehrere mensch menschen minimal mit mitgeteilt möglich möglichkeit müssen muss muß nach nachdem name namens nämlich
neben nein nennen nennt neu nicht nie noch nötig notwendig nur nummer nutzen oben ob obwohl oder oft ohne ort person
personen pro regel regelung reichen richten sagen sein seit selbst sich sie sind so sobald sofern sofort sogar solange
soll sollen sollte sollten sondern sonst sowie später spätestens statt stattfinden stehen steht stelle stellen teil tun
über übrigen um und ungefähr unter unternehmen verbleiben vereinbaren verfügbar vergehen verlangt vermutlich verpflichtet
verschieden verwenden verwendet viel viele vom von vor vorab vorgehen vorgesehen vorher vorliegen wann war warum was weg
weil weise weiter weitere weiteren welche wenig weniger wenn wer werden wert wichtig wie wieder wird wo wobei wofür
wollen worden wurde würde zahl zeigen zeigt zeit zu zuerst zufolge zum zunächst zur zurück zusammen zusätzlich zuständig
zwar zwischen genommen nehmen nimmt nimm bestellen bestellt vorgeschrieben pflicht verboten untersagt gestattet betragen
höhe dauer dauert dauern lautet lauten hoher höhere höhe höchst benachrichtigen innerhalb verantwortlich gelegt liegt
abgegeben übernehmen übernimmt bezahlt zahlt zahlen bevorzugt kam kommt mindestens höchstens maximum minimum tragen trägt
mache macht abends heute findet statt komm unterschreiben entscheidet entscheiden
""",
}
"""Words that a paraphrase may add without adding anything that could be wrong."""

NEGATIONS: Final = """
not no never none neither nor cannot nobody nothing nowhere forbidden prohibited banned unable
nicht kein keine keinen keinem keiner keines nie niemals niemand nichts weder verboten untersagt unzulässig keinesfalls
"""

MODALITY: Final = {
    "must": """must required mandatory compulsory obliged obligatory has·to have·to need needs needed necessary
    muss müssen verpflichtet erforderlich notwendig nötig ist·zu sind·zu pflicht""",
    "should": "should ought recommended advisable soll sollen sollte sollten empfohlen",
    "may": """may can could might allowed permitted optional entitled
    darf dürfen kann können erlaubt gestattet zulässig""",
}

EXCLUSIVE: Final = """
only solely exclusively alone nur ausschließlich lediglich allein erst except nothing·but einzig just
"""

PAST: Final = r"""\b(?:was|were|had been|used to|formerly|previously|until (?:\w+ ){0,3}(?:19|20)\d\d|no longer|old
|früher\w*|bisher\w*|zuvor|war|waren|galt\w*|endete\w*|lag|lagen|ehemals|vormals|alte[rns]?|nicht mehr
|bis (?:ende |zum )?(?:[\w.]+ ){0,3}(?:19|20)\d\d|in (?:19|20)\d\d)\b"""
"""What marks a clause as no longer in force. A pattern, to be read without its white space at line starts."""

REPLACED: Final = r"""\b(?:instead of|rather than|in place of|statt|anstatt|anstelle(?: von)?|bisher|formerly|previously
|früher)\s+(?:bisher\s+)?"""
"""What stands right before a value that another has replaced."""
