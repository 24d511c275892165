"""The world's clock: a fixed start, real speed or a multiple of it, jumps on request, an agenda whose entries fire in order."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.world.model import SHANGHAI

START = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
"""The fixed instant at which every world begins (plus seeded minutes)."""

FARTHEST = timedelta(days=3652)
"""How far a world may be moved in all: ten years, long before Python's calendar ends."""

FASTEST = 3600.0
"""An hour of the world in a second."""


class WorldClock:
    """Time in Asia/Shanghai. `monotonic` gives seconds and is handed in by tests that want to stand still.

    `rate` world seconds pass in one of `monotonic`: 1 until somebody sets another.
    """

    def __init__(self, start: datetime = START, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._monotonic = monotonic
        self._since = monotonic()
        self.rate = 1.0
        self._jumped = timedelta()
        self._firing: datetime | None = None
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """The time; while an agenda entry fires it is that entry's own time."""
        if self._firing is not None:
            return self._firing
        return self._start + self._jumped + timedelta(seconds=(self._monotonic() - self._since) * self.rate)

    def set_rate(self, rate: float) -> None:
        """Let time run so many times as fast from now on; what has passed has passed.

        Raises:
            ValueError: it is no number from 0 (the world stands still) to 3,600.
        """
        if not 0 <= rate <= FASTEST:  # so that NaN is refused too
            raise ValueError(f"rate: a number from 0 to {FASTEST:.0f}, not {rate}")
        now = self._monotonic()
        self._start += timedelta(seconds=(now - self._since) * self.rate)
        self._since, self.rate = now, float(rate)

    def at(self, when: datetime, action: Callable[[], object]) -> None:
        """Let `action` happen at `when` (at the next catch-up if that is past)."""
        heapq.heappush(self._agenda, (when, next(self._order), action))

    def after(self, delay: timedelta, action: Callable[[], object]) -> None:
        """Let `action` happen `delay` from now."""
        self.at(self.now() + delay, action)

    def advance(self, seconds: float) -> int:
        """Jump forward; everything due on the way fires in order. Returns how many entries fired.

        Raises:
            ValueError: for a jump backwards, or beyond ten years in all.
        """
        left = (FARTHEST - self._jumped).total_seconds()
        if not 0 <= seconds <= left:  # so that NaN is refused too
            raise ValueError(f"the world's clock only goes forward, and by {left:.0f} s at most, not by {seconds}")
        self._jumped += timedelta(seconds=seconds)
        return self._fire()

    def catch_up(self) -> datetime:
        """Fire what is due and return the time."""
        self._fire()
        return self.now()

    def _fire(self) -> int:
        if self._firing is not None:
            return 0
        fired, target = 0, self.now()
        try:
            while self._agenda and self._agenda[0][0] <= target:
                self._firing, _, action = heapq.heappop(self._agenda)
                action()
                fired += 1
        finally:
            self._firing = None
        return fired
