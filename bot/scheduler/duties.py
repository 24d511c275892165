"""What the service has to do, and when each of it is next: the sweeps of every shop, and chores of the whole home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.config.settings import Settings
from bot.domain.ids import ShopKey
from bot.scheduler.regime import next_sweep, schedule_of


class Job(StrEnum):
    """Kinds of work. The first three need the browser and are done one at a time, the others stand beside them."""

    SWEEP = "sweep"
    FOLLOW_UP = "follow_up"
    RECONCILE = "reconcile"
    AUDIT = "audit"
    REPORT = "report"
    RETENTION = "retention"


SWEEPING = (Job.SWEEP, Job.FOLLOW_UP, Job.RECONCILE)
"""Done in a shop, with the browser."""

CHORES = (Job.AUDIT, Job.REPORT, Job.RETENTION)
"""Done for the whole home, without one."""

COUNTED = frozenset({Job.SWEEP, *CHORES})
"""What is told when it was missed: follow-ups and reconciling are part of every sweep, so the sweep that catches up does them too."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of work in one shop; chores have no shop."""

    job: Job
    shop: ShopKey | None = None

    @property
    def key(self) -> str:
        """`sweep taobao/1001`, `audit`: as the ledger names it."""
        return f"{self.job} {self.shop}" if self.shop else str(self.job)


def duties(settings: Settings, chores: frozenset[Job]) -> Iterator[Duty]:
    """All of a home, of the chores only those that somebody can do."""
    for shop in settings.shop:
        yield from (Duty(job, shop.key) for job in SWEEPING)
    yield from (Duty(job) for job in CHORES if job in chores)


def next_time(settings: Settings, duty: Duty, after: datetime) -> datetime | None:
    """When the duty comes next, strictly after that moment."""
    if duty.shop is None:
        rhythm = getattr(settings.schedule, duty.job)
        found: datetime | None = rhythm.next_after(after)
        return found
    schedule = schedule_of(settings, duty.shop)
    match duty.job:
        case Job.SWEEP:
            return next_sweep(schedule, after)
        case Job.FOLLOW_UP:
            return schedule.follow_up.next_after(after)
        case _:
            return schedule.reconcile.next_after(after)
