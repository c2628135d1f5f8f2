"""A site to test beside, and the embedding model, loaded once for this room."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import wiring
from appliance.errors import ModelMissing
from appliance.retrieval.embedding import Embedder
from appliance.settings import Settings
from tests.contracts.chat_models import real_model_settings
from tests.left_out import left_out


@pytest.fixture
def site() -> Iterator[Settings]:
    """A site that was never started, in a folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        yield real_model_settings(Path(folder))


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """The installation's own: a leak test with another would not be one of what answers people."""
    try:
        return wiring.embedder(real_model_settings(tmp_path_factory.mktemp("embedder")))
    except ModelMissing as missing:
        left_out("THE LEAK TEST", f"{missing} {missing.advice}")
