"""One page of the refund list as plain data → its count, its rows and whether more follow: pure (design.md 4.1; F58)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.browser.read import Grid, PageData
from bot.errors import TargetMissing, Unreadable
from flows.grammar import plain
from flows.taobao import wording
from flows.taobao.parse import HEAD, parse_total


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list: the printed total, its rows by column, and the server's moment.

    `counted`: what the chosen tab's counter card says, by a count of its own; None while it says nothing.
    """

    total: int
    counted: int | None
    rows: tuple[Mapping[str, str], ...]
    has_next: bool
    at: datetime


def parse_list(data: PageData, tab: str, at: datetime) -> ListPage:
    """The page shown while `tab` is chosen; `at` is the server's moment.

    Raises:
        Unreadable: the table or the count is missing or stands twice, or rows are announced and none is shown.
        TargetMissing: the pager does not say whether more follow.
    """
    total, grid = _total(data), _grid(data)
    if total and not grid.rows:
        raise Unreadable(f"{total} rows are announced and none is shown", target="list.table", page=data.url)
    rows = tuple(dict(zip(grid.head, cells, strict=False)) for cells in grid.rows)
    return ListPage(total, _counted(data, tab), rows, _has_next(data), at)


def chosen_tabs(data: PageData) -> list[str]:
    """The tabs that the page shows as chosen; one is right."""
    return [one.name for one in data.body.tabs if one.selected]


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


def _counted(data: PageData, tab: str) -> int | None:
    """What the tab's counter card says; it stands beside the list to check it, so one that says nothing is no error."""
    card = wording.CARDS.get(tab, tab)
    beside = (plain(one.name.removeprefix(card)) for one in data.body.presses if one.name.startswith(card))
    counts = [int(text.replace(",", "")) for text in beside if wording.COUNT.fullmatch(text)]
    return counts[0] if len(counts) == 1 else None


def _has_next(data: PageData) -> bool:
    following = [one for one in data.body.presses if one.name == wording.NEXT_PAGE]
    if len(following) != 1:
        raise TargetMissing(f"{len(following)} buttons named {wording.NEXT_PAGE}", target="list.next", page=data.url)
    return following[0].enabled
