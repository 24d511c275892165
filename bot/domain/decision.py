"""A decision: verb, strategy, reasons, what else matched, what lost and why, under which policy."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bot.domain.action import ComplaintScene, RefusalReason, Verb
from bot.domain.base import Frozen
from bot.domain.ids import CaseKey
from bot.domain.money import Money

SEVERAL = "|"
"""Stands between the keys of a parameter that holds several."""


class Reason(Frozen):
    """One sentence for a person: a key of the message catalogue and what fills it."""

    code: str
    params: dict[str, str] = Field(default_factory=dict)


class ProofKind(StrEnum):
    """Proof that a refusal needs: a picture of the courier's trail, of the weights, or what the inbox holds for the order."""

    TRAIL = "trail"
    WEIGHTS = "weights"
    INBOX = "inbox"


class Verdict(StrEnum):
    """How one strategy stood towards a case."""

    MATCHED = "matched"
    LOST = "lost"
    UNDECIDED = "undecided"


class StrategyTrace(Frozen):
    """One strategy's standing: for `lost` and `undecided`, the conditions that said no or did not know."""

    strategy: str
    verb: Verb
    verdict: Verdict
    because: tuple[Reason, ...]


class Flip(Frozen):
    """The nearest single change of one fact that would have decided otherwise."""

    fact: str
    was: str
    would_be: str
    verb: Verb
    strategy: str


class Answer(StrEnum):
    """Of a condition or a detector; a fact that is missing is neither yes nor no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Detector(StrEnum):
    """Signs of abuse that are looked for in every case (domain.md 4.3 and 5)."""

    WEIGHT_ANOMALY = "weight_anomaly"
    TRAIL_ANOMALY = "trail_anomaly"
    EMPTY_PARCEL = "empty_parcel"
    SHORT_COUNT = "short_count"
    SWAPPED = "swapped"
    BORROWED_WAYBILL = "borrowed_waybill"
    SHIPPED_AFTER_ALL = "shipped_after_all"
    RECEIVED_AFTER_ALL = "received_after_all"
    REUSED_PICTURE = "reused_picture"
    DUPLICATE_REFUND = "duplicate_refund"
    SERIAL_CLAIMANT = "serial_claimant"
    EXTORTION = "extortion"
    ORDER_BURST = "order_burst"
    RIVAL = "rival"
    FREIGHT_INSURANCE = "freight_insurance"


class Finding(Frozen):
    """What a detector says of a case; `facts` are the names of those that made it say so."""

    name: Detector
    answer: Answer
    facts: tuple[str, ...]


class Plan(Frozen):
    """What the chosen strategy asks for beyond its verb; the runner makes the exact action from it."""

    strategy: str
    amount: Money | None = None
    max_fee: Money | None = None
    refusal: RefusalReason | None = None
    scene: ComplaintScene | None = None
    message: str = ""
    proofs: tuple[ProofKind, ...] = ()
    without_proof_allowed: bool = False
    remark: str = ""
    strategy_cap_day: Money | None = None
    earned: str = ""
    """The version of the strategy where it has to earn its autonomy (bot/engine/autonomy.py); empty where it may act."""


class Shadow(Frozen):
    """What a candidate policy would have done beside the decision: kept with it, shown, never acted on.

    `reason` is the code of its headline; `agrees`: the same verb for the same sum. `takes` counts on the candidate's own cap of
    `day` (Asia/Shanghai); None where its strategy has no cap.
    """

    policy_hash: str
    verb: Verb
    strategy: str = ""
    amount: Money | None = None
    reason: str = ""
    agrees: bool = False
    day: str = ""
    takes: Money | None = None


class Decision(Frozen):
    """Pure outcome of (facts, policy, now); `verb` is HOLD where only a person should act."""

    case: CaseKey
    verb: Verb
    plan: Plan | None
    reasons: tuple[Reason, ...]
    traces: tuple[StrategyTrace, ...]
    flip: Flip | None
    fingerprint: str
    policy_hash: str
    decided_at: datetime
    findings: tuple[Finding, ...] = ()
    owner: str = ""
    """Of a hold whose strategy names who shall look at it; else empty, and the shop's owner does."""
