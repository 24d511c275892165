"""Rows that fill a shop's list beside the cases of a scenario: finished, refused, with the platform, with the buyer."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.scenarios import claims, refunds, returns
from simulator.scenarios.maker import Maker
from simulator.world.model import Case, CaseState, RefundRecord
from simulator.world.rules import STATE_LIMITS
from simulator.world.wording import REFUND_KIND

_KINDS: tuple[tuple[Callable[[Maker, int], Case], CaseState], ...] = (
    (refunds.unshipped_full, CaseState.SUCCESS),
    (returns.return_whole, CaseState.SUCCESS),
    (refunds.signed_for, CaseState.SELLER_REFUSED),
    (returns.return_wanted, CaseState.WAIT_BUYER_RETURN),
    (refunds.small_received, CaseState.CLOSED),
    (refunds.quality_pictures, CaseState.PLATFORM),
    (claims.difference_due, CaseState.SUCCESS),
)
MOST = 42
_TO_PROVE = 0.6
"""How many of the rows with the platform wait for the shop's proof (待举证)."""


def history(m: Maker, cases: int) -> list[Case]:
    """About one row of history for six cases, at least seven and at most 42; none of them waits for the seller."""
    count = min(MOST, max(len(_KINDS), cases // 6))
    rows = [(_KINDS[i % len(_KINDS)][0](m, i), _KINDS[i % len(_KINDS)][1]) for i in range(count)]
    rows += m.past
    return [_past(case, state, timedelta(days=2 + i % 9), m.now) for i, (case, state) in enumerate(rows)]


def earlier(m: Maker) -> list[Case]:
    """Only the rows to which cases of the scenario point: claimed three days before."""
    return [_past(case, state, timedelta(days=3), m.now) for case, state in m.past]


def _past(case: Case, state: CaseState, age: timedelta, now: datetime) -> Case:
    case.state, case.background, case.urged = state, True, False
    _move_back(case, age)
    own = random.Random(f"{case.aftersale_id}/past")  # chance of its own: what is drawn after it stays as it was
    case.deadline_at = case.deadline_action = None
    if state in STATE_LIMITS:
        limit, case.deadline_action = STATE_LIMITS[state]
        since = max(case.applied_at + timedelta(hours=1), now - limit + timedelta(hours=6))
        case.deadline_at = (since + (now - since) * own.random() + limit).replace(microsecond=0)
    if state is CaseState.PLATFORM:
        case.proof_demanded = own.random() < _TO_PROVE
    if state is CaseState.SUCCESS:
        paid_at = case.applied_at + timedelta(hours=8)
        case.order.refunds.append(RefundRecord(paid_at, REFUND_KIND, case.amount_fen))
        case.order.refunded_fen += case.amount_fen
    return case


def _move_back(case: Case, span: timedelta) -> None:
    case.applied_at -= span
    case.version -= int(span.total_seconds() * 1000)
    case.order.paid_at -= span
