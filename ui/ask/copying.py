"""An answer as text to be copied: its sentences with their marks, and below them where each of them stands."""

from collections.abc import Iterable

from ui.ask.client import Citation, Sentence
from ui.words.said import seen
from ui.words.speech import say
from ui.words.times import day


def plain(question: str, sentences: Iterable[Sentence]) -> str:
    """Question, sentences and sources. Control and direction characters are shown, so that nothing hides in a copy."""
    held = list(sentences)
    said = " ".join(one.text + "".join(f" [{cited.number}]" for cited in one.citations) for one in held)
    cited = {one.number: one for sentence in held for one in sentence.citations}
    sources = "\n".join(_source(one) for _, one in sorted(cited.items()))
    return seen("\n\n".join(part for part in (question, said, sources) if part))


def _source(one: Citation) -> str:
    parts = [one.title, one.heading, say("page {page}", page=one.page)]
    if one.valid_from is not None:
        parts.append(say("in force since {day}", day=day(one.valid_from)))
    return f"[{one.number}] " + ", ".join(part for part in parts if part)
