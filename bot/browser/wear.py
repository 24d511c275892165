"""When a browser and its driver are worn: by cases, by age, by the memory they gained (reliability.md 6)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bot.clock import SystemClock
from bot.ports.clock import Clock

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`mb`: gained since the start; `age_s`: by the PC's own steady clock, also where a service's day is simulated.

    Measured: +3 MB of the browser a case without recycling, and 0.065 MB of the driver with it.
    """

    cases: int = 500
    mb: int = 300
    age_s: float = 6 * 3600.0


@dataclass
class Wear:
    """Of one start of browser and driver; `memory_mb` is what they had when first looked at, after the start."""

    clock: Clock = field(default_factory=SystemClock)
    started_s: float = 0.0
    memory_mb: float | None = None

    def __post_init__(self) -> None:
        self.started_s = self.clock.monotonic()

    def too_much(self, limits: Limits, processes: Iterable[psutil.Process]) -> bool:
        """Whether age or memory want a fresh start."""
        if self.clock.monotonic() - self.started_s >= limits.age_s:
            return True
        now_mb = memory_mb(processes)
        if self.memory_mb is None:
            self.memory_mb = now_mb
        return now_mb - self.memory_mb >= limits.mb


def memory_mb(roots: Iterable[psutil.Process]) -> float:
    """Memory that would be free again if the processes and all that they started were gone; what is gone counts nothing."""
    found: set[psutil.Process] = set()
    for root in roots:
        with suppress(psutil.Error):
            found |= {root, *root.children(recursive=True)}
    total = 0
    for process in found:
        with suppress(psutil.Error):
            total += process.memory_full_info().uss
    return total / _MB
