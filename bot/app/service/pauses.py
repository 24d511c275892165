"""Shops that the schedule leaves alone for a while because a person is needed there: knocking every few minutes locks accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.decision import Reason
from bot.domain.ids import ShopKey

AGAIN_AFTER = timedelta(minutes=15)
"""After a challenge that nobody passed: a second look is worth it, twelve an hour are a reason for the platform to lock the account."""

_SESSION = "error.session"
_FOR_GOOD = frozenset({f"{_SESSION}.refused", f"{_SESSION}.permission", f"{_SESSION}.wrong_shop"})
"""What no second try cures: until the settings change, or somebody asks for the shop by hand."""


@dataclass(frozen=True, slots=True)
class Pause:
    """`until` None: until a person does something."""

    why: Reason
    until: datetime | None


@dataclass
class Pauses:
    """By shop."""

    _of: dict[ShopKey, Pause] = field(default_factory=dict)

    def after(self, shop: ShopKey, stopped: Reason | None, now: datetime) -> Pause | None:
        """The pause that this end of a sweep asks for; any other end lifts an old one."""
        self._of.pop(shop, None)
        if stopped is None or not stopped.code.startswith(_SESSION):
            return None
        pause = Pause(stopped, None if stopped.code in _FOR_GOOD else now + AGAIN_AFTER)
        self._of[shop] = pause
        return pause

    def of(self, shop: ShopKey, now: datetime) -> Pause | None:
        """The pause that the shop is in; one that ends later than any could was begun before the clock was set back."""
        pause = self._of.get(shop)
        return pause if pause and (pause.until is None or now < pause.until <= now + AGAIN_AFTER) else None

    def lift(self, shop: ShopKey) -> None:
        """A person is there."""
        self._of.pop(shop, None)

    def forget(self) -> None:
        """Settings or passwords are others now: every shop may be tried."""
        self._of.clear()
