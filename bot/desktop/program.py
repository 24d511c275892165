"""A program's windows, by title and process: the main one, and what it opens beside it; nobody else's is ever touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL.Image import Image

from bot.desktop import boxes
from bot.desktop.anchors import anchored
from bot.desktop.desktop import Desktop
from bot.desktop.look import Look, button, entry, label_box
from bot.desktop.reading import plain
from bot.desktop.targets import ScreenTarget
from bot.domain.lines import Box, Line
from bot.errors import NotAvailable, TargetAmbiguous, TargetMissing, Unreadable, WrongPage
from bot.ports.desktop import Point, WindowSeen

TRIES = 4
"""A step that something came between is begun again this often."""

POLL_S = 0.25
_SNIPPET_S = 1.5
"""How long a copy may take to reach the clipboard."""


@dataclass(frozen=True, slots=True)
class Named:
    """Exact title of the main window, and the program's name as the system tells it (`.exe` may be left out)."""

    title: str
    process: str

    def fits(self, window: WindowSeen) -> bool:
        return _program(window.process) == _program(self.process)


class Program:
    """Eyes and hands on one running program; everything happens within a turn of the desktop."""

    def __init__(self, desktop: Desktop, named: Named) -> None:
        self.desktop = desktop
        self._named = named
        self._last: Look | None = None
        self._copies = 0

    async def main(self) -> WindowSeen:
        """The main window, wherever it is. Raises NotAvailable: there is none, or more than one."""
        mine = [one for one in await self.desktop.windows() if self._named.fits(one)]
        found = [one for one in mine if plain(one.title) == plain(self._named.title)]
        if len(found) != 1:
            code = "desktop.two_windows" if found else "desktop.no_window"
            raise NotAvailable(f"{len(found)} windows {self._named.title!r}", page=self._named.title, code=code)
        return found[0]

    async def beside(self) -> tuple[WindowSeen, ...]:
        """What else the program shows, on top first."""
        main = await self.main()
        seen = await self.desktop.windows()
        return tuple(one for one in seen if one.pid == main.pid and one.handle != main.handle and self._named.fits(one))

    async def dialog(self, title: str) -> WindowSeen | None:
        """The window of that title beside the main one; None where there is none. Raises NotAvailable for two."""
        found = [one for one in await self.beside() if plain(one.title) == plain(title)]
        if len(found) > 1:
            raise NotAvailable(f"{len(found)} windows {title!r}", page=title, code="desktop.two_windows")
        return found[0] if found else None

    # ---- eyes ----

    async def look(self, window: WindowSeen, targets: Sequence[ScreenTarget] = ()) -> Look:
        """The window in front, photographed and read: quickly where these targets may stand, the whole page without any.

        Raises:
            NotAvailable. OcrMissing.
        """
        now, image = await self._photograph(window)
        reading = await self.desktop.reading()
        if targets:
            whole = Box(0, 0, *image.size)
            regions = [boxes.part(whole, one.region) for one in targets]
            return Look(now, image, await asyncio.to_thread(reading.quick, image, regions))
        last = self._last
        if last is None or last.window.handle != now.handle or not _alike(last.image, image):
            last = self._last = Look(now, image, await asyncio.to_thread(reading.page, image))
        return Look(now, image, last.lines)

    async def _photograph(self, window: WindowSeen) -> tuple[WindowSeen, Image]:
        """A picture of nothing but the window: it stood still, in front, before and after."""
        for _ in range(TRIES):
            now = await self.desktop.fetch(window)
            image = await self.desktop.picture(now.box)
            if now in await self.desktop.windows():
                return now, image
        raise NotAvailable(f"it does not stand still: {window.title}", page=window.title, code="desktop.restless")

    async def certain(self, look: Look, line: Line) -> str:
        """A line that money hangs on: read twice, cut out differently. Raises Unreadable where no two readings agree."""
        reading = await self.desktop.reading()
        text = await asyncio.to_thread(reading.certain, look.image, line)
        if not text:
            raise Unreadable(f"no two readings agree: {line.text!r}", page=look.window.title, raw=line.text)
        return plain(text)

    async def unchanged(self, look: Look) -> WindowSeen:
        """The window of a look, as it stands now, not a pixel of it another. Raises WrongPage."""
        now, image = await self._photograph(look.window)
        if not _alike(look.image, image):
            raise WrongPage("the window changed while it was read", page=look.window.title)
        return now

    async def find(
        self, window: WindowSeen, target: ScreenTarget, locate: Callable[[Look, ScreenTarget], Box]
    ) -> tuple[Look, Box]:
        """A target by a quick look; by the whole page where that misses it. Raises TargetMissing, TargetAmbiguous."""
        look = await self.look(window, [target])
        try:
            return look, locate(look, target)
        except TargetMissing:
            look = await self.look(window)
            return look, locate(look, target)

    # ---- hands ----

    async def press(self, window: WindowSeen, target: ScreenTarget) -> bool:
        """One click on the target, seen there once more right before; False, and nothing pressed, where something came between.

        Raises:
            TargetMissing, TargetAmbiguous: it does not stand there once.
        """
        look, box = await self.find(window, target, _pressed)
        self.desktop.book.keep(target.key, "before", look.image)
        if not await self._still_stands(look, box, target):
            return False
        return await self.desktop.click(look.window, _on_screen(look.window, boxes.centre(box)))

    async def _still_stands(self, look: Look, box: Box, target: ScreenTarget) -> bool:
        """A fresh picture of that very place shows its words, or itself."""
        now = await self.desktop.picture(look.window.box)
        reading = await self.desktop.reading()
        line = await asyncio.to_thread(reading.line, now, box)
        if plain(line.text) == plain(target.text):
            return True
        try:
            return bool(target.anchor) and boxes.holds(anchored(now, target), box)
        except (TargetMissing, TargetAmbiguous):
            return False

    async def fill(self, window: WindowSeen, target: ScreenTarget, text: str) -> None:
        """Paste into the entry beside a label, and copy it back out of it.

        Raises:
            Unreadable: what stands in it is something else, after all tries.
            TargetMissing, TargetAmbiguous.
        """
        held = ""
        for _ in range(TRIES):
            look, label = await self.find(window, target, label_box)
            now = look.window
            self.desktop.book.keep(target.key, "before", look.image)
            if not await self._select(now, _on_screen(now, entry(label, target))):
                continue
            await self.desktop.copy(text)
            if not await self.desktop.press(now, "ctrl", "v"):
                continue
            held = await self._held(now)
            if held == text:
                return
        raise Unreadable(f"{target.key}: {held!r} stands in it", target=target.key, page=window.title, raw=held)

    async def type_secret(self, window: WindowSeen, target: ScreenTarget, secret: str) -> bool:
        """Key by key, never by the clipboard, where others could read it; False where something came between.

        Raises:
            ValueError: no keyboard has one of its characters.
        """
        look, label = await self.find(window, target, label_box)
        now = look.window
        if not await self._select(now, _on_screen(now, entry(label, target))):
            return False
        for character in secret:
            if not await self.desktop.press(now, character):
                return False
        return True

    async def _select(self, window: WindowSeen, point: Point) -> bool:
        """Click into an entry and mark all of it; ctrl+a means something else in some toolkits."""
        return (
            await self.desktop.click(window, point)
            and await self.desktop.press(window, "end")
            and await self.desktop.press(window, "shift", "home")
        )

    async def _held(self, window: WindowSeen) -> str:
        """What the focused entry holds, by its own copy; empty where nothing was copied."""
        self._copies += 1
        marker = f"refundpilot {self._copies}"
        await self.desktop.copy(marker)
        marked = await self.desktop.press(window, "end") and await self.desktop.press(window, "shift", "home")
        if not (marked and await self.desktop.press(window, "ctrl", "c")):
            return ""
        ends = self.desktop.clock.monotonic() + _SNIPPET_S
        while (told := await self.desktop.clipboard()) == marker:
            if self.desktop.clock.monotonic() >= ends:
                return ""
            await self.desktop.clock.sleep(POLL_S / 5)
        return told


def _pressed(look: Look, target: ScreenTarget) -> Box:
    """By its words, else by its picture."""
    try:
        return button(look, target).box
    except TargetMissing:
        if not target.anchor:
            raise
        return anchored(look.image, target)


def _on_screen(window: WindowSeen, point: Point) -> Point:
    return Point(point.x + window.box.left, point.y + window.box.top)


def _program(name: str) -> str:
    return name.casefold().removesuffix(".exe")


def _alike(one: Image, other: Image) -> bool:
    return one.size == other.size and one.mode == other.mode and one.tobytes() == other.tobytes()
