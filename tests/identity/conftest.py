from collections.abc import Iterator

import pytest

from tests.identity.provider import Provider, running


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A certified OpenID provider of this file's own."""
    with running(tmp_path_factory.mktemp("provider")) as started:
        yield started
