"""Nationalities, peoples, religions and political groups, as words of their own."""

import re
from collections.abc import Iterator
from typing import Final

from appliance.privacy.recognisers.shapes import Recogniser
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Entity, Finding

_ENGLISH: Final = """
    afghan albanian algerian american angolan argentine argentinian armenian australian austrian azerbaijani
    bahamian bahraini bangladeshi barbadian belarusian belgian belizean belizian beninese bhutanese bolivian
    bosnian botswanan brazilian british bruneian bulgarian burkinabe burmese burundian cambodian cameroonian
    canadian chadian chilean chinese colombian congolese croatian croat cuban cypriot czech danish dane
    dominican dutch ecuadorian ecuadorean egyptian emirati english eritrean estonian ethiopian fijian filipino
    finnish french gabonese gambian georgian german ghanaian greek greenlander grenadian guatemalan guinean
    guyanese haitian honduran hungarian icelander icelandic indian indonesian iranian iraqi irish israeli
    italian ivorian jamaican japanese jordanian kazakh kazakhstani kenyan korean kosovan kuwaiti kyrgyz laotian
    latvian lebanese liberian libyan liechtensteiner lithuanian luxembourger macedonian malagasy malawian
    malaysian maldivian malian maltese mauritanian mauritian mexican moldovan monegasque mongolian montenegrin
    moroccan mozambican namibian nepalese nepali nicaraguan nigerian nigerien norwegian omani pakistani
    palestinian panamanian paraguayan peruvian portuguese qatari romanian russian rwandan salvadoran samoan
    saudi scottish senegalese serbian serb singaporean slovak slovakian slovene slovenian somali spaniard
    spanish sudanese surinamese swede swedish swiss syrian taiwanese tajik tanzanian thai togolese tongan
    trinidadian tunisian turk turkish turkmen ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh
    yemeni zambian zimbabwean european asian hispanic latino latina caucasian kurdish kurd roma arab arabic
    basque catalan tibetan scandinavian christian catholic protestant orthodox lutheran baptist methodist
    anglican evangelical mormon muslim moslem shia shiite sunni jewish jew hindu buddhist sikh atheist quaker
    adventist pentecostal republican democrat communist socialist marxist conservative libertarian
"""
_IRREGULAR: Final = (
    "shiis shii shi'a sunnis filipinos swiss poles dutchman englishman"
    " frenchman irishman scotsman welshman scots chinese"
)
_GERMAN: Final = """
    afghanisch albanisch amerikanisch arabisch australisch belgisch bosnisch brasilianisch britisch bulgarisch
    chinesisch dänisch deutsch englisch estnisch finnisch französisch griechisch holländisch indisch irakisch
    iranisch irisch italienisch japanisch kanadisch kroatisch kurdisch lettisch litauisch marokkanisch
    mexikanisch niederländisch norwegisch österreichisch pakistanisch polnisch portugiesisch rumänisch russisch
    schottisch schwedisch schweizerisch serbisch slowakisch slowenisch spanisch syrisch tschechisch tunesisch
    türkisch ukrainisch ungarisch vietnamesisch katholisch evangelisch protestantisch muslimisch islamisch
    jüdisch hinduistisch buddhistisch orthodox
"""
_WORDS: Final = frozenset(
    [*_ENGLISH.split(), *(f"{word}s" for word in _ENGLISH.split()), *_IRREGULAR.split()]
    + [word + end for word in _GERMAN.split() for end in ("", "e", "er", "en", "es", "em")]
)
_CAPITAL_ONLY: Final = frozenset(
    "polish turkey orthodox conservative conservatives democrat democrats republican"
    " republicans thai turk turks dane danes roma"
    " christian christians georgian baptist baptists evangelical indian swede swedes serb"
    " evangelisch catholic arab latina".split()
)
"""Words that mean something else in small letters."""
_NO_PEOPLE: Final = re.compile(" (?:union|commission|parliament|council|medicines|society|central bank|guidelines?)")
_WORD: Final = re.compile(r"[^\W\d_]{3,18}(?:'a)?")


class Peoples:
    """Words that say of which people, religion or party somebody is."""

    name = "people"

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield each such word; those that mean something else in small letters only with a capital."""
        for match in _WORD.finditer(sheet.low):
            word = match[0]
            if word in _WORDS and not _NO_PEOPLE.match(sheet.low, match.end()):
                capital = sheet.plain[match.start()].isupper()
                if capital or word not in _CAPITAL_ONLY:
                    yield Finding(match.start(), match.end(), Entity.NATIONALITY, 0.6, self.name)


RECOGNISERS: Final[tuple[Recogniser, ...]] = (Peoples(),)
