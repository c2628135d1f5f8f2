"""Presidio with the pinned spaCy model: what its default finds, in less than half of its time.

The default runs all of spaCy over each text alone, and every recogniser over each. Here only spaCy's `ner` runs, over
many texts at once; a recogniser is asked only where a character stands that all its patterns need; words around a
number are looked up by bisection. What differs is counted by `tests/benchmarks/bench_privacy_speed.py`. Decision 0027.
"""

import logging
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from phonenumbers import PhoneMetadata
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider
from tldextract import TLDExtract

from appliance.errors import DetectorUnavailable
from appliance.privacy.detecting.believing import in_english
from appliance.records.privacy import Entity, Finding

logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it may quote a text at DEBUG, and warns per text

_LANGUAGE: Final = "en"
_NER_SCORE: Final = 0.85
_GUESS: Final = 0.45
_READ_BADLY: Final = frozenset(("de",))
"""Languages in which the model takes every other noun for a name, while rules and Rampart find those that are."""
_AT_ONCE: Final = 64
_UNUSED: Final = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
"""Parts of the model that `ner` does not listen to: it has a `tok2vec` of its own."""
_SPACY: Final = {
    "PERSON": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
    "ORG": "ORGANIZATION",
}
"""Presidio's own words for the labels of spaCy. Its default leaves organisations out; a threshold can do so here."""
_ENTITIES: Final = {
    "PERSON": Entity.PERSON,
    "NRP": Entity.NATIONALITY,
    "LOCATION": Entity.LOCATION,
    "DATE_TIME": Entity.DATE,
    "ORGANIZATION": Entity.ORGANIZATION,
    "CREDIT_CARD": Entity.CARD,
    "CRYPTO": Entity.ACCOUNT,
    "US_BANK_NUMBER": Entity.ACCOUNT,
    "US_DRIVER_LICENSE": Entity.DRIVING_LICENCE,
    "US_ITIN": Entity.TAX_ID,
    "US_PASSPORT": Entity.PASSPORT,
    "US_SSN": Entity.SSN,
    "UK_NHS": Entity.NHS,
    "EMAIL_ADDRESS": Entity.EMAIL,
    "IBAN_CODE": Entity.IBAN,
    "IP_ADDRESS": Entity.IP_ADDRESS,
    "MEDICAL_LICENSE": Entity.DEA,
    "MAC_ADDRESS": Entity.MAC_ADDRESS,
    "UUID": Entity.DEVICE,
    "PHONE_NUMBER": Entity.PHONE,
    "URL": Entity.URL,
}
_NEEDS: Final = {
    "EMAIL_ADDRESS": frozenset("@"),
    "URL": frozenset("."),
    "IP_ADDRESS": frozenset(".:"),
    "MAC_ADDRESS": frozenset(":-."),
    "UUID": frozenset("-"),
}
"""By kind, characters of which one stands in whatever its patterns match; all other kinds need a digit."""


class Presidio:
    """Names, places, dates and numbers by presidio's default recognisers. `folder` holds the spaCy model.

    Not for several threads. In German the English model guesses and scores so: below the shipped thresholds,
    unless English words stand near: a text told as German may hold both.
    """

    name = "presidio"

    def __init__(self, folder: Path) -> None:
        try:
            import spacy

            self._nlp = spacy.load(folder, exclude=list(_UNUSED))
            self._recognisers = _recognisers()
        except (OSError, ValueError, ImportError) as error:
            raise DetectorUnavailable(f"The model of names cannot be loaded ({type(error).__name__}).") from error
        self._words = _Words(self._nlp.vocab)
        self._enhancer = _Enhancer()

    def detect(self, texts: Sequence[str], language: str, /) -> list[list[Finding]]:
        """For each text, what presidio's default would find in it, and organisations."""
        badly = language in _READ_BADLY
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found: list[list[Finding]] = [[] for _ in texts]
        try:
            docs = self._nlp.pipe((texts[number] for number in order), batch_size=_AT_ONCE)
            for number, doc in zip(order, docs, strict=True):
                found[number] = [_finding(one) for one in self._results(texts[number], doc, badly=badly)]
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise DetectorUnavailable(f"Presidio failed ({type(error).__name__}).") from error
        return found

    def _results(self, text: str, doc: Any, *, badly: bool) -> list[Any]:
        patterns = list(self._by_pattern(text))
        if any(recogniser.context for recogniser, _ in patterns):
            results = self._enhanced(text, doc, patterns)
        else:
            results = [one for _, some in patterns for one in some]
        return list(EntityRecognizer.remove_duplicates(results + list(self._by_model(doc, badly=badly))))

    def _by_pattern(self, text: str) -> Iterator[tuple[Any, list[Any]]]:
        characters = frozenset(text)
        digits = any(map(str.isdigit, characters))
        for recogniser in self._recognisers:
            (kind,) = recogniser.supported_entities
            needed = _NEEDS.get(kind)
            if digits if needed is None else needed & characters:
                results = recogniser.analyze(text, [kind])
                if results:
                    yield recogniser, results

    @staticmethod
    def _by_model(doc: Any, *, badly: bool) -> Iterator[Any]:
        for span in doc.ents:
            kind = _SPACY.get(span.label_)
            if kind is not None:
                guessed = badly and not in_english(doc.text, span.start_char, span.end_char)
                score = _GUESS if guessed else _NER_SCORE
                metadata = {RecognizerResult.RECOGNIZER_NAME_KEY: SpacyRecognizer.__name__}
                yield RecognizerResult(kind, span.start_char, span.end_char, score, recognition_metadata=metadata)

    def _enhanced(self, text: str, doc: Any, patterns: Sequence[tuple[Any, list[Any]]]) -> list[Any]:
        """Scores raised where a word before a match speaks for it. Forms of words stand in for their lemmas."""
        artifacts = NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self._words,
            language=_LANGUAGE,
        )
        results = [one for _, some in patterns for one in some]
        recognisers = [recogniser for recogniser, _ in patterns]
        return list(self._enhancer.enhance_using_context(text, results, artifacts, recognisers))


class _Words:
    """What presidio's enhancer asks of a language: whether a word says nothing."""

    def __init__(self, vocabulary: Any) -> None:
        self._vocabulary = vocabulary

    def is_stopword(self, word: str, _: str) -> bool:
        return bool(self._vocabulary[word].is_stop)

    def is_punct(self, word: str, _: str) -> bool:
        return bool(self._vocabulary[word].is_punct)


class _Enhancer(LemmaContextAwareEnhancer):
    """Presidio's, which finds the word at an offset by bisection instead of from the beginning."""

    @staticmethod
    def _find_index_of_match_token(_: str, start: int, tokens: Any, tokens_indices: list[int]) -> int:
        place = max(bisect_right(tokens_indices, start) - 1, 0)
        if start >= tokens_indices[place] + len(tokens[place]) and place + 1 < len(tokens_indices):
            return place + 1
        return place


class _Email(EmailRecognizer):
    """Presidio's, with the list of top-level domains that came with its library: the original would fetch a new one."""

    _domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        return bool(self._domains(pattern_text).fqdn)


class _Phone(PhoneRecognizer):
    """Presidio's, for those countries alone whose shortest number has no more digits than the text."""

    def __init__(self) -> None:
        super().__init__()
        self._all = tuple(self.supported_regions)

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
        digits = sum(map(str.isdigit, text))
        self.supported_regions = tuple(region for region in self._all if _shortest(region) <= digits)
        found: list[Any] = super().analyze(text, entities, nlp_artifacts)
        return found


@lru_cache
def _shortest(region: str) -> int:
    known: Any = PhoneMetadata.metadata_for_region(region)
    return int(min(known.general_desc.possible_length))


def _recognisers() -> list[Any]:
    """Those of presidio's default for English, without spaCy's and with ours in place of two."""
    provider = RecognizerRegistryProvider(registry_configuration={"supported_languages": [_LANGUAGE]})
    ours: dict[type, Callable[[], Any]] = {EmailRecognizer: _Email, PhoneRecognizer: _Phone}
    default = provider.create_recognizer_registry().get_recognizers(language=_LANGUAGE, all_fields=True)
    return [ours[type(one)]() if type(one) in ours else one for one in default if not isinstance(one, SpacyRecognizer)]


def _finding(result: Any) -> Finding:
    rule = (result.recognition_metadata or {}).get(RecognizerResult.RECOGNIZER_NAME_KEY, "")
    source = f"presidio {rule}".strip()
    return Finding(result.start, result.end, str(_ENTITIES[result.entity_type]), float(result.score), source)
