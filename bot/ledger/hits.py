"""策略监控: what each strategy hit, day by day, and the money that it moved, out of decisions and reservations (domain.md 51)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, String, func, or_, select, type_coerce

from bot.domain.action import Mark, Verb
from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.ledger import schema
from bot.ledger.budgets import AGREED, State
from bot.ledger.columns import Within
from bot.ledger.statements import CASE, key_of

_OWN = ("strategy:", f"{AGREED}:")
"""Scopes of what a strategy spends, and of what it promises to pay once goods are back; an intent has one of the two."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One strategy on one case on one business day (Asia/Shanghai), however often it was looked at that day.

    `reason` is the one that the buyer chose, empty once it was erased. `asked` is what the strategy meant to move. `posted`
    is proven, `pending` is reserved; both are zero where nothing was clicked. `mark` is the newest of its actions, None
    where there was none. `policy` is the hash of the one that decided, empty where the decision is not of these days.
    """

    day: str
    at: datetime
    case: CaseKey
    order_id: str
    strategy: str
    verb: Verb
    reason: str = ""
    asked: Money = ZERO
    posted: Money = ZERO
    pending: Money = ZERO
    mark: Mark | None = None
    policy: str = ""


_E, _P, _I, _R = schema.events.c, schema.payloads.c, schema.intents.c, schema.reservations.c
_DECIDED = (
    select(
        *(_E[name] for name in (*CASE, "seq", "facts")),
        func.coalesce(Within(_P.body, "decision", "decided_at"), type_coerce(_E.at, String)).label("decided_at"),
        Within(_P.body, "snapshot", "order_id").label("order_id"),
        Within(_P.body, "snapshot", "reason").label("reason"),
    )
    .join(schema.payloads, _P.seq == _E.seq)
    .where(schema.decided)
)  # fmt: skip
"""Three words of a body that may be large: nothing of it is validated anew. Not in order: for that SQLite would leave the index."""

_own = (_R.intent == _I.id) & or_(*(_R.scope.startswith(scope) for scope in _OWN))
_ACTED = (
    select(*(_I[name] for name in (*CASE, "day", "verb", "mark", "armed_at")), _E.seq, _E.facts, _R.state, _R.amount)
    .join(schema.events, _E.seq == _I.armed_seq)
    .join(schema.reservations, _own, isouter=True)
    .where(_I.verb != Verb.REMARK)
)

Key = tuple[str, CaseKey, str]
"""Day, case, strategy."""


def hits(db: Connection, since: date) -> tuple[Hit, ...]:
    """Every hit from that business day on, the oldest first."""
    found: dict[Key, Hit] = {}
    for hit in _decided(db, since):
        found[hit.day, hit.case, hit.strategy] = hit
    for done in _acted(db, since):
        key = (done.day, done.case, done.strategy)
        known = found.get(key) or replace(done, posted=ZERO, pending=ZERO)
        posted, pending = known.posted + done.posted, known.pending + done.pending
        found[key] = replace(known, posted=posted, pending=pending, mark=done.mark)
    return tuple(sorted(found.values(), key=lambda hit: (hit.day, hit.at, hit.case.aftersale_id)))


def _in_order(db: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    return sorted(db.execute(query), key=lambda row: row.seq)


def _before(since: date) -> datetime:
    """Rows are dated by the PC's clock, business days by the shop's: the two may differ, but not by a day."""
    return datetime(since.year, since.month, since.day, tzinfo=SHANGHAI) - timedelta(days=1)


def _decided(db: Connection, since: date) -> Iterator[Hit]:
    """Decisions to act; a later one on the same day replaces the earlier. Of an erased one what the chain keeps is left."""
    for row in _in_order(db, _DECIDED.where(_E.at >= _before(since))):
        facts = json.loads(row.facts)
        if not facts["strategy"] or facts["verb"] == Verb.HOLD:
            continue
        at = datetime.fromisoformat(row.decided_at)
        day = at.astimezone(SHANGHAI).date()
        if day >= since:
            yield Hit(
                day=day.isoformat(),
                at=at,
                case=key_of(row),
                order_id=row.order_id or "",
                strategy=facts["strategy"],
                verb=Verb(facts["verb"]),
                reason=row.reason or "",
                policy=facts["policy_hash"],
                asked=Money(facts["amount"] or facts["max_fee"] or 0),
            )


def _acted(db: Connection, since: date) -> Iterator[Hit]:
    """Actions with what they took from their strategy's budget, in the order of arming; a note that follows takes nothing."""
    for row in _in_order(db, _ACTED.where(_I.day >= since.isoformat())):
        facts, amount = json.loads(row.facts), row.amount or ZERO
        yield Hit(
            day=row.day,
            at=row.armed_at,
            case=key_of(row),
            order_id=facts["order"],
            strategy=facts["strategy"],
            verb=Verb(row.verb),
            asked=Money(facts["stated"] if row.verb == Verb.AGREE_RETURN else facts["spends"]),
            posted=amount if row.state == State.POSTED else ZERO,
            pending=amount if row.state == State.PENDING else ZERO,
            mark=Mark(row.mark),
        )
