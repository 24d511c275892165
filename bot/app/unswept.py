"""Open cases close to their deadline that no sweep looks at: a shop that is stopped, paused or broken must not lose them in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.ids import ShopKey
from bot.domain.money import ZERO
from bot.engine.workplan import LAST_CALL_S, Forecast
from bot.ports.alarms import NearCase
from bot.runner.calls import NEAR_CASES, near_cases

if TYPE_CHECKING:
    from bot.app.wiring import House

SPARE: Final = timedelta(seconds=LAST_CALL_S / 4)
"""A look so lately is one: rhythms of the schedule and rests are shorter, also while nothing is wrong."""


def look_for_unswept(house: House, since: datetime | None) -> None:
    """Call a person for each shop that has some, and take the call back where a sweep came after all. Raises LedgerError.

    `since`: when somebody began to watch here; what was not looked at before that may be what is about to be. None: long ago.
    """
    found = _by_shop(house, since)
    house.notifier.over(NEAR_CASES, found)
    for shop, cases in found.items():
        house.notifier.notify(near_cases(shop, _told(cases)))


def _by_shop(house: House, since: datetime | None) -> Mapping[ShopKey, list[NearCase]]:
    now, stopped = house.clock.now(), house.kill.engaged()
    near: dict[ShopKey, list[NearCase]] = {shop.key: [] for shop in house.home.settings.shop}
    for one in house.ledger.near_cases(now, now + timedelta(seconds=LAST_CALL_S)):
        near.get(one.case.shop, []).append(one)
    found = {}
    for shop, cases in near.items():
        braked = bool(cases) and (stopped or bool(house.ledger.breaker(shop)))
        found[shop] = [one for one in cases if braked or _forgotten(one, now, since)]
    return {shop: cases for shop, cases in found.items() if cases}


def _forgotten(one: NearCase, now: datetime, since: datetime | None) -> bool:
    """Whatever the cause: less time is left than has gone by since anybody looked. A watch that began later than now had a clock that was set back."""
    looked = max(one.looked_at, since) if since and since <= now else one.looked_at
    return now - looked >= max(SPARE, one.deadline - now)


def _told(cases: Sequence[NearCase]) -> Forecast:
    return Forecast(len(cases), sum((one.amount for one in cases), start=ZERO), cases[0].deadline)
