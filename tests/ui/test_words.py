"""What the portal says, and that it says it in German, too."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from ui.words import speech
from ui.words.speech import say, say_html

UI = Path(__file__).resolve().parents[2] / "ui"
SPEAKERS = {"say", "say_html", "later"}


def spoken() -> Iterator[tuple[str, str, set[str] | None]]:
    """Each text that the portal says: where, the text, and the names of the values that it is given, if it is."""
    for file in sorted(UI.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SPEAKERS):
                continue
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                named = {one.arg or "" for one in call.keywords}
                yield f"{file.relative_to(UI)}:{call.lineno}", first.value, None if call.func.id == "later" else named
            else:
                assert call.func.id != "later", f"{file}:{call.lineno}: `later` notes a text that stands there"
                assert not isinstance(first, ast.JoinedStr | ast.BinOp), f"{file}:{call.lineno}: a text that is made up"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_everything_is_said_in_german_too() -> None:
    german = speech.words("de")
    missing = [f"{place}: {text!r}" for place, text, _ in spoken() if text not in german]
    assert not missing, "no German in ui/words/de for:\n" + "\n".join(missing)


def test_placeholders_are_the_same_and_each_gets_its_value() -> None:
    german = speech.words("de")
    for place, text, named in spoken():
        assert fields(german.get(text, text)) == fields(text), place
        assert named is None or named == fields(text), place


def test_no_german_is_left_over_and_none_contradicts_another() -> None:
    said = {text for _, text, _ in spoken()}
    every = [
        (english, german)
        for file in sorted((UI / "words" / "de").glob("*.toml"))
        for english, german in tomllib.loads(file.read_text("utf-8")).items()
    ]
    assert not [english for english, _ in every if english not in said]
    assert not [english for english, count in Counter(english for english, _ in set(every)).items() if count > 1]


def test_a_value_is_text_and_nothing_else() -> None:
    """Fails if `said` is deleted from `ui.words.speech.say_html`."""
    assert say("{one} of {two}", one="{two}", two=2) == "{two} of 2"
    hostile = "<i>**x**</i>"
    made = say_html("It was **{how}** & so.", how=hostile)
    assert "<i>" not in made
    assert "&lt;i&gt;**x**&lt;/i&gt;" in made
    assert made.startswith("It was <strong>")
    assert " &amp; so." in made


@pytest.mark.parametrize("field", ["{a.__class__}", "{a[0]}"])
def test_no_field_looks_inside_a_value(field: str) -> None:
    with pytest.raises(KeyError):
        say(field, a="x")


def test_each_page_s_head_and_lead_say_what_language_they_are_in() -> None:
    """Guards `lang()` in the heads: to the browser every page is English, and a screen reader would read it as that."""
    unsaid = re.compile(r"""<h1 class="mun-head">\{say|<div class="mun-answer">(?:\{say|\{lead|')""")
    assert not [file.name for file in sorted(UI.rglob("*.py")) if unsaid.search(file.read_text("utf-8"))]
    assert speech.lang() == 'lang="en"'
