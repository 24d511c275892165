"""Time in a replay: it stands where the take began, and goes on only when somebody waits; nobody waits for real."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta


class TapeClock:
    """A Clock; `wind` sets it to the beginning of a take."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0

    def wind(self, start: datetime) -> None:
        """A take begins; seconds go on, so that nothing that was timed comes out negative."""
        self._start = start - timedelta(seconds=self._passed)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self._passed += max(0.0, seconds)
        await asyncio.sleep(0)
