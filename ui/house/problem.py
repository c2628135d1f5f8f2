"""What goes wrong between the portal and the house, in words for a person. Foreign exceptions end here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import ValidationError


class Problem(Exception):  # the API's own word for it
    """What went wrong in words for a person, and what to do. `code` is for programs, `request_id` for the operator."""

    def __init__(self, *, code: str, detail: str, advice: str, request_id: str = "") -> None:
        super().__init__(code)
        self.code, self.detail, self.advice, self.request_id = code, detail, advice, request_id


def checked(response: httpx.Response) -> httpx.Response:
    """The same, or what the API says went wrong. Raises Problem."""
    if response.is_success:
        return response
    raise problem(response.text)


def problem(body: str) -> Problem:
    """An `application/problem+json` as the house wrote it."""
    said = json.loads(body)
    return Problem(
        code=said["code"], detail=said["detail"], advice=said.get("advice", ""), request_id=said.get("request_id", "")
    )


@contextmanager
def problems() -> Iterator[None]:
    """Raises Problem for whatever failed within."""
    try:
        yield
    except httpx.ConnectError as error:
        raise Problem(
            code="api-unavailable",
            detail="The appliance does not answer.",
            advice="Start it with `muniment up`, or wait a moment if it is starting.",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Problem(
            code="connection-lost",
            detail="The connection to the appliance broke before the end.",
            advice="What is shown so far was verified, but it is not the whole answer. Ask again.",
        ) from error
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            code="not-understood",
            detail="The appliance gave an answer that this portal does not understand.",
            advice="Portal and appliance may be of different versions. Tell the operator.",
        ) from error
