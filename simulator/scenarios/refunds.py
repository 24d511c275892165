"""Refund-only claims: not shipped, on the way, blocked, returned, signed for, small, with quality pictures (rows 1-11, 14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.scenarios import texts
from simulator.scenarios.maker import Maker
from simulator.scenarios.roads import sign_elsewhere, tell_intercept, will_arrive, will_be_picked_up
from simulator.world.model import (
    BuyerRecord,
    Case,
    CaseType,
    GoodsStatus,
    Intercept,
    InterceptState,
    Order,
    Outbound,
    Parcel,
    ParcelState,
    ShipStatus,
)
from simulator.world.wording import INTERCEPT_FAILED

LOW_FEE_SHARE_FEN = 5000
"""Orders above this carry any quoted fee within 30 % of the refund."""


def _unshipped(m: Maker, name: str, order: Order, goods_at: str, **more: int) -> Case:
    truth = m.truth(name, order, goods_at)
    reason, words = m.pick(texts.UNSHIPPED_REASONS), m.pick(texts.WORDS_UNSHIPPED)
    kind = CaseType.REFUND_UNSHIPPED
    return m.case(order, kind, truth, reason=reason, words=words, applied_ago=more.get("applied_ago", 20))


def unshipped_full(m: Maker, i: int) -> Case:
    """Row 1: nothing left the warehouse; every third order has a printed waybill that nobody scanned."""
    order = m.order(ship=ShipStatus.UNSHIPPED, paid_ago=22)
    if i % 3 == 2:
        m.send(order, ParcelState.NO_TRACE)
    return _unshipped(m, "unshipped_full", order, "warehouse")


def unshipped_scanned(m: Maker, i: int) -> Case:
    """Row 2: the back end says 待发货, but the courier has the parcel (item 47)."""
    order = dear_order(m, ShipStatus.UNSHIPPED)
    parcel = m.send(order, (ParcelState.PICKED_UP, ParcelState.IN_TRANSIT)[i % 2], last_ago=3)
    will_arrive(parcel, m.ahead(20, 40))
    if i % 2:
        order.outbound = Outbound(parcel.created_at, parcel.pickup_weight_g)
    return _unshipped(m, "unshipped_scanned", order, "on_the_way")


def unshipped_out(m: Maker, _i: int) -> Case:
    """Row 3: out of the warehouse, not yet scanned; the first scan comes hours later."""
    order = dear_order(m, ShipStatus.UNSHIPPED)
    parcel = m.send(order, ParcelState.NO_TRACE)
    order.outbound = Outbound(m.ago(1, 5), parcel.pickup_weight_g)
    will_be_picked_up(parcel, m.ahead(6, 12))
    return _unshipped(m, "unshipped_out", order, "on_the_way")


def unshipped_partial(m: Maker, _i: int) -> Case:
    """Row 4: part of the money of an order that has not left."""
    order = m.order(ship=ShipStatus.UNSHIPPED, quantity=2, paid_ago=22)
    case = _unshipped(m, "unshipped_partial", order, "warehouse")
    case.amount_fen = order.goods[0].price_fen
    case.truth = replace(case.truth, owed_fen=case.amount_fen)
    case.negotiation[0] = m.applied(case)
    return case


def dear_order(m: Maker, ship: ShipStatus, paid_ago: float = 40) -> Order:
    """An order whose refund makes an intercept worth its fee."""
    order = m.order(ship=ship, paid_ago=paid_ago)
    while order.paid_fen < LOW_FEE_SHARE_FEN:
        order = m.order(ship=ship, paid_ago=paid_ago)
    return order


def shipped(m: Maker, name: str, order: Order, goods_at: str, reason: str = "", words: str = "") -> Case:
    reason = reason or m.pick(texts.NOT_RECEIVED_REASONS)
    words = words or m.pick(texts.WORDS_TRANSIT)
    return m.case(order, CaseType.REFUND_SHIPPED, m.truth(name, order, goods_at), reason=reason, words=words)


def _on_the_way(
    m: Maker, state: ParcelState = ParcelState.IN_TRANSIT, *, contracted: bool = True
) -> tuple[Order, Parcel]:
    order = dear_order(m, ShipStatus.SHIPPED)
    parcel = m.send(order, state, contracted=contracted)
    will_arrive(parcel, m.ahead(20, 40))
    return order, parcel


def in_transit(m: Maker, i: int) -> Case:
    """Row 5: shipped, whole sum, can be brought back."""
    order, _ = _on_the_way(m, ParcelState.PICKED_UP if i % 4 == 3 else ParcelState.IN_TRANSIT)
    return shipped(m, "in_transit", order, "on_the_way")


def _delivering(m: Maker) -> Order:
    order, parcel = _on_the_way(m, ParcelState.DELIVERING)
    parcel.plan = parcel.plan[1:]
    return order


def _shared_parcel(m: Maker) -> Order:
    order, _ = _on_the_way(m)
    order.other_goods = tuple(m.pick(texts.WARES).title for _ in range(m.rng.randint(1, 2)))
    return order


def _failed_before(m: Maker) -> Order:
    order, parcel = _on_the_way(m)
    parcel.intercept = Intercept(InterceptState.FAILED, m.now, parcel.fee_fen, INTERCEPT_FAILED)
    return order


def _foreign_courier(m: Maker) -> Order:
    return _on_the_way(m, contracted=False)[0]


def _dear_fee(m: Maker) -> Order:
    order, parcel = _on_the_way(m)
    parcel.fee_fen = m.pick((2100, 2500, 3200))
    return order


def _fee_share(m: Maker) -> Order:
    """A fee within the limit of ¥20, but more than 30 % of a small refund."""
    order = m.order(texts.WARES[5], ship=ShipStatus.SHIPPED, paid_ago=40)
    parcel = m.send(order, ParcelState.IN_TRANSIT)
    will_arrive(parcel, m.ahead(20, 40))
    parcel.fee_fen = order.paid_fen * 40 // 100 + 100
    return order


_BLOCKED: tuple[Callable[[Maker], Order], ...] = (
    _delivering,
    _shared_parcel,
    _failed_before,
    _foreign_courier,
    _dear_fee,
    _fee_share,
)


def transit_blocked(m: Maker, i: int) -> Case:
    """Row 6: on the way, but an intercept is impossible, dear, or would bring back other goods too."""
    order = _BLOCKED[i % len(_BLOCKED)](m)
    case, parcel = shipped(m, "transit_blocked", order, "on_the_way"), m.parcels[-1]
    if parcel.intercept is not None:
        asked = case.applied_at + (m.now - case.applied_at) * 0.2
        tell_intercept(
            case, parcel, ((asked, InterceptState.REQUESTED), (asked + (m.now - asked) * 0.6, InterceptState.FAILED))
        )
    return case


def _claims_nothing_came(m: Maker, name: str, order: Order, goods_at: str = "buyer") -> Case:
    reason, words = m.pick(texts.CLAIMS_NOT_RECEIVED_REASONS), m.pick(texts.WORDS_NOT_RECEIVED)
    case = shipped(m, name, order, goods_at, reason, words)
    case.proof_demanded = m.chance(70)
    return case


def signed_for(m: Maker, i: int, name: str = "signed_for") -> Case:
    """Row 9: the buyer says nothing came; the courier has a sure signature in the right city."""
    order = m.order(ship=ShipStatus.SIGNED, paid_ago=100)
    m.send(order, ParcelState.SIGNED, last_ago=20, signer=texts.SIGNERS_SURE[i % len(texts.SIGNERS_SURE)])
    case = _claims_nothing_came(m, name, order)
    case.truth = replace(case.truth, owed_fen=0, intent="fraud" if m.chance(60) else "mistake")
    return case


def signed_unclear(m: Maker, i: int) -> Case:
    """Row 10: signed for somewhere else, by somebody else, or still in a locker."""
    order = m.order(ship=ShipStatus.SIGNED, paid_ago=100)
    unsure = texts.SIGNERS_UNSURE
    variant = i % (len(unsure) + 1)
    signer = unsure[variant] if variant < len(unsure) else "本人"
    parcel = m.send(order, ParcelState.SIGNED, last_ago=20, signer=signer)
    if variant == len(unsure):
        sign_elsewhere(parcel, m.another_city(parcel.to_city))
    return _claims_nothing_came(m, "signed_unclear", order, "lost" if m.chance(50) else "buyer")


def small_received(m: Maker, _i: int, name: str = "small_received") -> Case:
    """Row 11: a few yuan for something small that was wrong."""
    order = m.order(m.pick(texts.SMALL_WARES), ship=ShipStatus.SIGNED, paid_ago=100)
    m.send(order, ParcelState.SIGNED, last_ago=20)
    order.buyer_record = BuyerRecord(m.rng.randint(0, 4), 0)
    case = shipped(m, name, order, "none", m.pick(texts.QUALITY_REASONS), m.pick(texts.WORDS_SMALL))
    case.goods_status = GoodsStatus.RECEIVED
    m.show(case, m.rng.randint(0, 2))
    return case


def small_in_transit(m: Maker, _i: int) -> Case:
    """Row 11, on the way: cheaper to give up than to bring back, though both may be done."""
    order = m.order(m.pick(texts.SMALL_WARES), ship=ShipStatus.SHIPPED, paid_ago=40)
    order.buyer_record = BuyerRecord(m.rng.randint(0, 4), 0)
    will_arrive(m.send(order, ParcelState.IN_TRANSIT), m.ahead(20, 40))
    return shipped(m, "small_in_transit", order, "on_the_way")


def quality_pictures(m: Maker, _i: int, name: str = "quality_pictures") -> Case:
    """Row 14: received, a quality claim with pictures, no return offered: a person looks."""
    ware = m.pick(texts.WARES[:5] + texts.WARES[10:20])
    order = m.order(ware, ship=ShipStatus.SIGNED, paid_ago=120)
    m.send(order, ParcelState.SIGNED, last_ago=40)
    case = shipped(m, name, order, "none", m.pick(texts.QUALITY_REASONS), m.pick(texts.WORDS_QUALITY))
    case.goods_status = GoodsStatus.RECEIVED
    if m.chance(40):
        case.truth = replace(case.truth, owed_fen=0, intent="fraud")
    m.show(case, m.rng.randint(1, 4))
    return case
