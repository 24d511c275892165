"""Signs of abuse that no mark of the platform names (domain.md 4.3 and 5): what trails, numbers, pictures and records tell.

Each pattern has twins that only look like it, or an honest half, so that a detector can be wrong in both directions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from simulator.scenarios import refunds, returns, texts
from simulator.scenarios.maker import Maker
from simulator.scenarios.returns import Back, sent_back, unpacked
from simulator.world.buyers import EMPTY_BAG_G
from simulator.world.courier import node_of
from simulator.world.evidence import picture_named
from simulator.world.model import BuyerRecord, Case, ParcelState, PlannedScan, TrailNode


def _whole(m: Maker, back: Back, *, honest: bool) -> Case:
    """Counted and weighed as it should be; what is in it, only the truth says."""
    case = unpacked(m, back, 1)
    honest_truth = {"goods_at": "returned", "sent_back": "all"}
    fraud_truth = {"intent": "fraud", "owed_fen": 0, "sent_back": "other"}
    case.truth = replace(case.truth, **(honest_truth if honest else fraud_truth))
    return case


def _moving(back: Back, minutes: int, city: str) -> TrailNode:
    at = back.parcel.nodes[0].at + timedelta(minutes=minutes)
    return node_of(PlannedScan(at, city, ParcelState.IN_TRANSIT))


def return_loop(m: Maker, i: int) -> Case:
    """Row 24: the return went to and fro between two sorting centres; every other time only the courier's muddle."""
    back = sent_back(m, "return_loop")
    first, second = m.rng.sample(texts.HUBS, 2)
    there = [_moving(back, 300 + 200 * leg, (first, second)[leg % 2]) for leg in range(4)]
    late = [node for node in back.parcel.nodes[2:] if node.at > there[-1].at]
    back.parcel.nodes = [back.parcel.nodes[0], *there, *late]
    return _whole(m, back, honest=i % 2 == 1)


def return_too_fast(m: Maker, _i: int) -> Case:
    """Row 25: across half the country within minutes: somebody else's parcel, or no parcel at all."""
    back = sent_back(m, "return_too_fast")
    nodes, last = back.parcel.nodes, back.parcel.nodes[-1]
    hub = next(city for city in texts.HUBS if city not in {nodes[0].city, last.city})
    last_but_one = node_of(PlannedScan(last.at - timedelta(minutes=9), hub, ParcelState.IN_TRANSIT))
    back.parcel.nodes = [*nodes[:2], last_but_one, last]
    return _whole(m, back, honest=False)


def return_far_station(m: Maker, _i: int) -> Case:
    """Row 26: taken from a station in another city than the shop's: the warehouse never saw it."""
    back = sent_back(m, "return_far_station")
    parcel, case = back.parcel, back.case
    city = m.another_city(parcel.to_city)
    parcel.signer, parcel.signed_city = "驿站(已取件)", city
    parcel.nodes[-1] = node_of(PlannedScan(parcel.nodes[-1].at, city, ParcelState.SIGNED, parcel.signer))
    case.truth = replace(case.truth, intent="fraud", owed_fen=0, sent_back="nothing")
    return case


def number_passed_on(m: Maker, i: int) -> Case:
    """Row 27: one returns in earnest; the next claims a return of his own, and later names that very number."""
    if i % 2 == 0 or not m.returned_numbers:
        case = returns.return_whole(m, 0, "number_passed_on")
        m.returned_numbers.append((case.backward or "", case.applied_at))
        return case
    number, since = m.returned_numbers.pop()
    order = returns.delivered(m, paid_ago=260)
    returns.make_older(m, order)
    case = returns.wants_return(m, "number_passed_on", order, m.pick(texts.QUALITY_REASONS))
    case.applied_at = since
    case.negotiation[:] = [m.applied(case)]
    case.truth = replace(case.truth, intent="fraud", owed_fen=0, sends_back=True, sent_back="nothing", names=number)
    return case


def borrowed_picture(m: Maker, i: int) -> Case:
    """Row 28: the fault of one buyer's goods in another buyer's claim; the first of each two took the picture."""
    case = refunds.quality_pictures(m, i, "borrowed_picture")
    shared = picture_named(texts.shared_captions()[0], f"{m.shop.shop_id}-shared-{i // 2}")
    case.pictures = (shared, *case.pictures[1:])
    original = i % 2 == 0
    owed = case.order.paid_fen if original else 0
    case.truth = replace(case.truth, intent="honest" if original else "fraud", owed_fen=owed)
    case.applied_at = m.ago(20, 30) if original else m.ago(1, 10)
    case.negotiation[:] = [m.applied(case)]
    return case


def insurance_harvest(m: Maker, i: int) -> Case:
    """Row 29: cheap insured orders, sent back again and again, mostly as empty bags; every third buyer is only choosy."""
    case = returns.return_wanted(m, 0, "insurance_harvest")
    case.order.service_tags = (*case.order.service_tags, texts.INSURANCE_TAG)
    case.order.buyer_record = BuyerRecord(m.rng.randint(6, 15), 0)
    if i % 3:
        case.truth = replace(
            case.truth, intent="fraud", owed_fen=0, sends_back=True, sent_back="nothing", sent_back_g=EMPTY_BAG_G
        )
    return case


def revenge_orders(m: Maker, i: int) -> Case:
    """Row 30: four orders of one buyer within the hour, all claimed at once; one of them says what it is about."""
    case = refunds.unshipped_full(m, 0)
    group = i // 4
    case.order.buyer = f"{texts.BUYERS[group % len(texts.BUYERS)]}_{m.shop.shop_id[-3:]}{group:02d}"
    case.order.receiver_city = texts.CITIES[group % len(texts.CITIES)]
    if i % 4 == 0:
        case.words = texts.THREATS[group % len(texts.THREATS)]
        case.negotiation[:] = [m.applied(case)]
    case.truth = replace(case.truth, archetype="revenge_orders", intent="fraud")
    return case
