"""A person's hand at mouse or keyboard: seen by what we did not do, and left alone until the desk is quiet."""

from __future__ import annotations

import asyncio

from bot.errors import NotAvailable
from bot.ports.clock import Clock
from bot.ports.desktop import DesktopDriver, Point

GRACE_S = 0.6
"""What we did ourselves may show in the system's count of idle seconds this much later on a loaded PC."""

LOOK_S = 0.25


class Hand:
    """Remembers where our own last act left the pointer, and when; asked before each act."""

    def __init__(self, driver: DesktopDriver, clock: Clock, quiet_s: float, patience_s: float) -> None:
        self._driver = driver
        self._clock = clock
        self._quiet_s = quiet_s
        self._patience_s = patience_s
        self._pointer: Point | None = None
        self._acted_at: float | None = None

    def ours(self) -> None:
        """We have just done something."""
        self._pointer = self._driver.pointer()
        self._acted_at = self._clock.monotonic()

    def begin(self) -> None:
        """A new piece of work: wherever a person left the pointer since, it may be; whether they still use it is another matter."""
        self._pointer = None

    def touched(self) -> bool:
        """Whether somebody else used mouse or keyboard since our last act; before our first, within the quiet time."""
        if self._pointer is not None and self._driver.pointer() != self._pointer:
            return True
        idle = self._driver.idle_s()
        if idle is None:
            return False
        if self._acted_at is None:
            return idle < self._quiet_s
        since = self._clock.monotonic() - self._acted_at
        return idle < min(since - GRACE_S, self._quiet_s)

    def _seen(self) -> tuple[Point, float | None]:
        """Where the pointer is, and how long nothing was used."""
        return self._driver.pointer(), self._driver.idle_s()

    async def away(self) -> bool:
        """True at once where nobody is at work; else wait until they are done, and say False: what was seen before may have changed.

        Raises:
            NotAvailable: they go on working.
        """
        if not await asyncio.to_thread(self.touched):
            return True
        ends = self._clock.monotonic() + self._patience_s
        still_since, at = self._clock.monotonic(), await asyncio.to_thread(self._driver.pointer)
        while True:
            await self._clock.sleep(LOOK_S)
            here, idle = await asyncio.to_thread(self._seen)
            now = self._clock.monotonic()
            if here != at:
                still_since, at = now, here
            if now - still_since >= self._quiet_s and (idle is None or idle >= self._quiet_s):
                self._pointer, self._acted_at = here, now
                return False
            if now >= ends:
                raise NotAvailable("a person works at this PC", code="desktop.hand")
