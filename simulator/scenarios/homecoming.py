"""Parcels that never reached the buyer and come home, by an intercept or because the receiver rejected them (rows 7, 8)."""

from __future__ import annotations

from datetime import timedelta

from simulator.scenarios.maker import Maker
from simulator.scenarios.refunds import shipped
from simulator.scenarios.roads import tell_intercept, will_come_home
from simulator.world.courier import node_of
from simulator.world.model import (
    Case,
    Inbound,
    Intercept,
    InterceptState,
    Order,
    Parcel,
    ParcelState,
    PlannedScan,
    ShipStatus,
)
from simulator.world.wording import WAREHOUSE_SIGNER

_ASKED = InterceptState.REQUESTED


def returned(m: Maker, i: int) -> Case:
    """Row 7: the parcel is home again after an earlier intercept or a rejection at the door."""
    order = m.order(ship=ShipStatus.SHIPPED, paid_ago=150)
    parcel = m.send(order, ParcelState.RETURN_SIGNED, signer=WAREHOUSE_SIGNER)
    case = _turned_round(m, "returned", order, parcel, intercepted=i % 2 == 1)
    case.inbound = Inbound(m.ago(0.5, 2), case.quantity, parcel.pickup_weight_g)
    return case


def returning(m: Maker, i: int) -> Case:
    """Row 8: on its way home; it arrives hours later."""
    order = m.order(ship=ShipStatus.SHIPPED, paid_ago=120)
    parcel = m.send(order, ParcelState.RETURNING)
    will_come_home(parcel, m.ahead(8, 30))
    return _turned_round(m, "returning", order, parcel, intercepted=i % 2 == 1)


def _turned_round(m: Maker, name: str, order: Order, parcel: Parcel, *, intercepted: bool) -> Case:
    """The claim came while the parcel was on its way; then an intercept, or the receiver, sent it back."""
    case = shipped(m, name, order, "returned")
    case.applied_at = parcel.nodes[1].at + timedelta(hours=1)
    case.version = int(case.applied_at.timestamp() * 1000)
    case.negotiation[:] = [m.applied(case)]
    turn = parcel.nodes[3].at
    if intercepted:
        parcel.intercept = Intercept(InterceptState.RETURNING, turn, parcel.fee_fen)
        steps = [(case.applied_at + timedelta(minutes=20), _ASKED), (turn, InterceptState.RETURNING)]
        if parcel.state is ParcelState.RETURN_SIGNED:
            steps.append((parcel.nodes[-1].at, InterceptState.RETURNED_SIGNED))
        tell_intercept(case, parcel, steps)
    else:
        refused_at_door = PlannedScan(turn - timedelta(minutes=30), parcel.to_city, ParcelState.REJECTED)
        parcel.nodes.insert(3, node_of(refused_at_door))
    return case
