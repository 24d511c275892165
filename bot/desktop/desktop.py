"""The one screen of this PC: who may use it now, and every act on it with the window, the brakes and a person's hand checked first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from PIL.Image import Image

from bot.desktop import boxes
from bot.desktop.hand import Hand
from bot.desktop.lock import ScreenLock
from bot.desktop.reading import FindBoxes, Reading
from bot.domain.lines import Box
from bot.errors import NotAvailable, OutcomeUnknown, Stopped
from bot.ports.clock import Clock
from bot.ports.desktop import CORNER, DesktopDriver, NoBook, Point, Ready, StepBook, WindowSeen
from bot.ports.ocr import TextReader

T = TypeVar("T")

_POLL_S = 0.2


def _nothing() -> None:
    """Nobody brakes."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Seconds: how long nobody may have touched the PC before we do, and how long a person or another robot is waited for."""

    quiet_s: float = 5.0
    patience_s: float = 120.0


class Desktop:
    """Built once a PC and process; nothing on the screen is touched before the first turn.

    `reader` is asked for at the first look (it takes a second to load); `heed` raises Stopped while the kill switch is engaged;
    `on_corner` engages it. `find_boxes`: a quick eye for where lines of text are; without it every look reads a whole page.
    """

    def __init__(
        self,
        driver: DesktopDriver,
        reader: Callable[[], TextReader],
        clock: Clock,
        lock: ScreenLock,
        *,
        heed: Callable[[], None] = _nothing,
        on_corner: Callable[[], None] = _nothing,
        book: StepBook | None = None,
        manners: Manners | None = None,
        find_boxes: FindBoxes | None = None,
    ) -> None:
        self.driver = driver
        self.clock = clock
        self.heed = heed
        self.book = book or NoBook()
        self._reader = reader
        self._find_boxes = find_boxes
        self._reading: Reading | None = None
        self._on_corner = on_corner
        self._lock = lock
        self._manners = manners or Manners()
        self.hand = Hand(driver, clock, self._manners.quiet_s, self._manners.patience_s)
        self._one = asyncio.Lock()

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """In a thread; a pointer in the corner stops everything, not only this."""
        try:
            return await asyncio.to_thread(work, *args)
        except Stopped as stopped:
            if stopped.reason_code == CORNER:
                self._on_corner()
            raise

    async def reading(self) -> Reading:
        """Raises OcrMissing."""
        if self._reading is None:
            self._reading = Reading(await asyncio.to_thread(self._reader), self._find_boxes)
        return self._reading

    @asynccontextmanager
    async def turn(self, what: str) -> AsyncIterator[None]:
        """The screen is ours while the block runs.

        Raises:
            NotAvailable: no screen, a locked one, another robot's, or a person's.
            Stopped: the kill switch is engaged.
        """
        self.heed()
        async with self._one:
            await self._demand_ready()
            await self._take()
            try:
                self.hand.begin()
                await self.hand.away()
                self.book.begin(what)
                yield
            finally:
                self._lock.give()

    async def _demand_ready(self) -> None:
        ready = await self.run(self.driver.ready)
        if ready is not Ready.YES:
            raise NotAvailable(f"no desktop to work on: {ready}", code=f"desktop.{ready}")

    async def _take(self) -> None:
        ends = self.clock.monotonic() + self._manners.patience_s
        try:
            while not self._lock.take():
                if self.clock.monotonic() >= ends:
                    whose = self._lock.owner()
                    raise NotAvailable(f"another robot has the screen: {whose}", code="desktop.busy", raw=whose)
                await self.clock.sleep(_POLL_S)
                self.heed()
        except OSError as error:
            raise NotAvailable(f"the screen's lock: {error}", code="desktop.busy", raw=str(error)) from error

    # ---- acts: each a check and a deed in one go ----

    async def click(self, window: WindowSeen, point: Point) -> bool:
        """One click into that window; False, and nothing done, where it moved, lost the keys, or a person was at work."""
        self.heed()
        if not await self.hand.away():
            return False
        return await self.run(self._click, window, point)

    async def press(self, window: WindowSeen, *keys: str) -> bool:
        """One chord for that window; False, and nothing done, where another one would get it."""
        self.heed()
        if not await self.hand.away():
            return False
        return await self.run(self._press, window, keys)

    async def strike(self, window: WindowSeen, point: Point, let_go: Callable[[], None]) -> bool:
        """The one click that commits: `let_go` right before it. False, and nothing let go, where the window is not as it was.

        Raises:
            whatever `let_go` raises: nothing was clicked.
            OutcomeUnknown: it was let go, and the click did not go as it should.
        """
        self.heed()
        if await self.run(self.hand.touched) or not await self.run(self._in_front, window):
            return False
        let_go()
        if not await self.run(self._click, window, point):
            raise OutcomeUnknown("the window changed right before the click", page=window.title)
        return True

    async def copy(self, text: str) -> None:
        await self.run(self.driver.copy, text)

    async def clipboard(self) -> str:
        return await self.run(self.driver.clipboard)

    async def windows(self) -> tuple[WindowSeen, ...]:
        return await self.run(self.driver.windows)

    async def picture(self, box: Box) -> Image:
        return await self.run(self.driver.screenshot, box)

    async def fetch(self, window: WindowSeen, tries: int = 8) -> WindowSeen:
        """The window in front with the keys, as it stands now.

        Raises:
            NotAvailable: it is gone, or something else keeps the keys.
        """
        for _ in range(tries):
            self.heed()
            now = next((one for one in await self.windows() if one.handle == window.handle), None)
            if now is None:
                raise NotAvailable(f"the window is gone: {window.title}", page=window.title, code="desktop.no_window")
            if await self.run(self._in_front, now):
                return now
            if await self.hand.away():
                await self.run(self._focus, now)
            await self.clock.sleep(_POLL_S)
        raise NotAvailable(f"another window keeps the keys: {window.title}", page=window.title, code="desktop.focus")

    def _focus(self, window: WindowSeen) -> None:
        self.driver.focus(window)
        self.hand.ours()

    def _in_front(self, window: WindowSeen) -> bool:
        """It has the keys, stands where it was seen, and no other window of its program lies over it.

        A window may have the keys and not be seen: a picture of its place would show another one, and a click would go there
        (found by 60 interceptions under traps). Other programs' windows do not count: some lie invisibly over everything.
        """
        focused = self.driver.focused()
        if focused is None or (focused.handle, focused.box) != (window.handle, window.box):
            return False
        above = takewhile(lambda one: one.handle != window.handle, self.driver.windows())
        return not any(one.pid == window.pid and boxes.meet(one.box, window.box) for one in above)

    def _click(self, window: WindowSeen, point: Point) -> bool:
        if not self._in_front(window):
            return False
        self.driver.click(point)
        self.hand.ours()
        return True

    def _press(self, window: WindowSeen, keys: tuple[str, ...]) -> bool:
        if not self._in_front(window):
            return False
        self.driver.press(*keys)
        self.hand.ours()
        return True
