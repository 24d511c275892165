"""What a freshly loaded page proves about an action: a pure function of the action and what the server shows."""

from __future__ import annotations

from typing import assert_never

from bot.domain.action import Action, AgreeRefund, AgreeReturn, Complain, Intercept, Negotiate, Refuse, Remark
from bot.domain.case import PENDING, CaseState, ComplaintState, Control, InterceptState, Snapshot
from bot.domain.facts import Fact, Known
from bot.domain.money import ZERO, Money
from bot.domain.outcome import Outcome

_REFUNDED = frozenset({CaseState.REFUNDING, CaseState.SUCCESS})
_RETURN_AGREED = frozenset({CaseState.WAIT_BUYER_RETURN, CaseState.WAIT_SELLER_RECEIVE})
_REFUSED = frozenset({CaseState.SELLER_REFUSED})
_MONEY_CONTROLS = frozenset({Control.AGREE_REFUND, Control.AGREE_RETURN, Control.CONFIRM_RECEIPT, Control.REFUSE})


def read_outcome(action: Action, after: Snapshot) -> Outcome:  # noqa: PLR0911 - one way out an action
    """Applied, not applied, somebody else's doing, or not to be told (reliability.md 3.2)."""
    if not isinstance(after.state, Known):
        return Outcome.UNREADABLE
    state = after.state.value
    match action:
        case AgreeRefund():
            return _by_state(state, _REFUNDED, after)
        case AgreeReturn():
            # a second agreement cannot be offered while the first one stands: receipt pending means agreed earlier
            return _by_state(state, _RETURN_AGREED, after, still=frozenset({CaseState.WAIT_SELLER}))
        case Refuse():
            return _by_state(state, _REFUSED, after)
        case Intercept():
            return _by_intercept(after)
        case Negotiate(amount=amount):
            return _by_offer(state, amount, after)
        case Complain():
            return _by_complaint(state, action, after)
        case Remark(text=text):
            return Outcome.APPLIED if text in after.seller_remark else Outcome.NOT_APPLIED
        case _:
            assert_never(action)


def amount_moved(action: Action, after: Snapshot) -> Money:
    """The money that the server shows as moved by this action; it can differ from what was decided (I4)."""
    match action:
        case AgreeRefund():
            return after.amount
        case Intercept(fee=fee):
            return fee
        case Negotiate(amount=amount):
            # read_outcome found an offer of exactly this sum; it counts as spent while the buyer may accept it (ADR 0011)
            return amount
        case AgreeReturn() | Refuse() | Remark() | Complain():
            return ZERO
        case _:
            assert_never(action)


def _by_state(
    state: CaseState, wanted: frozenset[CaseState], after: Snapshot, still: frozenset[CaseState] = PENDING
) -> Outcome:
    if state in still:
        return Outcome.NOT_APPLIED
    if state not in wanted:
        return Outcome.FOREIGN
    # the state says done while the button still stands: one of the two lies, a person looks
    left = _MONEY_CONTROLS & after.controls
    return Outcome.UNREADABLE if left and state not in _RETURN_AGREED else Outcome.APPLIED


def _by_intercept(after: Snapshot) -> Outcome:
    return read_intercept(after.forward.intercept, after) if after.forward else Outcome.UNREADABLE


def read_intercept(told: Fact[InterceptState], after: Snapshot) -> Outcome:
    """By the word of whoever was asked to bring the parcel back, the shop's page or the courier's desk."""
    if not isinstance(told, Known):
        return Outcome.UNREADABLE
    if told.value is not InterceptState.NONE:
        return Outcome.APPLIED
    still_open = isinstance(after.state, Known) and after.state.value in PENDING
    return Outcome.NOT_APPLIED if still_open else Outcome.FOREIGN


def _by_offer(state: CaseState, amount: Money, after: Snapshot) -> Outcome:
    """Sums of offers on a case only rise, so an offer of this very sum is this one, whatever the buyer said to it since."""
    if after.negotiable is None:
        return Outcome.UNREADABLE
    if any(offer.amount == amount for offer in after.negotiable.offers):
        # an offer is out while another is invited: one of the two lies, a person looks
        twofold = state is CaseState.WAIT_BUYER_ANSWER and Control.NEGOTIATE in after.controls
        return Outcome.UNREADABLE if twofold else Outcome.APPLIED
    return Outcome.NOT_APPLIED if state in PENDING else Outcome.FOREIGN


def _by_complaint(state: CaseState, action: Complain, after: Snapshot) -> Outcome:
    if after.complaint is None or not isinstance(after.complaint.state, Known):
        return Outcome.UNREADABLE
    if after.complaint.state.value is ComplaintState.NONE:
        return Outcome.NOT_APPLIED if state in PENDING else Outcome.FOREIGN
    if not isinstance(after.complaint.scene, Known):
        return Outcome.UNREADABLE
    return Outcome.APPLIED if after.complaint.scene.value is action.scene else Outcome.FOREIGN
