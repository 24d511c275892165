"""What is left to do in a shop by the last look at its list, and how long a case took there: what a plan of work rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import ColumnElement, Connection, and_, func, select

from bot.domain.action import Verb
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger.cases import IN_WORK
from bot.ledger.schema import LIVE, cases, events, intents, run_cases, runs, sightings
from bot.ledger.statements import CASE, SHOP, key_of, of, shop_values, where

RUNS = 5
"""As many of the last runs as the pace of a shop is taken from."""

FEWEST = 5
"""Cases that a run must have judged to say anything about a pace: signing in and listing are in its time."""

_OURS = (*IN_WORK, CaseStatus.WAITING)


@dataclass(frozen=True, slots=True)
class Pending:
    """A case that a sweep would look at: what is asked for, until when, and what the robot said last (None: nothing yet).

    `listed`: the shop's list shows it, as far as is known. `waits_since`: when the robot read it and left it waiting for somebody; None
    where it did not.
    """

    case: CaseKey
    amount: Money
    deadline: datetime | None
    verb: Verb | None
    listed: bool = True
    waits_since: datetime | None = None


def _newest_sighting() -> ColumnElement[bool]:
    """Of each case, by the index that ends with the event's number."""
    inner = sightings.alias()
    same = (inner.c[name] == sightings.c[name] for name in CASE)
    return sightings.c.seq == select(func.max(inner.c.seq)).where(*same).scalar_subquery()


_PENDING = (
    select(
        *(cases.c[name] for name in ("aftersale_id", "deadline", "status", "listed", "read_at")),
        sightings.c.amount,
        events.c.facts,
    )
    .select_from(cases)
    .join(sightings, and_(*(sightings.c[name] == cases.c[name] for name in CASE), _newest_sighting()))
    .outerjoin(run_cases, and_(run_cases.c.run == cases.c.run, *(run_cases.c[name] == cases.c[name] for name in CASE)))
    .outerjoin(events, events.c.seq == run_cases.c.decided_seq)
    .where(where(cases, *SHOP), cases.c.status.in_(_OURS))
    .order_by(cases.c.aftersale_id)
)
_LAST = (
    select(runs.c.opened_at, runs.c.closed_at, func.count(run_cases.c.decided_seq).label("judged"))
    .select_from(runs)
    .join(run_cases, run_cases.c.run == runs.c.id)
    .where(where(runs, *SHOP, "posture"), runs.c.closed_at.is_not(None))
    .group_by(runs.c.id, runs.c.opened_at, runs.c.closed_at, runs.c.opened_seq)
    .having(func.count(run_cases.c.decided_seq) >= FEWEST)
    .order_by(runs.c.opened_seq.desc())
    .limit(RUNS)
)

_UNENDED = (
    select(cases)
    .join(runs, runs.c.id == cases.c.run)
    .where(
        where(cases, *SHOP),
        cases.c.status.in_((*_OURS, CaseStatus.HELD)),
        ~select(intents.c.id)
        .where(*(intents.c[name] == cases.c[name] for name in CASE), intents.c.mark.in_(LIVE))
        .exists(),
    )
    .order_by(runs.c.opened_seq, cases.c.aftersale_id)
)
"""By run and id, not by time: in a replay time stands still, and the order must be that of the tape."""


def unended(db: Connection, shop: ShopKey) -> Iterator[CaseKey]:
    """Cases that still wait for something, without those whose own action nobody can tell the outcome of, oldest run first."""
    return (key_of(row) for row in db.execute(_UNENDED, of(shop_values(shop))))


def pending(db: Connection, shop: ShopKey) -> Iterator[Pending]:
    """Cases of the shop that no person holds and that have no end yet, by id."""
    for row in db.execute(_PENDING, of(shop_values(shop))):
        case = CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=row.aftersale_id)
        verb = Verb(json.loads(row.facts)["verb"]) if row.facts else None
        waits_since = row.read_at if row.status == CaseStatus.WAITING else None
        yield Pending(case, row.amount, row.deadline, verb, bool(row.listed), waits_since)


def seconds_per_case(db: Connection, shop: ShopKey, posture: str) -> float | None:
    """The median of the shop's last runs in that posture; None where none of them says anything.

    The whole run counts, signing in and waiting too: that is what a forecast has to reckon with. The median leaves out the
    one that waited for a person.
    """
    found = db.execute(_LAST, of({**shop_values(shop), "posture": posture})).all()
    return median([(row.closed_at - row.opened_at).total_seconds() / row.judged for row in found]) if found else None
