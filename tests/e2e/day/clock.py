"""A clock for a robot in a world that runs faster than ours: the shop's moment (ADR 0008), while waits for pages stay real seconds."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.base import SHANGHAI


@dataclass(frozen=True)
class Tempo:
    """`rate` seconds of the day pass in one real second since `at` of the machine's monotonic clock, when it was `began`."""

    began: datetime
    at: float
    rate: float

    def now(self) -> datetime:
        passed = (time.monotonic() - self.at) * self.rate
        return self.began.astimezone(SHANGHAI) + timedelta(seconds=passed)

    def keep(self, file: Path) -> None:
        """For the clocks of other processes, the whole of it at once."""
        told = {"began": self.began.isoformat(), "at": self.at, "rate": self.rate}
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.replace(file)

    @classmethod
    def kept(cls, file: Path) -> Tempo:
        told = json.loads(file.read_text(encoding="utf-8"))
        return cls(datetime.fromisoformat(told["began"]), told["at"], told["rate"])


class ScaledClock:
    """Goes by the tempo kept in a file, whoever changes it meanwhile; never backwards.

    Permits and waits are about pages and requests, which are as slow as ever: `monotonic` and `sleep` are the machine's.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._latest = Tempo.kept(file).now()

    def now(self) -> datetime:
        self._latest = max(self._latest, Tempo.kept(self._file).now())
        return self._latest

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
