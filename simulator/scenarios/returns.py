"""Returns: claims to send goods back, and parcels that came back whole, empty, short, or in doubt (rows 15-19)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from simulator.scenarios import texts
from simulator.scenarios.maker import Maker, packed
from simulator.scenarios.roads import age, will_arrive
from simulator.scenarios.texts import Ware
from simulator.world.buyers import PACKAGING_G
from simulator.world.model import (
    Case,
    CaseState,
    CaseType,
    GoodsStatus,
    Inbound,
    NegotiationEntry,
    Order,
    Parcel,
    ParcelState,
    Role,
    ShipStatus,
)
from simulator.world.wording import (
    NO_REASON_REASON,
    NO_SEVEN_DAYS_TAG,
    SAID_RETURN,
    SAID_SHIPPED_BACK,
    WAREHOUSE_SIGNER,
)


def delivered(
    m: Maker, state: ParcelState = ParcelState.SIGNED, quantity: int = 1, paid_ago: float = 90, ware: Ware | None = None
) -> Order:
    """A fresh order whose parcel arrived, or has got as far as `state`."""
    ship = ShipStatus.SIGNED if state is ParcelState.SIGNED else ShipStatus.SHIPPED
    order = m.order(ware, ship=ship, quantity=quantity, paid_ago=paid_ago)
    parcel = m.send(order, state, last_ago=40 if state is ParcelState.SIGNED else 5)
    if state is not ParcelState.SIGNED:
        will_arrive(parcel, m.ahead(20, 40))
    return order


def wants_return(m: Maker, name: str, order: Order, reason: str) -> Case:
    """A claim to send an order back."""
    truth = m.truth(name, order, "buyer")
    words = m.pick(texts.WORDS_RETURN)
    goods = GoodsStatus.RECEIVED if order.ship_status is ShipStatus.SIGNED else GoodsStatus.NOT_RECEIVED
    return m.case(order, CaseType.RETURN_REFUND, truth, goods=goods, reason=reason, words=words)


def return_wanted(m: Maker, i: int, name: str = "return_wanted") -> Case:
    """Row 15: delivered, a reason that entitles to a return; half say 7 days, half name a fault."""
    reason = NO_REASON_REASON if i % 2 == 0 else m.pick(texts.QUALITY_REASONS)
    case = wants_return(m, name, delivered(m), reason)
    case.truth = replace(case.truth, sends_back=m.chance(92), sent_back="all")
    if i % 2:
        m.show(case, m.rng.randint(1, 3))
    return case


def return_not_due(m: Maker, i: int) -> Case:
    """Row 16: no reason although the goods are excluded, or nothing was delivered yet."""
    if i % 2 == 0:
        order = delivered(m)
        order.service_tags = (NO_SEVEN_DAYS_TAG,)
    else:
        order = delivered(m, ParcelState.IN_TRANSIT, paid_ago=40)
    case = wants_return(m, "return_not_due", order, NO_REASON_REASON)
    case.truth = replace(case.truth, owed_fen=0 if i % 2 == 0 else order.paid_fen, sent_back="all")
    return case


# ---- parcels that came back -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Back:
    """A return under way: the case and its parcel."""

    case: Case
    parcel: Parcel
    weight_g: int


def sent_back(
    m: Maker, name: str, quantity: int = 1, weight_share: float = 1.0, reason: str = "", ware: Ware | None = None
) -> Back:
    """A return that reached the warehouse's door in the right city, not yet unpacked."""
    order = delivered(m, quantity=quantity, paid_ago=260, ware=ware)
    make_older(m, order)
    reason = reason or m.pick((NO_REASON_REASON, *texts.QUALITY_REASONS))
    truth = m.truth(name, order, "buyer")
    case = m.case(
        order,
        CaseType.RETURN_REFUND,
        truth,
        goods=GoodsStatus.RETURNED,
        state=CaseState.WAIT_SELLER_RECEIVE,
        reason=reason,
        words=m.pick(texts.WORDS_RETURN),
    )
    case.applied_at = m.ago(100, 130)
    case.version = int(m.ago(60, 70).timestamp() * 1000)
    case.return_city = m.shop.return_addresses[0].city
    case.proof_demanded = True
    weight = _return_weight(m, order, weight_share)
    parcel = _return_parcel(m, case, weight)
    _talked(m, case, parcel)
    return Back(case, parcel, weight)


def _return_weight(m: Maker, order: Order, share: float) -> int:
    """Grams of a return that holds `share` of the goods; 0 = an empty bag."""
    if share <= 0:
        return min(m.rng.randint(8, 14), packed(order) * 15 // 100)
    return int((packed(order) - PACKAGING_G) * share) + m.rng.randint(62, 138)


def make_older(m: Maker, order: Order) -> None:
    """The forward parcel of a return was delivered a week ago."""
    parcel = next(parcel for parcel in reversed(m.parcels) if parcel.waybill == order.forward)
    age(parcel, timedelta(hours=150))
    order.paid_at -= timedelta(hours=150)
    if order.outbound.at is not None:
        order.outbound = replace(order.outbound, at=order.outbound.at - timedelta(hours=150))


def _return_parcel(m: Maker, case: Case, weight: int) -> Parcel:
    courier, prefix = m.pick(texts.CONTRACTED)
    made = case.applied_at + m.hours(10, 24)
    parcel = Parcel(m.waybill(prefix), courier, case.order.receiver_city, case.return_city, made)
    parcel.pickup_weight_g = weight
    parcel.shop_lag = m.pick((0, 0, 1))
    last = m.ago(8, 20)
    legs = (
        (made + timedelta(hours=3), ParcelState.PICKED_UP, parcel.from_city),
        (made + timedelta(hours=12), ParcelState.IN_TRANSIT, m.pick(texts.HUBS)),
        (last - timedelta(hours=5), ParcelState.DELIVERING, parcel.to_city),
        (last, ParcelState.SIGNED, parcel.to_city),
    )
    for at, state, city in legs:
        m.scan(parcel, at, state, city, WAREHOUSE_SIGNER if state is ParcelState.SIGNED else "")
    case.backward = parcel.waybill
    m.parcels.append(parcel)
    return parcel


def _talked(m: Maker, case: Case, parcel: Parcel) -> None:
    address = SAID_RETURN.format(address=m.shop.return_addresses[0].text, message="")
    shipped = SAID_SHIPPED_BACK.format(courier=parcel.courier, waybill=parcel.waybill)
    case.negotiation[:] = [
        m.applied(case),
        NegotiationEntry(case.applied_at + timedelta(hours=5), Role.SELLER, address),
        NegotiationEntry(parcel.created_at + timedelta(minutes=5), Role.BUYER, shipped),
    ]


def unpacked(m: Maker, back: Back, counted: int) -> Case:
    back.case.inbound = Inbound(m.ago(0.5, 5), counted, back.weight_g)
    return back.case


def return_whole(m: Maker, i: int, name: str = "return_whole") -> Case:
    """Row 17: everything is back and weighs what it should."""
    quantity = 2 if i % 4 == 3 else 1
    case = unpacked(m, sent_back(m, name, quantity), quantity)
    case.truth = replace(case.truth, goods_at="returned", sent_back="all", sent_back_g=case.inbound.weight_g)
    return case


def return_empty(m: Maker, _i: int) -> Case:
    """Row 18: an empty parcel came back."""
    back = sent_back(m, "return_empty", weight_share=0, reason=m.pick(texts.QUALITY_REASONS))
    back.case.truth = replace(
        back.case.truth, intent="fraud", owed_fen=0, sent_back="nothing", sent_back_g=back.weight_g
    )
    return unpacked(m, back, 0)
