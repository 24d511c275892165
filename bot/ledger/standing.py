"""How everything stands now: cases by state, open claims by what is left of their countdown, holds by reason, the hours ahead."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, and_, case, func, select, type_coerce

from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.outcome import CaseStatus
from bot.ledger.canon import REASONS, load
from bot.ledger.columns import Fen, Moment, moment
from bot.ledger.schema import breakers, buyers, cases, sightings
from bot.ledger.statements import CASE, SHOP, of, shop_of, shop_values, where
from bot.ports.figures import LEFT_S, LOAD_HOURS, NOTHING, Due, HeldCase, HoldGround, Hour, Span, Tally

OPEN = tuple(status for status in CaseStatus if status not in {CaseStatus.DONE, CaseStatus.FOREIGN})
"""Standings of a case whose countdown still runs."""

NEEDS_PERSON = (CaseStatus.HELD, CaseStatus.FAILED)
_OF_GROUND = frozenset({"strategy", "verb"})
"""Parameters that make a reason another one; the others differ from case to case."""

_HOUR_CHARS = len("2026-11-28T09")
_C = cases.c
_SHOP = (_C.platform, _C.shop_id)
_BREAKER = select(breakers.c.why).where(where(breakers, *SHOP))


def _newest(column: Any) -> Any:
    """A column of the case's newest sighting."""
    mine = and_(*(sightings.c[name] == _C[name] for name in CASE))
    return select(column).where(mine).order_by(sightings.c.seq.desc()).limit(1).scalar_subquery()


_COUNT, _SUM = func.count().label("number"), func.sum(_C.claim, type_=Fen).label("total")


def states(db: Connection) -> Mapping[ShopKey, Mapping[CaseStatus, int]]:
    """Cases by shop and standing, in the order of both."""
    keys, found = (*_SHOP, _C.status), defaultdict[ShopKey, dict[CaseStatus, int]](dict)
    for row in db.execute(select(*keys, _COUNT).group_by(*keys).order_by(*keys)):
        found[shop_of(row)][CaseStatus(row.status)] = row.number
    return dict(found)


def at_risk(db: Connection, at: datetime) -> Mapping[ShopKey, dict[int, Tally]]:
    """Open claims by what is left of their countdown: the place among `LEFT_S`, one more for later, -1 without a countdown."""
    ends = [(_C.deadline <= at + timedelta(seconds=left), place) for place, left in enumerate(LEFT_S)]
    part = case((_C.deadline.is_(None), -1), *ends, else_=len(LEFT_S)).label("part")
    found: dict[ShopKey, dict[int, Tally]] = defaultdict(dict)
    for row in db.execute(select(*_SHOP, part, _COUNT, _SUM).where(_C.status.in_(OPEN)).group_by(*_SHOP, "part")):
        found[shop_of(row)][row.part] = _tally(row)
    return found


def load_ahead(db: Connection, at: datetime) -> Mapping[ShopKey, tuple[Hour, ...]]:
    """Open cases by the hour in which their countdown ends, from the running hour on."""
    first = at.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=ahead) for ahead in range(LOAD_HOURS)]
    ahead = (_C.deadline >= at) & (_C.deadline < first + timedelta(hours=LOAD_HOURS))
    hour = func.substr(type_coerce(_C.deadline, String), 1, _HOUR_CHARS).label("hour")
    found: dict[ShopKey, dict[str, Tally]] = defaultdict(dict)
    query = select(*_SHOP, hour, _COUNT, _SUM).where(_C.status.in_(OPEN), ahead).group_by(*_SHOP, "hour")
    for row in db.execute(query):
        found[shop_of(row)][row.hour] = _tally(row)
    return {
        shop: tuple(Hour(at=one, load=by.get(moment(one)[:_HOUR_CHARS], NOTHING)) for one in hours)
        for shop, by in found.items()
    }


def due(db: Connection, span: Span, at: datetime) -> Mapping[ShopKey, Due]:
    """Countdowns that ended in the span, up to `at`, and how."""
    first = datetime.combine(span.first, datetime.min.time(), SHANGHAI)
    end = min(datetime.combine(span.last + timedelta(days=1), datetime.min.time(), SHANGHAI), at)
    ended = case((_C.status.in_(OPEN), "missed"), (_C.changed_at <= _C.deadline, "met"), else_="unclear").label("fate")
    query = select(*_SHOP, ended, _COUNT, _SUM).where(_C.deadline >= first, _C.deadline < end)
    found: dict[ShopKey, dict[str, Tally]] = defaultdict(dict)
    for row in db.execute(query.group_by(*_SHOP, "fate")):
        found[shop_of(row)][row.fate] = _tally(row)
    return {shop: Due(**by) for shop, by in found.items()}


def holds(db: Connection) -> Mapping[ShopKey, tuple[HoldGround, ...]]:
    """Open holds by their first reason; the ground with the nearest deadline first."""
    parts: dict[ShopKey, dict[str, HoldGround]] = defaultdict(dict)
    deadline = func.min(type_coerce(_C.deadline, String), type_=Moment).label("nearest")
    # many holds say the very same words: they are counted before they are read
    query = select(*_SHOP, _C.reasons, _COUNT, _SUM, deadline).where(_C.status == CaseStatus.HELD)
    for row in db.execute(query.group_by(*_SHOP, _C.reasons)):
        reason = ground_of(row.reasons)
        of_shop, key = parts[shop_of(row)], "" if reason is None else reason.model_dump_json()
        of_shop[key] = _joined(of_shop.get(key), HoldGround(reason=reason, holds=_tally(row), nearest=row.nearest))
    return {shop: ordered(by.values()) for shop, by in parts.items()}


def merged(grounds: Any) -> tuple[HoldGround, ...]:
    """The same grounds of several shops as one."""
    by: dict[str, HoldGround] = {}
    for one in grounds:
        key = "" if one.reason is None else one.reason.model_dump_json()
        by[key] = _joined(by.get(key), one)
    return ordered(by.values())


def ordered(grounds: Any) -> tuple[HoldGround, ...]:
    """The nearest deadline first, then the larger sum."""
    return tuple(sorted(grounds, key=lambda one: (one.nearest is None, one.nearest, -one.holds.fen)))


def _joined(one: HoldGround | None, other: HoldGround) -> HoldGround:
    if one is None:
        return other
    near = [moment for moment in (one.nearest, other.nearest) if moment is not None]
    return HoldGround(reason=one.reason, holds=one.holds + other.holds, nearest=min(near, default=None))


def ground_of(reasons: str) -> Reason | None:
    """The first reason without what differs from case to case; None once it is erased."""
    told = json.loads(reasons)
    if not told:
        return None
    params = {name: value for name, value in told[0]["params"].items() if name in _OF_GROUND}
    return Reason(code=told[0]["code"], params=params)


def held(db: Connection, at: datetime, most: int) -> Iterator[HeldCase]:
    """Cases that need a person: the nearest deadline that can still be met first, then those without one, then what is over."""
    named = select(buyers.c.name).where(buyers.c.token == _C.buyer).scalar_subquery()
    query = select(cases, _newest(sightings.c.type).label("type"), named.label("name"))
    urgency = case((_C.deadline.is_(None), 1), (_C.deadline <= at, 2), else_=0)
    wanted = query.where(_C.status.in_(NEEDS_PERSON))
    for row in db.execute(wanted.order_by(urgency, _C.deadline, _C.claim.desc()).limit(most)):
        yield HeldCase(
            shop=str(shop_of(row)),
            aftersale_id=row.aftersale_id,
            order_id=row.order_id,
            type=row.type or "",
            status=row.status,
            fen=row.claim.fen,
            deadline=row.deadline,
            reasons=load(REASONS, row.reasons, f"the reasons of {row.aftersale_id}"),
            owner=row.owner,
            since=row.changed_at,
            buyer=row.name or "",
        )


def _tally(row: Any) -> Tally:
    return Tally(cases=row.number, fen=row.total.fen)


def breaker(db: Connection, shop: ShopKey) -> str:
    """Why the shop's breaker is open; empty when closed."""
    return db.execute(_BREAKER, of(shop_values(shop))).scalar_one_or_none() or ""
