"""Builds situations as the pages of docs/simulator.md show them, one small change at a time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.base import SHANGHAI
from bot.domain.case import (
    AftersaleType,
    BuyerRecord,
    CaseState,
    Control,
    Deadline,
    GoodsLine,
    GoodsStatus,
    InterceptState,
    Negotiation,
    Payment,
    ServiceTag,
    ShipStatus,
    ShopParcel,
    Snapshot,
    TimeoutAction,
    Warehouse,
)
from bot.domain.courier import ParcelStatus, SignerKind, Trail, TrailNode
from bot.domain.decision import Decision
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.history import UNASKED, History
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.engine.decide import judge
from bot.engine.policy import Policy, parse_policy

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
APPLIED = NOW - timedelta(hours=20)
OUT, BACK = "780001112223", "YT5556667778"
HOME, AWAY = "义乌市", "杭州市"
PAID = Money(12900)
GOODS_G = 430
DUE = Money(1500)

T = TypeVar("T")
N = TypeVar("N", Snapshot, Trail, Warehouse)


def shop(value: T) -> Known[T]:
    return Known(value=value, source=Source.SHOP, seen_at=NOW)


def courier(value: T) -> Known[T]:
    return Known(value=value, source=Source.COURIER, seen_at=NOW)


def warehouse_says(value: T) -> Known[T]:
    return Known(value=value, source=Source.WAREHOUSE, seen_at=NOW)


def odd(raw: str, source: Source = Source.SHOP) -> Unknown:
    """A label that no table of words knows."""
    return Unknown(why="unknown.label", source=source, raw=raw)


@cache
def shipped_policy_data() -> Mapping[str, Any]:
    return tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8"))


@cache
def shipped_policy() -> Policy:
    return parse_policy(shipped_policy_data())


def changed(noun: N, changes: Mapping[str, Any]) -> N:
    """A copy with other values, validated as the first one was."""
    return type(noun)(**(dict(noun) | changes))


@dataclass(frozen=True)
class Situation:
    """A case's page and the courier's word on its parcels."""

    page: Snapshot
    trails: Mapping[str, Fact[Trail]] = field(default_factory=dict)

    def shows(self, **changes: Any) -> Situation:
        """The same with other things on the shop's page."""
        return replace(self, page=changed(self.page, changes))

    def tells(self, waybill: str = OUT, **changes: Any) -> Situation:
        """The same with another word of the courier."""
        before = self.trails[waybill]
        assert isinstance(before, Known)
        return replace(self, trails={**self.trails, waybill: courier(changed(before.value, changes))})

    def silent(self, waybill: str = OUT) -> Situation:
        """The same with a courier who cannot be reached."""
        gone = Unknown(why="fact.courier.silent", source=Source.COURIER)
        return replace(self, trails={**self.trails, waybill: gone})

    def judged(self, policy: Policy | None = None, now: datetime = NOW, history: History = UNASKED) -> Decision:
        return judge(self.page, self.trails, policy or shipped_policy(), now, history)


def warehouse(*, out: bool, back: bool = False, counted: int | None = None, back_g: int | None = None) -> Warehouse:
    return Warehouse(
        outbound=warehouse_says(out),
        outbound_at=APPLIED - timedelta(hours=30) if out else None,
        outbound_weight_g=GOODS_G + 110 if out else None,
        inbound=warehouse_says(back),
        counted=counted,
        inbound_weight_g=back_g,
    )


def controls(kind: AftersaleType, state: CaseState, *, intercept: bool) -> frozenset[Control]:
    """The buttons of docs/simulator.md by state and type."""
    found = {Control.REMARK}
    if state is CaseState.WAIT_SELLER_RECEIVE:
        found |= {Control.CONFIRM_RECEIPT, Control.REFUSE_RECEIPT}
    elif state is CaseState.WAIT_SELLER:
        agree = Control.AGREE_RETURN if kind is AftersaleType.RETURN_REFUND else Control.AGREE_REFUND
        found |= {Control.REFUSE, agree}
        found |= {Control.INTERCEPT} if intercept else set()
    return frozenset(found)


def page(
    kind: AftersaleType = AftersaleType.REFUND_UNSHIPPED,
    state: CaseState = CaseState.WAIT_SELLER,
    **changes: Any,
) -> Snapshot:
    """A claim for the whole of ¥129.00 on one piece, by a buyer with a clean record; nothing sent yet."""
    first = Negotiation(at=APPLIED, role="买家", text="买家发起了申请，原因：多拍/拍错/不想要，说明：不要了谢谢")
    shown = {
        "key": CaseKey(platform="taobao", shop_id="s1", aftersale_id="2600000001"),
        "order_id": "4500000001",
        "seen_at": NOW,
        "version": "1",
        "type": shop(kind),
        "state": shop(state),
        "amount": PAID,
        "paid": PAID,
        "refunded": Money(0),
        "reason": "多拍/拍错/不想要",
        "goods_status": shop(GoodsStatus.NOT_RECEIVED),
        "ship_status": shop(ShipStatus.UNSHIPPED),
        "quantity_applied": 1,
        "applied_at": APPLIED,
        "deadline": Deadline(at=NOW + timedelta(hours=50), action=shop(TimeoutAction.AGREE_REFUND)),
        "platform_tags": (),
        "service_tags": frozenset({ServiceTag.NO_REASON_7D}),
        "buyer": BuyerRecord(name="山间清风2019", aftersales_90d=1, refusals_90d=0),
        "buyer_text": "不要了谢谢",
        "buyer_pictures": (),
        "receiver_city": AWAY,
        "goods": (GoodsLine(name="晴雨伞", spec="藏蓝", unit_price=PAID, quantity=1, weight_g=GOODS_G),),
        "other_goods": (),
        "difference_due": None,
        "forward": None,
        "returned": None,
        "warehouse": warehouse(out=False),
        "payments": (),
        "negotiation": (first,),
        "seller_remark": "",
        "controls": controls(kind, state, intercept=False),
        "unknown_labels": (),
        "other_claims": (),
    }
    return Snapshot(**(shown | changes))


def parcel(waybill: str = OUT, intercept: InterceptState = InterceptState.NONE, return_city: str = "") -> ShopParcel:
    return ShopParcel(
        courier="中通快递", waybill=waybill, latest="运输中", intercept=shop(intercept), return_city=return_city
    )


def node(hours_ago: float, city: str, status: str) -> TrailNode:
    return TrailNode(at=NOW - timedelta(hours=hours_ago), city=city, status=status, text=f"【{city}】{status}")


_WORDS = {
    ParcelStatus.NO_SCAN: (),
    ParcelStatus.PICKED_UP: ("已揽收",),
    ParcelStatus.IN_TRANSIT: ("已揽收", "运输中"),
    ParcelStatus.OUT_FOR_DELIVERY: ("已揽收", "运输中", "派送中"),
    ParcelStatus.SIGNED: ("已揽收", "运输中", "派送中", "已签收"),
    ParcelStatus.RETURNING: ("已揽收", "运输中", "退回中"),
    ParcelStatus.RETURNED_SIGNED: ("已揽收", "运输中", "退回中", "退件已签收"),
    ParcelStatus.REJECTED: ("已揽收", "运输中", "派送中", "拒签"),
}


def trail(status: ParcelStatus, **changes: Any) -> Fact[Trail]:
    """A parcel from the shop to the buyer that has got as far as `status`."""
    nodes = tuple(node(80 - 15 * i, AWAY, word) for i, word in enumerate(_WORDS[status]))[::-1]
    signed = status is ParcelStatus.SIGNED
    scanned = status is not ParcelStatus.NO_SCAN
    told = Trail(
        waybill=OUT,
        courier="中通快递",
        status=courier(status),
        origin_city=HOME,
        destination_city=AWAY,
        picked_up_weight_g=GOODS_G + 110 if scanned else None,
        arrival_weight_g=GOODS_G + 110 if status in {ParcelStatus.SIGNED, ParcelStatus.RETURNED_SIGNED} else None,
        created_at=NOW - timedelta(hours=90),
        signer=courier(SignerKind.BUYER) if signed else None,
        sign_city=AWAY if signed else "",
        intercept=courier(InterceptState.NONE),
        nodes=nodes,
        seen_at=NOW,
    )
    return courier(changed(told, changes))


def unshipped() -> Situation:
    """Row 1: not shipped by anybody's word."""
    return Situation(page())


def labelled(status: ParcelStatus = ParcelStatus.NO_SCAN) -> Situation:
    """Not shipped, says the back end; a waybill exists and the courier has got as far as `status`."""
    buttons = controls(AftersaleType.REFUND_UNSHIPPED, CaseState.WAIT_SELLER, intercept=True)
    return Situation(page(forward=parcel(), controls=buttons), {OUT: trail(status)})


def shipped(status: ParcelStatus = ParcelStatus.IN_TRANSIT, **changes: Any) -> Situation:
    """Refund only, shipped: rows 5 to 11 and 14."""
    kind, state = AftersaleType.REFUND_SHIPPED, CaseState.WAIT_SELLER
    signed = status is ParcelStatus.SIGNED
    shown = {
        "forward": parcel(),
        "ship_status": shop(ShipStatus.SIGNED if signed else ShipStatus.SHIPPED),
        "warehouse": warehouse(out=True),
        "reason": "快递/物流一直未送到",
        "controls": controls(kind, state, intercept=True),
    }
    return Situation(page(kind, state, **(shown | changes)), {OUT: trail(status)})


def received(**changes: Any) -> Situation:
    """Refund only after receipt: rows 11 and 14."""
    return shipped(ParcelStatus.SIGNED, goods_status=shop(GoodsStatus.RECEIVED), reason="质量问题", **changes)


def small(situation: Situation) -> Situation:
    """The same for ¥8.80."""
    return situation.shows(amount=Money(880), paid=Money(880))


def difference(claimed: Money = DUE, due: Money | None = DUE) -> Situation:
    """Rows 12 and 13."""
    kind = AftersaleType.PRICE_DIFFERENCE
    return Situation(
        page(
            kind,
            amount=claimed,
            difference_due=due,
            reason="商品降价",
            goods_status=shop(GoodsStatus.RECEIVED),
            ship_status=shop(ShipStatus.SIGNED),
            warehouse=warehouse(out=True),
            forward=parcel(),
        ),
        {OUT: trail(ParcelStatus.SIGNED)},
    )


def wants_return(reason: str = "质量问题", **changes: Any) -> Situation:
    """Rows 15 and 16."""
    shown = {
        "goods_status": shop(GoodsStatus.RECEIVED),
        "ship_status": shop(ShipStatus.SIGNED),
        "warehouse": warehouse(out=True),
        "forward": parcel(),
        "reason": reason,
    }
    return Situation(page(AftersaleType.RETURN_REFUND, **(shown | changes)), {OUT: trail(ParcelStatus.SIGNED)})


def came_back(*, counted: int | None = 1, back_g: int | None = GOODS_G + 90, **changes: Any) -> Situation:
    """Rows 17 to 19: a return that was signed for at the shop, counted and weighed."""
    state = CaseState.WAIT_SELLER_RECEIVE
    shown = {
        "goods_status": shop(GoodsStatus.RETURNED),
        "ship_status": shop(ShipStatus.SIGNED),
        "warehouse": warehouse(out=True, back=True, counted=counted, back_g=back_g),
        "forward": parcel(),
        "returned": parcel(BACK, return_city=HOME),
        "reason": "质量问题",
        "applied_at": NOW - timedelta(hours=110),
    }
    back = Trail(
        waybill=BACK,
        courier="圆通速递",
        status=courier(ParcelStatus.SIGNED),
        origin_city=AWAY,
        destination_city=HOME,
        picked_up_weight_g=back_g,
        arrival_weight_g=back_g,
        created_at=NOW - timedelta(hours=96),
        signer=courier(SignerKind.OTHER),
        sign_city=HOME,
        intercept=courier(InterceptState.NONE),
        nodes=(
            node(14, HOME, "已签收"),
            node(19, HOME, "派送中"),
            node(60, "上海市", "运输中"),
            node(90, AWAY, "已揽收"),
        ),
        seen_at=NOW,
    )
    trails = {OUT: trail(ParcelStatus.SIGNED), BACK: courier(back)}
    return Situation(page(AftersaleType.RETURN_REFUND, state, **(shown | changes)), trails)


def on_the_road_back(status: ParcelStatus = ParcelStatus.IN_TRANSIT) -> Situation:
    """Row 19, the harmless kind: the return has not arrived yet."""
    nodes = (node(60, "上海市", "运输中"), node(90, AWAY, "已揽收"))
    return (
        came_back(counted=None, back_g=None)
        .shows(warehouse=warehouse(out=True))
        .tells(BACK, status=courier(status), nodes=nodes, sign_city="", signer=None)
    )


def paid_before(amount: Money, kind: str = "退差价") -> tuple[Payment, ...]:
    return (Payment(at=APPLIED - timedelta(hours=9), kind=kind, amount=amount),)
