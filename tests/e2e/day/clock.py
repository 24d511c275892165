"""A clock for a robot in a world that runs faster than ours: the shop's moment (ADR 0008), while waits for pages stay real seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from bot.domain.base import SHANGHAI


class ScaledClock:
    """`rate` seconds of `now` pass in one real second since `at` of the machine's monotonic clock, when it was `began`.

    Permits and waits are about pages and requests, which are as slow as ever: `monotonic` and `sleep` are the machine's.
    """

    def __init__(self, began: datetime, at: float, rate: float) -> None:
        self._began = began.astimezone(SHANGHAI)
        self._at = at
        self.rate = rate

    def now(self) -> datetime:
        return self._began + timedelta(seconds=(time.monotonic() - self._at) * self.rate)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
