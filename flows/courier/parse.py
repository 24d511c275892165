"""The portal's tracking page → trails: pure, per waybill, an unreadable one never spoils the others (domain.md 4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from bot.browser.read import Block, PageData
from bot.domain.courier import SignerKind, Trail, TrailNode
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.errors import Unreadable
from flows.courier import wording
from flows.grammar import grams, moment, plain, printed

T = TypeVar("T")
_COLON: Final = re.compile(r"[:：]")
_NODE_HEAD: Final = ("时间", "城市", "状态", "描述")


def parse_trails(waybills: Sequence[str], page: PageData, now: datetime) -> dict[str, Fact[Trail]]:
    """One entry per waybill asked for; `now` is the portal's own moment."""
    return {waybill: _trail_of(waybill, page, now) for waybill in waybills}


def _trail_of(waybill: str, page: PageData, now: datetime) -> Fact[Trail]:
    articles = [one for one in page.sections if one.title == waybill]
    if len(articles) != 1:
        return _unknown("unknown.waybill_absent", f"{len(articles)}")
    if any(wording.NO_SUCH_WAYBILL in note.text for note in articles[0].notes):
        return _unknown("unknown.waybill", wording.NO_SUCH_WAYBILL)
    try:
        trail = _trail(waybill, articles[0], now)
    except Unreadable as error:
        return _unknown("unknown.trail_unreadable", str(error))
    return Known(value=trail, source=Source.COURIER, seen_at=now)


def _unknown(why: str, raw: str) -> Unknown:
    return Unknown(why=why, source=Source.COURIER, raw=raw)


def _trail(waybill: str, block: Block, now: datetime) -> Trail:
    return Trail(
        waybill=waybill,
        courier=block.value("快递公司"),
        status=_label(wording.STATUS, block.value("状态"), now),
        origin_city=_or_nothing(block.value("寄件城市")),
        destination_city=_or_nothing(block.value("收件城市")),
        picked_up_weight_g=_optional(grams, block, "揽收重量"),
        arrival_weight_g=_optional(grams, block, "到件重量"),
        created_at=_optional(moment, block, "下单时间"),
        signer=_signer(block.value("签收人"), now),
        sign_city=_or_nothing(block.value("签收城市")),
        intercept=_label(wording.INTERCEPTS, _COLON.split(block.value("拦截状态"), maxsplit=1)[0], now),
        nodes=_nodes(block),
        seen_at=now,
    )


def _label(table: Mapping[str, T], raw: str, now: datetime) -> Fact[T]:
    if raw not in table:
        return _unknown("unknown.label", raw)
    return Known(value=table[raw], source=Source.COURIER, seen_at=now)


def _signer(raw: str, now: datetime) -> Fact[SignerKind] | None:
    return None if raw in wording.NONE else _label(wording.SIGNERS, plain(raw), now)


def _or_nothing(text: str) -> str:
    return "" if text in wording.NONE else text


def _optional(read: Callable[[str], T], block: Block, label: str) -> T | None:
    text = block.value(label)
    return None if text in wording.NONE else printed(read, label, text)


def _nodes(block: Block) -> tuple[TrailNode, ...]:
    """Newest first, as printed; the order is checked, because a rule may rest on the newest one (domain.md 4.1)."""
    grids = [grid for grid in block.grids if grid.head == _NODE_HEAD]
    if len(grids) != 1 or any(len(row) != len(_NODE_HEAD) for row in grids[0].rows):
        raise Unreadable("no table of scans", target=_NODE_HEAD[0])
    nodes = tuple(
        TrailNode(at=printed(moment, "时间", at), city=city, status=status, text=text)
        for at, city, status, text in grids[0].rows
    )
    if any(newer.at < older.at for newer, older in pairwise(nodes)):
        raise Unreadable("the scans are not newest first", target=_NODE_HEAD[0])
    return nodes
