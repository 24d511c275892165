"""Where a case stands once an action on it is proven, or once it has left our hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bot.domain.action import Action, AgreeRefund, AgreeReturn, Complain, Intercept, Negotiate, Refuse, Remark
from bot.domain.case import CaseState, OfferState, Snapshot, newest_offer
from bot.domain.decision import Reason
from bot.domain.facts import Known, value_or_none
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus

_PAID = frozenset({CaseState.REFUNDING, CaseState.SUCCESS})


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


@dataclass(frozen=True, slots=True)
class Left:
    """A case that the seller need not act on: its standing, why, and what an accepted offer paid."""

    status: CaseStatus
    reason: Reason
    refunded: Money = ZERO


def left_of(snapshot: Snapshot) -> Left:
    """With the buyer who thinks about an offer, paid because he took it, or moved by somebody else (domain.md 2.2)."""
    offer = newest_offer(snapshot)
    state = value_or_none(snapshot.state)
    if offer is not None and state is CaseState.WAIT_BUYER_ANSWER:
        return Left(CaseStatus.WAITING, Reason(code="case.offer_open", params={"amount": str(offer.amount)}))
    taken = offer is not None and isinstance(offer.state, Known) and offer.state.value is OfferState.ACCEPTED
    if offer is not None and taken and state in _PAID:
        told = {"amount": str(offer.amount)}
        return Left(CaseStatus.DONE, Reason(code="case.offer_accepted", params=told), offer.amount)
    return Left(CaseStatus.FOREIGN, Reason(code="case.moved_on"))
