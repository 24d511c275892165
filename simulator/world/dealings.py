"""What a shop tries beside yes and no: its offers to the buyer and its complaint to the platform.

Money is integer fen, times are aware datetimes in Asia/Shanghai. Known from two seeds alone (domain.md 4, 5, 27, 28).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.world.kinds import CaseState, ComplaintScene, ComplaintState, DeadlineAction, OfferState


@dataclass(slots=True, eq=False)
class Offer:
    """What the shop offered the buyer instead of the whole claim; `plan` is the id of one of the tool's plans."""

    at: datetime
    plan: str
    amount_fen: int
    message: str
    state: OfferState = OfferState.OPEN


@dataclass(frozen=True, slots=True)
class Pause:
    """Where a case goes on when an open offer comes to nothing: its state, and how much of its time was left."""

    state: CaseState
    left: timedelta | None
    action: DeadlineAction | None


@dataclass(slots=True, eq=False)
class Complaint:
    """A complaint of the shop about one refund; upheld, the case does not count for the experience score (domain.md 5)."""

    at: datetime
    scene: ComplaintScene
    message: str
    proofs: tuple[str, ...]
    state: ComplaintState = ComplaintState.FILED
