"""The worker's turns: a sweep that waits for a person stands aside with its page open, and one that has gone on for long gives way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.ids import ShopKey
from bot.ports.clock import Clock
from bot.ports.progress import StopSignal
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted
from bot.scheduler.errands import Errand, Errands

WAITS_AT_MOST: Final = timedelta(minutes=10)
"""A sweep gives way to what waited so long behind it: far less than a verdict is good for, and enough to get on between two."""

FIRST_LOOK: Final = timedelta(minutes=2)
"""As `WAITS_AT_MOST`, where nobody knows what waits: a shop whose list was not read since the service started."""

PLAN_LOOK: Final = timedelta(minutes=1)
"""How often the plan of work is asked whether another shop presses, and how long a sweep goes on at the least."""


class Outlook:
    """What a sweep of the schedule has to know of the shops behind it; `alone`: nothing is tried there right now."""

    def __init__(
        self,
        alone: Callable[[ShopKey], bool],
        unread: Callable[[ShopKey], bool],
        presses: Callable[[Collection[ShopKey]], ShopKey | None],
    ) -> None:
        self.alone = alone
        self.unread = unread
        self.presses = presses


class GivesWay:
    """The operator's stop, and the end of a sweep behind which something has waited long enough; what is in hand is settled first.

    Without an `outlook` it gives way to what people decided, and to a sweep that was set aside: a person who asked for it waits for its end.
    """

    def __init__(
        self,
        stop: StopSignal,
        errands: Errands,
        clock: Clock,
        beside: Collection[UnderWay] = (),
        outlook: Outlook | None = None,
    ) -> None:
        self._stop = stop
        self._errands = errands
        self._clock = clock
        self._beside = beside
        self._outlook = outlook
        self._at_cases_since: datetime | None = None
        self._plan_at = clock.now()
        self.gave_way = False
        self.to: Errand | None = None
        """Whose turn is next; None for whoever comes first anyway."""
        self.aside = False
        """Whether the sweep waits for a person beside the worker: it is in nobody's way."""

    def at_list(self) -> None:
        """A shop's list is read: one that was begun is read to its end, or a long one would be begun for ever."""
        self._at_cases_since = None

    def at_cases(self) -> None:
        """The list is read, or who stood aside goes on: from here on the turn counts."""
        self._at_cases_since = self._clock.now()
        self._plan_at = self._at_cases_since + PLAN_LOOK

    def back(self) -> None:
        """The sweep that stood aside goes on."""
        self.aside = False
        if self._at_cases_since is not None:
            self.at_cases()

    def is_set(self) -> bool:
        """Asked at every border between two cases; once it is so, it stays so for this sweep."""
        if not self.gave_way and not self.aside and not self._stop.is_set():
            self.gave_way = self._is_asked_for() or self._another_waits()
        return self.gave_way or self._stop.is_set()

    def _is_asked_for(self) -> bool:
        since = self._errands.handed_since
        back = any(one.wants_back for one in self._beside)
        return back or (since is not None and self._clock.now() - since >= WAITS_AT_MOST)

    def _another_waits(self) -> bool:
        outlook, since, behind = self._outlook, self._at_cases_since, self._errands.behind()
        if outlook is None or since is None or not behind:
            return False
        self.to = self._waited_long(outlook, behind, since) or self._pressing(outlook, behind)
        return self.to is not None

    def _waited_long(self, outlook: Outlook, behind: Mapping[ShopKey, Errand], since: datetime) -> Errand | None:
        now = self._clock.now()
        for shop, errand in sorted(behind.items(), key=lambda one: one[1].asked_at):
            patience = FIRST_LOOK if outlook.unread(shop) else WAITS_AT_MOST
            waited_long = now - max(errand.asked_at, since) >= patience
            if (waited_long or (errand.lost_a_turn and now - since >= PLAN_LOOK)) and not outlook.alone(shop):
                return errand
        return None

    def _pressing(self, outlook: Outlook, behind: Mapping[ShopKey, Errand]) -> Errand | None:
        if (now := self._clock.now()) < self._plan_at:
            return None
        self._plan_at = now + PLAN_LOOK
        shop = outlook.presses([one for one in behind if not outlook.alone(one)])
        return behind.get(shop) if shop else None


class UnderWay:
    """`bot.ports.turns.Turn` of one errand, and the task that does it."""

    def __init__(self, errand: Errand, wanted: Wanted, stop: StopSignal, began: datetime) -> None:
        self.errand = errand
        self.wanted = wanted
        self.stop = stop
        self.began = began
        self.waits_in: ShopKey | None = None
        """The shop where a person is waited for, from then until the turn has come back."""
        self._task: asyncio.Task[SweepResult] | None = None
        self._mine = asyncio.Event()
        self._turn_over = asyncio.Event()
        self._over = False

    @property
    def wants_back(self) -> bool:
        """Whether nobody is waited for any more."""
        return self._over or (self._task is not None and self._task.done())

    @property
    def gave_way(self) -> GivesWay | None:
        """What ended its sweep early; None where that was not so."""
        return self.stop if isinstance(self.stop, GivesWay) and self.stop.gave_way else None

    @asynccontextmanager
    async def aside(self, shop: ShopKey) -> AsyncIterator[None]:
        self._lay_down(shop)
        try:
            yield
        except asyncio.CancelledError:
            self._over = True
            raise  # whoever ends this sweep does not wait for its turn
        except BaseException:
            await self.back()
            raise
        await self.back()

    async def back(self) -> None:
        if self._mine.is_set():
            return
        self._over = True
        await self._mine.wait()

    def begin(self, sweep: Coroutine[Any, Any, SweepResult]) -> None:
        """The errand is done by this, in turns."""
        self._task = asyncio.create_task(sweep)
        self._task.add_done_callback(lambda _: self._turn_over.set())

    async def go_on(self) -> SweepResult | None:
        """One turn: to the end, or until a person is waited for, which is None. Raises whatever the sweep raises."""
        assert self._task is not None, "begun before"  # noqa: S101 - the worker begins it in the same breath
        self._pick_up()
        try:
            await self._turn_over.wait()
        except asyncio.CancelledError:
            await self.let_go()
            raise
        return self._task.result() if self._task.done() else None

    async def let_go(self) -> None:
        """Cancel it and wait until it is gone: it closes its pages."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _lay_down(self, shop: ShopKey) -> None:
        self.waits_in, self._over = shop, False
        self._mine.clear()
        self._turn_over.set()
        if isinstance(self.stop, GivesWay):
            self.stop.aside = True

    def _pick_up(self) -> None:
        self.waits_in = None
        self._mine.set()
        if self._task is not None and not self._task.done():
            self._turn_over.clear()
        if isinstance(self.stop, GivesWay):
            self.stop.back()
