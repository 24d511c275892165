"""The past as a rehearsal is handed it: each decision with what it was made from, and what acting on it took from the caps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.ports.ledger import Judged


@dataclass(frozen=True, slots=True)
class Past:
    """One decision: its place in the ledger's order, and the posture of its run; only `act` spends."""

    seq: int
    posture: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Spending:
    """What one intent counted on its strategy's cap of `day`: `reserved` from `since` on, `amount` once resolved (shop's clock)."""

    strategy: str
    day: str
    since: datetime
    reserved: Money
    resolved_at: datetime | None
    amount: Money


SpendingOf = Callable[[CaseKey, int], Spending | None]
"""What the intent that followed the decision `seq` on a case spent; None where nothing was armed or it spends nothing."""
