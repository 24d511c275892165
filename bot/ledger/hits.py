"""策略监控: what each strategy hit, day by day, and the money that it moved, out of decisions and reservations (domain.md 51)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, or_, select

from bot.domain.action import Mark, Verb
from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.ledger import schema
from bot.ledger.budgets import AGREED, State
from bot.ledger.events import Kind
from bot.ledger.statements import key_of

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


Key = tuple[str, CaseKey, str]
"""Day, case, strategy."""


def hits(db: Connection, since: date) -> tuple[Hit, ...]:
    """Every hit from that business day on, the oldest first."""
    found: dict[Key, Hit] = {}
    for hit in _decided(db, since):
        found[hit.day, hit.case, hit.strategy] = hit
    for done in _acted(db, since):
        key = (done.day, done.case, done.strategy)
        known = found.get(key, replace(done, posted=ZERO, pending=ZERO))
        posted, pending = known.posted + done.posted, known.pending + done.pending
        found[key] = replace(known, posted=posted, pending=pending, mark=done.mark)
    return tuple(sorted(found.values(), key=lambda hit: (hit.day, hit.at, hit.case.aftersale_id)))


def _before(since: date) -> datetime:
    """Rows are dated by the PC's clock, business days by the shop's: the two may differ, but not by a day."""
    return datetime(since.year, since.month, since.day, tzinfo=SHANGHAI) - timedelta(days=1)


def _decided(db: Connection, since: date) -> Iterator[Hit]:
    """Decisions to act; a later one on the same day replaces the earlier. Of an erased one what the chain keeps is left."""
    events, payloads = schema.events, schema.payloads
    query = select(events, payloads.c.body).join(payloads, payloads.c.seq == events.c.seq)
    wanted = (events.c.kind == Kind.DECIDED) & (events.c.at >= _before(since))
    for row in db.execute(query.where(wanted).order_by(events.c.seq)):
        facts = json.loads(row.facts)
        if not facts["strategy"] or facts["verb"] == Verb.HOLD:
            continue
        # only two words of a body that may be large: nothing of it is validated anew
        body = json.loads(row.body) if row.body else None
        at = datetime.fromisoformat(body["decision"]["decided_at"]) if body else row.at
        day = at.astimezone(SHANGHAI).date()
        if day >= since:
            yield Hit(
                day=day.isoformat(),
                at=at,
                case=key_of(row),
                order_id=body["snapshot"]["order_id"] if body else "",
                strategy=facts["strategy"],
                verb=Verb(facts["verb"]),
                reason=body["snapshot"]["reason"] if body else "",
                policy=facts["policy_hash"],
                asked=Money(facts["amount"] or facts["max_fee"] or 0),
            )


def _acted(db: Connection, since: date) -> Iterator[Hit]:
    """Actions with what they took from their strategy's budget, in the order of arming; a note that follows takes nothing."""
    events, table, taken = schema.events, schema.intents, schema.reservations
    own = (taken.c.intent == table.c.id) & or_(*(taken.c.scope.startswith(scope) for scope in _OWN))
    query = select(table, events.c.facts, taken.c.state, taken.c.amount).join(events, events.c.seq == table.c.armed_seq)
    late = table.c.armed_at >= _before(since)
    for row in db.execute(query.join(taken, own, isouter=True).where(late).order_by(table.c.armed_seq)):
        facts = json.loads(row.facts)
        if facts["day"] >= since.isoformat() and row.verb != Verb.REMARK:
            amount = row.amount or ZERO
            yield Hit(
                day=facts["day"],
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
