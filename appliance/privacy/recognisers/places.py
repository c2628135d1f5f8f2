"""Words that addresses are made of, in the languages of Europe: kinds of streets, of flats, countries and states."""

from typing import Final

STREETS: Final = frozenset(
    "street st road rd avenue ave av lane ln drive dr court ct place pl square squares sq"
    " terrace ter way close crescent"
    " cres boulevard blvd highway hwy parkway pkwy circle cir trail trl row gardens gdns"
    " grove mews hill walk plaza alley"
    " loop wharf quay parade turnpike pike esplanade causeway bypass crossing path view heights ridge green rise vale"
    " pass junction union str fork spur bend strand".split()
)
"""Kinds of streets that stand behind the name, as in English."""
STREET_ENDS: Final = tuple(
    "straße strasse str gasse allee platz chaussee gatan vägen gränd gade stræde vej vejen veien katu kuja polku straat"
    " gracht plein utca körút sétány tänav iela gatvė ulica stræti straeti gata gaten"
    " gate gränden stígur braut terrasse"
    " vegur vegen alléen promenade laan".split()
)
"""Ends of names of streets, or their last words, which hardly any other word has; a house number follows."""
WEAK_ENDS: Final = tuple(
    "weg ring damm ufer steig stieg graben markt hof wall tie kaari kade dijk steeg singel út útja u tér köz väg torg"
    " gyde allé vei bakken haugen tee mnt puiestee kapu dűlő sor".split()
)
"""Ends of names of streets that other words have too."""
STREET_BEGINS: Final = frozenset(
    "rue avenue av boulevard bd impasse chemin quai allée cours via viale piazza corso vicolo largo strada calle plaza"
    " paseo carrera camino ronda rua avenida travessa praça estrada alameda ulica ul aleja al osiedle os plac náměstí"
    " třída trg bulevardul straat οδός ул улица".split()
)
"""Kinds of streets that stand before the name."""
STREET_BEGINS_SMALL: Final = frozenset(
    "rue avenue av boulevard bd impasse chemin quai allée calle rua ul ulica ул".split()
)
"""Those that stand there in small letters too, and mean nothing else."""
SHIPS: Final = frozenset("uss usns usnv usnvs uscgc hms hmcs".split())
UNITS: Final = frozenset("apt apartment appartement suite ste flat lgh whg wohnung depto appt".split())
FLOORS: Final = frozenset("floor fl og eg dg etage stock étage piso room rm".split())
PARTICLES: Final = frozenset(
    "de do da dos das del della delle dei di du des la le les los of the van von der den"
    " am an zum zur im in auf bei und"
    " y e i à het ter dem af på og".split()
)
BOXES: Final = (
    r"P\.? ?O\.? ?Box|p\.?o\.? box|PSC|CMR|Post(?:al)? (?:Office )?Box|Postfach"
    r"|Boîte [Pp]ostale|Apartado|Casilla|Postboks|Postbus"
)
MEASURES: Final = frozenset(
    "mg g kg µg mcg ml l dl cl mmol mol mmhg bpm cm mm m km % € $ £ euro eur usd dollars dollar pounds pence hours hour"
    " hrs days day weeks week months month years year minutes minute min times uhr tage"
    " tagen wochen monate monaten jahre"
    " jahren stunden minuten mal ie iu units kcal kj hz patients people patienten personen prozent percent".split()
)
"""What counts something: the number before it is of no house."""

MONTHS: Final = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|januar|jänner|februar|märz|mai|juni|juli|oktober|dezember"
    "|jan|feb|mar|mär|apr|jun|jul|aug|sept|sep|oct|okt|nov|dec|dez"
)
WEEKDAYS: Final = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag"
)

COUNTRIES: Final = frozenset(
    name.strip()
    for name in """
    afghanistan, albania, algeria, andorra, angola, argentina, armenia, australia, austria, azerbaijan, bahamas,
    bahrain, bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia and herzegovina,
    botswana, brazil, brunei, bulgaria, burkina faso, burundi, cambodia, cameroon, canada, chad, chile, china,
    colombia, congo, costa rica, croatia, cuba, cyprus, czech republic, czechia, denmark, dominican republic,
    ecuador, egypt, el salvador, england, eritrea, estonia, eswatini, ethiopia, faroe islands, fiji, finland,
    france, gabon, gambia, georgia, germany, ghana, gibraltar, greece, greenland, grenada, guatemala, guinea,
    guyana, haiti, honduras, hong kong, hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy,
    ivory coast, jamaica, japan, jordan, kazakhstan, kenya, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon,
    lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, macedonia, madagascar, malawi, malaysia,
    maldives, mali, malta, mauritania, mauritius, mexico, moldova, monaco, mongolia, montenegro, morocco,
    mozambique, myanmar, namibia, nepal, netherlands, the netherlands, new zealand, nicaragua, niger, nigeria,
    north korea, northern ireland, norway, oman, pakistan, palestine, panama, paraguay, peru, philippines,
    poland, portugal, puerto rico, qatar, romania, russia, rwanda, saudi arabia, scotland, senegal, serbia,
    sierra leone, singapore, slovakia, slovenia, somalia, south africa, south korea, spain, sri lanka, sudan,
    suriname, sweden, switzerland, syria, taiwan, tajikistan, tanzania, thailand, togo, tunisia, turkey,
    turkmenistan, uganda, ukraine, united arab emirates, united kingdom, great britain, united states, usa,
    u.s.a., uk, u.k., uruguay, uzbekistan, venezuela, vietnam, wales, yemen, zambia, zimbabwe, deutschland,
    österreich, schweiz, frankreich, italien, spanien, niederlande, belgien, dänemark, schweden, norwegen,
    finnland, polen, tschechien, ungarn, griechenland, türkei, großbritannien, vereinigtes königreich, russland,
    rumänien, bulgarien, kroatien, slowenien, slowakei, irland, island, luxemburg, lettland, litauen, estland,
    serbien
""".split(",")
)
STATES: Final = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV"
    " NH NJ NM NY NC ND OH OK OR PA RI SC"
    " SD TN TX UT VT VA WA WV WI WY DC PR AA AE AP ON QC BC AB MB SK NS NB NL PE NSW VIC QLD TAS ACT NT".split()
)
