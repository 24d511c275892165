"""Two parcels of one shop whose numbers differ in one digit: one to bring back, the other on its way to a buyer who wants it (row 36)."""

from __future__ import annotations

from simulator.lookalikes import twin_at
from simulator.scenarios.maker import Maker
from simulator.scenarios.refunds import dear_order, shipped
from simulator.scenarios.roads import will_arrive
from simulator.world.model import Case, CaseState, Parcel, ParcelState, ShipStatus

_PREFIX, _SERIAL = 2, 6
"""Letters and digits that a number keeps: the courier's, and those that make it unique."""


def twin_waybill(m: Maker, i: int) -> Case:
    """Row 36: as row 5; a claim on the other parcel was taken back. Every other pair costs the same fee, too."""
    other = _taken_back(m)
    order = dear_order(m, ShipStatus.SHIPPED)
    parcel = m.send(order, ParcelState.IN_TRANSIT)
    parcel.waybill = order.forward = _twin_of(other.waybill, m)
    parcel.courier = other.courier
    if i % 2:
        parcel.fee_fen = other.fee_fen
    will_arrive(parcel, m.ahead(20, 40))
    return shipped(m, "twin_waybill", order, "on_the_way")


def _taken_back(m: Maker) -> Parcel:
    """A parcel under way to a buyer who changed his mind: nobody asked for it back."""
    order = dear_order(m, ShipStatus.SHIPPED, paid_ago=60)
    parcel = m.send(order, ParcelState.IN_TRANSIT)
    will_arrive(parcel, m.ahead(20, 40))
    m.past.append((shipped(m, "history", order, "on_the_way"), CaseState.CLOSED))
    return parcel


def _twin_of(waybill: str, m: Maker) -> str:
    place = m.rng.randrange(_PREFIX, len(waybill) - _SERIAL)
    return twin_at(waybill, place)
