"""Returns of which something does not fit, or is not known yet (row 19): a person, or time, must tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from simulator.scenarios import texts
from simulator.scenarios.maker import Maker
from simulator.scenarios.returns import Back, sent_back, unpacked
from simulator.scenarios.roads import age, sign_elsewhere
from simulator.world.model import (
    Case,
    CaseState,
    Inbound,
    ParcelState,
    PlannedScan,
)
from simulator.world.wording import (
    WAREHOUSE_SIGNER,
)


def _never_weighed(m: Maker, name: str) -> Back:
    back = sent_back(m, name)
    line = back.case.order.goods[0]
    back.case.order.goods = (replace(line, title=texts.UNWEIGHED_WARE.title, weight_g=None),)
    return back


def _no_weight(m: Maker, name: str) -> Case:
    case = unpacked(m, _never_weighed(m, name), 1)
    case.truth = replace(case.truth, goods_at="returned", sent_back="all")
    return case


def _short(m: Maker, name: str) -> Case:
    back = sent_back(m, name, quantity=3, weight_share=0.67)
    owed = back.case.order.paid_fen * 2 // 3
    back.case.truth = replace(back.case.truth, intent="fraud", owed_fen=owed, sent_back="short")
    return unpacked(m, back, 2)


def _other_city(m: Maker, name: str) -> Case:
    back = sent_back(m, name)
    sign_elsewhere(back.parcel, m.another_city(back.parcel.to_city))
    back.case.truth = replace(back.case.truth, intent="fraud", owed_fen=0, sent_back="nothing")
    return back.case


def _borrowed(m: Maker, name: str) -> Case:
    """A number that existed before the claim did."""
    case = unpacked(m, back := sent_back(m, name), 1)
    age(back.parcel, back.parcel.created_at - case.applied_at + m.hours(10, 60))
    case.inbound = Inbound()
    case.truth = replace(case.truth, intent="fraud", owed_fen=0, sent_back="nothing")
    return case


def _reused(m: Maker, name: str) -> Case:
    """A number under which an earlier after-sale was returned already (domain.md 5: 借单号)."""
    case = _borrowed(m, name)
    earlier = sent_back(m, "history")
    m.parcels.remove(earlier.parcel)
    earlier.case.backward = case.backward
    m.past.append((earlier.case, CaseState.SUCCESS))
    return case


def _no_pickup(m: Maker, name: str) -> Case:
    case = unpacked(m, back := sent_back(m, name), 1)
    back.parcel.nodes = [node for node in back.parcel.nodes if node.state is not ParcelState.PICKED_UP]
    case.truth = replace(case.truth, goods_at="returned", sent_back="all")
    return case


def _still_moving(m: Maker, name: str) -> Case:
    back = sent_back(m, name)
    parcel = back.parcel
    parcel.nodes = parcel.nodes[:2]
    parcel.state, parcel.signer, parcel.signed_city, parcel.arrival_weight_g = ParcelState.IN_TRANSIT, "", "", None
    at = m.ahead(18, 40)
    parcel.plan = [
        PlannedScan(at - timedelta(hours=5), parcel.to_city, ParcelState.DELIVERING),
        PlannedScan(at, parcel.to_city, ParcelState.SIGNED, WAREHOUSE_SIGNER),
    ]
    back.case.truth = replace(back.case.truth, goods_at="returned", sent_back="all", sent_back_g=back.weight_g)
    return back.case


def _not_unpacked(m: Maker, name: str) -> Case:
    case = sent_back(m, name).case
    case.truth = replace(case.truth, goods_at="returned", sent_back="all")
    return case


def _wrong_weight(m: Maker, name: str) -> Case:
    """Counted as complete, but far too light or heavy."""
    heavy = [ware for ware in texts.WARES if (ware.weight_g or 0) >= 400]
    back = sent_back(m, name, weight_share=m.pick((0.4, 1.9)), ware=m.pick(heavy))
    back.case.truth = replace(back.case.truth, intent="fraud", owed_fen=0, sent_back="other")
    return unpacked(m, back, 1)


_DOUBTS: tuple[Callable[[Maker, str], Case], ...] = (
    _no_weight,
    _short,
    _other_city,
    _borrowed,
    _reused,
    _no_pickup,
    _still_moving,
    _not_unpacked,
    _wrong_weight,
)


def return_doubtful(m: Maker, i: int) -> Case:
    """Row 19: something about the return does not fit, or is not known yet."""
    return _DOUBTS[i % len(_DOUBTS)](m, "return_doubtful")
