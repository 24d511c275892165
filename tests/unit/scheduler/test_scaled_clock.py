"""A day in minutes: what is dated runs fast, what a browser takes does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bot.clock import ScaledClock

START = datetime(2027, 6, 17, 16, 0, tzinfo=UTC)


async def test_clock_at_a_high_rate_waits_shorter_and_dates_further() -> None:
    clock, real = ScaledClock(1000, START), time.monotonic()
    steady = clock.monotonic()
    await clock.sleep(60)
    took = time.monotonic() - real
    assert clock.now() - START >= timedelta(seconds=60)
    assert took < 30
    assert clock.monotonic() - steady < 30, "time-outs stay real"
    assert clock.now().utcoffset() == timedelta(hours=8)
