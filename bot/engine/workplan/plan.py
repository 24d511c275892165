"""The order of work: the least money lost to deadlines first, then last calls, then money at risk for the time left (I22)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.action import Verb
from bot.domain.ids import ShopKey
from bot.domain.money import ZERO, Money
from bot.engine.workplan import alone, few, layout, shared
from bot.engine.workplan.jobs import Job, Pace, Task, in_time, tasks_of
from bot.engine.workplan.layout import Slot as Laid

LAST_CALL_S = 2 * 3600
"""I22: nothing may wait silently closer than two hours to its deadline, so these come before all money."""

_NO_DEADLINE_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Slot:
    """When a job is worked, as planned."""

    job: Job
    start: datetime
    finish: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the deadlines will take: how many, what is lost by it, and the first of these deadlines (None: nothing is late)."""

    count: int = 0
    lost: Money = ZERO
    first: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """`slots` in the order of work, all jobs; `late`: those of them that finish behind their deadline, earliest deadline first."""

    slots: tuple[Slot, ...]
    late: tuple[Job, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(slot.job for slot in self.slots)

    @property
    def next_shop(self) -> ShopKey | None:
        """Where to go first; None when there is nothing to do."""
        return self.slots[0].job.shop if self.slots else None

    @property
    def forecast(self) -> Forecast:
        return _forecast(self.late)

    def ahead(self, now: datetime) -> Forecast:
        """The forecast of what can still be saved by somebody: without the deadlines that have passed by `now`."""
        return _forecast([job for job in self.late if in_time(job.deadline, now)])

    def by_shop(self) -> Mapping[ShopKey, Forecast]:
        """The forecast of each shop that loses something."""
        found: dict[ShopKey, list[Job]] = defaultdict(list)
        for job in self.late:
            found[job.shop].append(job)
        return {shop: _forecast(jobs) for shop, jobs in found.items()}


def workplan(jobs: Iterable[Job], paces: Mapping[ShopKey, Pace], now: datetime, at_once: int = 1) -> WorkPlan:
    """Plan all jobs; the same ones give the same order, in whatever order they come.

    Args:
        jobs: of any number of shops, each case once.
        paces: the limits of each shop; one that is not named has none but its one writer.
        now: by the clock that the deadlines are counted on.
        at_once: shops that are worked on side by side; 1: one after the other.
    """
    given = sorted(jobs, key=lambda job: str(job.case))
    tasks = tasks_of(given, paces, now)
    hands = max(1, min(at_once, len({task.shop for task in tasks})))
    slots = _laid(tasks, _kept(tasks, hands), hands, [_rank(job, now) for job in given])
    late = sorted(layout.late(slots), key=lambda task: (task.due, task.number))
    return WorkPlan(
        slots=tuple(_slot(given[task.number], start, finish, now) for task, start, finish in slots),
        late=tuple(given[task.number] for task in late),
    )


def _slot(job: Job, start: float, finish: float, now: datetime) -> Slot:
    return Slot(job, now + timedelta(milliseconds=start), now + timedelta(milliseconds=finish))


def _kept(tasks: Sequence[Task], hands: int) -> list[Task]:
    """The deadlines that are kept, in an order that keeps them."""
    dated = [task for task in tasks if not math.isinf(task.due)]
    shops: dict[int, list[Task]] = defaultdict(list)
    for task in dated:
        shops[task.shop].append(task)
    if hands < len(shops):
        return _better(dated, shared.keep(dated, hands), hands)
    return [task for of_shop in shops.values() for task in _better(of_shop, alone.keep(of_shop), 1)]


def _better(tasks: Sequence[Task], kept: list[Task], hands: int) -> list[Task]:
    """Where there are few, the best of all orders."""
    lost = sum(task.value for task in tasks) - sum(task.value for task in kept)
    found = few.best_of(tasks, hands, lost) if lost and len(tasks) <= few.FEW else None
    return kept if found is None else found


def _laid(tasks: Sequence[Task], kept: Sequence[Task], hands: int, ranks: Sequence[_Rank]) -> list[Laid]:
    """The order that people expect, where it loses no more than the one that was found; late ones are worked last."""
    undated = [task for task in tasks if math.isinf(task.due)]
    inside = {task.number for task in (*kept, *undated)}
    given_up = sorted((task for task in tasks if task.number not in inside), key=lambda task: task.by_due)
    shares = hands < len({task.shop for task in tasks})
    wished = _wished([*kept, *undated], shares=shares, ranks=ranks)
    slots = layout.lay_out([*wished, *given_up], hands)
    if layout.lost(slots) > sum(task.value for task in given_up):
        slots = layout.lay_out([*kept, *shared.visits(undated), *given_up], hands)
    in_time = layout.lay_out([task for task, _, _ in sorted(slots, key=lambda slot: slot[1])], hands)
    return in_time if layout.lost(in_time) <= layout.lost(slots) else slots


def _wished(tasks: Sequence[Task], *, shares: bool, ranks: Sequence[_Rank]) -> list[Task]:
    """By rank; hands that go from shop to shop serve the last calls in one round and the others in another."""
    if not shares:
        return sorted(tasks, key=lambda task: ranks[task.number])
    last_calls = [task for task in tasks if ranks[task.number][0] == 0]
    others = [task for task in tasks if ranks[task.number][0] != 0]
    return [*shared.visits(last_calls), *shared.visits(others)]


_Rank = tuple[int, float, str]


def _rank(job: Job, now: datetime) -> _Rank:
    """Last calls by deadline; then parcels to be stopped, which roll on while we wait; then fen at risk per second left."""
    left = (job.deadline - now).total_seconds() if job.deadline else _NO_DEADLINE_S
    if left < LAST_CALL_S:
        return (0, left, str(job.case))
    return (1 if job.verb is Verb.INTERCEPT else 2, -job.value.fen / left, str(job.case))


def _forecast(late: Sequence[Job]) -> Forecast:
    first = min((job.deadline for job in late if job.deadline), default=None)
    return Forecast(len(late), sum((job.value for job in late), start=ZERO), first)
