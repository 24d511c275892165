"""Ends the wait for a browser that answers no more: it is killed under whoever waits, so that each call fails and nothing is broken off half-way (F9).

The browser's own time-outs live in its driver, and a driver that hangs, or a page that never comes to an end, keeps none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeAlias

from bot.errors import LedgerError, PageHung, Stopped
from bot.ports.desks import ShopFloor

GRACE_S: Final = 30.0
"""How long whoever only read may take to leave once the browser is dead: closing pages and keeping what stood there fail at once."""

Feed: TypeAlias = Callable[[], None]
"""There was progress: the limit counts anew from here."""


class Watchdog:
    """One shop's during one sweep. Limits are in seconds of the PC's own: it is the browser that is measured, not the shop's day.

    `entering` is held by who signs in, and while a person is at the page; `hands` from FIRED until the page was read back. Neither
    has its browser taken away by another's read that hangs: whoever holds one is bounded as well.
    """

    def __init__(self, floor: ShopFloor) -> None:
        self._floor = floor
        self.entering = asyncio.Lock()
        self.hands = asyncio.Lock()
        self.kills = 0

    @asynccontextmanager
    async def reading(self, limit_s: float, *, entering: bool = False) -> AsyncIterator[Feed]:
        """For what only reads. `entering`: it is done by who holds that lock.

        Raises:
            PageHung: nothing came within the limit, and the browser is a dead one. What was read all the same is good.
        """
        locks = [self.hands] if entering else [self.entering, self.hands]
        async with asyncio.timeout(None) as cut, self._leashed(limit_s, locks, cut) as leash:
            try:
                yield leash.feed
            except (LedgerError, Stopped):
                raise
            except (Exception, asyncio.CancelledError) as error:
                died = leash.expired and self.kills != leash.seen
                if died and (isinstance(error, Exception) or cut.expired()):
                    raise PageHung(f"no answer within {limit_s:g} s", page=getattr(error, "page", "")) from error
                raise

    @asynccontextmanager
    async def acting(self, limit_s: float) -> AsyncIterator[None]:
        """For what happens from FIRED on, by who holds `hands`: never broken off, its calls fail, and its own protocol says what that means."""
        async with self._leashed(limit_s, [], None):
            yield

    @asynccontextmanager
    async def _leashed(
        self, limit_s: float, locks: Sequence[asyncio.Lock], cut: asyncio.Timeout | None
    ) -> AsyncIterator[_Leash]:
        leash = _Leash(limit_s, self.kills)
        watching = asyncio.create_task(self._watch(leash, locks, cut))
        try:
            yield leash
        finally:
            watching.cancel()
            await asyncio.gather(watching, *leash.kill, return_exceptions=True)

    async def _watch(self, leash: _Leash, locks: Sequence[asyncio.Lock], cut: asyncio.Timeout | None) -> None:
        await leash.runs_out()
        leash.expired = True
        async with AsyncExitStack() as held:
            for lock in locks:
                await held.enter_async_context(lock)
            if self.kills == leash.seen:
                # whoever else waited for it died with it, and is not blamed
                self.kills += 1
                leash.kill = (asyncio.create_task(self._floor.abandon()),)
                await asyncio.shield(leash.kill[0])
        await asyncio.sleep(GRACE_S)
        if cut is not None:
            cut.reschedule(asyncio.get_running_loop().time())


class _Leash:
    """Of one piece of work, begun after so many kills; `kill`: the end of the browser that it waits for, once that has begun."""

    def __init__(self, limit_s: float, seen: int) -> None:
        self._limit_s, self.seen = limit_s, seen
        self.expired = False
        self.kill: tuple[asyncio.Task[None], ...] = ()
        self.feed()

    def feed(self) -> None:
        self._until = asyncio.get_running_loop().time() + self._limit_s

    async def runs_out(self) -> None:
        while (left := self._until - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110 - fed meanwhile, it waits on
            await asyncio.sleep(left)
