"""A person at a case: what they ask for in a word, what would be done, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.decision import Plan, Reason
from bot.domain.hand import HandDetails, HandVerdict
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode


class HandWord(StrEnum):
    """What a person says of a case. `agree` is whichever yes the case asks for; `ask` offers the buyer a sum."""

    AGREE = "agree"
    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    ASK = "ask"
    COMPLAIN = "complain"
    HOLD = "hold"
    ELSEWHERE = "elsewhere"
    RELEASE = "release"


class HandAsk(HandDetails):
    """As it was asked for; `case` is an after-sale id, or PLATFORM/SHOP/ID."""

    case: str
    word: HandWord
    by: str
    why: str
    approved_by: str = ""


class HandBudget(Frozen):
    """A cap of today that the deed counts on: `left` before it, `after` it; a cap that it would pass stops it."""

    kind: Literal["shop", "buyer"]
    left: Money
    after: Money
    cap: Money


class HandPreview(Frozen):
    """What would be done, by the newest look at the case; nothing is yet.

    `refused`: why it will not be done; `plan`: of a deed that may. `own`: the robot's word on the case. `needs_two`: a second
    person stands behind it, or has to. `budgets`: where it counts on caps of the day. Times in Asia/Shanghai.
    """

    verdict: HandVerdict
    claim: Money
    state: str
    type: str
    buyers_reason: str
    deadline: datetime | None
    looked_at: datetime
    own: tuple[Reason, ...]
    plan: Plan | None = None
    refused: Reason | None = None
    needs_two: bool = False
    budgets: tuple[HandBudget, ...] = ()

    @property
    def as_shown(self) -> HandVerdict:
        """The verdict with all that its plan comes to written out: what is agreed to later is what was looked at now."""
        told = {name: getattr(self.plan, name, None) for name in HandDetails.model_fields}
        return self.verdict.model_copy(update={name: said for name, said in told.items() if said})


class HandResult(Frozen):
    """What became of a verdict. `done`: the deed is proven, now or before; `moved_fen` is what its receipts of this run say."""

    case: str
    verb: Verb
    by: str
    approved_by: str
    done: bool
    status: CaseStatus
    reasons: tuple[Reason, ...] = ()
    moved_fen: int = 0
    run_id: str = ""
    report: str = ""
    exit_code: ExitCode
