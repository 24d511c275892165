"""Reads the whole refund list: tab by tab, page by page, until the ids and the printed count agree (design.md 4.1; F58)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Frame, Page

from bot.browser.act import choose, clear_overlays, is_there, look, press
from bot.browser.exchange import listening, read_answer
from bot.browser.read import Grid, PageData, read_page, read_settled
from bot.browser.rules import origin_of
from bot.domain.case import Row
from bot.domain.ids import ShopKey
from bot.errors import PageError, RateLimited, TargetMissing, Unreadable
from bot.ports.desks import Listing
from flows.navigation import check_status, served_at
from flows.taobao import wording
from flows.taobao.answers import check_ret
from flows.taobao.endpoints import LIST, LIST_PAGE
from flows.taobao.office import Office
from flows.taobao.parse import HEAD, check_shop, parse_row, parse_total

Progress = Callable[[int, int], None]

PASSES: Final = 6
"""Passes over one tab before the list counts as never standing still."""
TRIES: Final = 4
"""Loads of one page of the list: at 5 % failing requests, one list in 150,000 pages fails."""
SETTLE_S: Final = 10.0
_LONGEST_WAIT_S: Final = 60


@dataclass(slots=True)
class Harvest:
    """All that was read so far, of all tabs and passes."""

    rows: dict[str, Row] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    passes: int = 0

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.rows) | frozenset(self.unreadable)


@dataclass(slots=True)
class _Pass:
    """One pass over one tab: the ids in the order met, and every total that was printed meanwhile."""

    ids: list[str] = field(default_factory=list)
    totals: set[int] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        """Nothing moved: one total throughout, and as many different ids.

        A row that slipped past a page turn pushes another one over the edge, which is then met twice or not at all.
        """
        return len(self.totals) == 1 and len(set(self.ids)) == len(self.ids) == max(self.totals)


class ListReader:
    """Reads the list in one tab of its own."""

    def __init__(self, office: Office, page: Page, progress: Progress) -> None:
        self._office = office
        self._page = page
        self._progress = progress
        self._shop = ShopKey(platform="taobao", shop_id=office.site.shop_id)
        self._harvest = Harvest()
        self._view: Page | Frame = page
        self._now = office.now()

    async def read(self) -> Listing:
        """Every row that waits for the seller, soonest deadline first as far as the page sorts it.

        Raises:
            PageError: the list cannot be read, or its count is never met.
            SessionError: see `Office.go`.
        """
        await self._open()
        for tab in wording.TABS:
            await self._read_tab(tab)
        harvest = self._harvest
        return Listing(
            rows=tuple(harvest.rows.values()),
            printed_total=sum(harvest.totals.values()),
            passes=harvest.passes,
            unreadable=tuple(harvest.unreadable.values()),
        )

    async def _open(self) -> None:
        self._now = (await self._office.go(self._page, LIST_PAGE)).at
        check_shop(await read_page(self._page), self._office.site.name)
        self._view = await self._find_view()
        await clear_overlays(self._view, self._office.targets.screen("overlay"))
        sort = await look(self._view, self._office.targets.read("list.sort"))
        await self._turn(lambda: choose(self._view, sort, wording.SORT_BY_DEADLINE, "list.sort"), "")

    async def _find_view(self) -> Page | Frame:
        """The page itself, or the frame that some shops show the list in: the one that holds the table."""
        table = self._office.targets.read("list.table")
        for frame in self._page.frames:
            if origin_of(frame.url) != origin_of(self._page.url):
                continue
            try:
                await frame.wait_for_load_state("domcontentloaded")
            except BrowserError as error:
                raise PageError(f"a frame did not load: {error.message.splitlines()[0]}", page=frame.url) from error
            if await is_there(frame, table):
                return frame
        raise TargetMissing("no frame of the page holds the list", target=table.key, page=self._page.url)

    async def _read_tab(self, tab: str) -> None:
        """Pass after pass, until one found the list standing still, or found nothing new and the count is met."""
        for number in range(1, PASSES + 1):
            known = self._harvest.ids
            found = await self._pass(tab)
            self._harvest.passes = max(self._harvest.passes, number)
            nothing_new = set(found.ids) <= known and len(set(found.ids)) >= self._harvest.totals[tab]
            if found.clean or nothing_new:
                return
        raise PageError(f"{tab}: the list does not stand still: {len(self._harvest.ids)} ids", page=self._page.url)

    async def _pass(self, tab: str) -> _Pass:
        done = _Pass()
        button = self._view.get_by_role("tab", name=tab, exact=True)
        data = await self._turn(lambda: press(button, f"list.tab: {tab}"), "")
        _expect_tab(data, tab)
        following = await look(self._view, self._office.targets.read("list.next"))
        while True:
            first = self._take(tab, data, done)
            if not _has_next(data):
                return done
            data = await self._turn(lambda: press(following, "list.next"), first)

    async def _turn(self, act: Callable[[], Awaitable[None]], left_behind: str) -> PageData:
        """Do what makes the list load, and read it once it has; a load that failed is asked for again (F10, F12, F14)."""
        for left in reversed(range(TRIES)):
            try:
                return await self._load(act, left_behind)
            except RateLimited as limited:
                if not left:
                    raise
                await self._office.clock.sleep(min(limited.wait_s, _LONGEST_WAIT_S))
            except PageError:
                await self._office.expect_signed_in(self._page)
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _load(self, act: Callable[[], Awaitable[None]], left_behind: str) -> PageData:
        with listening(self._page, LIST) as exchange:
            await act()
            response = await exchange.response(SETTLE_S)
            if response is None:
                raise PageError("the list was not answered", page=self._page.url)
            check_status(response.status, response.headers, self._page.url)
            self._now = served_at(response.headers, self._office.clock)
            try:
                return await read_settled(self._view, left_behind, SETTLE_S)
            except PageError:
                check_ret(await read_answer(response), self._page.url)
                raise

    def _take(self, tab: str, data: PageData, done: _Pass) -> str:
        """Keep the rows of one page; returns the first cell, by which the next page is told from this one."""
        total = _total(data)
        grid = _grid(data)
        if total and not grid.rows:
            raise Unreadable(f"{tab}: {total} rows are announced and none is shown", target=tab, page=data.url)
        done.totals.add(total)
        self._harvest.totals[tab] = total
        for cells in grid.rows:
            done.ids.append(self._keep(dict(zip(grid.head, cells, strict=False))))
        self._progress(len(self._harvest.ids), sum(self._harvest.totals.values()))
        return grid.rows[0][0] if grid.rows else ""

    def _keep(self, cells: dict[str, str]) -> str:
        """One row, readable or not: held with its raw text, never dropped."""
        try:
            row = parse_row(self._shop, cells, self._now)
        except (Unreadable, KeyError):
            raw = " | ".join(cells.values())
            key = cells.get("售后编号") or raw
            self._harvest.unreadable[key] = raw
            return key
        self._harvest.unreadable.pop(row.key.aftersale_id, None)
        self._harvest.rows[row.key.aftersale_id] = row
        return row.key.aftersale_id


def _expect_tab(data: PageData, tab: str) -> None:
    """The list opens on another tab than the one we want: rows of the wrong one are no rows of ours."""
    chosen = [one.name for one in data.body.tabs if one.selected]
    if chosen != [tab]:
        raise PageError(f"the tab {tab} is not the one shown: {chosen}", page=data.url, target=tab)


def _grid(data: PageData) -> Grid:
    found = [grid for grid in data.body.grids if set(HEAD) <= set(grid.head)]
    if len(found) != 1:
        raise Unreadable(f"{len(found)} tables with the columns of the list", target="list.table", page=data.url)
    return found[0]


def _total(data: PageData) -> int:
    """The printed count; missing or printed twice is an error, never zero (domain.md 3.1)."""
    counts = [text for text in data.body.words if wording.TOTAL.search(text)]
    if len(counts) != 1:
        raise Unreadable(
            f"the list prints {len(counts)} totals", target="list.total", page=data.url, raw=" | ".join(counts)
        )
    return parse_total(counts[0])


def _has_next(data: PageData) -> bool:
    following = [one for one in data.body.presses if one.name == wording.NEXT_PAGE]
    if len(following) != 1:
        raise TargetMissing(f"{len(following)} buttons named {wording.NEXT_PAGE}", target="list.next", page=data.url)
    return following[0].enabled
