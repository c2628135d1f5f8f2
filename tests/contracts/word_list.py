"""A detector that finds the words it is given; a real one, only small."""

import re
from collections.abc import Mapping, Sequence

from appliance.records.privacy import Finding


class WordList:
    """Finds each of `words` wherever it stands, as the kind beside it; `seen` are the texts it was shown."""

    def __init__(self, words: Mapping[str, str], *, name: str = "words", score: float = 0.9) -> None:
        self._words = dict(words)
        self._name = name
        self._score = score
        self.seen: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    def detect(self, texts: Sequence[str], _: str, /) -> list[list[Finding]]:
        self.seen += texts
        return [
            [
                Finding(match.start(), match.end(), kind, self._score, self._name)
                for word, kind in self._words.items()
                for match in re.finditer(re.escape(word), text)
            ]
            for text in texts
        ]
