"""Walks through the screens that a shop shows right now, reading only: for whoever checks selectors on live pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.act import PRESS_MS, clear_overlays, find, how_many, press, scope
from bot.ports.desks import SessionDesk
from flows.navigation import visit
from flows.spec import Stop
from flows.taobao import endpoints, wording
from flows.taobao.list_tab import ListTab
from flows.taobao.office import Office

CASES: Final = 6
"""Cases that are looked at: enough for every kind of button in a shop of some size, and done in a minute."""


async def walk(office: Office, session: SessionDesk) -> AsyncGenerator[Stop]:
    """Sign-in, list, then detail pages, their dialogs and forms; a dialog is opened and left, and nothing in it is pressed.

    Raises:
        SessionError, PageError: a screen cannot be reached.
    """
    async for stop in _sign_in(office):
        yield stop
    await session.ensure()
    async with ListTab.open(office) as tab:
        rows = (await tab.choose(wording.TABS[0])).rows
        yield Stop(tab.view, endpoints.LIST_PAGE, frozenset({"list"}))
    page = await office.browser.new_tab()
    try:
        async for stop in _cases(office, page, [row["售后编号"] for row in rows][:CASES]):
            yield stop
    finally:
        await page.close()


async def _sign_in(office: Office) -> AsyncGenerator[Stop]:
    page = await office.browser.new_tab()
    try:
        await visit(page, office.address(endpoints.LOGIN), office.clock)
        yield Stop(page, endpoints.LOGIN, frozenset({"sign_in"}))
    finally:
        await page.close()


async def _cases(office: Office, page: Page, ids: Sequence[str]) -> AsyncGenerator[Stop]:
    shown: set[str] = set()
    for case in ids:
        path = f"{endpoints.DETAIL_PAGE}?disputeId={case}"
        await office.go(page, path)
        yield Stop(page, endpoints.DETAIL_PAGE, frozenset({"detail", "session"}))
        for opener in office.targets.screen("detail"):
            screen = opener.key.partition(".")[2]
            if screen in shown or screen in _FORMS or not await how_many(find(page, opener)):
                continue
            await office.go(page, path)
            await clear_overlays(page, office.targets.screen("overlay"))
            await press(find(page, opener), opener.key)
            shown.add(screen)
            await _drawn(office, page, screen, case)
            yield Stop(page, f"{endpoints.DETAIL_PAGE} {opener.name}", frozenset({screen}))
        for screen in _FORMS.keys() - shown:
            await office.go(page, f"{_FORMS[screen]}?disputeId={case}")
            # where the platform bars the act there is no form to look at
            if await how_many(find(page, office.targets.write(f"{screen}.upload"))):
                shown.add(screen)
                yield Stop(page, _FORMS[screen], frozenset({screen}))


_FORMS: Final = {"refuse": endpoints.REFUSE_PAGE, "complain": endpoints.COMPLAIN_PAGE}


async def _drawn(office: Office, page: Page, screen: str, case: str) -> None:
    """Wait for the dialog; one that does not come is what the check is about to tell."""
    try:
        await scope(page, office.targets.screen(screen)[0], case).wait_for(timeout=PRESS_MS)
    except BrowserError:
        return
