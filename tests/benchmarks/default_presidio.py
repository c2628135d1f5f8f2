"""Presidio as it comes, beside the house: all its recognisers for English, the same spaCy model, no more."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import presidio_analyzer
import tldextract.tldextract
import yaml
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

from appliance.models import manifest
from appliance.records.privacy import Finding
from appliance.settings import load

# As it comes it fetches the list of domains' ends at its first e-mail address; the one in its package does as well.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

SUGGESTED: Final[Mapping[str, float]] = {"PHONE_NUMBER": 0.4}
"""Scores below which a kind is not believed. A flat 0.5 loses nearly all telephone numbers."""
FLAT: Final = 0.5
"""For every other kind."""


def analyzer(folder: Path) -> AnalyzerEngine:
    """AnalyzerEngine as it is shipped, with the model in `folder` in the place of the large one."""
    shipped = Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml"
    configuration: dict[str, Any] = yaml.safe_load(shipped.read_text("utf-8"))
    configuration["models"][0]["model_name"] = str(folder)
    return AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())


class DefaultPresidio:
    """Its findings under its own names for kinds, whatever their score."""

    version = "default presidio"

    def __init__(self) -> None:
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        folder = manifest.locate(manifest.entry("names"), load().models_folder)
        # Without the file that it comes with it reports organisations too, which these sets mark: the stronger peer.
        models = [{"lang_code": "en", "model_name": str(folder)}]
        provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
        self._engine = AnalyzerEngine(nlp_engine=provider.create_engine())

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:  # noqa: ARG002  # English is all it knows
        """For each text what presidio says of it; every language is shown to it as English."""
        return [
            [
                Finding(one.start, one.end, one.entity_type, one.score, "presidio")
                for one in self._engine.analyze(text, "en")
            ]
            for text in texts
        ]


def suggested(findings: Sequence[Finding]) -> list[Finding]:
    """Those at or above the threshold of their kind."""
    return [one for one in findings if one.score >= SUGGESTED.get(one.entity, FLAT)]
