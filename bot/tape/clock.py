"""Time in a replay: it stands where the tape is, and goes on only when somebody waits or a page is loaded."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

STRIDE_S: Final = 6.0
"""What a page load takes: more than the five seconds within which a page may be acted on unread (design.md 4.7), so that
every write is preceded by a fresh read, as it is wherever the recorded sweep was slow."""


class TapeClock:
    """A Clock; `wind` sets it to the beginning of a take. Nobody waits for real."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0

    def wind(self, start: datetime) -> None:
        """A take begins; seconds go on, so that nothing that was timed comes out negative."""
        self._start = start - timedelta(seconds=self._passed)

    def stride(self) -> None:
        """A page was loaded."""
        self._passed += STRIDE_S

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self._passed += max(0.0, seconds)
        await asyncio.sleep(0)
