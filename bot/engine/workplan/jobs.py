"""What is to be done and how fast it can be: jobs with their deadlines and worth, the limits of each shop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money


@dataclass(frozen=True, slots=True)
class Job:
    """One case to be worked. `value`: what is lost when the deadline passes without us; `seconds`: how long it takes us.

    `deadline` None: nothing is lost however late. `release` None: it can be begun at once. `verb` None: nobody has judged it yet.
    """

    case: CaseKey
    value: Money
    seconds: float
    deadline: datetime | None = None
    release: datetime | None = None
    verb: Verb | None = None

    @property
    def shop(self) -> ShopKey:
        return self.case.shop


def in_time(deadline: datetime | None, now: datetime) -> bool:
    """Whether a deadline can still be kept. One that has passed is worked all the same, but a forecast of it would call too late."""
    return deadline is None or deadline > now


@dataclass(frozen=True, slots=True)
class Pace:
    """A shop's limits: one writer, actions begun at least `every_s` apart, and `enter_s` to get in (sign in, list)."""

    every_s: float = 0.0
    enter_s: float = 0.0


UNHURRIED = Pace()

_AGREES = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN})


def at_stake(asked: Money, verb: Verb | None) -> Money:
    """What a missed deadline costs: the platform then agrees by itself, so a case that we would agree to costs the miss alone.

    That miss counts one fen: it is still planned for, and never before money. Whatever is not judged yet counts in full.
    """
    return min(asked, Money(1)) if verb in _AGREES else asked


@dataclass(slots=True)
class Task:
    """A job in plain numbers, whole milliseconds from now, so that sums are exact; `due` is infinite without a deadline.

    `number` is the job's place in the order of ids, which breaks all ties.
    """

    number: int
    shop: int
    takes: float
    every: float
    enter: float
    release: float
    due: float
    value: int

    occupies: float
    """How long the shop's writer is taken by it."""
    due_free: float
    """When the writer has to be free again at the latest: with it, tasks of one shop differ in nothing but this and length."""

    @property
    def by_due(self) -> tuple[float, int, int]:
        """Earliest deadline first; of equal ones the dearer, then by id."""
        return (self.due_free, -self.value, self.number)


MS = 1_000
"""Milliseconds of a second."""


def tasks_of(jobs: Sequence[Job], paces: Mapping[ShopKey, Pace], now: datetime) -> tuple[Task, ...]:
    """The jobs, which stand in the order of their ids, as numbers."""
    owners = [(job.case.platform, job.case.shop_id) for job in jobs]
    shops = {owner: number for number, owner in enumerate(sorted(set(owners)))}
    pace = {owner: paces.get(ShopKey(platform=owner[0], shop_id=owner[1]), UNHURRIED) for owner in shops}
    return tuple(
        _task(number, shops[owner], job, pace[owner], now)
        for number, (job, owner) in enumerate(zip(jobs, owners, strict=True))
    )


def _task(number: int, shop: int, job: Job, pace: Pace, now: datetime) -> Task:
    takes, every = round(job.seconds * MS), round(pace.every_s * MS)
    due = math.floor(_ms(job.deadline, now)) if job.deadline else math.inf
    occupies = max(takes, every)
    return Task(
        number=number,
        shop=shop,
        takes=takes,
        every=every,
        enter=round(pace.enter_s * MS),
        release=max(0, math.ceil(_ms(job.release, now))) if job.release else 0,
        due=due,
        value=job.value.fen,
        occupies=occupies,
        due_free=due + occupies - takes,
    )


def _ms(moment: datetime, now: datetime) -> float:
    return (moment - now).total_seconds() * MS
