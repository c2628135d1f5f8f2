"""Words of everyday German and English, of medicine and of banks, that are somebody's name too.

A known person's surname that stands here counts by itself in no text: only beside a title, a given name or an initial.
Ours, and not complete: a site leaves surnames alone out altogether with `people load --surnames never`.
"""

from typing import Final

from appliance.privacy.known.spelling import form

_ENGLISH: Final = """
abbey able archer art ash baker ball banks barber barker barn bass bath bean bear beck bell belt bench berry best bird
birch bishop black blade blank blood blue bolt bond bone book booth bow bowl bowler box boy brand bread breeze brewer
bridge bridges bright brook brooks brown buck bull bullock burn burns bush butcher butler butter call camp cannon cape
card care carpenter carter carver case cash castle chamber chambers chance chandler chapel chase cherry child church
clark clay close coach coal cole collier comfort cook cooper cope corn court cox crane cross crow crown cruise curry
dale dash dawn day deal dean deer dial dove down drake draper drew driver drum duke dyer early earl east eastman english
fair fall farmer fell field fields finch finder fish fisher fletcher flood floor flower flowers foot ford forest fox
frank freeman french friend frost fuller gale game gamble gardener garland gate gates gay gene gift glass glover gold
golden good goodman grace grand grant graves gray green grey ground grove guard guest gunner hail hale hall ham hammer
hand hands hard hardy harmon harper hart hatch hawk hay head heart heath hedge hill hills hobby holder holiday holland
holly holt hood hook hooker hope horn house howard hunt hunter ice iron ivy jack jewel jordan joy judge justice kay keen
kennel key kind king kitchen knight lake lamb lance land lane large law lay leaf lee leech little livingston lock
london long lord love low mace major mann march mark marks marsh marshall martin mason may mean means mercer merchant
mercy merry mild miles mill miller mills mint miss mold money monk moon moore moss mould mount nail neck new newman
noble norm north nurse oak oakes oliver olive orchard organ owen pace page pain palmer park parker parks parson parsons
patient patience peace peak pearl penny pepper perry person pierce pike pitt plain plant platt plum pole pond poole
pope porter post potter pound power powers pratt price pride priest prince prior proctor profit quick rain ram ray read
reading reed rest reward rich ridge rise rivers road robin rock rod roof rose rosemary rowan rule rush sage sailor sale
salmon salt sample sand sands savage sawyer sayer school scott sculptor sea self senior sergeant shade shaft sharp shaw
sheep shell shepherd ship shoemaker shore short singer skinner slater small smart smith snow spear spencer spring
squire stable staff star steel steele sterling stern stewart still stock stone stones storm street strong style summer
summers swan sweet swift tailor tall tanner taylor temple tender thorn thatcher tiller tower town trainer travel
travers treasure tree trip trout true tucker turner underwood vale vane vicar vine violet wade wagon waiter wake
walker wall walls ward warden ware warner water waters way weaver webb webster week weeks weir well wells west wheat
wheeler white wild will winter wise wolf wood woods woodward work workman worth wright yard york young april june
august bill chuck dick don drew faith gene guy hank harry iris jasmine jean jimmy lily max nick pat pearl pete ray rob
ruby rusty sandy sue tony trace victor wade woody an as ban be bye do dang ding ha he ho in is it jo ka ko la le li lo
lu ma me mi mo my na no on or pa pan pang per qi ran rang ring sa she shi si so song su sun ta tang ten the to ton tong
tu van wan wang we wu xi ya yang yes yo you yu zhang bar gel gut hut kit lot man mat men mix net pin pot red run sack
sit tan tie tip toe tub wax web zip
"""
_GERMAN: Final = """
abel abend acker adel adler ahorn alt amann ampel amsel angel anger anker apfel arm arzt ast aue auer bach backhaus bad
bader bahn balken ball band bank bär bart bauch bauer baum baumann baumeister beck becher becker beer behrens bein berg
berger bergmann bett beutel biber bieber biene bier binder birke birne bischof blank blatt blau blume blumen bock boden
bogen bohne böhm börse bote brand brandt braun brauer brause brei breit brenner brett brief brink brot bruch bruder
brück brücke brunn brunnen brust buch bucher buche buchner bucht bude bund burg burger bürger busch busse butter christ
dachs dame damm decker degen deich delle dick dill dorf dorn dreher drescher drossel dürr eber eck ecker edel egger ehre
eich eiche eichel eigen eisen eisenhauer elster eng engel ente erb erbe ernst esche esel essig eule fabel faber fach
fackel faden fahr fall falk falke farber fass faust feder fehler feige fein feld felder feldmann fels fenster fest fett
feuer finger fink finke fisch fischer flach flamm flamme fleck fleisch fleischer fleischmann flick fliege flor flug
förster forst franke franken frank frei freitag freund frieden frisch fritsch froh fromm frosch frost fuchs führer funk
fuhrmann fürst fuss gabel gabriel gang gans garbe garten gärtner gast gebhardt gehrig geiger geist gerber gerste
gewinn glas glaser glock glocke glück gold goldmann gott graben graf gras grau greif greis greiner grimm grob gross
groß grün grund gruber gutmann haar haas haase haber hafen hafer hafner hagel hagen hahn hain halm hals hamm hammer
hand händler harder hart hartmann hase hauer haupt hauptmann haus hauser hausmann haut hecht heck hecke heer heid heide
heil heiland heim heiss held hell heller helm hemd henker herbst herd hering herr herrmann herz heu hilfe himmel hirsch
hirt hirte hirsch hoch hof hofer hoffmann hofmann holz holzer honig hopf hopfen horn huber huf huhn hund hut hütte
hütter igel imker jäger jahn jahr jung junge junker just kahl kaiser kalb kalk kalt kamm kammer kammerer kamp kanne
kapp kappe karl karpfen karg kasper kast kasten kater kaufmann kegel kehl kehler keil keim keller kellner kern kerner
kessel kessler kette kiefer kind kirch kirche kirchner kirsch kirsche klang klar klee klein klinge klinger klug knapp
knecht kneip knie knopf knorr koch köcher kohl kohle köhler kolb kolben kölsch könig kopf kopp korb korn kraft krämer
kranich krank kranz kraus krause kraut krebs kreis kremer kreuz kreuzer krieg krieger krone kröger kron krug krüger
krumm kuchen küche kugel kuhn kunst kunz kunze kupfer kurz küster lach lachs lahm lamm lamprecht land lang lange
langer lauf laub lauter leber leder lehmann lehner lehr lehrer leicht leim lein leise lerch lerche licht lieb liebe
lied lind linde linden linke link loch lohmann lohn lohr lorenz los löwe luchs lustig macht mager mahler mai maier mai
maler mandel mangold mann mantel mark markt märz mast maul maurer maus mayer mehl meier meister mensch messer messner
metz metzger meyer mild milde mond montag moos morgen moser most mücke mühl mühle müller mund münch münster münzer
mut mutter nagel name nase nass naumann nebel neu neubauer neuer neumann niemand nolte nord noth nuss obst ochs ofen
ohm ohr opel oster ostern otter otto pabst papst pauli pech peter petersilie pfaff pfarrer pfau pfeffer pfeifer pfeil
pfeiffer pfennig pferd pfister pflug platz pohl preis preuss probst propst pulver rabe rad rahm rand rapp rasch rat
rath rau rauch reh reich reiche reichel reif reim rein reiner reis reise reiter reuter rest richter riese riegel rind
ring ritter rock roggen rohr rose rosen roth rot rösch ross rost rübe rudel ruf ruhe rund rupp rüster saal sack sage
sahm salz sand sander sattler sauer säger sauter schach schade schaf schäfer schaffner schall schatten schatz schauer
scheerer scheibe scheid scherer scheuer schick schiffer schild schiller schimmel schirm schlag schlegel schleicher
schlosser schlüter schmal schmalz schmid schmidt schmied schmitt schmitz schnabel schnee schneider schnell schnitzler
schober scholz schön schönfeld schott schramm schreiber schreiner schröder schuh schuhmacher schule schüler schulte
schulz schulze schuster schütz schütze schwab schwalbe schwan schwarz schwein schwert see seeger seel segen seide
seidel seifert seiler seitz selig semmel senf senger seuter sieben sieber sieg silber simon singer sohn sommer sonn
sonne sonntag spanier spatz specht speck speer speicher sperber sperling spiegel spiel spielmann spieß spitz spohr
sporer springer stab stadler stahl stall stamm stand stark starke stauch stein steiner steinmetz stern steuer stich
stich stier stiller stock stoll stolz storch strahl strasser strauch strauß streich streit stroh strom strunk stück
stumm stumpf sturm süß tag tanne tau taub taube teich teller tempel teufel thal thoma thron tier tisch tischler tod
topf töpfer traub traube traum traurig treu trost trunk tuch turm ufer uhl uhr ulm unruh urban vater vetter vieh vogel
vogler vogt volk voll vollmer vorwerk wachs wacht wachter wagen wagner wahl wald walter wand wander wanger wasser weber
weck wegener weg wehr weich weide weidner weigel weih weihnacht weiler wein weiner weinmann weise weiß weisser weizen
welle weller welt wend wenig wenzel werk werner wert westen wetter wick widder wiese wiesner wild wimmer wind windisch
winkel winkler winter winzer wirth wirt witt wohl wolf wolff wolke wolle wort wulf wunder wunsch wurm wurst wurz zahl
zahn zander zange zauner zeh zeiger zeit zeller zelt ziegel ziegler ziel zier zimmer zimmermann zink zinn zinser zoll
zopf zorn zucker zweig zwick zwirner rosa erika heide viola iris jasmin linde mai stella alba nova vera karo mira sie
ihr wir man den der die das des dem ein eine und oder aber auch von zum zur bei mit nach aus auf ab an um so da wo ob
"""
_OF_DISEASES: Final = """
addison alzheimer asperger barrett basedow bechterew becker behcet bell bright broca burkitt celsius chagas colles
conn crohn cushing dercum down dressler duchenne dupuytren ebstein edwards ewing fabry fahrenheit fallot fanconi
foley friedreich gaucher gilbert glasgow gleason graves guillain hashimoto heberden hirschsprung hodgkin horner
huntington kaposi kawasaki kelvin klinefelter korsakow langerhans ledderhose lynch marfan meniere menière merkel
mirizzi murphy osler paget pancoast parkinson perthes pott purkinje quincke raynaud reiter rett romberg scheuermann
schilling sjögren sudeck tinel tourette trendelenburg turner valsalva virchow volkmann wegener wernicke whipple wilms
wilson zenker euler gauss ohm volt watt ampere newton pascal hertz joule tesla lombard basel
"""

COMMON: Final = frozenset(form(word) for word in (_ENGLISH + _GERMAN + _OF_DISEASES).split())
"""The forms of these words (`spelling.form`)."""
