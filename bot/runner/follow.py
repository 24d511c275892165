"""Where a case stands once an action on it is proven."""

from __future__ import annotations

from typing import assert_never

from bot.domain.action import Action, AgreeRefund, AgreeReturn, Complain, Intercept, Negotiate, Refuse, Remark
from bot.domain.outcome import CaseStatus


def follow_of(action: Action) -> CaseStatus:
    """An intercept waits for the courier, an offer for the buyer, a complaint for the platform; the others are done.

    What waits is looked at again by the next sweep, also when it left the list.
    """
    match action:
        case AgreeRefund() | AgreeReturn() | Refuse() | Remark():
            return CaseStatus.DONE
        case Intercept() | Negotiate() | Complain():
            return CaseStatus.WAITING
        case _:
            assert_never(action)
