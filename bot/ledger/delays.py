"""From application to act: first proven acts on a case, and requests to intercept, in seconds by the shop's clock."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, select

from bot.domain.action import Mark, Verb
from bot.domain.ids import ShopKey
from bot.ledger.schema import events, intents
from bot.ledger.statements import CASE
from bot.ports.figures import EDGES_S, Delays, Span

NOTES = (Verb.REMARK,)
"""Acts that settle nothing: a colleague's note beside the case."""

_BY_HAND = select(events.c.seq).where(events.c.seq == intents.c.armed_seq, events.c.facts.like('%"hand":%'))
"""An intent that rests on a person's word says so where it was armed."""

Waits = Mapping[ShopKey, list[int]]


def to_act(db: Connection, span: Span) -> Waits:
    """Seconds to the first act on each case, for acts of the span."""
    return _waits(db, span, _first())


def by_person(db: Connection, span: Span) -> Waits:
    """Of those the ones that a person decided: the robot's hand did them, and nobody's time was saved."""
    return _waits(db, span, _first() & _BY_HAND.exists())


def _first() -> ColumnElement[bool]:
    earlier, table = intents.alias(), intents.c
    before = select(earlier.c.id).where(
        *(earlier.c[name] == table[name] for name in CASE),
        earlier.c.mark == Mark.SETTLED,
        earlier.c.verb.not_in(NOTES),
        earlier.c.armed_seq < table.armed_seq,
    )
    return table.verb.not_in(NOTES) & ~before.exists()


def to_intercept(db: Connection, span: Span) -> Waits:
    """Seconds to each request to intercept."""
    return _waits(db, span, intents.c.verb == Verb.INTERCEPT)


def _waits(db: Connection, span: Span, wanted: ColumnElement[bool]) -> Waits:
    proven = (in_span(span), intents.c.mark == Mark.SETTLED, intents.c.waited_s.is_not(None), wanted)
    found: dict[ShopKey, list[int]] = defaultdict(list)
    shops: dict[tuple[str, str], ShopKey] = {}
    for platform, shop_id, waited in db.execute(
        select(intents.c.platform, intents.c.shop_id, intents.c.waited_s).where(*proven)
    ):
        shop = shops.setdefault((platform, shop_id), ShopKey(platform=platform, shop_id=shop_id))
        found[shop].append(waited)
    return found


def in_span(span: Span) -> ColumnElement[bool]:
    """Intents of the business days."""
    return intents.c.day.between(span.first.isoformat(), span.last.isoformat())


def told(seconds: Iterable[int]) -> Delays:
    """Percentiles of the nearest rank, and the histogram."""
    ordered = sorted(seconds)
    if not ordered:
        return Delays()
    bins = [0] * (len(EDGES_S) + 1)
    for one in ordered:
        bins[bisect_left(EDGES_S, one)] += 1
    return Delays(
        count=len(ordered),
        p50_s=_rank(ordered, 50),
        p95_s=_rank(ordered, 95),
        longest_s=ordered[-1],
        bins=tuple(bins),
    )


def _rank(ordered: list[int], percent: int) -> int:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
