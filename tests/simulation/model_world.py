"""What a simulated world runs on: time that passes when it is told to, ids that count, faults by seed, and a crash that nothing catches."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.base import SHANGHAI

START = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)


class VirtualClock:
    """Time that only moves when somebody waits."""

    def __init__(self) -> None:
        self._s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._s)

    def monotonic(self) -> float:
        return self._s

    async def sleep(self, seconds: float) -> None:
        self._s += seconds
        await asyncio.sleep(0)

    def pass_time(self, seconds: float) -> None:
        self._s += seconds


class CountingIds:
    """Same order of asking, same ids: one seed gives one event log."""

    def __init__(self) -> None:
        self._n = 0

    def fresh(self, prefix: str) -> str:
        self._n += 1
        return f"{prefix}-{self._n:06d}"


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


FAULTS = (
    "read_error",
    "session_loss",
    "not_sent",
    "drop_before",
    "drop_after",
    "late_apply",
    "resend",
    "buyer_edits",
    "buyer_withdraws",
    "colleague_agrees",
)


@dataclass
class Chance:
    """Draws faults: each kind at a rate, from one seeded stream."""

    seed: int
    rates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.fired: list[str] = []

    def draw(self, kind: str) -> bool:
        hit = self.random.random() < self.rates.get(kind, 0.0)
        if hit:
            self.fired.append(kind)
        return hit
