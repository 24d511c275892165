"""A case as a list row and as its detail page showed it (snapshot), in the canonical words of domain.md 2.2."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.action import ComplaintScene
from bot.domain.base import Frozen
from bot.domain.facts import Fact, Source, Unknown
from bot.domain.ids import CaseKey
from bot.domain.money import Money


class AftersaleType(StrEnum):
    """What the buyer asks for."""

    REFUND_UNSHIPPED = "refund_unshipped"
    REFUND_SHIPPED = "refund_shipped"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    RESEND = "resend"
    REPAIR = "repair"
    PRICE_PROTECTION = "price_protection"
    PRICE_DIFFERENCE = "price_difference"


class CaseState(StrEnum):
    """Where the platform says the case stands (domain.md 2.2)."""

    WAIT_SELLER = "wait_seller"
    WAIT_SELLER_RECEIVE = "wait_seller_receive"
    WAIT_BUYER_RETURN = "wait_buyer_return"
    WAIT_BUYER_ANSWER = "wait_buyer_answer"
    SELLER_REFUSED = "seller_refused"
    PLATFORM = "platform"
    REFUNDING = "refunding"
    SUCCESS = "success"
    CLOSED = "closed"


PENDING = frozenset({CaseState.WAIT_SELLER, CaseState.WAIT_SELLER_RECEIVE})
"""States in which the seller has to act before a deadline."""


class GoodsStatus(StrEnum):
    """What the buyer says about the goods."""

    NOT_RECEIVED = "not_received"
    RECEIVED = "received"
    RETURNED = "returned"


class ShipStatus(StrEnum):
    """What the shop's back end says; never believed alone (domain.md 47)."""

    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    SIGNED = "signed"


class ServiceTag(StrEnum):
    """Promises on the order that change what may be refused (domain.md 2.3)."""

    NO_REASON_7D = "no_reason_7d"
    NO_REASON_EXCLUDED = "no_reason_excluded"
    FREIGHT_INSURANCE = "freight_insurance"
    ONLINE_GAME = "online_game"
    KEEPS_GOODS = "keeps_goods"


class TimeoutAction(StrEnum):
    """What the platform does when the countdown ends."""

    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    CLOSE = "close"
    CONFIRM_RECEIPT = "confirm_receipt"
    LAPSE_OFFER = "lapse_offer"


class Control(StrEnum):
    """Acts that the page offers right now; read, never assumed (domain.md 2.3)."""

    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    CONFIRM_RECEIPT = "confirm_receipt"
    REFUSE = "refuse"
    REFUSE_RECEIPT = "refuse_receipt"
    INTERCEPT = "intercept"
    REMARK = "remark"
    NEGOTIATE = "negotiate"
    COMPLAIN = "complain"


class InterceptState(StrEnum):
    """Canonical intercept states (domain.md 4.2); accepted is not intercepted."""

    NONE = "none"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    INTERCEPTING = "intercepting"
    RETURNING = "returning"
    RETURNED_SIGNED = "returned_signed"
    FAILED = "failed"


class OfferState(StrEnum):
    """How an offer of the shop stands; of the newest one, how the negotiation stands (domain.md 2.2, 28)."""

    NONE = "none"
    OPEN = "open"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"


class ComplaintState(StrEnum):
    """How the shop's complaint about the refund stands (domain.md 4, 5)."""

    NONE = "none"
    FILED = "filed"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Deadline(Frozen):
    """The printed countdown turned into a moment (Asia/Shanghai, minute precision), and what happens then."""

    at: datetime
    action: Fact[TimeoutAction]


class Row(Frozen):
    """A case as the list shows it: enough to order the work, never enough to act (F26)."""

    key: CaseKey
    order_id: str
    amount: Money
    type_text: str
    state_text: str
    deadline_at: datetime | None
    applied_at: datetime


class GoodsLine(Frozen):
    """One line of the order under claim; `weight_g` is the shop's own weight of one piece, in grams."""

    name: str
    spec: str
    unit_price: Money
    quantity: int
    weight_g: int | None


class ShopParcel(Frozen):
    """A parcel as the shop's page names it; its text may lag behind the courier (domain.md 4.1)."""

    courier: str
    waybill: str
    latest: str
    intercept: Fact[InterceptState]
    return_city: str = ""


class Warehouse(Frozen):
    """The shop's warehouse record; weights in grams."""

    outbound: Fact[bool]
    outbound_at: datetime | None
    outbound_weight_g: int | None
    inbound: Fact[bool]
    counted: int | None
    inbound_weight_g: int | None


class Payment(Frozen):
    """Money that already went back to the buyer on this order."""

    at: datetime
    kind: str
    amount: Money


class OtherClaim(Frozen):
    """Another after-sale of the same order, as the page lists it."""

    aftersale_id: str
    applied_at: datetime
    type: Fact[AftersaleType]
    amount: Money
    state: Fact[CaseState]


class BuyerRecord(Frozen):
    """The buyer's own history in this shop, last 90 days."""

    name: str
    aftersales_90d: int
    refusals_90d: int


class Negotiation(Frozen):
    """One line of 协商记录."""

    at: datetime
    role: str
    text: str


class Offer(Frozen):
    """One offer of the shop to the buyer: the sum that he gets if he accepts."""

    at: datetime
    amount: Money
    state: Fact[OfferState]


class Negotiable(Frozen):
    """What the page says of 协商: the offers so far, oldest first, the most it takes and how often it may still be tried."""

    offers: tuple[Offer, ...] = ()
    most: Money
    rounds_left: int


class Complaint(Frozen):
    """What the page says of 异常退款投诉; `scene` is None until one is filed."""

    state: Fact[ComplaintState]
    scene: Fact[ComplaintScene] | None = None


class Snapshot(Frozen):
    """A case as its detail page showed it at one moment; labels that nobody knows are `Unknown` with their raw text."""

    key: CaseKey
    order_id: str
    seen_at: datetime
    version: str
    type: Fact[AftersaleType]
    state: Fact[CaseState]
    amount: Money
    paid: Money
    refunded: Money
    reason: str
    goods_status: Fact[GoodsStatus]
    ship_status: Fact[ShipStatus]
    quantity_applied: int
    applied_at: datetime
    deadline: Deadline | None
    platform_tags: tuple[str, ...]
    service_tags: frozenset[ServiceTag]
    buyer: BuyerRecord
    buyer_text: str
    buyer_pictures: tuple[str, ...]
    receiver_city: str
    goods: tuple[GoodsLine, ...]
    other_goods: tuple[str, ...]
    difference_due: Money | None
    forward: ShopParcel | None
    returned: ShopParcel | None
    warehouse: Warehouse
    payments: tuple[Payment, ...]
    negotiation: tuple[Negotiation, ...]
    seller_remark: str
    controls: frozenset[Control]
    unknown_labels: tuple[str, ...]
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    negotiable: Negotiable | None = None
    """None: the page has no such tool (domain.md 28: only some shops have it)."""
    complaint: Complaint | None = None
    """None: the page has no such entry (domain.md 4: opened gradually)."""
    other_claims: tuple[OtherClaim, ...] | None = None
    """None: the platform's pages do not list them; then only the ledger knows of others (domain.md 5: 重复退款)."""
    picture_hashes: Fact[tuple[str, ...]] = Unknown(why="unknown.pictures_not_read", source=Source.SHOP)
    """One for each of `buyer_pictures`: `bot.domain.pictures`; empty text for a picture that could not be read."""

    @property
    def refundable(self) -> Money:
        """Paid minus what already went back."""
        return self.paid - self.refunded

    @property
    def fingerprint(self) -> str:
        """Hash of everything that a decision may rest on (design.md 4.3, reliability.md 3.1 rule 2).

        Left out: the moment of reading, the countdown (it ticks; its real changes move the version) and the parcel's
        latest text (it lags; the courier is asked instead), and the hashes of pictures whose addresses are in it.
        """
        body = self.marks()
        for name in _LATER:
            if getattr(self, name) is None:
                del body[name]
        # sorted here: a frozenset's own order changes from one process to the next
        sets = f"{sorted(self.service_tags)}{sorted(self.controls)}"
        return hashlib.sha256(f"{_canonical(body)}{sets}".encode()).hexdigest()

    def marks(self) -> dict[str, Any]:
        """Field by field what the fingerprint rests on; the two sets go into it beside these."""
        body = self.model_dump(
            mode="json", exclude={"seen_at", "deadline", "service_tags", "controls", "picture_hashes"}
        )
        for parcel in (body["forward"], body["returned"]):
            if parcel:
                del parcel["latest"]
        _drop_seen_at(body)
        return body


def newest_offer(snapshot: Snapshot) -> Offer | None:
    """The shop's newest offer; None before the first, or without the tool."""
    offers = snapshot.negotiable.offers if snapshot.negotiable else ()
    return offers[-1] if offers else None


_LATER = ("negotiable", "complaint", "paid_at", "shipped_at", "other_claims")
"""Fields younger than the first ledgers: where they say nothing, a snapshot has the fingerprint that it always had."""


def _canonical(body: object) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _drop_seen_at(body: object) -> None:
    """Facts carry the moment they were seen; that moment is no part of what was seen."""
    if isinstance(body, dict):
        body.pop("seen_at", None)
        for value in body.values():
            _drop_seen_at(value)
    elif isinstance(body, list):
        for value in body:
            _drop_seen_at(value)
