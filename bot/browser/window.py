"""A window for the person that a page waits for: the tab in front, or its twin in a window of its own where the browser has none."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from loguru import logger
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from bot.browser.find import find, has_display, this_machine
from bot.browser.launch import BrowserHost, LaunchOptions, Running
from bot.browser.session import BrowserSession
from bot.errors import BrowserMissing, PageError
from bot.ports.desktop import Front

_TWIN = "twin"
_LOOKS = 10
_LOOK_S = 0.1
"""A second in all: a window that was put away takes a moment to come up, and its title to follow the tab."""
_CLOSE_S = 30.0
_BROKEN = 500
_RELOAD_S = 3.0


async def windowed(options: LaunchOptions) -> BrowserHost | None:
    """A browser that shows its window and reaches the same hosts; None where there is no display, or none that has windows.

    Nothing is downloaded for it: a person is waiting.
    """
    machine = this_machine()
    if options.sealed or not has_display(machine):
        return None
    try:
        found = await asyncio.to_thread(find, machine, _named(options), headed=True)
        return await BrowserHost.start(replace(options, executable=found.path, headed=True))
    except BrowserMissing:
        return None


def _named(options: LaunchOptions) -> str:
    """The browser that the robot drives, unless it is one without windows."""
    return "" if "headless" in options.executable.name else str(options.executable)


@dataclass
class Window:
    """Where one page of a session waits for a person. The page is left as it is: nothing is written into it or its title.

    Only an error of the server that follows the person's deed is loaded again: nobody stays to see that the shop had a bad moment (F12).
    """

    session: BrowserSession
    page: Page
    _twin: BrowserSession | None = None
    _browser: Running = field(init=False)
    _reloading: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._browser = self.session.host.running
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("response", lambda answer: self._answered(page, answer))

    def _answered(self, page: Page, answer: Response) -> None:
        asked = answer.request
        if not asked.is_navigation_request() or asked.frame.parent_frame is not None:
            return
        self._let_be()
        if answer.status >= _BROKEN and asked.method == "GET":
            self._reloading = asyncio.create_task(self._reload(page))

    async def _reload(self, page: Page) -> None:
        await asyncio.sleep(_RELOAD_S)
        self._reloading = None  # what answers now is no reason to stop
        with suppress(PlaywrightError):
            await page.reload()

    def _let_be(self) -> None:
        """Another page stands there, or none will."""
        if self._reloading is not None:
            self._reloading.cancel()
            self._reloading = None

    @property
    def waits(self) -> bool:
        """Whether the page is still there."""
        return not self.page.is_closed()

    @property
    def lost_its_browser(self) -> bool:
        """Whether the page is gone because its browser is, and nobody closed it."""
        return not self._browser.alive

    async def present(self) -> bool:
        """Put the page in front of the screen, where need be by opening its address in a window; False where there is none.

        A page that is gone by now, and a window that does not come, are no matter: the page waits where it is.
        """
        host = self.session.host if self._twin is None else self._twin.host
        shown = host.options.headed or self._twin is not None
        await _to_front(host, self.page)
        return shown or await self._opened()

    async def _opened(self) -> bool:
        """Signed in as far as the page that waits is, behind the same guard."""
        mine, host = self.session, await windowed(self.session.host.options)
        if host is None:
            return False
        try:
            host.kept = {_TWIN: await mine.context.storage_state(indexed_db=True)}
            twin = await BrowserSession.open(host, mine.guard, mine.look, mine.on_incident, _TWIN)
            page = await twin.new_tab()
            self._watch(page)
            await page.goto(self.page.url)
        except (PlaywrightError, PageError, BrowserMissing):
            await host.close()
            return False
        await self._close_page()
        self._twin, self.page, self._browser = twin, page, host.running
        await _to_front(host, page)
        return True

    async def close(self, *, passed: bool = False) -> None:
        """Close the page, and the window that was opened for it.

        `passed`: whoever signed in there is signed in here from now on, also where the browser here died meanwhile.

        Raises:
            PageError: one of the two browsers dies in this very moment.
            BrowserMissing: the browser here does not start any more.
        """
        twin, self._twin = self._twin, None
        self._let_be()
        try:
            if twin is not None and passed:
                await self.session.take_over(await _cookies(twin))
        finally:
            if twin is not None:
                await twin.close()
                await twin.host.close()
            await self._close_page()

    async def _close_page(self) -> None:
        if self.waits:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await self.page.close()


async def _cookies(session: BrowserSession) -> list[Any]:
    """What one context hands out, another takes: Playwright only has two names for it."""
    try:
        return [*await session.context.cookies()]
    except PlaywrightError as error:
        raise PageError(f"the window is gone: {error.message.splitlines()[0]}") from error


async def _to_front(host: BrowserHost, page: Page) -> None:
    """By the browser's own way, then by the system's: some desktops let no window push itself forward. Never raises for either."""
    try:
        title = await _unfold(page)
        await page.bring_to_front()
    except PlaywrightError:
        return
    if host.options.headed and host.options.front is not None:
        await _by_the_system(host.options.front, host.running.pids, title)


async def _by_the_system(front: Front, pids: Collection[int], title: str) -> None:
    """Asked once, as soon as the window is there; at the last look any window of the browser will do."""
    try:
        for wanted in (*[title] * (_LOOKS - 1), ""):
            if await asyncio.to_thread(front, pids, wanted):
                return
            await asyncio.sleep(_LOOK_S)
    except Exception as error:  # noqa: BLE001 - each desktop fails in a way of its own; the page waits wherever its window is
        logger.debug("the window was not brought forward by the system: {!r}", error)


async def _unfold(page: Page) -> str:
    """A window that somebody put away is opened again; one that is open keeps its size. Returns what the browser calls the page."""
    cdp = await page.context.new_cdp_session(page)
    window = await cdp.send("Browser.getWindowForTarget")
    if window["bounds"].get("windowState") == "minimized":
        bounds = {"windowState": "normal"}
        await cdp.send("Browser.setWindowBounds", {"windowId": window["windowId"], "bounds": bounds})
    target = await cdp.send("Target.getTargetInfo")
    await cdp.detach()
    return str(target["targetInfo"]["title"])
