"""Facts from the shop's own ledger; where nobody asked it, or where it is too young to know, they are unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.history import History
from bot.domain.money import ZERO, Money

UNASKED = Unknown(why="unknown.history_not_asked", source=Source.HISTORY)


@dataclass(frozen=True, slots=True)
class Spent:
    """Posted and pending of each strategy on the business day."""

    strategies: Mapping[str, Money]

    def by(self, strategy: str) -> Money:
        """Of one strategy; nothing for one that never acted that day."""
        return self.strategies.get(strategy, ZERO)

    def __str__(self) -> str:
        return str(sum(self.strategies.values(), ZERO))


def spent(history: History, now: datetime) -> Fact[Spent]:
    """What each strategy has posted and pending today (domain.md 45)."""
    if not history.asked:
        return UNASKED
    return Known(value=Spent(history.spent), source=Source.HISTORY, seen_at=now)
