"""Facts about the parcel to the buyer: what courier and warehouse say, which overrules the shop's own word (domain.md 47)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.case import InterceptState, ShipStatus, ShopParcel, Snapshot
from bot.domain.courier import ParcelStatus, SignerKind, Trail
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine.combine import derive, follow, known_or
from bot.engine.parameters import Parameters

Trails = Mapping[str, Fact[Trail]]


def trail_of(parcel: ShopParcel | None, trails: Trails, missing: str) -> Fact[Trail]:
    """The courier's word on a parcel; Unknown without waybill or where the courier was not asked."""
    if parcel is None or not parcel.waybill:
        return Unknown(why=missing, source=Source.SHOP)
    return trails.get(parcel.waybill, Unknown(why="unknown.courier_not_asked", source=Source.COURIER))


def number(parcel: ShopParcel | None, seen_at: datetime) -> Fact[str]:
    """The waybill as the shop's page names it."""
    waybill = parcel.waybill if parcel else ""
    return known_or(waybill or None, "unknown.no_waybill", Source.SHOP, seen_at)


def _never_sent(snapshot: Snapshot) -> bool:
    """No waybill on an order that the shop calls unshipped: there is no parcel that could have been scanned."""
    if snapshot.forward is not None or isinstance(snapshot.ship_status, Unknown):
        return False
    return snapshot.ship_status.value is ShipStatus.UNSHIPPED


def status(snapshot: Snapshot, trail: Fact[Trail]) -> Fact[ParcelStatus]:
    """Where the courier says the parcel is."""
    if _never_sent(snapshot):
        return Known(value=ParcelStatus.NO_SCAN, source=Source.SHOP, seen_at=snapshot.seen_at)
    return follow(trail, lambda seen: seen.status)


def intercept(snapshot: Snapshot, trail: Fact[Trail]) -> Fact[InterceptState]:
    """How far an intercept has come; the courier's word first, and "none" only where both say none (domain.md 4.2)."""
    if _never_sent(snapshot):
        return Known(value=InterceptState.NONE, source=Source.SHOP, seen_at=snapshot.seen_at)
    words = [follow(trail, lambda seen: seen.intercept)]
    words += [snapshot.forward.intercept] if snapshot.forward else []
    told = [word for word in words if isinstance(word, Known) and word.value is not InterceptState.NONE]
    blank = [word for word in words if isinstance(word, Unknown)]
    return (told or blank or words)[0]


def signer(trail: Fact[Trail]) -> Fact[SignerKind]:
    """Who signed for the parcel."""
    nobody = Unknown(why="unknown.signer", source=Source.COURIER)
    return follow(trail, lambda seen: seen.signer or nobody)


TAKEN = (SignerKind.BUYER, SignerKind.FAMILY, SignerKind.LOCKER_TAKEN, SignerKind.STATION_TAKEN)
"""Who signs so that the buyer has the goods."""


def in_buyers_hands(trail: Fact[Trail]) -> Fact[bool]:
    """The buyer or the family took it, from the courier, a locker or a station.

    Left at the door, with somebody, or where nobody took it yet: whether the buyer has it nobody knows, so never a no.
    """
    whose = signer(trail)
    if isinstance(whose, Unknown) or whose.value in TAKEN:
        return derive(whose, lambda _: True)
    return Unknown(why="unknown.taker", source=Source.COURIER)


def signed_at(trail: Fact[Trail]) -> Fact[datetime]:
    """When it was signed for: the newest scan of a parcel that counts as signed."""
    return follow(trail, _signed_at)


def _signed_at(trail: Trail) -> Fact[datetime]:
    signed = isinstance(trail.status, Known) and trail.status.value is ParcelStatus.SIGNED
    moment = trail.nodes[0].at if signed and trail.nodes else None
    return known_or(moment, "unknown.signed_at", Source.COURIER, trail.seen_at)


def signed_before_claim(snapshot: Snapshot, trail: Fact[Trail]) -> Fact[bool]:
    """The parcel was in the buyer's hands before the buyer said it was not."""
    return derive(signed_at(trail), lambda moment: moment <= snapshot.applied_at, Source.DERIVED)


def sign_city(trail: Fact[Trail]) -> Fact[str]:
    """Where it was signed for."""
    return follow(
        trail, lambda seen: known_or(seen.sign_city or None, "unknown.sign_city", Source.COURIER, seen.seen_at)
    )


def same_city(left: str, right: str, parameters: Parameters) -> bool:
    """Two printed names of one city; suffixes such as 市 are the policy's."""
    return _bare_city(left, parameters) == _bare_city(right, parameters)


def _bare_city(name: str, parameters: Parameters) -> str:
    bare = name.strip()
    for suffix in parameters.city_suffixes:
        bare = bare.removesuffix(suffix)
    return bare


def city_matches(city: Fact[str], expected: str, parameters: Parameters) -> Fact[bool]:
    """Is it the expected city? Unknown where the page prints no city to compare with."""
    if not expected.strip():
        return Unknown(why="unknown.expected_city", source=Source.SHOP)
    return derive(city, lambda name: same_city(name, expected, parameters), Source.DERIVED)


def parcel_weight(snapshot: Snapshot, parameters: Parameters) -> int | None:
    """Grams that the whole parcel should weigh: all pieces plus packaging; None where a piece was never weighed."""
    if snapshot.other_goods or not snapshot.goods:
        return None
    weights = [line.weight_g for line in snapshot.goods]
    known = [weight * line.quantity for weight, line in zip(weights, snapshot.goods, strict=True) if weight is not None]
    return sum(known) + parameters.packaging_g if len(known) == len(weights) else None


def weight_fits(actual_g: int, expected_g: int, parameters: Parameters) -> bool:
    """Within the larger of so many grams or so many percent of what was expected (domain.md 4.3: 重量异常)."""
    off, share = abs(actual_g - expected_g), expected_g * parameters.weight_tolerance_percent
    return off <= parameters.weight_tolerance_g or off * 100 <= share


def came_back_fits(snapshot: Snapshot, trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """A parcel that came back unclaimed weighs, by every scale, what it weighed on its way out.

    Where nobody weighed it on its way out it must weigh what the goods weigh.
    """
    return follow(trail, lambda seen: _came_back(snapshot, seen, parameters))


def _came_back(snapshot: Snapshot, trail: Trail, parameters: Parameters) -> Fact[bool]:
    house = snapshot.warehouse
    scales = [grams for grams in (trail.arrival_weight_g, house.inbound_weight_g) if grams is not None]
    outward = (trail.picked_up_weight_g, house.outbound_weight_g, parcel_weight(snapshot, parameters))
    due = next((grams for grams in outward if grams is not None), None)
    if not scales or due is None:
        return Unknown(why="unknown.return_weight", source=Source.COURIER)
    fits = all(weight_fits(grams, due, parameters) for grams in scales)
    return Known(value=fits, source=Source.DERIVED, seen_at=trail.seen_at)
