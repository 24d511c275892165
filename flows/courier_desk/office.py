"""What all acts on the client share: its windows kept clear, steps that wait for what they bring about, patience."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Final, TypeVar

from bot.desktop.look import Look, has, says
from bot.desktop.program import POLL_S, TRIES, Program
from bot.desktop.targets import ScreenTargets
from bot.errors import NotAvailable, PageError, SessionExpired, WrongPage
from bot.ports.clock import Clock
from bot.ports.desktop import WindowSeen
from flows.courier_desk import wording

T = TypeVar("T")

STEP_S: Final = 8.0
"""How long what a press brings about may take to show: a slow answer and a slow repaint together."""
PRESSES: Final = 3
"""A client that is busy loses presses."""
_OTHER_WINDOWS: Final = frozenset({"confirm", "news", "update"})
_WAYS_OUT: Final = MappingProxyType({**wording.UNASKED, wording.CONFIRM: "confirm.no"})


class Office:
    """One client program; nothing here commits anything."""

    def __init__(self, program: Program, targets: ScreenTargets, clock: Clock) -> None:
        self.program = program
        self.desktop = program.desktop
        self.targets = targets
        self.clock = clock
        self._screen = [one for key, one in targets.table.items() if key.partition(".")[0] not in _OTHER_WINDOWS]

    async def main(self) -> WindowSeen:
        """The main window with nothing before it. Raises NotAvailable."""
        await self.clear()
        return await self.program.main()

    async def clear(self, keep: str = "") -> None:
        """Send away what nobody asked for; a question that was left open is answered by no, but for the one titled `keep`.

        Raises:
            NotAvailable: something stands there that is not known, or does not go.
        """
        standing: list[WindowSeen] = []
        for _ in range(TRIES * 2):
            standing = [one for one in await self.program.beside() if one.title != keep]
            if not standing:
                return
            await self._send_away(standing)
        raise NotAvailable(f"it does not go away: {standing[0].title}", page=standing[0].title, code="desktop.popup")

    async def _send_away(self, standing: list[WindowSeen]) -> None:
        """The newest holds the input of all others, and nobody tells which that is: the known ones in turn."""
        known = [one for one in standing if one.title in _WAYS_OUT]
        if not known:
            title = standing[0].title
            raise NotAvailable(f"a window that is not known: {title}", page=title, code="desktop.popup")
        for window in known:
            try:
                await self.program.press(window, self.targets[_WAYS_OUT[window.title]])
            except (PageError, NotAvailable):
                # it went by itself, or another one holds the input
                continue
            await self.clock.sleep(POLL_S)

    async def press(self, key: str) -> None:
        """One press on the main window, begun again while something comes between. Raises PageError, NotAvailable."""
        for _ in range(TRIES):
            if await self.program.press(await self.main(), self.targets[key]):
                return
            await self.clock.sleep(POLL_S)
        raise WrongPage(f"{key}: something always came between", target=key)

    async def bring(self, key: str, seen: Callable[[Look], T | None]) -> T:
        """Press what may be pressed twice, until it brought about what it should. Raises as `press` and `until`."""
        for left in reversed(range(PRESSES)):
            await self.press(key)
            try:
                return await self.until(key, seen)
            except WrongPage:
                if not left:
                    raise
        raise AssertionError("the last press returns or raises")

    async def until(self, key: str, seen: Callable[[Look], T | None], *, inside: bool = True) -> T:
        """Look until something is seen; `inside`: it can only be seen by somebody who is signed in.

        Quickly at first, and at the whole page once the time is up: what a quick eye misses is no reason to press again.

        Raises:
            SessionExpired: the client is at its sign-in.
            PageError: it says that the courier cannot be reached. WrongPage: the time is up.
        """
        ends = self.clock.monotonic() + STEP_S
        while True:
            late = self.clock.monotonic() >= ends
            look = await self.look(whole=late)
            self.desktop.book.keep(key, "after", look.image)
            if (found := seen(look)) is not None:
                return found
            self._expect_reach(look)
            if inside and self.at_sign_in(look):
                raise SessionExpired("the client is at its sign-in", page=look.window.title)
            if late:
                raise WrongPage(f"{key}: what it should bring about did not come", target=key, page=look.window.title)
            await self.clock.sleep(POLL_S)

    async def look(self, *, whole: bool = False) -> Look:
        """The main window, with nothing before it."""
        return await self.program.look(await self.main(), () if whole else self._screen)

    def _expect_reach(self, look: Look) -> None:
        if says(look, wording.NETWORK):
            raise PageError("the client cannot reach the courier", page=look.window.title, raw=wording.NETWORK)

    def at_sign_in(self, look: Look) -> bool:
        """Where nothing else can be done."""
        return has(look, self.targets["sign_in.submit"]) and has(look, self.targets["sign_in.password"])

    def busy(self, look: Look) -> bool:
        """It says that it is waiting for an answer, or that what came is not drawn yet."""
        return has(look, self.targets["search.busy"])


async def patiently(
    work: Callable[[], Awaitable[T]], enter: Callable[[], Awaitable[None]], clock: Clock, tries: int = TRIES
) -> T:
    """Sign in where need be, then work; what a fresh look may cure is begun again from its first step.

    Raises:
        PageError: it failed every time. NotAvailable: also where it signs out every time.
    """
    for left in reversed(range(tries)):
        try:
            await enter()
            return await work()
        except SessionExpired as error:
            if not left:
                raise NotAvailable("the client signs out every time", code="desktop.signed_out") from error
        except PageError:
            if not left:
                raise
        await clock.sleep(POLL_S)
    raise AssertionError("the last try returns or raises")
