"""What the scans of a return tell beside its status: signs that the parcel never travelled as it says (domain.md 4.3: 轨迹异常)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.courier import ParcelStatus, Trail
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine import returns
from bot.engine.combine import derive, follow, known_or
from bot.engine.parameters import Parameters

NO_SCANS = Unknown(why="unknown.no_scans", source=Source.COURIER)


def _of_scans(trail: Fact[Trail], holds: Callable[[Trail], bool]) -> Fact[bool]:
    """A yes or no about the scans; without a scan nobody knows."""
    return follow(trail, lambda seen: _told(seen, value=holds(seen)) if seen.nodes else NO_SCANS)


def _told(trail: Trail, *, value: bool) -> Fact[bool]:
    return Known(value=value, source=Source.COURIER, seen_at=trail.seen_at)


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


def loops(trail: Fact[Trail]) -> Fact[bool]:
    """It came back to a city that it had left."""
    return _of_scans(trail, returns.loops)


def too_fast(trail: Fact[Trail], parameters: Parameters) -> Fact[bool]:
    """It changed cities in less time than a parcel needs."""
    return _of_scans(trail, lambda seen: returns.too_fast(seen, parameters))


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
