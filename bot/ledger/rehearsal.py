"""The past for a rehearsal: every decision since a moment, streamed in the ledger's order, never all of it in memory."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, func, select

from bot.domain.ids import CaseKey
from bot.ledger.canon import load
from bot.ledger.columns import Moment
from bot.ledger.decisions import JUDGED
from bot.ledger.events import Kind
from bot.ledger.schema import events, intents, payloads, reservations, runs
from bot.ledger.statements import CASE, case_values, of, where
from bot.ports.past import Kept, Past, Spending

_KEPT = TypeAdapter(Kept)

AT_ONCE = 200
"""Decisions that are read together, in a transaction of their own: a long one would keep SQLite from folding its log away."""

_DECIDED = (
    events.c.kind == Kind.DECIDED,
    events.c.at >= bindparam("since", type_=Moment),
    payloads.c.body.is_not(None),
)


_STREAM = (
    select(events.c.seq, runs.c.posture, payloads.c.body)
    .join(payloads, payloads.c.seq == events.c.seq)
    .join(runs, runs.c.id == events.c.run)
    .where(*_DECIDED, events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(AT_ONCE)
)
_COUNT = select(func.count()).select_from(events).join(payloads, payloads.c.seq == events.c.seq).where(*_DECIDED)
_NEXT = (
    select(func.min(events.c.seq))
    .where(where(events, *CASE), events.c.kind == Kind.DECIDED, events.c.seq > bindparam("seq"))
    .scalar_subquery()
)
_R = reservations.c
_SPENT = (
    select(_R.scope, _R.day, _R.since, _R.reserved, _R.resolved_at, _R.amount)
    .join(intents, intents.c.id == _R.intent)
    .where(where(intents, *CASE), intents.c.armed_seq > bindparam("seq"), _R.scope.like("strategy:%"))
    .where(func.coalesce(intents.c.armed_seq < _NEXT, True))
    .order_by(intents.c.armed_seq)
    .limit(1)
)


def count(db: Connection, since: datetime) -> int:
    """How many decisions there are to look at."""
    return db.execute(_COUNT, {"since": since}).scalar_one()


def page(db: Connection, since: datetime, after: int) -> list[Past]:
    """The next decisions since then, behind the event `after`; what was erased is left out. Empty at the end.

    Events are only ever appended, so that pages read one after another are one view.
    """
    rows = db.execute(_STREAM, {"since": since, "after": after})
    return [_past(*row) for row in rows]


def _past(seq: int, posture: str, body: str) -> Past:
    what = f"the decision of event {seq}"
    return Past(seq, posture, load(_KEPT, body, what), lambda: load(JUDGED, body, what).decision)


def spending(db: Connection, case: CaseKey, seq: int) -> Spending | None:
    """What the intent that followed this decision, before the next one, took from its strategy's day."""
    row = db.execute(_SPENT, {**of(case_values(case)), "seq": seq}).one_or_none()
    if row is None:
        return None
    strategy = row.scope.removeprefix("strategy:")
    return Spending(strategy, row.day, row.since, row.reserved, row.resolved_at, row.amount)
