"""The command line as a client of the API: what a program would do, with errors told as ours."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from appliance.errors import ApiUnavailable, MunimentError, NotRunning
from appliance.settings import Settings

SECONDS = 180.0


class Client:
    """Speaks to the API of this installation as one persona of the demo."""

    def __init__(self, settings: Settings, persona: str) -> None:
        self._http = httpx.Client(base_url=settings.api_url, timeout=SECONDS, trust_env=False)
        token = self.post("/v1/demo/token", {"persona": persona})["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send `body`, return the JSON answer. Raises NotRunning, ApiUnavailable, or the API's own problem."""
        try:
            response = self._http.post(path, json=body)
        except httpx.ConnectError as error:
            raise NotRunning("The API does not answer: the stack is not up.") from error
        except httpx.HTTPError as error:
            raise ApiUnavailable(f"The API broke off ({type(error).__name__}).") from error
        if response.is_error:
            raise problem(response.json())
        answer: dict[str, Any] = response.json()
        return answer

    def events(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Send `body`, yield (event, data) as they come. A stream that ends in an error raises it."""
        try:
            with self._http.stream("POST", path, json=body, headers={"Accept": "text/event-stream"}) as response:
                if response.is_error:
                    response.read()
                    raise problem(response.json())
                event = ""
                for line in response.iter_lines():
                    if line.startswith("event:"):
                        event = line.removeprefix("event:").strip()
                    elif line.startswith("data:"):
                        data = json.loads(line.removeprefix("data:"))
                        if event == "error":
                            raise problem(data)
                        yield event, data
        except httpx.HTTPError as error:
            raise ApiUnavailable(f"The API broke off ({type(error).__name__}).") from error


def problem(body: dict[str, Any]) -> MunimentError:
    """The API's `application/problem+json` as an error of ours."""
    error = MunimentError(str(body.get("detail") or body.get("title")), advice=str(body.get("advice") or ""))
    error.code = str(body.get("code"))
    return error
