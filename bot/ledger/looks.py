"""What a case asked for when something was armed on it: read off its newest sighting, so that a day's figures are plain sums."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, update

from bot.domain.action import Intent, stated_amount
from bot.domain.money import ZERO, Money
from bot.ledger.schema import cases, events, intents, receipts, reservations, sightings
from bot.ledger.statements import CASE, case_values, of, where

_BEFORE = (
    select(sightings.c.amount, sightings.c.applied_at)
    .where(where(sightings, *CASE), sightings.c.seq < bindparam("before"))
    .order_by(sightings.c.seq.desc())
    .limit(1)
)
_UNTOLD = (
    select(intents.c.id, intents.c.armed_seq, *(intents.c[name] for name in CASE), events.c.facts)
    .join(events, events.c.seq == intents.c.armed_seq)
    .where(intents.c.day == "")
)
_own = (reservations.c.scope == "shop") | reservations.c.scope.startswith("agreed:")
_POSTED = select(reservations.c.amount).where(where(reservations, "intent"), _own, reservations.c.state == "posted")
_mine = and_(*(sightings.c[name] == cases.c[name] for name in CASE))
_newest = select(sightings.c.amount).where(_mine).order_by(sightings.c.seq.desc()).limit(1).scalar_subquery()
_CLAIMS = update(cases).values(claim=func.coalesce(_newest, cases.c.claim))
_APPLIED = select(intents.c.applied_at).where(where(intents, "id"))
_PROVEN = select(receipts.c.proven_at).where(where(receipts, "intent"))
_TELL = update(intents).where(where(intents, "id"))


def of_intent(db: Connection, intent: Intent, seq: int) -> dict[str, object]:
    """The columns of an intent, armed by the event `seq`, that its day's figures rest on."""
    stated = stated_amount(intent.action)
    return {"day": intent.day, **_seen(db, case_values(intent.case), seq, stated or ZERO)}


def waited_s(db: Connection, intent: str, until: datetime) -> int | None:
    """Seconds from the application to `until`; a shop's clock may be set back, and nothing is done before it was asked for."""
    since = db.execute(_APPLIED, of({"id": intent})).scalar_one_or_none()
    return None if since is None else max(0, round((until - since).total_seconds()))


def fill_in(db: Connection) -> None:
    """The same for intents of a ledger that did not write it down."""
    db.execute(_CLAIMS)
    for row in db.execute(_UNTOLD).all():
        facts = json.loads(row.facts)
        taken = db.execute(_POSTED, of({"intent": row.id})).scalar_one_or_none()
        told = _seen(db, {name: getattr(row, name) for name in CASE}, row.armed_seq, Money(facts["stated"] or 0))
        db.execute(_TELL.values(day=facts["day"], moved=taken or ZERO, **told), of({"id": row.id}))
        if (proven := db.execute(_PROVEN, of({"intent": row.id})).scalar_one_or_none()) is not None:
            db.execute(_TELL.values(waited_s=waited_s(db, row.id, proven)), of({"id": row.id}))


def _seen(db: Connection, case: dict[str, object], before: int, otherwise: Money) -> dict[str, Any]:
    seen = db.execute(_BEFORE, {**of(case), "before": before}).one_or_none()
    if seen is None:
        return {"claim": otherwise, "applied_at": None}
    return {"claim": seen.amount, "applied_at": seen.applied_at}
