# ruff: noqa: E501  # letters are easier to read in long lines
"""Invented letters and memos, English and German, with what is private in each, and a question about each.

Everybody in them is made up; numbers are from documented test ranges. The same `number` is the same letter everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Final, TypeVar

from appliance.records.privacy import Finding

_T = TypeVar("_T")
PEOPLE: Final = (
    ("Orla", "Fenwick"), ("Jonas", "Brandauer"), ("Priya", "Sandhar"), ("Mats", "Ekdahl"), ("Lucia", "Ferrante"),
    ("Theo", "Grünwald"), ("Nadia", "Okonjo"), ("Viktor", "Halasz"), ("Elin", "Marklund"), ("Rafael", "Quintero"),
    ("Greta", "Stiegler"), ("Hamish", "Dunmore"), ("Yuki", "Tanabe"), ("Salma", "Idrissi"), ("Piet", "Verhoeven"),
)  # fmt: skip
PLACES: Final = ("Riverbend", "Aldermoor", "Steinfurt am See", "Kelso Bridge", "Niederau")
DAYS: Final = ("14 January 2026", "3 February 2026", "27 May 2025", "9 September 2025")
TAGE: Final = ("14. Januar 2026", "3. Februar 2026", "27. Mai 2025", "9. September 2025")
DRUGS: Final = ("amoxicillin 500 mg", "ramipril 5 mg", "metformin 850 mg", "apixaban 5 mg")
LETTERS: Final = (
    (
        "en",
        "Discharge letter. Patient: {whole}, record {record}, seen on {day} in {place}. {surname} came with a cough and "
        "was given {drug} twice a day by Dr. {doctor}. {surname}'s blood pressure was 128/76. Dr. {doctors} will call "
        "{whole} on {phone} next week.",
        (
            ("Who treated the patient, and with what?", ("doctor", "drug")),
            ("Write two sentences for the patient's file: who came, who treated, which drug.", ("whole", "doctor")),
            ("Make a Markdown list of every person in the letter with his or her role.", ("whole", "doctor")),
            ("What is the patient's record number, and on which number will the patient be called?", ("record", "phone")),
        ),
    ),
    (
        "en",
        "Memo. {whole} asks for a credit of 40,000. {surname}'s account is {iban}. {doctor} of the branch in {place} met "
        "{whole} on {day}. {doctor} recommends it; {friend} from risk is against it and wants a guarantee first.",
        (
            ("Who is for the credit and who is against it?", ("doctor", "friend")),
            ("Write a short e-mail to the customer that names who met him or her, and when.", ("doctor", "day")),
            ("Make a Markdown table of the people and what each of them wants.", ("whole", "doctor", "friend")),
            ("Which account does the customer have, and where is the branch?", ("iban", "place")),
        ),
    ),
    (
        "de",
        "Arztbrief. {whole}, Fallnummer {record}, war am {tag} in {place} bei Dr. {doctor}. Verordnet wurde {drug} zweimal "
        "täglich. {surname} soll in zwei Wochen wiederkommen; die Angehörige {friend} ist unter {phone} erreichbar.",
        (
            ("Wer hat wen behandelt, und womit?", ("doctor", "whole")),
            ("Wer ist die Angehörige, und wie erreicht man sie?", ("friend", "phone")),
            ("Schreibe zwei Sätze an den Hausarzt: Wer war da, und wann?", ("whole", "tag")),
        ),
    ),
    (
        "de",
        "Vermerk. {whole} möchte das Konto {iban} schließen. {doctor} aus der Filiale {place} hat am {tag} mit {surname} "
        "gesprochen. {friend} aus der Rechtsabteilung hat keine Einwände.",
        (
            ("Wer möchte was, und wer hat keine Einwände?", ("whole", "friend")),
            ("Mache eine Markdown-Liste der Personen mit ihrer Rolle.", ("whole", "doctor", "friend")),
            ("Welches Konto soll geschlossen werden, und mit wem wurde gesprochen?", ("iban", "whole")),
        ),
    ),
)  # fmt: skip
KINDS: Final = {
    "whole": "PERSON", "surname": "PERSON", "doctor": "PERSON", "doctors": "PERSON", "friend": "PERSON", "record": "MRN",
    "day": "DATE", "tag": "DATE", "place": "LOCATION", "phone": "PHONE", "iban": "IBAN",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A letter, what is private in it, a question, and the words whose tokens an answer would have to name."""

    number: int
    language: str
    text: str
    findings: tuple[Finding, ...]
    question: str
    wanted: tuple[str, ...]


def case(number: int) -> Case:
    """The letter with this number, from 0 on; every question of every letter comes before any comes again."""
    questions = [(letter, place) for place in range(4) for letter in LETTERS if place < len(letter[2])]
    (language, form, asked), place = questions[number % len(questions)]
    words = _words(number)
    text, findings = _filled(form, words)
    question, wanted = asked[place]
    return Case(number, language, text, findings, question, tuple(words[name] for name in wanted if name in KINDS))


def _words(number: int) -> dict[str, str]:
    """Other people in every letter: the steps share no factor with how many there are."""
    first, second, third = (_at(PEOPLE, number * step + step) for step in (1, 7, 11))
    if second == first:
        second = _at(PEOPLE, number * 7 + 8)
    if third in (first, second):
        third = next(person for person in PEOPLE if person not in (first, second))
    return {
        "whole": " ".join(first), "surname": first[1], "doctor": " ".join(second), "doctors": second[1],
        "friend": " ".join(third), "record": f"RV-{4_021 + number * 37}", "day": _at(DAYS, number),
        "tag": _at(TAGE, number), "place": _at(PLACES, number), "drug": _at(DRUGS, number // 2),
        "phone": f"030 23125 {100 + number}", "iban": "DE02 1203 0000 0000 2020 51",
    }  # fmt: skip


def _filled(form: str, words: dict[str, str]) -> tuple[str, tuple[Finding, ...]]:
    text, findings = "", []
    for before, name, _, _ in Formatter().parse(form):
        text += before
        if name and name in KINDS:
            findings.append(Finding(len(text), len(text) + len(words[name]), KINDS[name], 1.0, "made so"))
        text += words[name] if name else ""
    return text, tuple(findings)


def _at(things: Sequence[_T], place: int) -> _T:
    return things[place % len(things)]
