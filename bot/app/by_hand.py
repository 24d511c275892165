"""`refundpilot record --by-hand`: the robot looks, then a person works in a window of ours; a tape to hold one against the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.app.browsers import browser_of
from bot.app.recording import Recording, keep, need_room
from bot.app.sweeping import run_sweep
from bot.browser.guard import Mode
from bot.browser.read import read_page
from bot.browser.session import BrowserSession
from bot.clock import SystemClock
from bot.config import Home, Shop
from bot.domain.ids import ShopKey
from bot.errors import ConfigError, PageError, TapeError
from bot.ports.progress import Progress, StopSignal
from bot.ports.replays import TapedResult
from bot.ports.wanted import Wanted
from flows.registry import Workplace, platform_of

_LOOK_S: Final = 0.5


async def record_by_hand(
    home: Home, shop: ShopKey | None, progress: Progress, stop: StopSignal, tape: Path
) -> TapedResult:
    """Sweep the shop in posture observe, then open it in a window and record until its last tab is closed, or the operator ends it.

    In the window the robot presses and types nothing, not even the sign-in; other hosts than the shop's stay out of reach.

    Raises:
        TapeError: there is such a file already, or it could not be written. ConfigError: no such shop. BrowserMissing: no window can be opened here.
        PageError: the shop does not answer.
    """
    await asyncio.to_thread(need_room, tape)
    entry = _entry(home, shop)
    recording = Recording(home)
    try:
        await run_sweep(home, Wanted(shop=entry.key, posture="observe"), progress, stop, recording)
        if not stop.is_set():
            recording.by_hand(entry.key)
            await _hand_over(home, entry, recording, progress, stop)
    finally:
        lost = await keep(recording, tape, progress)
    if lost:
        raise TapeError(lost.params["detail"], page=str(tape), code=lost.code)
    return TapedResult(tape=str(tape), shop=str(entry.key), requests=recording.requests)


def _entry(home: Home, shop: ShopKey | None) -> Shop:
    found = next((one for one in home.settings.shop if shop in {None, one.key}), None)
    if found is None:
        raise ConfigError(f"no shop {shop} in the settings", code="config.no_such_shop", raw=str(shop))
    return found


async def _hand_over(home: Home, entry: Shop, recording: Recording, progress: Progress, stop: StopSignal) -> None:
    clock = SystemClock()
    seen = home.settings.browser.model_copy(update={"headed": True})
    windowed = replace(home, settings=home.settings.model_copy(update={"browser": seen}))
    async with browser_of(windowed, [entry.url], progress.note, recording.heads) as host:
        place = Workplace(host, clock, Mode.BY_HAND)
        guard = place.guard(platform_of(entry.platform).guard_rules(entry.url))
        async with await place.session(guard) as session:
            _keep_pages(session)
            page = await session.new_tab()
            try:
                await page.goto(entry.url)
            except BrowserError as error:
                raise PageError(f"no page: {error.message.splitlines()[0]}", page=entry.url) from error
            while host.alive and session.page_count and not stop.is_set():
                await clock.sleep(_LOOK_S)


def _keep_pages(session: BrowserSession) -> None:
    """Each page that the person comes to is kept as it stands once it is loaded."""
    running: set[asyncio.Task[None]] = set()

    async def keep(page: Page) -> None:
        with suppress(PageError, BrowserError):
            await session.has_read(page, await read_page(page))

    def loaded(page: Page) -> None:
        task = asyncio.get_running_loop().create_task(keep(page))
        running.add(task)
        task.add_done_callback(running.discard)

    session.context.on("page", lambda page: page.on("load", loaded))
