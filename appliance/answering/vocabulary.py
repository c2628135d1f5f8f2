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
error errors mistake mistakes fault faults
salary salaries wage wages earnings income payslip payslips
discard discarded discards dispose disposed bin binned
lesson lessons class classes
mobile phones smartphone smartphones cellphone
repair repairs repaired fix fixed mend mended
quick quickly fast rapid rapidly swift prompt promptly
illness ill sick sickness disease unwell
injury injured wound wounds wounded hurt
holiday holidays vacation vacations
flat flats apartment apartments
permission consent approval approved approve approves authorisation authorised authorise authorization
goods merchandise wares
purchaser buyer buyers
rule rules regulation regulations
sign signs signed signature signatures
monitor monitored monitors observe observed watch watched
wipe wiped clean cleaned
cover covered insure insured insurance
damage damaged harm harmed
delay delayed postponed
enquiry enquiries inquiry inquiries request requests query queries
reply replies replied answer answers answered respond responds response responses
complaint complaints grievance grievances complain complains
house houses home homes
car cars vehicle vehicles
lorry lorries truck trucks
rubbish waste trash garbage refuse
team crew
decide decides decided decision determine determines determined
supervise supervised supervises oversee overseen
examine examined examination inspect inspected
choose pick select selected selects chosen
evidence proof prove proves proven
invoice invoices bill bills billed invoiced
deadline cutoff
cancel cancelled cancels terminate terminated
extend extended extension prolong prolonged renew renewed renewal
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

EVERYDAY: Final = {
    "en": """
able about accept access according act actually add addition additional advance after again agree ahead allow allowed
already also although always amount answer anyone anything applied applies apply approach approve arrange arrive ask
asked available away basis become before begin beginning behind being belong belongs best better between big both
bring brought called carried carries carry case cases cause certain charge come comes common compulsory concern
condition consider contact contacted contain contains correct correspond cost costs could cover current currently date
day deal decide decides describe detail determine different direct directly does done due duration during duty each
ease easy either else end ends enough ensure equal equals especially even event every everything exact exactly example
except exist expect explain extra fact far fill find finish follow following follows forbidden form found free further
general generally get give given gives go goes going good group had hand handed handle handled happen has have having
he help helps here hold holding holds hour how however if immediately important include included includes including
indicate information instead into involve involved involves item its itself job just keep kept kind know known last
lasts later lead leads least length less let like likely limit limited list located long longer look made main make
makes making mandatory many matter maximum may mean means member mention mentioned method might minimum more most much
must name named namely necessary need never new next no normal not note nothing now number obligation obliged obtain
occur occurs of offer often once one only open option or order other otherwise out overall own paid part particular
pay pays people per perform performed perhaps period permit permitted person persons place placed plan please point
policy possible prepare present prevent price procedure proceed process prohibited provide provided provides purpose
put question quick quickly quite range rate rather reach ready reason receive recommend recommended regard regarding
regulation regulations related relevant remain remains report reported reporting requirement requirements respective
respectively responsibility responsible result right rule rules said same say says second see seen send sends separate
set several should show shown sign similar simply since single situated situation size so some someone something soon
specific specified specify stands start state stated stay step still stop such suitable sum sure take taken takes task
than that their them then there therefore these they thing things this those through thus time times together total
toward try turn two type under unless until up upon use used uses using usual usually valid value various very via
wait waits want was way well were what when where whether which while who whole whose why will wish with within
without word work would write written yes yet you your
""",
    "de": """
ab abends aber abgeben abgegeben aktuell alle allgemein als also alt andere anderen anders anfang angabe angeben
angegeben anschließend antwort art auch auf aufgrund außerdem bedeutet befinden befindet beginn beginnen beginnt bei
beim bekommen bekommt benachrichtigen benötigen benötigt bereits bestellen bestellt bestimmt bestimmte betragen
betreffen betrifft beträgt bevor bevorzugt bezahlt bezüglich binnen bitte bleiben bleibt brauchen braucht bringen
dabei dadurch dafür daher damit danach dann daran darauf daraus darf darin darüber dauer dauern dauert davon dazu denn
deren deshalb dies diese dieser direkt dort durch durchführen durchgeführt dürfen eigen eigene ein einem einen einer
einfach eingehalten einige einmal einzeln ende entscheiden entscheidet entsprechend entsprechende entweder erfolgen
erfolgt erforderlich erhalten erhält erlaubt erst etwa etwas fall falls finden findet folgen folgende folgt frei für
ganz geben gegeben gehen geht gehören gehört gelegt gelten geltend gemacht gemäß genannt genau genommen gesamt
geschehen gestattet gibt gilt gleich gut haben handeln handelt heißt helfen heute hinaus hoch hoher höchst höchstens
höhe höhere immer innerhalb insgesamt ist ja jahr jede jeder jedes jetzt jeweils kam kann kein komm kommen kommt
konnte kosten kostet können lang lange lassen laut lauten lautet legen leicht letzte liegen liegt lässt mache machen
macht man maximal maximum mehr mehrere mensch menschen mindestens minimal minimum mit mitgeteilt muss muß möglich
möglichkeit müssen nach nachdem name namens neben nehmen nein nennen nennt neu nicht nie nimm nimmt noch notwendig
nummer nur nutzen nämlich nötig ob oben obwohl oder oft ohne ort person personen pflicht pro regel regelung reichen
richten sagen sein seit selbst sich sie sind so sobald sofern sofort sogar solange soll sollen sollte sollten sondern
sonst sowie später spätestens statt stattfinden stehen steht stelle stellen teil tragen trägt tun um und ungefähr
unter unternehmen untersagt unterschreiben verantwortlich verbleiben verboten vereinbaren verfügbar vergehen verlangt
vermutlich verpflichtet verschieden verwenden verwendet viel viele vom von vor vorab vorgehen vorgeschrieben
vorgesehen vorher vorliegen wann war warum was weg weil weise weiter weitere weiteren welche wenig weniger wenn wer
werden wert wichtig wie wieder wird wo wobei wofür wollen worden wurde würde zahl zahlen zahlt zeigen zeigt zeit zu
zuerst zufolge zum zunächst zur zurück zusammen zuständig zusätzlich zwar zwischen über übernehmen übernimmt übrigen
""",
}
"""Words that a paraphrase may add without adding anything that could be wrong."""

NEGATIONS: Final = """
not no never none neither nor cannot nobody nothing nowhere forbidden prohibited banned unable avoid avoided
nicht kein keine keinen keinem keiner keines nie niemals niemand nichts weder verboten untersagt unzulässig
keinesfalls verzichtet verzichten tabu
"""

MODALITY: Final = {
    "must": """must shall required mandatory compulsory obliged obligatory has·to have·to need needs needed necessary
    muss müssen verpflichtet erforderlich notwendig nötig ist·zu sind·zu pflicht""",
    "should": "should ought recommended advisable soll sollen sollte sollten empfohlen",
    "may": """may can could might allowed permitted optional entitled possible
    darf dürfen kann können erlaubt gestattet zulässig möglich""",
}

EXCLUSIVE: Final = """
only solely exclusively alone nur ausschließlich lediglich allein erst except nothing·but einzig just
"""

LIMITS: Final = """
higher lower longer shorter earlier later larger smaller greater exceed exceeds exceeded exceeding beyond beneath
ceiling cap maximum minimum maximal minimal höher niedriger länger kürzer früher später größer kleiner wenigstens
überschreiten überschreitet unterschreiten oberhalb unterhalb längstens ledig
"""

PAST: Final = r"""\b(?:was|were|had been|used to|formerly|previously|until (?:\w+ ){0,3}(?:19|20)\d\d|no longer|old
|früher\w*|bisher\w*|zuvor|war|waren|galt\w*|endete\w*|lag|lagen|ehemals|vormals|alte[rns]?|nicht mehr
|bis (?:ende |zum )?(?:[\w.]+ ){0,3}(?:19|20)\d\d|in (?:19|20)\d\d)\b"""
"""What marks a clause as no longer in force. A pattern, to be read without its white space at line starts."""

REPLACED: Final = r"""\b(?:davor(?: bei)?|zuvor|vorher|bis dahin|before that|until then|earlier(?: it was)?
|instead of|rather than|in place of|statt|anstatt|anstelle(?: von)?
|bisher|formerly|previously
|früher)\s+(?:bisher\s+)?"""
"""What stands right before a value that another has replaced."""
