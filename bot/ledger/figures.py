"""The figures of business days (Asia/Shanghai): what acts moved and saved, how fast they were, and how everything stands now.

Acts count on the day that they were budgeted on, so that sums are the budgets' and receipts' to the fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select

from bot.domain.action import Mark, Verb
from bot.domain.case import CaseState, InterceptState
from bot.domain.ids import ShopKey
from bot.domain.money import ZERO
from bot.domain.outcome import CaseStatus
from bot.ledger import delays, standing
from bot.ledger.budgets import SHOP, State
from bot.ledger.columns import Fen
from bot.ledger.delays import in_span
from bot.ledger.events import Kind
from bot.ledger.schema import LIVE, cases, events, intents, reservations, sightings
from bot.ledger.statements import CASE, shop_of
from bot.ports.figures import (
    LEFT_S,
    NOTHING,
    DayFigures,
    DayOutcomes,
    Due,
    Hour,
    Moved,
    Saved,
    ShopFigures,
    Span,
    Tally,
)

_I = intents.c
_DOUBTFUL = (
    select(
        _I.platform, _I.shop_id, func.count().label("number"), func.sum(reservations.c.amount, type_=Fen).label("total")
    )
    .join(reservations, reservations.c.intent == _I.id)
    .where(_I.mark.in_(LIVE), reservations.c.scope == SHOP, reservations.c.state == State.PENDING)
    .group_by(_I.platform, _I.shop_id)
)
"""Reserved for acts whose outcome is not told yet."""

_SPENDS = (Verb.AGREE_REFUND, Verb.NEGOTIATE, Verb.AGREE_RETURN)
_STANDS = (CaseState.SELLER_REFUSED, CaseState.CLOSED)
"""How a case that was read again after a refusal looks while nobody turned it."""

_BACK = (InterceptState.RETURNING, InterceptState.RETURNED_SIGNED)
_TAKEN = '%"case.offer_accepted"%'
_MOVES = {
    Verb.AGREE_REFUND: "refunds",
    Verb.NEGOTIATE: "offers",
    Verb.AGREE_RETURN: "returns",
    Verb.REFUSE: "refused",
    Verb.INTERCEPT: "intercepts",
    Verb.COMPLAIN: "complaints",
}


def figures(db: Connection, span: Span, at: datetime, days: int) -> DayFigures:
    """All of it; `days`: how many days up to the span's last one are told one by one."""
    parts = _Parts(db, span, at)
    shops = tuple(parts.of(shop) for shop in sorted(parts.shops, key=str))
    return DayFigures(
        span=span, at=at, whole=parts.whole(shops), shops=shops, days=outcomes(db, Span.of(span.last, days))
    )


class _Parts:
    """Every question asked once for all shops."""

    def __init__(self, db: Connection, span: Span, at: datetime) -> None:
        self.moved, self.saved = moved(db, span), saved(db, span)
        self.acts, self.intercepts = delays.to_act(db, span), delays.to_intercept(db, span)
        self.by_person = delays.by_person(db, span)
        self.due = standing.due(db, span, at)
        self.states, self.risk = standing.states(db), standing.at_risk(db, at)
        self.holds, self.load = standing.holds(db), standing.load_ahead(db, at)

    @property
    def shops(self) -> set[ShopKey]:
        """Shops that the ledger ever met a case of."""
        return {*self.states, *self.moved}

    def of(self, shop: ShopKey) -> ShopFigures:
        risk = self.risk.get(shop, {})
        return ShopFigures(
            shop=str(shop),
            moved=self.moved.get(shop, Moved()),
            saved=self.saved.get(shop, Saved()),
            to_act=delays.told(self.acts.get(shop, ())),
            by_person=len(self.by_person.get(shop, ())),
            to_intercept=delays.told(self.intercepts.get(shop, ())),
            due=self.due.get(shop, Due()),
            states=self.states.get(shop, {}),
            at_risk=tuple(risk.get(part, NOTHING) for part in range(len(LEFT_S) + 1)),
            undated=risk.get(-1, NOTHING),
            holds=self.holds.get(shop, ()),
            load=self.load.get(shop, ()),
        )

    def whole(self, shops: Iterable[ShopFigures]) -> ShopFigures:
        shops = tuple(shops)
        return ShopFigures(
            moved=_added(Moved, [one.moved for one in shops]),
            saved=_added(Saved, [one.saved for one in shops]),
            to_act=delays.told(chain.from_iterable(self.acts.values())),
            by_person=sum(map(len, self.by_person.values())),
            to_intercept=delays.told(chain.from_iterable(self.intercepts.values())),
            due=_added(Due, [one.due for one in shops]),
            states=_states(one.states for one in shops),
            at_risk=tuple(sum(parts, NOTHING) for parts in zip(*(one.at_risk for one in shops), strict=True))
            or ShopFigures().at_risk,
            undated=sum((one.undated for one in shops), NOTHING),
            holds=standing.merged(chain.from_iterable(one.holds for one in shops)),
            load=_hours(one.load for one in shops),
        )


def _added(kind: Any, parts: list[Any]) -> Any:
    """Field by field."""
    whole = kind()
    for one in parts:
        whole = kind(**{name: getattr(whole, name) + getattr(one, name) for name in kind.model_fields})
    return whole


def _states(parts: Iterable[Mapping[CaseStatus, int]]) -> dict[CaseStatus, int]:
    found: dict[CaseStatus, int] = defaultdict(int)
    for part in parts:
        for status, count in part.items():
            found[status] += count
    return dict(found)


def _hours(parts: Iterable[tuple[Hour, ...]]) -> tuple[Hour, ...]:
    found: dict[datetime, Tally] = defaultdict(Tally)
    for hour in chain.from_iterable(parts):
        found[hour.at] += hour.load
    return tuple(Hour(at=at, load=load) for at, load in sorted(found.items()))


def _sums(*more: ColumnElement[Any]) -> Select[Any]:
    """Proven acts and their money by shop and verb; an offer that came to nothing is none."""
    keys = (*more, _I.platform, _I.shop_id, _I.verb)
    sums = func.sum(_I.moved, type_=Fen).label("moved"), func.sum(_I.claim, type_=Fen).label("claims")
    stands = (_I.verb != Verb.NEGOTIATE) | (_I.moved > literal(ZERO, Fen))
    proven = (_I.mark == Mark.SETTLED) & (_I.verb != Verb.REMARK) & stands
    return select(*keys, func.count().label("number"), *sums).where(proven).group_by(*keys)


def moved(db: Connection, span: Span) -> Mapping[ShopKey, Moved]:
    """What the span's acts moved, by shop."""
    found: dict[ShopKey, dict[str, Any]] = defaultdict(dict)
    for row in db.execute(_sums().where(in_span(span))):
        found[shop_of(row)][_MOVES[row.verb]] = _worth(row)
        if row.verb == Verb.INTERCEPT:
            found[shop_of(row)]["fees_fen"] = row.moved.fen
    for row in db.execute(_DOUBTFUL.where(in_span(span))):
        found[shop_of(row)]["pending"] = Tally(cases=row.number, fen=row.total.fen)
    return {shop: Moved(**of_shop) for shop, of_shop in found.items()}


def _worth(row: Any) -> Tally:
    """What is paid or promised by the books; else the claim that the act is about."""
    return Tally(cases=row.number, fen=(row.moved if row.verb in _SPENDS else row.claims).fen)


def outcomes(db: Connection, span: Span) -> tuple[DayOutcomes, ...]:
    """Money by verb for each day and shop of the span; days without acts are left out."""
    found: dict[tuple[date, str], dict[Verb, Tally]] = defaultdict(dict)
    for row in db.execute(_sums(_I.day).where(in_span(span))):
        found[date.fromisoformat(row.day), str(shop_of(row))][Verb(row.verb)] = _worth(row)
    return tuple(DayOutcomes(day=day, shop=shop, by=by) for (day, shop), by in sorted(found.items()))


def saved(db: Connection, span: Span) -> Mapping[ShopKey, Saved]:
    """What the span's acts saved, by shop."""
    found: dict[ShopKey, dict[str, Tally]] = defaultdict(dict)
    for name, (amount, wanted) in _SAVES.items():
        query = select(
            _I.platform, _I.shop_id, func.count().label("number"), func.sum(amount, type_=Fen).label("total")
        )
        mine = query.where(in_span(span), _I.mark == Mark.SETTLED, wanted, amount > literal(ZERO, Fen))
        for row in db.execute(mine.group_by(_I.platform, _I.shop_id)):
            found[shop_of(row)][name] = Tally(cases=row.number, fen=row.total.fen)
    return {shop: Saved(**of_shop) for shop, of_shop in found.items()}


def _ours(*verbs: Verb, later: bool, marks: tuple[Mark, ...] = (Mark.SETTLED,)) -> ColumnElement[bool]:
    """We did one of these on the same case, later or earlier."""
    other = intents.alias()
    side = other.c.armed_seq > _I.armed_seq if later else other.c.armed_seq < _I.armed_seq
    same = and_(*(other.c[name] == _I[name] for name in CASE))
    return select(other.c.id).where(same, side, other.c.verb.in_(verbs), other.c.mark.in_(marks)).exists()


def _looks(column: Any, *, after: bool) -> Any:
    """A column of the case's newest sighting, after the act or before it; empty without one."""
    side = sightings.c.seq > _I.armed_seq if after else sightings.c.seq < _I.armed_seq
    mine = and_(*(sightings.c[name] == _I[name] for name in CASE))
    newest = select(column).where(mine, side).order_by(sightings.c.seq.desc()).limit(1).scalar_subquery()
    return func.coalesce(newest, "")


def _first_claim() -> Any:
    """The most that the case ever asked for before the act."""
    mine = and_(*(sightings.c[name] == _I[name] for name in CASE))
    return select(func.max(sightings.c.amount)).where(mine, sightings.c.seq < _I.armed_seq).scalar_subquery()


_offer_taken = select(events.c.seq).where(
    *(events.c[name] == _I[name] for name in CASE),
    events.c.kind == Kind.CONCLUDED,
    events.c.seq > _I.armed_seq,
    events.c.facts.like(_TAKEN),
)
_haggled = or_(
    and_(_I.verb == Verb.AGREE_REFUND, _ours(Verb.REFUSE, Verb.NEGOTIATE, later=False)),
    and_(_I.verb == Verb.NEGOTIATE, _offer_taken.exists()),
)
_turned = _ours(
    Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.NEGOTIATE, Verb.REFUSE, later=True, marks=(*LIVE, Mark.SETTLED)
)
_ended = select(cases.c.status).where(*(cases.c[name] == _I[name] for name in CASE)).scalar_subquery()
_stands = or_(_ended == CaseStatus.DONE, _looks(sightings.c.state, after=True).in_(_STANDS))
_SAVES: Mapping[str, tuple[Any, ColumnElement[bool]]] = {
    "refused": (_I.claim, and_(_I.verb == Verb.REFUSE, ~_turned, _stands)),
    "returned": (
        _I.moved,
        and_(
            _I.verb == Verb.AGREE_REFUND,
            _ours(Verb.INTERCEPT, later=False),
            _looks(sightings.c.intercept, after=False).in_(_BACK),
        ),
    ),
    "differences": (_first_claim() - _I.moved, _haggled),
}
"""What each kind of saving counts, and which acts it counts: a refusal that was our last word and that nobody turned, a refund
of goods that an intercept of ours brought back, and a claim that came down after a refusal or an offer of ours."""
