"""What the settings of a home allow in one shop while its sweep runs: they narrow it at once, and widen it from the next one on."""

from __future__ import annotations

from collections.abc import Callable

from bot.app.wiring import House
from bot.config import SettingsFile, Shop
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.ports.brakes import Bounds


class SettingsBounds:
    """`bot.ports.brakes.BoundsSource`; `shop` is as it was when its sweep began, `tell` hears of a file that does not hold."""

    def __init__(self, house: House, shop: Shop, tell: Callable[[Reason], None]) -> None:
        self._began = shop
        self._file = SettingsFile(house.home.files, house.home.settings, tell, house.catalogue)

    def in_force(self) -> Bounds:
        """A posture that stands as it stood narrows nothing: the sweep may have been asked for with another one."""
        settings = self._file.in_force()
        shop, limits = next((one for one in settings.shop if one.key == self._began.key), None), settings.limits
        return Bounds(
            acts=shop is not None and shop.posture in {self._began.posture, "act"},
            verbs=frozenset(map(Verb, shop.verbs)) if shop else frozenset(),
            shop_day=limits.shop_day,
            buyer_day=limits.buyer_day,
        )
