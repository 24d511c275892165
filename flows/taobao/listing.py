"""Reads the refund list: tab by tab, page by page, until ids, count and counter card agree, or its newest pages (design.md 4.1; F58)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.case import Row
from bot.domain.ids import ShopKey
from bot.errors import PageError, Unreadable
from bot.ports.desks import Listing, UnreadRow
from flows.taobao import wording
from flows.taobao.list_page import ListPage
from flows.taobao.list_tab import ListTab
from flows.taobao.office import Office
from flows.taobao.parse import parse_row

Progress = Callable[[int, int], None]

PASSES: Final = 6
"""Passes over one tab before the list counts as never standing still."""
QUIET: Final = 3
"""Passes after which a list that stands still is believed against its counter card: some shops count theirs late."""
GLANCE: Final = 5
"""Pages of a tab that a quick look reads at the most: with more that is new, the whole list is no longer way."""
LONG: Final = 40
"""Pages from which on a second browser tab reads the second half: a page is mostly waiting for one core to draw it."""


@dataclass(slots=True)
class Harvest:
    """All that was read so far, of all tabs and passes."""

    rows: dict[str, Row] = field(default_factory=dict)
    unreadable: dict[str, UnreadRow] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    passes: int = 0

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.rows) | frozenset(self.unreadable)

    def keep(self, shop: ShopKey, page: Iterable[Mapping[str, str]], at: datetime) -> list[str]:
        """The rows of one page, readable or not: held with their raw text, never dropped. Returns what tells each from the others.

        Rows that have no id and the same words, time left apart, are as many cases.
        """
        alike = Counter[str]()
        return [self._keep(shop, cells, at, alike) for cells in page]

    def _keep(self, shop: ShopKey, cells: Mapping[str, str], at: datetime, alike: Counter[str]) -> str:
        try:
            row = parse_row(shop, cells, at)
        except (Unreadable, KeyError):
            unread = UnreadRow(cells.get("售后编号", ""), " | ".join(cells.values()))
            name = unread.aftersale_id or _numbered(cells, alike)
            self.unreadable[name] = unread
            return name
        self.unreadable.pop(row.key.aftersale_id, None)
        self.rows[row.key.aftersale_id] = row
        return row.key.aftersale_id


def _numbered(cells: Mapping[str, str], alike: Counter[str]) -> str:
    """A name for a row without an id, the same while its countdown runs."""
    words = " | ".join(text for column, text in cells.items() if column != "剩余时间")
    alike[words] += 1
    return f"{words} ({alike[words]})"


@dataclass(slots=True)
class Pass:
    """One pass over one tab: the ids in the order met, every total that was printed meanwhile, and what its card said."""

    ids: list[str] = field(default_factory=list)
    totals: set[int] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        """Nothing moved: one total throughout, and as many different ids.

        A row that slipped past a page turn pushes another one over the edge, which is then met twice or not at all; only
        a row born while another one left can be missing, and that one is as new as if it came a moment later.
        """
        return len(self.totals) == 1 and len(set(self.ids)) == len(self.ids) == max(self.totals)

    @property
    def still(self) -> bool:
        """One total throughout, which the counter card does not deny, and no row met twice: of the pages read, none slipped past."""
        return len(self.totals) == 1 and len(set(self.ids)) == len(self.ids) and self.counted <= self.totals

    @property
    def confirmed(self) -> bool:
        """The counter card, which is no part of the list, counts as many: a row hidden from all of its pages stands in it."""
        return bool(self.counted & self.totals)


class ListReader:
    """Reads all tabs of one shop's list that wait for the seller."""

    def __init__(self, office: Office, progress: Progress) -> None:
        self._office = office
        self._progress = progress
        self._shop = ShopKey(platform="taobao", shop_id=office.site.shop_id)
        self._harvest = Harvest()

    async def read(self, known: frozenset[str] | None = None) -> Listing:
        """Every row, soonest deadline first as far as the page sorts it; with `known` ids a quick look at the newest ones first.

        Raises:
            PageError: the list cannot be read, or its count is never met.
            SessionError: the sign-in is gone, a person is needed, or it is another shop's list.
        """
        async with AsyncExitStack() as tabs:
            if known is None:
                main = await tabs.enter_async_context(ListTab.open(self._office))
            else:
                main = await tabs.enter_async_context(ListTab.open(self._office, wording.SORT_BY_APPLICATION))
                if await self._glance(main, known):
                    return self._listing(whole=False)
                self._harvest = Harvest()
                await main.renew(wording.SORT_BY_DEADLINE)
            for tab in wording.TABS:
                await self._read_tab(tabs, main, tab)
            return self._listing(whole=True)

    def _listing(self, *, whole: bool) -> Listing:
        harvest = self._harvest
        return Listing(
            rows=tuple(harvest.rows.values()),
            printed_total=sum(harvest.totals.values()),
            passes=harvest.passes,
            unreadable=tuple(harvest.unreadable.values()),
            whole=whole,
        )

    async def _glance(self, main: ListTab, known: frozenset[str]) -> bool:
        """The newest pages of every tab; False where they do not tell all, and the whole list has to be read."""
        self._harvest.passes = 1
        for tab in wording.TABS:
            if not await self._newest(main, tab, known):
                return False
        return sum(self._harvest.totals.values()) == len(known | self._harvest.ids)

    async def _newest(self, main: ListTab, tab: str, known: frozenset[str]) -> bool:
        """To the first page without an unknown row; whether nothing moved meanwhile, and the rows came in the order asked for."""
        done, page = Pass(), await main.choose(tab)
        for number in range(GLANCE):
            if number:
                page = await main.next()
            before = len(done.ids)
            self._take(tab, page, done)
            if known.issuperset(done.ids[before:]) or not page.has_next:
                return done.still and self._newest_first(done)
        return False

    def _newest_first(self, done: Pass) -> bool:
        rows = [self._harvest.rows[one].applied_at for one in done.ids if one in self._harvest.rows]
        return rows == sorted(rows, reverse=True)

    async def _read_tab(self, tabs: AsyncExitStack, main: ListTab, tab: str) -> None:
        """Pass after pass, until one found the list standing still, or found nothing new and the count is met.

        Either counts only where the counter card agrees, or after so many passes that no row stays away that long.
        """
        for number in range(1, PASSES + 1):
            if number > 1:
                await main.renew()
            known = self._harvest.ids
            found = await self._pass(tabs, main, tab)
            self._harvest.passes = max(self._harvest.passes, number)
            nothing_new = set(found.ids) <= known and len(set(found.ids)) >= self._harvest.totals[tab]
            if (found.clean or nothing_new) and (found.confirmed or number >= QUIET):
                return
        raise PageError(f"{tab}: the list does not stand still: {len(self._harvest.ids)} ids", target=tab)

    async def _pass(self, tabs: AsyncExitStack, main: ListTab, tab: str) -> Pass:
        done = Pass()
        first = await main.choose(tab)
        pages = -(-first.total // max(len(first.rows), 1))
        self._take(tab, first, done)
        if pages < LONG or not await main.can_jump():
            await self._walk(tab, main, first, done)
            return done
        middle = pages // 2
        helper = await tabs.enter_async_context(ListTab.open(self._office))
        await _together(
            self._walk(tab, main, first, done, most=middle - 1),
            self._second_half(tab, helper, middle + 1, done),
        )
        return done

    async def _second_half(self, tab: str, helper: ListTab, start: int, done: Pass) -> None:
        await helper.choose(tab)
        first = await helper.jump(start)
        self._take(tab, first, done)
        await self._walk(tab, helper, first, done)

    async def _walk(self, tab: str, through: ListTab, page: ListPage, done: Pass, most: int | None = None) -> None:
        """Turn pages to the end, or `most` of them."""
        turned = 0
        while page.has_next and turned != most:
            page = await through.next()
            self._take(tab, page, done)
            turned += 1

    def _take(self, tab: str, page: ListPage, done: Pass) -> None:
        done.totals.add(page.total)
        if page.counted is not None:
            done.counted.add(page.counted)
        self._harvest.totals[tab] = page.total
        done.ids.extend(self._harvest.keep(self._shop, page.rows, page.at))
        self._progress(len(self._harvest.ids), sum(self._harvest.totals.values()))


async def _together(*works: Coroutine[None, None, None]) -> None:
    """Side by side; when one fails the others end with it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
