"""The past as a rehearsal is handed it: each decision with what it was made from, and what acting on it took from the caps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Plan, Reason
from bot.domain.facts import Fact
from bot.domain.history import History
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.ports.ledger import Judged


class _Part(BaseModel):
    """Some fields of what the ledger keeps: reading a decision whole takes six times as long (docs/benchmarks.md)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Head(_Part):
    """A stored decision without its traces."""

    case: CaseKey
    verb: Verb
    plan: Plan | None
    reasons: tuple[Reason, ...]
    policy_hash: str
    decided_at: datetime


class Kept(_Part):
    """`bot.ports.ledger.Judged` with the head of its decision."""

    snapshot: Snapshot
    trails: dict[str, Fact[Trail]]
    history: History
    decision: Head


@dataclass(frozen=True, slots=True)
class Past:
    """One decision: its place in the ledger's order, the posture of its run (only `act` spends), and the whole of it on demand."""

    seq: int
    posture: str
    kept: Kept
    whole: Callable[[], Decision]

    @classmethod
    def of(cls, judged: Judged, seq: int = 0, posture: str = "act") -> Past:
        """Of a decision that is at hand."""
        kept = Kept(
            snapshot=judged.snapshot,
            trails=judged.trails,
            history=judged.history,
            decision=Head(**{name: getattr(judged.decision, name) for name in Head.model_fields}),
        )
        return cls(seq, posture, kept, lambda: judged.decision)


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
