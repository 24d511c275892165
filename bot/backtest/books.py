"""What a candidate would have spent by then: the ledger's own sums of the day, less what only the live policy did, plus its own.

Only differences are kept: where both policies act alike the sums stay as the ledger had them, to the fen and to the second.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.ports.past import Spending

Day = tuple[str, str, str]
"""Platform, shop and business day (Asia/Shanghai)."""


@dataclass(slots=True)
class _Sums:
    """Differences of one day: those that already count by strategy, and those that will from a moment on."""

    count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    later: list[tuple[datetime, str, int]] = field(default_factory=list)
    made: tuple[Mapping[str, Money], Mapping[str, Money]] | None = None
    """The sums last asked about, and what became of them; nothing changes from most cases to the next."""

    def instead_of(self, spent: Mapping[str, Money], now: datetime) -> Mapping[str, Money]:
        while self.later and self.later[0][0] <= now:
            _, strategy, fen = heapq.heappop(self.later)
            self.count[strategy] += fen
            self.made = None
        if self.made is None or self.made[0] is not spent:
            self.made = spent, self._mine(spent)
        return self.made[1]

    def _mine(self, spent: Mapping[str, Money]) -> Mapping[str, Money]:
        mine = dict(spent)
        for name, fen in self.count.items():
            # an intent that is taken away was perhaps not yet counted at this very moment: nobody spends less than nothing
            mine[name] = max(ZERO, mine.get(name, ZERO) + Money(fen))
        return mine


class Books:
    """The caps of the day as the candidate would have found them; asked and told in the ledger's order."""

    def __init__(self) -> None:
        self._days: dict[Day, _Sums] = {}

    def by_then(self, case: CaseKey, day: str, spent: Mapping[str, Money], now: datetime) -> Mapping[str, Money]:
        """What each strategy had spent, with the candidate's spending in place of the live policy's."""
        sums = self._days.get((case.platform, case.shop_id, day)) if self._days else None
        return spent if sums is None else sums.instead_of(spent, now)

    def instead(self, case: CaseKey, spending: Spending) -> None:
        """The live policy's intent is taken out of the day it counted on, from the moment it counted."""
        self._tell(case, spending.day, spending.since, spending.strategy, -spending.reserved.fen)
        if spending.resolved_at is not None:
            difference = spending.reserved.fen - spending.amount.fen
            self._tell(case, spending.day, spending.resolved_at, spending.strategy, difference)

    def spend(self, case: CaseKey, day: str, now: datetime, strategy: str, amount: Money) -> None:
        """The candidate acts: from here on it counts."""
        self._tell(case, day, now, strategy, amount.fen)

    def _tell(self, case: CaseKey, day: str, at: datetime, strategy: str, fen: int) -> None:
        if fen:
            key = (case.platform, case.shop_id, day)
            if key not in self._days:
                self._forget_before(key)
            heapq.heappush(self._days.setdefault(key, _Sums()).later, (at, strategy, fen))

    def _forget_before(self, key: Day) -> None:
        """Days that are over are asked for no more; the day before stays: runs may cross midnight."""
        days = sorted(known for known in self._days if known[:2] == key[:2] and known < key)
        for old in days[:-1]:
            del self._days[old]
