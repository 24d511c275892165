"""What the settings of a home allow in one shop while its sweep runs: they narrow it at once, and widen it from the next one on."""

from __future__ import annotations

from collections.abc import Callable

from bot.app.wiring import House
from bot.config import SettingsFile, Shop
from bot.config.settings import Settings
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.ports.brakes import Bounds
from bot.scheduler.regime import in_force, schedule_of


class SettingsBounds:
    """`bot.ports.brakes.BoundsSource`; `shop` is as it was when its sweep began, `tell` hears of a file that does not hold.

    `by_schedule`: the sweep is one of the schedule, whose night, days off or promotion may begin or end while it goes on.
    """

    def __init__(self, house: House, shop: Shop, tell: Callable[[Reason], None], *, by_schedule: bool = False) -> None:
        self._began = shop
        self._clock = house.clock
        self._by_schedule = by_schedule
        self._file = SettingsFile(house.home.files, house.home.settings, tell, house.catalogue)

    def in_force(self) -> Bounds:
        settings = self._file.in_force()
        shop, limits = next((one for one in settings.shop if one.key == self._began.key), None), settings.limits
        return Bounds(
            acts=shop is not None and self._acts(settings, shop),
            verbs=frozenset(map(Verb, shop.verbs)) if shop else frozenset(),
            shop_day=limits.shop_day,
            buyer_day=limits.buyer_day,
        )

    def _acts(self, settings: Settings, shop: Shop) -> bool:
        """A posture that stands as it stood narrows nothing that a person asked for: it may have been with another one."""
        if not self._by_schedule:
            return shop.posture in {self._began.posture, "act"}
        return (in_force(schedule_of(settings, shop.key), self._clock.now()).posture or shop.posture) == "act"
