"""Words that say nothing about what a text is about, in the languages that we stem. Lower case, umlauts kept."""

from typing import Final

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being below between both but
by can could did do does doing down during each few for from further had has have having he her here hers herself him
himself his how i if in into is it its itself just me more most must my myself no nor not now of off on once only or
other our ours ourselves out over own please same shall she should so some such tell than that the their theirs them
themselves then there these they this those through to too under until up upon us very was we were what when where
which while who whom whose why will with would you your yours yourself yourselves
"""

_GERMAN = """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim bin
bis bist bitte da damit dann darf das dass dasselbe dazu daß dein deine deinem deinen deiner dem den denn der derer des
dessen dich die dies diese dieselbe diesem diesen dieser dieses dir doch dort du durch dürfen ein eine einem einen einer
eines er es etwas euch euer eure für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr
ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jene jetzt kann kein keine keinem keinen keiner
können könnte machen man manche mein meine meinem meinen meiner mich mir mit muss musste muß müssen nach nicht nichts
noch nun nur ob oder ohne sehr sein seine seinem seinen seiner selbst sich sie sind so solche soll sollen sollte sondern
sonst um und uns unser unsere unserem unseren unter viel vom von vor war waren warum was weg weil welche welchem welchen
welcher welches wenn wer werde werden wie wieder will wird wo wollen während würde würden zu zum zur zwar zwischen über
"""

STOPWORDS: Final = {"en": frozenset(_ENGLISH.split()), "de": frozenset(_GERMAN.split())}
