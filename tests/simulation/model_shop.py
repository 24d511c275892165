"""A small shop in memory with the server's own effect log; what its buyers and colleagues do comes by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.action import (
    Action,
    AgreeRefund,
    AgreeReturn,
    Complain,
    ComplaintScene,
    Intercept,
    Negotiate,
    Refuse,
    Remark,
    Verb,
)
from bot.domain.case import (
    AftersaleType,
    BuyerRecord,
    CaseState,
    Complaint,
    ComplaintState,
    Control,
    Deadline,
    GoodsLine,
    GoodsStatus,
    InterceptState,
    Negotiable,
    Offer,
    OfferState,
    ServiceTag,
    ShipStatus,
    ShopParcel,
    Snapshot,
    TimeoutAction,
    Warehouse,
)
from bot.domain.facts import Known, Source
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import ZERO, Money
from tests.simulation.model_world import START, Chance, VirtualClock

SHOP = ShopKey(platform="model", shop_id="s1")
FEE = Money(800)


@dataclass
class Effect:
    """One change on the server; `actor` is bot, buyer or colleague."""

    case: str
    verb: Verb
    amount: Money
    actor: str


@dataclass
class ServerCase:
    """The server's truth about one case."""

    id: str
    kind: str
    amount: Money
    paid: Money
    state: CaseState = CaseState.WAIT_SELLER
    version: int = 1
    remark: str = ""
    intercept: InterceptState = InterceptState.NONE
    offers: list[tuple[Money, OfferState]] = field(default_factory=list)
    complaint: ComplaintScene | None = None
    applied_at: datetime = START - timedelta(hours=2)
    deadline: datetime = START + timedelta(days=1)

    @property
    def waybill(self) -> str:
        return f"W{self.id}"


KINDS = ("unshipped", "in_transit", "return", "threat")


class ModelShop:
    """Applies a well-formed request once; whatever it does is in `effects`."""

    def __init__(self, clock: VirtualClock, chance: Chance, cases: int, kinds: Sequence[str] = KINDS) -> None:
        self.clock = clock
        self.chance = chance
        self.effects: list[Effect] = []
        self.requests: dict[str, int] = {}
        self.late: list[tuple[float, Callable[[], None]]] = []
        self.pages = 0
        self.opened: list[str] = []
        self.between_pages: Callable[[], None] = _nothing
        self.cases = {
            f"{n:04d}": ServerCase(f"{n:04d}", kinds[n % len(kinds)], Money(5000 + n * 37), Money(5000 + n * 37))
            for n in range(cases)
        }

    def tick(self) -> None:
        """Late requests arrive when their time has come."""
        due = [apply for at, apply in self.late if at <= self.clock.monotonic()]
        self.late = [entry for entry in self.late if entry[0] > self.clock.monotonic()]
        for apply in due:
            apply()

    def disturb(self, case: ServerCase) -> None:
        """Somebody else acts between two looks of ours."""
        if case.state is not CaseState.WAIT_SELLER:
            return
        if self.chance.draw("buyer_edits"):
            case.amount, case.version = case.amount - Money(1), case.version + 1
        elif self.chance.draw("buyer_withdraws"):
            case.state, case.version = CaseState.CLOSED, case.version + 1
        elif self.chance.draw("colleague_agrees"):
            case.state, case.version = CaseState.SUCCESS, case.version + 1
            self.effects.append(Effect(case.id, Verb.AGREE_REFUND, case.amount, "colleague"))

    def buyers_answer(self) -> None:
        """Whoever got at least half of what he asks for takes it, the others say no."""
        for case in self.cases.values():
            if case.state is not CaseState.WAIT_BUYER_ANSWER:
                continue
            sum_offered, _ = case.offers[-1]
            takes = sum_offered.fen * 2 >= case.amount.fen
            case.offers[-1] = sum_offered, OfferState.ACCEPTED if takes else OfferState.DECLINED
            case.state, case.version = CaseState.SUCCESS if takes else CaseState.WAIT_SELLER, case.version + 1
            if takes:
                self.effects.append(Effect(case.id, Verb.NEGOTIATE, sum_offered, "buyer"))

    def apply(self, case: ServerCase, action: Action, version: int) -> bool:
        """The server's side of one POST; False when it refuses."""
        self.requests[case.id] = self.requests.get(case.id, 0) + 1
        if case.state is not CaseState.WAIT_SELLER or version != case.version:
            return False
        match action:
            case AgreeRefund(amount=amount) if amount == case.amount:
                case.state, moved = CaseState.SUCCESS, amount
            case AgreeReturn(amount=amount) if amount == case.amount:
                case.state, moved = CaseState.WAIT_BUYER_RETURN, ZERO
            case Refuse():
                case.state, moved = CaseState.SELLER_REFUSED, ZERO
            case Intercept(fee=fee) if case.intercept is InterceptState.NONE:
                case.intercept, moved = InterceptState.REQUESTED, fee
            case Remark(text=text):
                case.remark, moved = text, ZERO
            case Negotiate(amount=amount) if ZERO < amount < case.amount:
                case.state, moved = CaseState.WAIT_BUYER_ANSWER, amount
                case.offers.append((amount, OfferState.OPEN))
            case Complain(scene=scene, amount=amount) if case.complaint is None and amount == case.amount:
                case.complaint, moved = scene, ZERO
            case _:
                return False
        case.version += 1
        self.effects.append(Effect(case.id, action.verb, moved, "bot"))
        return True


def _nothing() -> None:
    """The world stands still."""


T = TypeVar("T")


def known(value: T, source: Source = Source.SHOP) -> Known[T]:
    return Known(value=value, source=source, seen_at=START)


def snapshot_of(case: ServerCase, seen_at: datetime) -> Snapshot:
    """The detail page of a server case."""
    shipped = case.kind != "unshipped"
    signed = case.kind in {"return", "worn"}
    types = {"unshipped": AftersaleType.REFUND_UNSHIPPED, "return": AftersaleType.RETURN_REFUND}
    ship = ShipStatus.SIGNED if signed else ShipStatus.SHIPPED if shipped else ShipStatus.UNSHIPPED
    open_controls = {Control.AGREE_REFUND, Control.AGREE_RETURN, Control.REFUSE, Control.INTERCEPT, Control.REMARK}
    open_controls |= {Control.NEGOTIATE} | ({Control.COMPLAIN} if case.complaint is None else set())
    parcel = ShopParcel(courier="顺达", waybill=case.waybill, latest="", intercept=known(case.intercept))
    return Snapshot(
        key=CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=case.id),
        order_id=f"O{case.id}",
        seen_at=seen_at,
        version=str(case.version),
        type=known(types.get(case.kind, AftersaleType.REFUND_SHIPPED)),
        state=known(case.state),
        amount=case.amount,
        paid=case.paid,
        refunded=ZERO,
        reason="7天无理由退换货",
        goods_status=known(GoodsStatus.RECEIVED if signed else GoodsStatus.NOT_RECEIVED),
        ship_status=known(ship),
        quantity_applied=1,
        applied_at=case.applied_at,
        deadline=Deadline(at=case.deadline, action=known(TimeoutAction.AGREE_REFUND)),
        platform_tags=(),
        service_tags=frozenset({ServiceTag.NO_REASON_7D}),
        buyer=BuyerRecord(name=f"b{case.id}", aftersales_90d=0, refusals_90d=0),
        buyer_text="不退就给差评，投诉你" if case.kind == "threat" else "",
        buyer_pictures=(),
        receiver_city="杭州",
        goods=(GoodsLine(name="杯", spec="白", unit_price=case.paid, quantity=1, weight_g=300),),
        other_goods=(),
        difference_due=None,
        forward=parcel if shipped else None,
        returned=None,
        warehouse=Warehouse(
            outbound=known(shipped),
            outbound_at=START - timedelta(days=1) if shipped else None,
            outbound_weight_g=None,
            inbound=known(False),
            counted=None,
            inbound_weight_g=None,
        ),
        payments=(),
        negotiation=(),
        seller_remark=case.remark,
        controls=frozenset(open_controls if case.state is CaseState.WAIT_SELLER else {Control.REMARK}),
        unknown_labels=(),
        other_claims=(),
        negotiable=Negotiable(
            offers=tuple(Offer(at=START, amount=fen, state=known(how)) for fen, how in case.offers),
            most=Money(case.amount.fen * 80 // 100),
            rounds_left=9,
        ),
        complaint=Complaint(
            state=known(ComplaintState.NONE if case.complaint is None else ComplaintState.FILED),
            scene=None if case.complaint is None else known(case.complaint),
        ),
    )
