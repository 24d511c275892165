"""An action: a verb with its exact amount, reason and evidence; and the marks that its intent passes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, assert_never

from pydantic import Field

from bot.domain.base import Frozen, Sha256
from bot.domain.ids import CaseKey, IntentId, RunId
from bot.domain.money import ZERO, Money


class Verb(StrEnum):
    """What can be done with a case (design.md 2); hold is the verb of doing nothing and calling a person."""

    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    REMARK = "remark"
    NEGOTIATE = "negotiate"
    COMPLAIN = "complain"
    HOLD = "hold"


class RefusalReason(StrEnum):
    """Why we refuse; each platform's wording.py names its own list entry for it."""

    SIGNED_FOR = "signed_for"
    IN_TRANSIT = "in_transit"
    EMPTY_RETURN = "empty_return"
    RETURN_DAMAGED = "return_damaged"
    RETURN_NOT_RECEIVED = "return_not_received"


class ComplaintScene(StrEnum):
    """What a refund is complained about, the five scenarios of 异常退款投诉 (domain.md 4)."""

    FALSE_RETURN = "false_return"
    SHORT_RETURN = "short_return"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    FALSE_PROOF = "false_proof"
    FREIGHT_INSURANCE = "freight_insurance"


class AgreeRefund(Frozen):
    """Money goes back: on the claim itself, or as the confirmation that the returned goods arrived."""

    verb: Literal[Verb.AGREE_REFUND] = Verb.AGREE_REFUND
    amount: Money
    confirms_receipt: bool = False


class AgreeReturn(Frozen):
    """The buyer may send the goods back to the shop's default address; no money moves yet."""

    verb: Literal[Verb.AGREE_RETURN] = Verb.AGREE_RETURN
    amount: Money
    message: str = ""


class Refuse(Frozen):
    """No, with a reason, a message of 2 to 200 characters and proofs by content hash.

    `without_proof_allowed`: only then is 继续拒绝 pressed at the second prompt (domain.md 34).
    """

    verb: Literal[Verb.REFUSE] = Verb.REFUSE
    amount: Money
    reason: RefusalReason
    message: str
    proofs: tuple[Sha256, ...]
    of_receipt: bool = False
    without_proof_allowed: bool = False


class Intercept(Frozen):
    """Ask the courier to bring the parcel back, at the quoted fee.

    `desk`: the courier's own desk where it was quoted and is to be read back; empty: the shop's page.
    """

    verb: Literal[Verb.INTERCEPT] = Verb.INTERCEPT
    waybill: str
    fee: Money
    desk: str = ""


class Remark(Frozen):
    """A note on the case for colleagues."""

    verb: Literal[Verb.REMARK] = Verb.REMARK
    text: str


class Negotiate(Frozen):
    """One offer of the shop: `amount` is paid, and the buyer keeps what he has, if he accepts (domain.md 27, 28)."""

    verb: Literal[Verb.NEGOTIATE] = Verb.NEGOTIATE
    amount: Money
    message: str = ""


class Complain(Frozen):
    """A complaint to the platform about this refund, once a case (domain.md 4); `amount` is the claim complained about."""

    verb: Literal[Verb.COMPLAIN] = Verb.COMPLAIN
    amount: Money
    scene: ComplaintScene
    message: str
    proofs: tuple[Sha256, ...]


Action = Annotated[
    AgreeRefund | AgreeReturn | Refuse | Intercept | Remark | Negotiate | Complain, Field(discriminator="verb")
]


def stated_amount(action: Action) -> Money | None:
    """The amount that the request's body must carry; None where the body carries none."""
    match action:
        case AgreeRefund(amount=amount) | AgreeReturn(amount=amount) | Refuse(amount=amount):
            return amount
        case Negotiate(amount=amount) | Complain(amount=amount):
            return amount
        case Intercept(fee=fee):
            return fee
        case Remark():
            return None
        case _:
            assert_never(action)


def spends(action: Action) -> Money:
    """What the action takes from the budgets: the refund, the intercept's fee, or the sum that an offer promises.

    An accepted offer pays without another act of ours, so it is counted from the moment it is made (ADR 0011).
    """
    match action:
        case AgreeRefund(amount=amount) | Negotiate(amount=amount):
            return amount
        case Intercept(fee=fee):
            return fee
        case AgreeReturn() | Refuse() | Remark() | Complain():
            return ZERO
        case _:
            assert_never(action)


def proofs_sent(action: Action) -> tuple[Sha256, ...]:
    """The pictures that go to the platform with the action, by content hash."""
    return action.proofs if isinstance(action, Refuse | Complain) else ()


class Mark(StrEnum):
    """The last durable mark of an intent; recovery goes by it (reliability.md 3.2, 3.3)."""

    ARMED = "armed"
    FIRED = "fired"
    SENT = "sent"
    SETTLED = "settled"
    VOID = "void"
    UNKNOWN = "unknown"


class Intent(Frozen):
    """An action written down before it is done. `day` is the business day (Asia/Shanghai) it is budgeted on (F38).

    `hand`: the ledger's number of the person's verdict that it carries out; 0 where the robot decided.
    """

    id: IntentId
    run: RunId
    case: CaseKey
    order_id: str
    buyer: str
    paid: Money
    strategy: str
    policy_hash: str
    fingerprint: str
    action: Action
    day: str
    armed_at: datetime
    epoch: int
    hand: int = 0
