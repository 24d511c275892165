"""What a person may pull while a sweep runs: the kill switch, honoured within 1 s (design.md 5, F54), and the settings' bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.action import Verb
from bot.domain.money import Money


class KillSwitch(Protocol):
    """Asked before each arming, before each click and at the guard."""

    def engaged(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far hands may go in a shop: whether the robot acts by itself, which verbs may be pressed by whom ever, what may leave a day."""

    acts: bool
    verbs: frozenset[Verb]
    shop_day: Money
    buyer_day: Money

    def within(self, other: Bounds) -> Bounds:
        """The stricter of both, part by part."""
        return Bounds(
            acts=self.acts and other.acts,
            verbs=self.verbs & other.verbs,
            shop_day=min(self.shop_day, other.shop_day),
            buyer_day=min(self.buyer_day, other.buyer_day),
        )


class BoundsSource(Protocol):
    """Where the settings of this moment come from; asked before each arming and before each click."""

    def in_force(self) -> Bounds:
        """Always of whole settings: a file that does not hold is told and changes nothing."""
