"""Facts about what the buyer sends back: the trail, the count and the weights of the return (domain.md 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby, pairwise

from bot.domain.case import CaseState, GoodsStatus, Snapshot
from bot.domain.courier import ParcelStatus, Trail
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine.combine import both, derive, follow, known_or
from bot.engine.couriers import same_courier
from bot.engine.parameters import Parameters
from bot.engine.parcel import city_matches, sign_city, weight_fits


def status(trail: Fact[Trail]) -> Fact[ParcelStatus]:
    """Where the courier says the return parcel is."""
    return follow(trail, lambda seen: seen.status)


def waybill_new(snapshot: Snapshot, trail: Fact[Trail], taken: Fact[bool]) -> Fact[bool]:
    """The number was made for this return: after the claim, not the one the goods went out with, and of no other case (虚假单号, 借单号).

    `taken`: whether another after-sale named it, see `past.number_taken`.
    """
    if isinstance(taken, Unknown) or taken.value:
        return derive(taken, lambda theirs: not theirs)
    out, back = snapshot.forward, snapshot.returned
    if out and back and out.waybill == back.waybill:
        return Known(value=False, source=Source.SHOP, seen_at=snapshot.seen_at)
    return follow(trail, lambda seen: _made_after(snapshot, seen))


def _made_after(snapshot: Snapshot, trail: Trail) -> Fact[bool]:
    if any(node.at < snapshot.applied_at for node in trail.nodes):
        return Known(value=False, source=Source.COURIER, seen_at=trail.seen_at)
    made = known_or(trail.created_at, "unknown.waybill_made", Source.COURIER, trail.seen_at)
    return derive(made, lambda moment: moment >= snapshot.applied_at)


def origin_matches(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """It was sent from the buyer's city (domain.md 4.3: pick-up city ≠ buyer's city is a sign of a borrowed number)."""
    origin = follow(
        trail, lambda seen: known_or(seen.origin_city or None, "unknown.origin_city", Source.COURIER, seen.seen_at)
    )
    return city_matches(origin, snapshot.receiver_city, parameters)


def arrived_in_city(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """It was signed for in the city of the shop's return address."""
    expected = snapshot.returned.return_city if snapshot.returned else ""
    return city_matches(sign_city(trail), expected, parameters)


def trail_sound(trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """The trail of a real parcel: somebody picked it up, it never came back to a city that it had left, and it took its time.

    Anything else is 轨迹异常 (domain.md 4.3). A road that cannot be is known from two scans; a pick-up from the policy's words.
    """
    return follow(trail, lambda seen: _sound(seen, parameters))


def _sound(trail: Trail, parameters: Parameters) -> Fact[bool]:
    if loops(trail) or too_fast(trail, parameters):
        return Known(value=False, source=Source.COURIER, seen_at=trail.seen_at)
    return _picked_up(trail, parameters)


def loops(trail: Trail) -> bool:
    """It was scanned again in a city that it had left; scans without a city say nothing."""
    stops = [city for city, _ in groupby(node.city for node in trail.nodes if node.city)]
    return len(stops) > len(set(stops))


def too_fast(trail: Trail, parameters: Parameters) -> bool:
    """It changed cities in less time than the policy says that a parcel needs; `nodes` are newest first."""
    least = timedelta(minutes=parameters.fastest_hop_minutes)
    named = [node for node in trail.nodes if node.city]
    return any(after.city != before.city and after.at - before.at < least for after, before in pairwise(named))


def _picked_up(trail: Trail, parameters: Parameters) -> Fact[bool]:
    words = (ParcelStatus.PICKED_UP.value, *parameters.pickup_words)
    if not trail.nodes or not parameters.pickup_words:
        return Unknown(why="unknown.no_scans", source=Source.COURIER)
    found = any(word in node.status for node in trail.nodes for word in words)
    return Known(value=found, source=Source.COURIER, seen_at=trail.seen_at)


def counted_fits(snapshot: Snapshot) -> Fact[bool]:
    """The warehouse counted exactly as many pieces as were applied for (少件, 多件)."""
    return derive(counted(snapshot), lambda pieces: pieces == snapshot.quantity_applied, Source.WAREHOUSE)


def counted(snapshot: Snapshot) -> Fact[int]:
    """Pieces that the warehouse counted."""
    return known_or(snapshot.warehouse.counted, "unknown.counted", Source.WAREHOUSE, snapshot.seen_at)


def weights(snapshot: Snapshot, trail: Fact[Trail]) -> tuple[int, ...]:
    """Grams by every scale that the return passed: the warehouse's own first, then the courier's."""
    seen = (trail.value.arrival_weight_g, trail.value.picked_up_weight_g) if isinstance(trail, Known) else ()
    return tuple(grams for grams in (snapshot.warehouse.inbound_weight_g, *seen) if grams is not None)


def weight(snapshot: Snapshot, trail: Fact[Trail]) -> Fact[int]:
    """The weight that a message names: by the warehouse's own scale, else by the courier's."""
    own = snapshot.warehouse.inbound_weight_g
    source = Source.COURIER if own is None else Source.WAREHOUSE
    first = next(iter(weights(snapshot, trail)), None)
    return known_or(first, "unknown.return_weight", source, snapshot.seen_at)


def expected_weight(snapshot: Snapshot, parameters: Parameters) -> Fact[int]:
    """Grams that the return should weigh: weight of one piece × pieces applied for, plus packaging.

    Unknown when nobody weighed the goods, or when it is unclear which of several different goods come back.
    """
    goods = _applied_weight(snapshot)
    total = None if goods is None else goods + parameters.packaging_g
    return known_or(total, "unknown.goods_weight", Source.SHOP, snapshot.seen_at)


def _applied_weight(snapshot: Snapshot) -> int | None:
    weights = {line.weight_g for line in snapshot.goods}
    if None in weights or not weights:
        return None
    if len(weights) == 1:
        return snapshot.quantity_applied * (snapshot.goods[0].weight_g or 0)
    all_of_it = snapshot.quantity_applied == sum(line.quantity for line in snapshot.goods)
    return sum((line.weight_g or 0) * line.quantity for line in snapshot.goods) if all_of_it else None


def return_weight_fits(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """Every scale agrees with what should have come back; no weight at all is never "fits" (domain.md 4.3)."""
    return _of_all(snapshot, trail, parameters, lambda grams, due: weight_fits(grams, due, parameters))


def return_empty(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """Nothing was counted, and by every scale the parcel weighed next to nothing (空包)."""
    is_light = light(snapshot, trail, parameters)
    return both(is_light, counted(snapshot), lambda next_to_nothing, pieces: next_to_nothing and pieces == 0)


def _of_all(
    snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters, fits: Callable[[int, int], bool]
) -> Fact[bool]:
    scales, due = weights(snapshot, trail), expected_weight(snapshot, parameters)
    return both(weight(snapshot, trail), due, lambda _, grams_due: all(fits(grams, grams_due) for grams in scales))


def named(snapshot: Snapshot) -> Fact[bool]:
    """A return parcel is named; where there ought to be one and none is, nobody knows."""
    due = (snapshot.state, CaseState.WAIT_SELLER_RECEIVE), (snapshot.goods_status, GoodsStatus.RETURNED)
    missing = any(isinstance(fact, Unknown) or fact.value is word for fact, word in due)
    there = snapshot.returned is not None and bool(snapshot.returned.waybill)
    known = True if there else None if missing else False
    return known_or(known, "unknown.no_return_parcel", Source.SHOP, snapshot.seen_at)


def courier_matches(snapshot: Snapshot, trail: Fact[Trail]) -> Fact[bool]:
    """The courier that the buyer named is the one whose number it is (domain.md 4.3), whatever name each page gives it."""
    named_by_shop = snapshot.returned.courier if snapshot.returned else ""
    return follow(trail, lambda seen: _one_courier(named_by_shop, seen))


def _one_courier(named_by_shop: str, trail: Trail) -> Fact[bool]:
    one = same_courier(named_by_shop, trail.courier)
    return known_or(one, "unknown.courier_name", Source.DERIVED, trail.seen_at)


def light(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """By every scale the parcel weighs next to nothing (空包)."""
    share = parameters.empty_weight_percent
    return _of_all(snapshot, trail, parameters, lambda grams, due: grams * 100 <= due * share)


def counted_short(snapshot: Snapshot) -> Fact[bool]:
    """Something was counted, but fewer pieces than were applied for (少件)."""
    return derive(counted(snapshot), lambda pieces: 0 < pieces < snapshot.quantity_applied, Source.WAREHOUSE)


def weight_short(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """It weighs what fewer pieces weigh, and not what all of them do: steps of one piece (domain.md 4.3)."""
    fits = return_weight_fits(snapshot, trail, parameters)
    return both(fits, _fewer_fit(snapshot, trail, parameters), lambda all_of_it, fewer: fewer and not all_of_it)


def _fewer_fit(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    pieces = {line.weight_g for line in snapshot.goods}
    piece = next(iter(pieces)) if len(pieces) == 1 else None
    if piece is None:
        return Unknown(why="unknown.goods_weight", source=Source.SHOP)
    steps = [count * piece + parameters.packaging_g for count in range(1, snapshot.quantity_applied)]
    return derive(weight(snapshot, trail), lambda grams: any(weight_fits(grams, step, parameters) for step in steps))
