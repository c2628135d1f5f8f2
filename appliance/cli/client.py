"""The command line as a client of the API: what a program would do, with errors told as ours."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import httpx

from appliance.errors import ApiUnavailable, BadRequest, MunimentError, NotAuthenticated, NotRunning
from appliance.settings import Settings

SECONDS = 700.0
"""Longer than any patience with the engine that settings allow: the API says first what went wrong."""
JSON = {"Content-Type": "application/json"}


class Client:
    """Speaks to the API of this installation as one persona of the demo."""

    def __init__(self, settings: Settings, persona: str) -> None:
        self._http = httpx.Client(base_url=settings.api_url, timeout=SECONDS, trust_env=False)
        try:
            token = self.post("/v1/demo/token", {"persona": persona})["access_token"]
        except NotAuthenticated as error:
            raise BadRequest("There is no such persona.", advice=f"Personas: {', '.join(self._personas())}.") from error
        except KeyError as error:
            raise self._stranger() from error
        self._http.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def bearing(cls, settings: Settings, token: str) -> "Client":
        """Speaks to it with an access token, as the person whose it is."""
        made = cls.__new__(cls)
        headers = {"Authorization": f"Bearer {token}"}
        made._http = httpx.Client(base_url=settings.api_url, timeout=SECONDS, trust_env=False, headers=headers)
        return made

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send `body`, return the JSON answer. Raises NotRunning, ApiUnavailable, or the API's own problem."""
        answer: dict[str, Any] = self._read(self._answered("POST", path, content=_encoded(body), headers=JSON))
        return answer

    def get(self, path: str, **asked: str | int) -> dict[str, Any]:
        """Ask for what is at `path`. Raises as `post` does."""
        answer: dict[str, Any] = self._read(self._answered("GET", path, params=asked))
        return answer

    def delete(self, path: str) -> None:
        """Remove what is at `path`. Raises as `post` does."""
        self._answered("DELETE", path)

    def send(self, path: str, file: BinaryIO, **asked: str | list[str]) -> dict[str, Any]:
        """Send the bytes of `file` as they are, a piece at a time. Raises as `post` does."""
        headers = {"Content-Type": "application/octet-stream"}
        answer: dict[str, Any] = self._read(self._answered("POST", path, content=file, params=asked, headers=headers))
        return answer

    def _answered(self, method: str, path: str, **request: Any) -> httpx.Response:  # httpx's own arguments
        try:
            response = self._http.request(method, path, **request)
        except httpx.ConnectError as error:
            raise NotRunning("The API does not answer: the stack is not up.") from error
        except httpx.HTTPError as error:
            raise ApiUnavailable(f"The API broke off ({type(error).__name__}).") from error
        if response.is_error:
            raise self._problem(response)
        return response

    def events(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Send `body`, yield (event, data) as they come. A stream that ends in an error raises it."""
        try:
            headers = JSON | {"Accept": "text/event-stream"}
            with self._http.stream("POST", path, content=_encoded(body), headers=headers) as response:
                if response.is_error:
                    response.read()
                    raise self._problem(response)
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

    def _personas(self) -> list[str]:
        found = self._read(self._http.get("/v1/demo/personas"))
        return [str(persona["id"]) for persona in found]

    def _read(self, response: httpx.Response) -> Any:  # JSON has no type
        try:
            return response.json()
        except ValueError as error:
            raise self._stranger() from error

    def _problem(self, response: httpx.Response) -> MunimentError:
        body = self._read(response)
        return problem(body) if isinstance(body, dict) and "code" in body else self._stranger()

    def _stranger(self) -> MunimentError:
        return ApiUnavailable(f"What answers at {self._http.base_url} is not this appliance's API.")


def _encoded(body: dict[str, Any]) -> bytes:
    """`body` as JSON in ASCII: a stray byte of a terminal travels escaped, and the API says what is wrong with it."""
    return json.dumps(body).encode("ascii")


def problem(body: dict[str, Any]) -> MunimentError:
    """The API's `application/problem+json` as an error of ours."""
    kind = NotAuthenticated if body.get("code") == NotAuthenticated.code else MunimentError
    error = kind(str(body.get("detail") or body.get("title")), advice=str(body.get("advice") or ""))
    error.code = str(body.get("code"))
    return error
