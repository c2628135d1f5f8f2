"""What cannot run on a machine is left out loudly; in continuous integration that is a failure.

Two things need what most machines cannot have: Keycloak's own distribution, and data that is not ours to ship. Their
tests are reported in the last lines and fail nowhere; what they prove is also proved without them.
"""

import os
from typing import NoReturn

import pytest


def left_out(what: str, why: str) -> NoReturn:
    """Skip this test, or fail it where CI is set."""
    message = f"{what} WAS LEFT OUT: {why}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def only_reported(what: str, why: str) -> NoReturn:
    """Skip this test, in continuous integration too; the last lines of the run say so."""
    pytest.skip(f"{what} WAS LEFT OUT: {why}")
