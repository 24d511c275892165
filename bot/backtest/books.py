"""What a candidate would have spent by then: the ledger's own sums of the day, less what only the live policy did, plus its own.

Only differences are kept: where both policies act alike the sums stay as the ledger had them, to the fen and to the second.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.history import History
from bot.domain.ids import ShopKey
from bot.domain.money import ZERO, Money
from bot.ports.past import Spending

Day = tuple[str, str]
"""Shop and business day (Asia/Shanghai)."""


@dataclass(slots=True)
class _Sums:
    """Differences of one day: those that already count by strategy, and those that will from a moment on."""

    count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    later: list[tuple[datetime, str, int]] = field(default_factory=list)

    def by(self, now: datetime) -> Mapping[str, int]:
        while self.later and self.later[0][0] <= now:
            _, strategy, fen = heapq.heappop(self.later)
            self.count[strategy] += fen
        return self.count


class Books:
    """The caps of the day as the candidate would have found them; asked and told in the ledger's order."""

    def __init__(self) -> None:
        self._days: dict[Day, _Sums] = {}

    def as_of(self, shop: ShopKey, history: History, now: datetime) -> History:
        """The history with the candidate's spending in place of the live policy's."""
        sums = self._days.get((str(shop), history.day))
        if sums is None:
            return history
        changed = sums.by(now)
        # an intent that is taken away was perhaps never counted at this very moment: no strategy spends less than nothing
        spent = {
            name: max(ZERO, history.spent_by(name) + Money(changed.get(name, 0))) for name in {*history.spent, *changed}
        }
        return history.model_copy(update={"spent": spent})

    def instead(self, shop: ShopKey, spending: Spending) -> None:
        """The live policy's intent is taken out of the day it counted on, from the moment it counted."""
        self._tell(shop, spending.day, spending.since, spending.strategy, -spending.reserved.fen)
        if spending.resolved_at is not None:
            difference = spending.reserved.fen - spending.amount.fen
            self._tell(shop, spending.day, spending.resolved_at, spending.strategy, difference)

    def spend(self, shop: ShopKey, day: str, now: datetime, strategy: str, amount: Money) -> None:
        """The candidate acts: from here on it counts."""
        self._tell(shop, day, now, strategy, amount.fen)

    def _tell(self, shop: ShopKey, day: str, at: datetime, strategy: str, fen: int) -> None:
        if fen:
            self._forget_before(str(shop), day)
            heapq.heappush(self._days.setdefault((str(shop), day), _Sums()).later, (at, strategy, fen))

    def _forget_before(self, shop: str, day: str) -> None:
        """Days that are over are asked for no more; the day before stays: runs may cross midnight."""
        days = sorted(known for known in self._days if known[0] == shop and known[1] < day)
        for old in days[:-1]:
            del self._days[old]
