"""The flawless clerk: which verbs are right for a case, from what shop, courier and warehouse show and nothing else.

A second opinion: it never looks at the archetype or the truth of a case (a test holds it to that), so it also answers
for cases that have moved on since the scenario was written. Row numbers are those of docs/simulator.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import assert_never

from simulator.scenarios.texts import QUALITY_REASONS, SIGNERS_SURE, THREAT_MARKS
from simulator.world.model import (
    DIFFERENCES,
    FINISHED,
    FOR_SELLER,
    SERVICES,
    Case,
    CaseState,
    CaseType,
    GoodsStatus,
    Parcel,
    ParcelState,
    ShipStatus,
    Shop,
    TrailNode,
    Verb,
)
from simulator.world.rules import refusal_barred
from simulator.world.store import Store
from simulator.world.wording import NO_REASON_REASON, NO_SEVEN_DAYS_TAG

HOLD = "hold"
SMALL_FEN = 1_000
LARGE_FEN = 200_000
FEE_LIMIT_FEN, FEE_LIMIT_PERCENT = 2_000, 30
SERIAL_CLAIMS, SERIAL_REFUSALS = 5, 2
PACKAGING_G, TOLERANCE_G, TOLERANCE_PERCENT, EMPTY_PERCENT = 100, 50, 10, 20
FASTEST_HOP = timedelta(minutes=30)
"""No parcel changes cities in less."""

MOVING = frozenset({ParcelState.PICKED_UP, ParcelState.IN_TRANSIT})
NOBODY: frozenset[Verb] = frozenset()
_NO_MORE = FINISHED | {CaseState.SELLER_REFUSED}
"""States in which a claim takes no more of its order than it has got."""
_UNTOUCHED = frozenset({CaseState.WAIT_SELLER})
"""Open states in which neither shop nor platform have taken a step yet."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the clerk has on the desk: the case's page, both waybills at the courier's, the shop's contract."""

    case: Case
    forward: Parcel | None
    backward: Parcel | None
    shop: Shop
    number_shared: bool = False
    claimed_first_fen: int = 0
    """What other after-sales of the same order still ask for that applied earlier or that somebody took a step in."""


def sight_of(store: Store, case: Case) -> Sight:
    """Lay everything side by side; other after-sales of the return number or of the order are noticed."""
    forward, backward = store.parcels.get(case.order.forward or ""), store.parcels.get(case.backward or "")
    shared = case.backward is not None and len(store.of_waybill(case.backward)) > 1
    others = (one for one in store.of_order(case.order.order_id) if one is not case and one.state not in _NO_MORE)
    first = sum(one.amount_fen for one in others if one.state not in _UNTOUCHED or _turn(one) < _turn(case))
    return Sight(case, forward, backward, store.shops[case.shop_id], shared, first)


def _turn(case: Case) -> tuple[datetime, str]:
    """As the page tells it: to the minute, and of one minute by number."""
    return case.applied_at.replace(second=0, microsecond=0), case.aftersale_id


def right_verbs(sight: Sight) -> frozenset[Verb]:
    """The verbs a flawless clerk could take now; none = a person should decide, or nothing is left to do."""
    case = sight.case
    if case.state not in FOR_SELLER or _must_hold(case) or _claimed_twice(sight):
        return NOBODY
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        return _arrived(sight)
    match case.type:
        case CaseType.REFUND_UNSHIPPED | CaseType.REFUND_SHIPPED:
            return _refund_only(sight)
        case CaseType.RETURN_REFUND:
            return _return_wanted(sight)
        case CaseType.PRICE_PROTECTION | CaseType.PRICE_DIFFERENCE:
            return _difference(case)
        case CaseType.EXCHANGE | CaseType.RESEND | CaseType.REPAIR:
            return NOBODY
    assert_never(case.type)


# ---- rule 1 of the balanced policy: what a person must decide ----------------------------------------------------


def _must_hold(case: Case) -> bool:
    order, record = case.order, case.order.buyer_record
    serial = record.after_sales >= SERIAL_CLAIMS and record.refusals >= SERIAL_REFUSALS
    return (
        bool(case.flags or case.odd_words)
        or any(mark in case.words for mark in THREAT_MARKS)
        or case.type in SERVICES
        or not 0 < case.amount_fen <= min(LARGE_FEN, order.paid_fen - order.refunded_fen)
        or serial
        or _paid_before(case)
    )


def _paid_before(case: Case) -> bool:
    earlier = sum(record.amount_fen for record in case.order.refunds)
    if case.type not in DIFFERENCES:
        return earlier > 0
    return earlier + case.amount_fen > (case.order.price_protection.owed_fen or 0)


def _claimed_twice(sight: Sight) -> bool:
    """Row 32: with what an after-sale of the order asks for that goes first, more is claimed than there is."""
    order, first = sight.case.order, sight.claimed_first_fen
    return first > 0 and first + sight.case.amount_fen > order.paid_fen - order.refunded_fen


# ---- rows 1-11, 14: refund only ---------------------------------------------------------------------------------


def _refund_only(sight: Sight) -> frozenset[Verb]:
    where = sight.forward.state if sight.forward is not None else ParcelState.NO_TRACE
    case = sight.case
    if where is ParcelState.RETURN_SIGNED:
        return _home_again(sight)
    if case.goods_status is GoodsStatus.RECEIVED:
        return _small(case)
    if where in MOVING:
        return _moving(sight)
    if where is ParcelState.SIGNED:
        return _signed(sight)
    never_left = case.order.ship_status is ShipStatus.UNSHIPPED and case.order.outbound.at is None
    if where is ParcelState.NO_TRACE and never_left and _is_full(case):
        return frozenset({Verb.AGREE_REFUND})
    return NOBODY


def _is_full(case: Case) -> bool:
    return case.amount_fen == case.order.paid_fen


def _small(case: Case) -> frozenset[Verb]:
    """Row 11 against row 14: a clean record and at most ¥10."""
    record = case.order.buyer_record
    clean = record.refusals == 0 and record.after_sales < SERIAL_CLAIMS
    return frozenset({Verb.AGREE_REFUND}) if clean and case.amount_fen <= SMALL_FEN else NOBODY


def _moving(sight: Sight) -> frozenset[Verb]:
    """Rows 2, 5, 6 and the moving half of 11; a small sum may be given up without the goods."""
    case = sight.case
    if not _is_full(case):
        return NOBODY
    if case.amount_fen <= SMALL_FEN and case.order.ship_status is not ShipStatus.UNSHIPPED:
        return _small(case) | (frozenset({Verb.INTERCEPT}) if _can_intercept(sight) else NOBODY)
    worth = _can_intercept(sight) and _fee_is_fair(sight)
    return frozenset({Verb.INTERCEPT}) if worth else NOBODY


def _can_intercept(sight: Sight) -> bool:
    parcel = sight.forward
    return (
        parcel is not None
        and parcel.intercept is None
        and parcel.courier in sight.shop.contract_couriers
        and not sight.case.order.other_goods
    )


def _fee_is_fair(sight: Sight) -> bool:
    fee = sight.forward.fee_fen if sight.forward is not None else 0
    return fee <= FEE_LIMIT_FEN and fee * 100 <= sight.case.amount_fen * FEE_LIMIT_PERCENT


def _signed(sight: Sight) -> frozenset[Verb]:
    """Rows 9, 10 and 31: refused only when the courier's signature is beyond doubt, and where a refusal is allowed."""
    parcel = sight.forward
    sure = parcel is not None and parcel.signer in SIGNERS_SURE and parcel.signed_city == sight.case.order.receiver_city
    return frozenset({Verb.REFUSE}) if sure and not refusal_barred(sight.case) else NOBODY


def _home_again(sight: Sight) -> frozenset[Verb]:
    """Row 7: the parcel that was sent is back, whole claim, and no scale says otherwise."""
    parcel, inbound = sight.forward, sight.case.inbound
    sent = parcel.pickup_weight_g if parcel is not None else None
    same = sent is None or inbound.weight_g is None or _close(inbound.weight_g, sent)
    return frozenset({Verb.AGREE_REFUND}) if same and _is_full(sight.case) else NOBODY


# ---- rows 12, 13, 15, 16 ----------------------------------------------------------------------------------------


def _difference(case: Case) -> frozenset[Verb]:
    due = case.amount_fen == case.order.price_protection.owed_fen
    return frozenset({Verb.AGREE_REFUND, Verb.REMARK}) if due else NOBODY


def _return_wanted(sight: Sight) -> frozenset[Verb]:
    case, parcel = sight.case, sight.forward
    delivered = parcel is not None and parcel.state is ParcelState.SIGNED
    delivered = delivered and case.order.ship_status is ShipStatus.SIGNED
    no_reason = case.reason == NO_REASON_REASON and NO_SEVEN_DAYS_TAG not in case.order.service_tags
    entitled = no_reason or case.reason in QUALITY_REASONS
    return frozenset({Verb.AGREE_RETURN}) if delivered and entitled else NOBODY


# ---- rows 17, 18, 19: a return arrived ---------------------------------------------------------------------------


def _arrived(sight: Sight) -> frozenset[Verb]:
    expected = _expected_g(sight.case)
    scales = _scales(sight)
    if expected is None or not scales or not _trail_holds(sight):
        return NOBODY
    return _weighed(sight.case, expected, scales)


def _expected_g(case: Case) -> int | None:
    """Grams; None where a line was never weighed, or where no page says which of several different goods come back."""
    pieces = {line.weight_g for line in case.order.goods}
    piece = pieces.pop() if len(pieces) == 1 else None
    return None if piece is None else piece * case.quantity + PACKAGING_G


def _scales(sight: Sight) -> tuple[int, ...]:
    """Every weight anybody wrote down for the return, in grams."""
    parcel = sight.backward
    read = (sight.case.inbound.weight_g, *((parcel.pickup_weight_g, parcel.arrival_weight_g) if parcel else ()))
    return tuple(weight for weight in read if weight is not None)


def _trail_holds(sight: Sight) -> bool:
    """The number was made for this claim, picked up from the buyer, and signed for at the shop's address."""
    parcel, case = sight.backward, sight.case
    return (
        parcel is not None
        and not sight.number_shared
        and parcel.created_at > case.applied_at
        and any(node.state is ParcelState.PICKED_UP for node in parcel.nodes)
        and not _impossible(parcel.nodes)
        and parcel.from_city == case.order.receiver_city
        and parcel.state is ParcelState.SIGNED
        and parcel.signed_city == case.return_city
        and case.inbound.at is not None
    )


def _impossible(nodes: list[TrailNode]) -> bool:
    """A route that comes back to a city it had left, or changes cities faster than anything drives (domain.md 4.3)."""
    stops = [city for city, _ in groupby(node.city for node in nodes)]
    hurried = any(one.city != next_.city and next_.at - one.at < FASTEST_HOP for one, next_ in pairwise(nodes))
    return hurried or len(stops) > len(set(stops))


def _weighed(case: Case, expected: int, scales: tuple[int, ...]) -> frozenset[Verb]:
    if case.inbound.counted == case.quantity and all(_close(weight, expected) for weight in scales):
        return frozenset({Verb.AGREE_REFUND})
    if case.inbound.counted == 0 and all(weight * 100 <= expected * EMPTY_PERCENT for weight in scales):
        return frozenset({Verb.REFUSE})
    return NOBODY


def _close(weight: int, expected: int) -> bool:
    return abs(weight - expected) <= max(TOLERANCE_G, expected * TOLERANCE_PERCENT // 100)
