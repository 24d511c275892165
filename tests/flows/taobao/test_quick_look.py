"""A quick look at the list: few pages, and no new case left out, whatever leaves, comes and hides meanwhile; no browser (ADR 0022)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.base import SHANGHAI
from bot.ports.desks import Listing
from flows.taobao import wording
from flows.taobao.list_page import ListPage
from flows.taobao.list_tab import ListTab
from flows.taobao.listing import GLANCE, ListReader
from flows.taobao.office import Office
from tests.flows.taobao.test_listing import CELLS

NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
SIZE = 4
"""Rows of a page here."""


@dataclass
class MovingList:
    """Ids with the seconds after `NOW` at which each was applied for; `step` is what the world does before each further page."""

    rows: dict[str, int]
    step: Callable[[], None] = lambda: None
    hidden: frozenset[str] = frozenset()
    counted: bool = True
    sorts: bool = True
    turned: int = 0
    orders: list[str] = field(default_factory=list)
    _page: int = 0

    async def choose(self, tab: str) -> ListPage:
        _ = tab
        self._page = 0
        return self._shown()

    async def next(self) -> ListPage:
        self._page += 1
        self.step()
        return self._shown()

    async def renew(self, sort: str = "") -> None:
        self.orders.append(sort or self.orders[-1])
        self.step()

    async def can_jump(self) -> bool:
        return False

    def _shown(self) -> ListPage:
        self.turned += 1
        there = {one: at for one, at in self.rows.items() if one not in self.hidden}
        newest_first = self.sorts and self.orders[-1] == wording.SORT_BY_APPLICATION
        ids = sorted(there, key=lambda one: (there[one], one), reverse=newest_first)
        cells = [_cells(one, there[one]) for one in ids[self._page * SIZE : (self._page + 1) * SIZE]]
        more = (self._page + 1) * SIZE < len(ids)
        return ListPage(len(ids), len(self.rows) if self.counted else None, tuple(cells), more, NOW)


def _cells(one: str, at: int) -> dict[str, str]:
    return {**CELLS, "售后编号": one, "申请时间": f"{NOW + timedelta(seconds=at):%Y-%m-%d %H:%M:%S}"}


def look(world: MovingList, known: Sequence[str] | None) -> Listing:
    """What is listed, and nothing is asked of a browser for it."""

    @asynccontextmanager
    async def opened(_: object, sort: str = wording.SORT_BY_DEADLINE) -> AsyncIterator[MovingList]:
        world.orders.append(sort)
        yield world

    office = cast("Office", SimpleNamespace(site=SimpleNamespace(shop_id="s1")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "TABS", wording.TABS[:1])
        patch.setattr(ListTab, "open", opened)
        reader = ListReader(office, lambda _read, _total: None)
        return asyncio.run(reader.read(None if known is None else frozenset(known)))


def ids(listing: Listing) -> set[str]:
    return {row.key.aftersale_id for row in listing.rows}


def world(count: int) -> dict[str, int]:
    return {f"{number:03d}": number for number in range(count)}


@pytest.mark.parametrize(
    ("known", "whole", "pages"),
    [(12, False, 1), (11, False, 2), (8, False, 2), (7, False, 3), (0, False, 3), (None, True, 3)],
)
def test_it_stops_at_the_first_page_without_an_unknown_row(known: int | None, *, whole: bool, pages: int) -> None:
    shop = MovingList(world(12))
    found = look(shop, None if known is None else list(world(known)))
    assert (found.whole, shop.turned) == (whole, pages)
    assert ids(found) | set(world(known or 0)) == set(world(12))


def _denied(shop: MovingList) -> None:
    shop.hidden = frozenset({"011"})


def _unsorted(shop: MovingList) -> None:
    shop.sorts = False


def _gone(shop: MovingList) -> None:
    del shop.rows["003"]


def _came_back(shop: MovingList) -> None:
    shop.rows["000x"] = -1


@pytest.mark.parametrize("change", [_denied, _unsorted, _gone, _came_back])
def test_where_the_newest_pages_do_not_tell_all_the_whole_list_is_read_by_deadline(
    change: Callable[[MovingList], None],
) -> None:
    shop = MovingList(world(12))
    known = list(world(11 if change is _denied else 12))
    change(shop)
    found = look(shop, known)
    assert (found.whole, shop.orders[-1]) == (True, wording.SORT_BY_DEADLINE)
    assert ids(found) == shop.rows.keys() - shop.hidden


def test_more_news_than_a_quick_look_is_for_brings_the_whole_list() -> None:
    shop = MovingList(world(SIZE * (GLANCE + 1) + 1))
    assert look(shop, []).whole
    assert shop.turned == GLANCE + (GLANCE + 2)


STEPS = st.lists(st.none() | st.integers(0, 99), max_size=12)


@given(old=st.integers(0, 14), new=st.integers(0, 14), steps=STEPS, counted=st.booleans())
def test_no_new_case_is_ever_left_out_while_rows_shift(
    old: int, new: int, steps: list[int | None], *, counted: bool
) -> None:
    """Between two pages somebody applies (None), or a case leaves; who was there before and is there after is known or found."""
    script = iter(steps)
    shop = MovingList(world(old + new), counted=counted)

    def step() -> None:
        match next(script, "still"):
            case None:
                shop.rows[f"{1000 + len(shop.orders) + shop.turned}"] = 1_000 + shop.turned
            case int(index) if shop.rows:
                del shop.rows[sorted(shop.rows)[index % len(shop.rows)]]
            case _:
                pass

    shop.step = step
    before, known = set(shop.rows), list(world(old))
    found = look(shop, known)
    assert before & shop.rows.keys() <= ids(found) | (set() if found.whole else set(known))
