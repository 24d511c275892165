"""One browser tab with the refund list in it: choosing its tabs, turning its pages, reading each in one call (F10 to F14, F58)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Self

from playwright.async_api import Error as BrowserError
from playwright.async_api import Frame, Page

from bot.browser.act import choose, clear_overlays, fill, find, how_many, is_there, look, press
from bot.browser.artifacts import witnessed
from bot.browser.exchange import Exchange, listening, read_answer
from bot.browser.read import PageData, read_settled, turn_page
from bot.browser.rules import origin_of
from bot.errors import PageError, RateLimited, RefundPilotError, TargetMissing
from flows.navigation import check_status, served_at
from flows.taobao import wording
from flows.taobao.answers import check_ret
from flows.taobao.endpoints import LIST, LIST_PAGE
from flows.taobao.list_page import ListPage, chosen_tabs, parse_list
from flows.taobao.office import Office

TRIES: Final = 4
"""Loads of one page of the list: at 5 % failing requests, one list in 150,000 pages fails."""
SETTLE_S: Final = 10.0
"""How long rows may take from the click: a slow answer of up to 8 s, and what the page itself takes."""
_LONGEST_WAIT_S: Final = 60
_SHORT_BODY: Final = 1_000


class ListTab:
    """The list in one browser tab of its own; used by one reader at a time."""

    def __init__(self, office: Office, page: Page, heard: Exchange, sort: str) -> None:
        """`heard`: the page's requests to the list's endpoint, listened to from the start; `sort` in the page's own word."""
        self._office = office
        self._page = page
        self._heard = heard
        self._view: Page | Frame = page
        self._first = ""
        self._tab = ""
        self._sort = sort

    @classmethod
    @asynccontextmanager
    async def open(cls, office: Office, sort: str = wording.SORT_BY_DEADLINE) -> AsyncIterator[Self]:
        """The list in that order while the block runs. Raises SessionError, PageError."""
        page = await office.browser.new_tab()
        try:
            with listening(page, LIST) as heard:
                tab = cls(office, page, heard, sort)
                await tab.renew()
                yield tab
        finally:
            await page.close()

    @property
    def view(self) -> Page | Frame:
        """What the list stands in."""
        return self._view

    async def choose(self, tab: str) -> ListPage:
        """The first page of one of the list's tabs. Raises PageError when another one is shown afterwards."""
        button = self._view.get_by_role("tab", name=tab, exact=True)
        async with witnessed(self._page):
            data = await self._turn(lambda: self._after(press(button, f"list.tab: {tab}")))
            # the list opens on another tab than the one we want: rows of the wrong one are no rows of ours
            chosen = chosen_tabs(data)
            if chosen != [tab]:
                raise PageError(f"the tab {tab} is not the one shown: {chosen}", page=data.url, target=tab)
            self._tab = tab
            return self._taken(data)

    async def next(self) -> ListPage:
        """The following page."""
        async with witnessed(self._page):
            button = await look(self._view, self._office.targets.read("list.next"))
            return self._taken(await self._turn(partial(turn_page, button, self._first, SETTLE_S)))

    async def jump(self, number: int) -> ListPage:
        """The page of that number."""
        async with witnessed(self._page):
            return self._taken(await self._turn(lambda: self._after(self._type_page(number))))

    async def can_jump(self) -> bool:
        """Whether the pager takes a page number."""
        return bool(await how_many(find(self._view, self._office.targets.write("list.page_number"))))

    async def _type_page(self, number: int) -> None:
        target = self._office.targets.write
        await fill(find(self._view, target("list.page_number")), str(number), "list.page_number")
        await press(find(self._view, target("list.jump")), "list.jump")

    async def renew(self, sort: str = "") -> None:
        """Load and sort, anew where it was before: the counter cards are counted once a load. Raises SessionError, PageError.

        `sort`: another order from here on. A page that went away meanwhile may have gone to the sign-in.
        """
        self._sort = sort or self._sort
        async with witnessed(self._page):
            await self._office.go(self._page, LIST_PAGE)
            try:
                await self._prepare()
            except PageError:
                await self._office.explain(self._page)
                raise

    async def _prepare(self) -> None:
        await self._office.read(self._page, settled=False)
        self._view = await self._find_view()
        await clear_overlays(self._view, self._office.targets.screen("overlay"))
        sort = await look(self._view, self._office.targets.read("list.sort"))
        await self._turn(lambda: self._after(choose(self._view, sort, self._sort, "list.sort")))

    async def _find_view(self) -> Page | Frame:
        """The page itself, or the frame that some shops show the list in: the one that holds the table (domain.md 3.1)."""
        table = self._office.targets.read("list.table")
        for frame in self._page.frames:
            try:
                await frame.wait_for_load_state("domcontentloaded")
            except BrowserError as error:
                raise PageError(f"a frame did not load: {error.message.splitlines()[0]}", page=frame.url) from error
            if _same_origin(frame, self._page) and await is_there(frame, table):
                return frame
        raise TargetMissing("no frame of the page holds the list", target=table.key, page=self._page.url)

    async def _after(self, act: Awaitable[None]) -> PageData:
        """Do something that makes the list load anew, and read it once the server answered and the rows are drawn."""
        await act
        await self._heard.response(SETTLE_S)
        return await read_settled(self._view, "", SETTLE_S)

    async def _turn(self, load: Callable[[], Awaitable[PageData]]) -> PageData:
        """Load one page of the list; a load that failed is asked for again."""
        for left in reversed(range(TRIES)):
            self._heard.reset()
            try:
                data = await self._unless_refused(load())
            except RateLimited as limited:
                if not left:
                    raise
                await self._office.clock.sleep(min(limited.wait_s, _LONGEST_WAIT_S))
            except PageError:
                await self._office.explain(self._page)
                if not left:
                    raise
            else:
                await self._office.browser.has_read(self._view, data)
                return data
        raise AssertionError("the last try returns or raises")

    async def _unless_refused(self, load: Awaitable[PageData]) -> PageData:
        """The page as loaded, or what the server said instead, as soon as it said it."""
        loading, refused = asyncio.ensure_future(load), asyncio.ensure_future(self._refusal())
        try:
            await asyncio.wait({loading, refused}, return_when=asyncio.FIRST_COMPLETED)
            if refused.done() and not loading.done():
                raise refused.result()
            return await loading
        finally:
            loading.cancel()
            refused.cancel()
            await asyncio.gather(loading, refused, return_exceptions=True)

    async def _refusal(self) -> RefundPilotError:
        """What the back end says instead of rows; waits for ever when it sends rows."""
        response = await self._heard.response(SETTLE_S)
        try:
            if response is None:
                return PageError("the list was not answered", page=self._page.url)
            check_status(response.status, response.headers, self._page.url)
            if _is_short(response.headers):
                check_ret(await read_answer(response), self._page.url)
        except RefundPilotError as error:
            return error
        await asyncio.Event().wait()
        raise AssertionError("never set")

    def _taken(self, data: PageData) -> ListPage:
        heard = self._heard.responses
        at = served_at(heard[-1].headers, self._office.clock) if heard else self._office.clock.now()
        found = parse_list(data, self._tab, at)
        self._first = next(iter(found.rows[0].values()), "") if found.rows else ""
        return found


def _same_origin(frame: Frame, page: Page) -> bool:
    try:
        return origin_of(frame.url) == origin_of(page.url)
    except ValueError:
        return False


def _is_short(headers: Mapping[str, str]) -> bool:
    """Too short for a page of rows: worth reading before the page has drawn it (a body costs two round trips)."""
    length = headers.get("content-length", "0")
    return not length.isdigit() or int(length) < _SHORT_BODY
