"""Page data → Snapshot and Row: pure functions, every field read or an error with its raw text in it (design.md 4.1, 4.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeVar

from bot.browser.read import Grid, PageData
from bot.domain.case import (
    Row,
)
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.errors import Unreadable, WrongPage, WrongShop
from flows.grammar import countdown, moment, plain, printed
from flows.taobao import wording

T = TypeVar("T")
_SEPARATORS: Final = re.compile(r"[,，、;；]")
_COLON: Final = re.compile(r"[:：]")
HEAD: Final = (
    "售后编号", "订单编号", "商品信息", "售后类型", "退款金额", "申请原因", "发货状态", "售后状态", "剩余时间", "申请时间", "操作",
)  # fmt: skip
"""Columns of the list (docs/simulator.md); another order is fine, a missing one is not."""


def shop_name(page: PageData) -> str:
    """The shop that the header names. Raises WrongPage when it names none."""
    marks = [text for text in page.header if text.startswith(wording.SHOP_MARK)]
    if len(marks) != 1:
        raise WrongPage("the header names no shop", page=page.url, raw=" | ".join(page.header)[:200])
    return marks[0].removeprefix(wording.SHOP_MARK).strip()


def check_shop(page: PageData, expected: str) -> None:
    """Raises WrongShop when the header names another shop than the one we work for (F60)."""
    found = shop_name(page)
    if found != expected:
        raise WrongShop(f"the page belongs to {found!r}, not to {expected!r}", page=page.url, raw=found)


def optional(read: Callable[[str], T], label: str, text: str) -> T | None:
    """As `printed`, with None for what the page prints where there is nothing (「—」, 「无」)."""
    return None if text in wording.NONE else printed(read, label, text)


def words(text: str) -> tuple[str, ...]:
    """A printed list such as 「运费险，7天无理由」; nothing gives none."""
    return () if text in wording.NONE else tuple(part.strip() for part in _SEPARATORS.split(text) if part.strip())


def parse_total(text: str) -> int:
    """「共 1,234 条」 as a number. Raises Unreadable: a counter that is not there is never zero."""
    found = wording.TOTAL.search(plain(text))
    if found is None:
        raise Unreadable("the list prints no total", target="共 N 条", raw=text[:200])
    return int(found[1].replace(",", ""))


def parse_row(shop: ShopKey, cells: Mapping[str, str], now: datetime) -> Row:
    """One row of the list by column name; `now` is the server's moment. Raises Unreadable with the raw text."""
    left = cells["剩余时间"]
    ends = None if left in wording.NONE else now + printed(countdown, "剩余时间", left)[0]
    return Row(
        key=CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=identity("售后编号", cells["售后编号"])),
        order_id=identity("订单编号", cells["订单编号"]),
        amount=printed(Money.parse, "退款金额", cells["退款金额"]),
        type_text=cells["售后类型"],
        state_text=cells["售后状态"],
        deadline_at=ends,
        applied_at=printed(moment, "申请时间", cells["申请时间"]),
    )


def identity(label: str, text: str) -> str:
    if re.fullmatch(r"[0-9A-Za-z_-]{1,64}", text) is None:
        raise Unreadable(f"{label}: not an id: {text!r}", target=label, raw=text)
    return text


def or_nothing(text: str) -> str:
    """The text, or an empty one for what the page prints where there is nothing."""
    return "" if text in wording.NONE else text


def table_rows(grids: tuple[Grid, ...], *head: str) -> list[dict[str, str]]:
    """The rows of the one table with exactly those columns, by column name."""
    found = [grid for grid in grids if grid.head == head]
    if len(found) != 1:
        raise Unreadable(f"{len(found)} tables with the columns {', '.join(head)}", target=head[0])
    if any(len(row) != len(head) for row in found[0].rows):
        raise Unreadable(f"a row with other columns than {', '.join(head)}", target=head[0])
    return [dict(zip(head, row, strict=True)) for row in found[0].rows]
