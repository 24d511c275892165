"""What a promotion day brings beside the usual: parcels that are nearly there when their buyer wants the money back (row 35)."""

from __future__ import annotations

from datetime import timedelta

from simulator.scenarios.maker import Maker
from simulator.scenarios.refunds import dear_order, shipped
from simulator.world.model import Case, ParcelState, PlannedScan, ShipStatus


def nearly_there(m: Maker, _i: int) -> Case:
    """Row 35: as row 5, but out for delivery within the hour or so: who asks late cannot intercept it any more."""
    order = dear_order(m, ShipStatus.SHIPPED)
    parcel = m.send(order, ParcelState.IN_TRANSIT, last_ago=3)
    out = m.ahead(0.2, 1.5)
    signed = out + timedelta(minutes=m.rng.randint(60, 240))
    parcel.plan = [
        PlannedScan(out, parcel.to_city, ParcelState.DELIVERING),
        PlannedScan(signed, parcel.to_city, ParcelState.SIGNED, "本人", "签名照片"),
    ]
    return shipped(m, "nearly_there", order, "on_the_way")
