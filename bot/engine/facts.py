"""All that is known of one case, each entry with its source, laid side by side: shop, courier, warehouse, history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from bot.domain.action import Verb
from bot.domain.case import (
    AftersaleType,
    CaseState,
    ComplaintState,
    GoodsStatus,
    InterceptState,
    OfferState,
    ShipStatus,
    Snapshot,
    TimeoutAction,
)
from bot.domain.courier import ParcelStatus, SignerKind, Trail
from bot.domain.facts import Fact
from bot.domain.history import UNASKED, History
from bot.domain.money import Money
from bot.engine import claim, haggling, liability, moments, parcel, past, profiles, returns, scans
from bot.engine.claim import ClaimGround, Titles
from bot.engine.parameters import Parameters
from bot.engine.past import Spent, Weights
from bot.engine.profiles import Lean


@dataclass(frozen=True, slots=True)
class Facts:
    """One field a fact; conditions of the policy and templates of its messages name these and nothing else.

    Money in fen, weights in grams, `hours_left` in whole hours, times in Asia/Shanghai.
    """

    # what the shop's page says of the claim
    type: Fact[AftersaleType]
    state: Fact[CaseState]
    amount: Fact[Money]
    within_refundable: Fact[bool]
    full: Fact[bool]
    goods_status: Fact[GoodsStatus]
    ship_status: Fact[ShipStatus]
    ground: Fact[ClaimGround]
    no_reason_excluded: Fact[bool]
    refusal_barred: Fact[bool]
    difference_matches: Fact[bool]
    duplicate: Fact[bool]
    platform_marked: Fact[bool]
    threat: Fact[bool]
    unknown_labels: Fact[bool]
    hours_left: Fact[int]
    applied_minute: Fact[int]
    waited_s: Fact[int]
    today: Fact[date]
    hours_after_payment: Fact[int]
    hours_after_shipping: Fact[int]
    goods_titles: Fact[Titles]
    keeps_goods: Fact[bool]
    # the platform's own rules, and the shop's standing with it
    platform_leans: Fact[Lean]
    limit_shortened: Fact[bool]
    good_review_bp: Fact[int]
    timeout_action: Fact[TimeoutAction]
    both_must_agree: Fact[bool]
    takeover_near: Fact[bool]
    taken_over: Fact[bool]
    # the buyer, as the shop's page counts (shop)
    serial_buyer: Fact[bool]
    clean_buyer: Fact[bool]
    # what the shop's own ledger knows (history)
    spent: Fact[Spent]
    waybill_elsewhere: Fact[bool]
    picture_elsewhere: Fact[bool]
    order_overclaimed: Fact[bool]
    claims_burst: Fact[bool]
    # signs of abuse: the claim's, and what the policy makes of them
    rival_words: Fact[bool]
    freight_insured: Fact[bool]
    insured_often: Fact[bool]
    cheap_claim: Fact[bool]
    weights: Fact[Weights]
    # the parcel to the buyer (courier, warehouse)
    left_warehouse: Fact[bool]
    parcel_status: Fact[ParcelStatus]
    intercept_state: Fact[InterceptState]
    other_goods: Fact[bool]
    signer: Fact[SignerKind]
    in_buyers_hands: Fact[bool]
    sign_city_matches: Fact[bool]
    signed_before_claim: Fact[bool]
    came_back_fits: Fact[bool]
    # what the buyer sent back (courier, warehouse)
    return_status: Fact[ParcelStatus]
    return_waybill_new: Fact[bool]
    return_origin_matches: Fact[bool]
    return_city_matches: Fact[bool]
    return_trail_sound: Fact[bool]
    stocked: Fact[bool]
    counted_fits: Fact[bool]
    return_weight_fits: Fact[bool]
    return_empty: Fact[bool]
    return_named: Fact[bool]
    return_courier_matches: Fact[bool]
    return_light: Fact[bool]
    counted_short: Fact[bool]
    return_weight_short: Fact[bool]
    return_unbrought: Fact[bool]
    return_loops: Fact[bool]
    return_too_fast: Fact[bool]
    return_signed_away: Fact[bool]
    return_stale: Fact[bool]
    # what the shop tried beside yes and no (shop)
    negotiation: Fact[OfferState]
    offers_made: Fact[int]
    best_offer: Fact[Money]
    most_offered: Fact[Money]
    complaint: Fact[ComplaintState]
    # what the page offers right now (shop)
    refund_offered: Fact[bool]
    return_offered: Fact[bool]
    refusal_offered: Fact[bool]
    intercept_offered: Fact[bool]
    remark_offered: Fact[bool]
    negotiation_offered: Fact[bool]
    complaint_offered: Fact[bool]
    # what messages are filled from
    waybill: Fact[str]
    signed_at: Fact[datetime]
    sign_city: Fact[str]
    return_waybill: Fact[str]
    return_signed_at: Fact[datetime]
    counted: Fact[int]
    return_weight: Fact[int]
    expected_weight: Fact[int]

    def items(self) -> Iterator[tuple[str, Fact[Any]]]:
        """Every fact with its name, in the order above."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))


def _value_types() -> dict[str, type]:
    """What a known value of each fact is, read off the annotations of `Facts`."""
    hints = get_type_hints(Facts)
    return {field.name: get_args(hints[field.name])[0] for field in fields(Facts)}


VALUE_TYPES: Mapping[str, type] = MappingProxyType(_value_types())


def waybills_of(snapshot: Snapshot) -> tuple[str, ...]:
    """The numbers to ask the courier for: the parcel to the buyer and the one back, each once."""
    numbers = [shipped.waybill for shipped in (snapshot.forward, snapshot.returned) if shipped and shipped.waybill]
    return tuple(dict.fromkeys(numbers))


def gather(
    snapshot: Snapshot,
    trails: Mapping[str, Fact[Trail]],
    parameters: Parameters,
    now: datetime,
    history: History = UNASKED,
) -> Facts:
    """Everything known of a case. Nothing is defaulted: what cannot be known is `Unknown` with its why."""
    out = parcel.trail_of(snapshot.forward, trails, "unknown.no_waybill")
    back = parcel.trail_of(snapshot.returned, trails, "unknown.no_return_parcel")
    city, ground = parcel.sign_city(out), claim.ground(snapshot, parameters)
    marked, barred = claim.shop(snapshot, value=bool(snapshot.platform_tags)), claim.refusal_barred(snapshot, ground)
    return Facts(
        type=snapshot.type,
        state=snapshot.state,
        amount=claim.amount(snapshot),
        within_refundable=claim.within_refundable(snapshot),
        full=claim.full(snapshot),
        goods_status=snapshot.goods_status,
        ship_status=snapshot.ship_status,
        ground=ground,
        no_reason_excluded=claim.no_reason_excluded(snapshot),
        refusal_barred=barred,
        difference_matches=claim.difference_matches(snapshot),
        duplicate=claim.duplicate(snapshot),
        platform_marked=marked,
        threat=claim.threat(snapshot, parameters),
        unknown_labels=claim.unknown_labels(snapshot, out, back),
        hours_left=claim.hours_left(snapshot, now),
        applied_minute=moments.applied_minute(snapshot),
        waited_s=moments.waited_s(snapshot, now),
        today=moments.today(now),
        hours_after_payment=moments.hours_after_payment(snapshot),
        hours_after_shipping=moments.hours_after_shipping(snapshot),
        goods_titles=claim.goods_titles(snapshot),
        keeps_goods=claim.keeps_goods(snapshot),
        platform_leans=profiles.leans(snapshot, marked, barred, history.figures),
        limit_shortened=profiles.limit_shortened(snapshot),
        good_review_bp=profiles.good_review(snapshot, history.figures),
        timeout_action=profiles.timeout_action(snapshot),
        both_must_agree=profiles.both_must_agree(snapshot),
        takeover_near=liability.takeover_near(snapshot, history.figures),
        taken_over=liability.touched(snapshot, history.figures),
        serial_buyer=claim.serial_buyer(snapshot, parameters),
        clean_buyer=claim.clean_buyer(snapshot, parameters),
        spent=past.spent(history, now),
        waybill_elsewhere=past.waybill_elsewhere(history, now, parameters),
        picture_elsewhere=past.picture_elsewhere(snapshot, history, now, parameters),
        order_overclaimed=past.order_overclaimed(snapshot, history, now),
        claims_burst=past.claims_burst(snapshot, history, now, parameters),
        rival_words=claim.rival_words(snapshot, parameters),
        freight_insured=past.freight_insured(snapshot),
        insured_often=past.insured_often(snapshot, parameters),
        cheap_claim=past.cheap_claim(snapshot, parameters),
        weights=past.weights(parameters, now),
        left_warehouse=snapshot.warehouse.outbound,
        parcel_status=parcel.status(snapshot, out),
        intercept_state=parcel.intercept(snapshot, out),
        other_goods=claim.shop(snapshot, value=bool(snapshot.other_goods)),
        signer=parcel.signer(out),
        in_buyers_hands=parcel.in_buyers_hands(out),
        sign_city_matches=parcel.city_matches(city, snapshot.receiver_city, parameters),
        signed_before_claim=parcel.signed_before_claim(snapshot, out),
        came_back_fits=parcel.came_back_fits(snapshot, out, parameters),
        return_status=returns.status(back),
        return_waybill_new=returns.waybill_new(snapshot, back, past.number_taken(history, now)),
        return_origin_matches=returns.origin_matches(snapshot, back, parameters),
        return_city_matches=returns.arrived_in_city(snapshot, back, parameters),
        return_trail_sound=returns.trail_sound(back, parameters),
        stocked=snapshot.warehouse.inbound,
        counted_fits=returns.counted_fits(snapshot),
        return_weight_fits=returns.return_weight_fits(snapshot, back, parameters),
        return_empty=returns.return_empty(snapshot, back, parameters),
        return_named=returns.named(snapshot),
        return_courier_matches=returns.courier_matches(snapshot, back),
        return_light=returns.light(snapshot, back, parameters),
        counted_short=returns.counted_short(snapshot),
        return_weight_short=returns.weight_short(snapshot, back, parameters),
        return_unbrought=scans.unbrought(back, parameters),
        return_loops=scans.loops(back),
        return_too_fast=scans.too_fast(back, parameters),
        return_signed_away=scans.signed_away(back, returns.arrived_in_city(snapshot, back, parameters)),
        return_stale=scans.stale(back, now, parameters),
        negotiation=haggling.negotiation(snapshot),
        offers_made=haggling.offers_made(snapshot),
        best_offer=haggling.best_offer(snapshot),
        most_offered=haggling.most(snapshot),
        complaint=haggling.complaint(snapshot),
        refund_offered=claim.offered(snapshot, Verb.AGREE_REFUND),
        return_offered=claim.offered(snapshot, Verb.AGREE_RETURN),
        refusal_offered=claim.offered(snapshot, Verb.REFUSE),
        intercept_offered=claim.offered(snapshot, Verb.INTERCEPT),
        remark_offered=claim.offered(snapshot, Verb.REMARK),
        negotiation_offered=claim.offered(snapshot, Verb.NEGOTIATE),
        complaint_offered=claim.offered(snapshot, Verb.COMPLAIN),
        waybill=parcel.number(snapshot.forward, snapshot.seen_at),
        signed_at=parcel.signed_at(out),
        sign_city=city,
        return_waybill=parcel.number(snapshot.returned, snapshot.seen_at),
        return_signed_at=parcel.signed_at(back),
        counted=returns.counted(snapshot),
        return_weight=returns.weight(snapshot, back),
        expected_weight=returns.expected_weight(snapshot, parameters),
    )
