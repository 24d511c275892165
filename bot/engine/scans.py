"""What the scans of a return tell beside its status: signs that the parcel never travelled as it says (domain.md 4.3: 轨迹异常)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from bot.domain.courier import ParcelStatus, Trail, TrailNode
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine.combine import derive, follow, known_or
from bot.engine.parameters import Parameters

NO_SCANS = Unknown(why="unknown.no_scans", source=Source.COURIER)


def _of_scans(trail: Fact[Trail], holds: Callable[[Sequence[TrailNode]], bool]) -> Fact[bool]:
    """A yes or no about the scans, oldest first; without a scan nobody knows."""
    return follow(trail, lambda seen: _told(seen, value=holds(_oldest_first(seen))) if seen.nodes else NO_SCANS)


def _told(trail: Trail, *, value: bool) -> Fact[bool]:
    return Known(value=value, source=Source.COURIER, seen_at=trail.seen_at)


def _oldest_first(trail: Trail) -> Sequence[TrailNode]:
    return sorted(trail.nodes, key=lambda node: node.at)


def unbrought(trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """Signed for, although no scan says that it was ever out for delivery."""
    return follow(trail, lambda seen: _if_signed(seen, lambda: _no_delivery(seen, parameters)))


def _if_signed(trail: Trail, ask: Callable[[], Fact[bool]]) -> Fact[bool]:
    """No, while it is known to be on its way; else what `ask` says."""
    if isinstance(trail.status, Unknown):
        return trail.status
    return ask() if trail.status.value is ParcelStatus.SIGNED else _told(trail, value=False)


def _no_delivery(trail: Trail, parameters: Parameters) -> Fact[bool]:
    if not trail.nodes or not parameters.delivery_words:
        return NO_SCANS if parameters.delivery_words else Unknown(why="unknown.no_word_list", source=Source.COURIER)
    words = (ParcelStatus.OUT_FOR_DELIVERY.value, *parameters.delivery_words)
    return _told(trail, value=not any(word in node.status for node in trail.nodes for word in words))


def signed_away(trail: Fact[Trail], arrived: Fact[bool]) -> Fact[bool]:
    """Signed for in another city than that of the return address; `arrived`: signed for in that city."""
    return follow(trail, lambda seen: _if_signed(seen, lambda: derive(arrived, lambda there: not there)))


def loops(trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """It came to one city again and again: as often as `loop_visits`."""
    return _of_scans(trail, lambda nodes: _most_visits(nodes) >= parameters.loop_visits)


def _most_visits(nodes: Sequence[TrailNode]) -> int:
    visits = [city for city, _ in groupby(node.city for node in nodes if node.city)]
    return max((visits.count(city) for city in visits), default=0)


def too_fast(trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """Scanned in two cities within less than `city_hop_min` minutes."""
    shortest = timedelta(minutes=parameters.city_hop_min)
    return _of_scans(trail, lambda nodes: any(_hop(left, right, shortest) for left, right in pairwise(nodes)))


def _hop(left: TrailNode, right: TrailNode, shortest: timedelta) -> bool:
    return bool(left.city and right.city) and left.city != right.city and right.at - left.at < shortest


def stale(trail: Fact[Trail], now: datetime, parameters: Parameters) -> Fact[bool]:
    """Not arrived, and for more than `stale_days` days nobody scanned it, or ever did since the number was made."""
    return follow(trail, lambda seen: _stale(seen, now, parameters))


_ENDED = frozenset({ParcelStatus.SIGNED, ParcelStatus.RETURNED_SIGNED})


def _stale(trail: Trail, now: datetime, parameters: Parameters) -> Fact[bool]:
    if isinstance(trail.status, Unknown):
        return trail.status
    if trail.status.value in _ENDED:
        return _told(trail, value=False)
    newest = max((node.at for node in trail.nodes), default=trail.created_at)
    moment = known_or(newest, "unknown.no_scans", Source.COURIER, trail.seen_at)
    return follow(moment, lambda at: _told(trail, value=now - at > timedelta(days=parameters.stale_days)))
