"""Where a case stands once an action on it is proven."""

from __future__ import annotations

from typing import assert_never

from bot.domain.action import Action, AgreeRefund, AgreeReturn, Intercept, Refuse, Remark
from bot.domain.outcome import CaseStatus


def follow_of(action: Action) -> CaseStatus:
    """An asked intercept waits for the courier; all others are done until the case comes back by itself."""
    match action:
        case AgreeRefund() | AgreeReturn() | Refuse() | Remark():
            return CaseStatus.DONE
        case Intercept():
            return CaseStatus.WAITING
        case _:
            assert_never(action)
