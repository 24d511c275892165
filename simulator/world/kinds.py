"""The closed vocabularies of the world: types, states, verbs, roles, buttons; pages word them, nobody else invents them."""

from enum import StrEnum


class CaseType(StrEnum):
    """What the buyer asks for (domain.md 2.2)."""

    REFUND_UNSHIPPED = "refund_unshipped"
    REFUND_SHIPPED = "refund_shipped"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    RESEND = "resend"
    REPAIR = "repair"
    PRICE_PROTECTION = "price_protection"
    PRICE_DIFFERENCE = "price_difference"


REFUND_ONLY = frozenset({CaseType.REFUND_UNSHIPPED, CaseType.REFUND_SHIPPED})
DIFFERENCES = frozenset({CaseType.PRICE_PROTECTION, CaseType.PRICE_DIFFERENCE})
SERVICES = frozenset({CaseType.EXCHANGE, CaseType.RESEND, CaseType.REPAIR})


class CaseState(StrEnum):
    """Where the case stands (domain.md 2.2, Taobao column)."""

    WAIT_SELLER = "wait_seller"
    WAIT_SELLER_RECEIVE = "wait_seller_receive"
    WAIT_BUYER_RETURN = "wait_buyer_return"
    WAIT_BUYER_ANSWER = "wait_buyer_answer"
    SELLER_REFUSED = "seller_refused"
    PLATFORM = "platform"
    SUCCESS = "success"
    CLOSED = "closed"


FINISHED = frozenset({CaseState.SUCCESS, CaseState.CLOSED})
FOR_SELLER = frozenset({CaseState.WAIT_SELLER, CaseState.WAIT_SELLER_RECEIVE})


class GoodsStatus(StrEnum):
    """What the buyer says about the goods."""

    NOT_RECEIVED = "not_received"
    RECEIVED = "received"
    RETURNED = "returned"


class ShipStatus(StrEnum):
    """What the shop's back end believes about the order, right or wrong (item 47)."""

    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    SIGNED = "signed"


class ParcelState(StrEnum):
    """What the courier's network says about a waybill."""

    NO_TRACE = "no_trace"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    DELIVERING = "delivering"
    SIGNED = "signed"
    RETURNING = "returning"
    RETURN_SIGNED = "return_signed"
    REJECTED = "rejected"


class InterceptState(StrEnum):
    """The canonical intercept states (domain.md 4.2)."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    INTERCEPTING = "intercepting"
    RETURNING = "returning"
    RETURNED_SIGNED = "returned_signed"
    FAILED = "failed"


class DeadlineAction(StrEnum):
    """What the platform does when a deadline passes (domain.md 2.8)."""

    REFUND = "refund"
    AGREE_RETURN = "agree_return"
    AGREE_SERVICE = "agree_service"
    CLOSE = "close"
    LAPSE_OFFER = "lapse_offer"


class OfferState(StrEnum):
    """How an offer of the shop stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class ComplaintScene(StrEnum):
    """The five scenarios of 异常退款投诉 (domain.md 4)."""

    FALSE_RETURN = "false_return"
    SHORT_RETURN = "short_return"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    FALSE_PROOF = "false_proof"
    FREIGHT_INSURANCE = "freight_insurance"


class ComplaintState(StrEnum):
    """How a complaint stands; the platform answers days later."""

    FILED = "filed"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Verb(StrEnum):
    """What somebody can do to a case; the names that the effects log uses."""

    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    AGREE_SERVICE = "agree_service"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    REMARK = "remark"
    NEGOTIATE = "negotiate"
    COMPLAIN = "complain"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    LAPSE_OFFER = "lapse_offer"
    RULE_COMPLAINT = "rule_complaint"
    WITHDRAW = "withdraw"
    EDIT = "edit"
    REAPPLY = "reapply"
    SHIP_RETURN = "ship_return"
    INTERVENE = "intervene"
    CLOSE = "close"


class Role(StrEnum):
    """Who speaks in the negotiation record."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"


class Button(StrEnum):
    """The buttons of the detail page; the skin words them."""

    AGREE_REFUND = "agree_refund"
    BATCH_AGREE = "batch_agree"
    AGREE_RETURN = "agree_return"
    CONFIRM_RECEIPT = "confirm_receipt"
    AGREE_SERVICE = "agree_service"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    REMARK = "remark"
    NEGOTIATE = "negotiate"
    COMPLAIN = "complain"


class Challenge(StrEnum):
    """What only a person may pass."""

    SLIDER = "slider"
    SMS = "sms"
