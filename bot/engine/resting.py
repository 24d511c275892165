"""How long a case that waits for somebody may be left unread: until its time of rest is over, or time alone may change the decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.base import SHANGHAI
from bot.domain.case import Row
from bot.engine.policy import Policy
from bot.engine.workplan import LAST_CALL_S

LAST_CALL = timedelta(seconds=LAST_CALL_S)
"""I22: at this border before its deadline every case is read, however little it changed."""

SHORTER = 3
"""Inside the last call a rest is so many times shorter."""

PRINTED = timedelta(seconds=61)
"""How far apart two readings of one countdown may lie: it is printed in whole minutes, and the server's clock in whole seconds."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A case as it was last read: `read_at` and the moments of application and deadline are on the shop's clock."""

    read_at: datetime
    applied_at: datetime | None
    deadline: datetime | None

    def ends(self, policy: Policy, longest: timedelta) -> datetime:
        """When it has to be read again, at the latest; always after `read_at` where `longest` is more than nothing."""
        return min(self._longest(longest), *self._turns(policy))

    def _longest(self, longest: timedelta) -> datetime:
        if self.deadline is None:
            return self.read_at + longest
        border = self.deadline - LAST_CALL
        if self.read_at < border:
            return min(self.read_at + longest, border)
        return self.read_at + longest / SHORTER

    def _turns(self, policy: Policy) -> Iterator[datetime]:
        """Moments after the reading at which an answer changes by time alone; midnight empties the day's caps and starts a day."""
        local = self.read_at.astimezone(SHANGHAI)
        yield local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        yield from (moment for moment in self._edges(policy) if moment > self.read_at)

    def _edges(self, policy: Policy) -> Iterator[datetime]:
        if self.applied_at is not None:
            waited = policy.edges.get("waited_s", ())
            yield from (self.applied_at + timedelta(seconds=int(edge)) for edge in waited)
        if self.deadline is not None:
            left = policy.edges.get("hours_left", ())
            # the whole hours left are fewer right after the full hour, not at it
            yield from (self.deadline - timedelta(hours=int(edge)) + timedelta(microseconds=1) for edge in left)


def same_row(one: Row, other: Row) -> bool:
    """Whether the list shows the case as it did: all but the countdown to the letter."""
    told, before = (row.model_copy(update={"deadline_at": None}) for row in (one, other))
    if told != before or (one.deadline_at is None) is not (other.deadline_at is None):
        return False
    return one.deadline_at is None or other.deadline_at is None or abs(one.deadline_at - other.deadline_at) <= PRINTED
