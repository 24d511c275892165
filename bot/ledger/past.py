"""A case's surroundings as of a moment: other after-sales of its order, buyer, waybill and pictures, and what was spent.

Moments are those of the shop's own clock, which every row carries: what was written for a later one never shows, so that a
rehearsal of the past sees what was to be seen then (issue 3, back-test "as of then").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, case, func, or_, select

from bot.domain.action import Mark, Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import AftersaleType, CaseState, Snapshot
from bot.domain.facts import Known
from bot.domain.history import BUYER_DAYS, MOST, History, Likeness, PastCase
from bot.domain.money import ZERO, Money
from bot.domain.pictures import ALIKE, bands, distance
from bot.ledger.buyers import find
from bot.ledger.columns import Fen, Moment
from bot.ledger.schema import intents, picture_bands, receipts, reservations, sightings
from bot.ledger.sightings import waybill
from bot.ledger.statements import SHOP, of, shop_values, where

E = TypeVar("E", bound=StrEnum)
Newest = Mapping[str, Any]
"""The newest sighting of each case by its after-sale id."""

_S, _R, _P = sightings.c, reservations.c, picture_bands.c
_NOW = bindparam("now", type_=Moment)
_THEN = (where(sightings, *SHOP), _S.at <= _NOW)
_SINCE = select(_S.at).where(where(sightings, *SHOP)).order_by(_S.seq).limit(1)


def _ids(*wanted: Any) -> Select[Any]:
    """The cases, other than the one asked about, that ever looked so up to then; the newest first."""
    others = _S.aftersale_id != bindparam("own")
    newest = func.max(_S.seq)
    return select(_S.aftersale_id).where(*_THEN, others, *wanted).group_by(_S.aftersale_id).order_by(newest.desc())


_OF_ORDER = _ids(where(sightings, "order_id")).limit(MOST)
_OF_BUYER = _ids(where(sightings, "buyer"), _S.applied_at >= bindparam("earliest", type_=Moment)).limit(MOST)
_WENT_OUT = _ids(where(sightings, "forward")).limit(MOST)
_CAME_BACK = _ids(where(sightings, "returned")).limit(MOST)
_LIKE = (
    select(_P.aftersale_id, _P.picture)
    .where(where(picture_bands, *SHOP), _P.at <= _NOW, _P.aftersale_id != bindparam("own"))
    .where(_P.band.in_(bindparam("bands", expanding=True)))
)
_LOOKS = select(sightings).where(*_THEN, _S.aftersale_id.in_(bindparam("ids", expanding=True)))

_counted = case((or_(_R.resolved_at.is_(None), _R.resolved_at > _NOW), _R.reserved), else_=_R.amount)
_SUM = func.sum(_counted, type_=Fen)
_SPENT = (
    select(_R.scope, _SUM.label("total"))
    .where(
        where(reservations, *SHOP, "day"), or_(_R.scope.like("strategy:%"), _R.scope.like("agreed:%")), _R.since <= _NOW
    )
    .group_by(_R.scope)
)
_OURS = (where(intents, *SHOP), intents.c.aftersale_id.in_(bindparam("ids", expanding=True)))
_REFUNDED = (
    select(intents.c.aftersale_id, _SUM.label("total"))
    .join(reservations, _R.intent == intents.c.id)
    .where(*_OURS, intents.c.verb.in_((Verb.AGREE_REFUND, Verb.NEGOTIATE)), _R.scope == "shop", _R.since <= _NOW)
    .group_by(intents.c.aftersale_id)
)
_REFUSED = (
    select(intents.c.aftersale_id)
    .join(receipts, receipts.c.intent == intents.c.id)
    .where(*_OURS, intents.c.verb == Verb.REFUSE, intents.c.mark == Mark.SETTLED, receipts.c.proven_at <= _NOW)
)


class _Asking:
    """One question put to one shop's tables as of one moment."""

    def __init__(self, db: Connection, snapshot: Snapshot, now: datetime) -> None:
        self._db, self._snapshot = db, snapshot
        self._frame = {**of(shop_values(snapshot.key.shop)), "now": now, "own": snapshot.key.aftersale_id}
        self._buyer = find(db, snapshot.key.shop, snapshot.buyer.name)

    def answer(self, now: datetime) -> History:
        order = self._found(_OF_ORDER, of_order_id=self._snapshot.order_id)
        buyer = self._of_buyer(now)
        waybills = self._of_waybill()
        likes = self._likes()
        cases = self._cases({*order, *buyer, *waybills, *likes})
        day = now.astimezone(SHANGHAI).date().isoformat()
        return History(
            at=now,
            since=self._db.execute(_SINCE, of(shop_values(self._snapshot.key.shop))).scalar_one_or_none(),
            of_order=_picked(cases, order),
            of_buyer=_picked(cases, buyer),
            of_waybill=_picked(cases, waybills),
            of_pictures=tuple(Likeness(case=cases[id_], distance=bits) for id_, bits in likes.items() if id_ in cases),
            day=day,
            spent=self._spent(day),
        )

    def _found(self, query: Select[Any], **wanted: object) -> tuple[str, ...]:
        return tuple(self._db.execute(query, {**self._frame, **wanted}).scalars())

    def _of_buyer(self, now: datetime) -> tuple[str, ...]:
        if self._buyer is None:
            return ()
        return self._found(_OF_BUYER, of_buyer=self._buyer, earliest=now - timedelta(days=BUYER_DAYS))

    def _of_waybill(self) -> tuple[str, ...]:
        back = self._snapshot.returned
        number = waybill(back.waybill) if back else ""
        if not number:
            return ()
        # one query for each column: an OR over both would read the whole shop (measured: 200 ms of 60,000 sightings)
        both = (*self._found(_CAME_BACK, of_returned=number), *self._found(_WENT_OUT, of_forward=number))
        return tuple(dict.fromkeys(both))[:MOST]

    def _likes(self) -> dict[str, int]:
        """Cases with a picture like one of this case's, and how like the likest one is, the nearest first."""
        hashes = self._snapshot.picture_hashes
        mine = [picture for picture in hashes.value if picture] if isinstance(hashes, Known) else []
        pieces = {"bands": sorted({band for picture in mine for band in bands(picture)})}
        found: dict[str, int] = {}
        for row in self._db.execute(_LIKE, self._frame | pieces) if mine else ():
            bits = min(distance(row.picture, picture) for picture in mine)
            if bits <= ALIKE:
                found[row.aftersale_id] = min(bits, found.get(row.aftersale_id, bits))
        return dict(sorted(found.items(), key=lambda like: (like[1], like[0]))[:MOST])

    def _spent(self, day: str) -> dict[str, Money]:
        rows = self._db.execute(_SPENT, {**self._frame, "of_day": day})
        return {row.scope.partition(":")[2]: row.total for row in rows}

    def _cases(self, ids: set[str]) -> dict[str, PastCase]:
        if not ids:
            return {}
        asked = {**self._frame, "ids": sorted(ids)}
        looks = sorted(self._db.execute(_LOOKS, asked), key=lambda row: row.seq)
        newest: Newest = {row.aftersale_id: row for row in looks}
        refunded: dict[str, Money] = {row.aftersale_id: row.total for row in self._db.execute(_REFUNDED, asked)}
        refused = set(self._db.execute(_REFUSED, asked).scalars())
        return {id_: self._case(row, refunded.get(id_, ZERO), refused=id_ in refused) for id_, row in newest.items()}

    def _case(self, row: Any, refunded: Money, *, refused: bool) -> PastCase:
        return PastCase(
            aftersale_id=row.aftersale_id,
            order_id=row.order_id,
            same_buyer=None if not row.buyer else row.buyer == self._buyer,
            type=_known(AftersaleType, row.type),
            state=_known(CaseState, row.state),
            amount=row.amount,
            applied_at=row.applied_at,
            seen_at=row.at,
            forward_waybill=row.forward,
            return_waybill=row.returned,
            refunded=refunded,
            refused=refused,
        )


def _known(kind: type[E], word: str) -> E | None:
    return kind(word) if word else None


def _picked(cases: Mapping[str, PastCase], ids: Iterable[str]) -> tuple[PastCase, ...]:
    return tuple(cases[id_] for id_ in ids if id_ in cases)


def history(db: Connection, snapshot: Snapshot, now: datetime) -> History:
    """The case's surroundings as the ledger knew them at `now`, a moment on the shop's clock."""
    return _Asking(db, snapshot, now).answer(now)
