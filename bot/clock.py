"""The PC's own clock and chance: the one place of bot and flows that asks the machine for them."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import datetime

from bot.domain.base import SHANGHAI


class SystemClock:
    """Real time, told in Asia/Shanghai whatever the PC's zone is (F37)."""

    def now(self) -> datetime:
        return datetime.now(SHANGHAI)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SystemIds:
    """`prefix-` + 12 hex digits of milliseconds + 10 of chance: sorts by time of making, cannot be guessed."""

    def fresh(self, prefix: str) -> str:
        return f"{prefix}-{time.time_ns() // 1_000_000:012x}{secrets.token_hex(5)}"
