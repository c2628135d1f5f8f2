"""Whether each part behind the API works, asked all at once and never for long."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import anyio

from appliance.errors import MunimentError

Check = Callable[[], None]
"""Returns if a part works; raises a MunimentError that says what is wrong."""

CHECK_SECONDS: Final = 3.0
OK: Final = "ok"


class Checks:
    """Checks by the name of their part."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._places = anyio.CapacityLimiter(max(2 * len(checks), 1))

    async def outcomes(self) -> dict[str, tuple[str, float]]:
        """For each part, by name: `OK`, an error's code or "timed-out", and the seconds that it took."""
        found: dict[str, tuple[str, float]] = {}

        async def look(name: str, check: Check) -> None:
            began = time.perf_counter()
            found[name] = await self._outcome(check), time.perf_counter() - began

        async with anyio.create_task_group() as together:
            for name, check in self._checks.items():
                together.start_soon(look, name, check)
        return dict(sorted(found.items()))

    async def _outcome(self, check: Check) -> str:
        with anyio.move_on_after(CHECK_SECONDS):
            try:
                await anyio.to_thread.run_sync(check, abandon_on_cancel=True, limiter=self._places)
            except MunimentError as error:
                return error.code
            return OK
        return "timed-out"
