"""From bytes to blocks and pages. Runs only inside the enclosure of `ingest.server`: never call it on a file directly.

The one package that knows unstructured and pypdfium2.
"""

import sys
from types import ModuleType


def without_tagger() -> None:
    """Let unstructured be imported without spaCy, which would bring torch: 9 of 15 seconds and 400 MB for nothing.

    unstructured asks spaCy only to guess element kinds, and `office.quicken` answers in its place. An empty module
    also cannot download a language model, which is what unstructured does where it finds none.
    """
    sys.modules.setdefault("spacy", ModuleType("spacy"))
