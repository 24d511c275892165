"""A sequence of tasks laid into time under the limits: one writer a shop, its rate, and so many shops at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from bot.engine.workplan.jobs import Task

Slot = tuple[Task, float, float]
"""A task with its start and its finish, in milliseconds from now."""

_NOWHERE = -1


@dataclass(slots=True)
class Hall:
    """As many hands as shops are worked on at once; a hand that changes its shop has to get in first."""

    free: list[float]
    at: list[int]
    open: dict[int, float] = field(default_factory=dict)
    """When each shop's writer may begin again."""

    @classmethod
    def with_hands(cls, hands: int) -> Self:
        return cls([0.0] * hands, [_NOWHERE] * hands)

    def copy(self) -> Hall:
        return Hall(self.free.copy(), self.at.copy(), self.open.copy())

    def start(self, task: Task) -> tuple[float, int]:
        """When it could begin at the earliest, and by which hand: of equal ones the one that stands in the shop."""
        waits = max(task.release, self.open.get(task.shop, 0.0))
        if len(self.free) == 1:
            return max(waits, self.free[0] + (task.enter if self.at[0] != task.shop else 0.0)), 0
        best, by, stays = float("inf"), 0, False
        for hand, (free, at) in enumerate(zip(self.free, self.at, strict=True)):
            here = at == task.shop
            begins = max(waits, free if here else free + task.enter)
            if begins < best or (begins == best and here and not stays):
                best, by, stays = begins, hand, here
        return best, by

    def place(self, task: Task) -> tuple[float, float]:
        """Do it next; its start and finish."""
        start, hand = self.start(task)
        finish = start + task.takes
        self.free[hand], self.at[hand] = finish, task.shop
        self.open[task.shop] = max(finish, start + task.every)
        return start, finish


def lay_out(tasks: Iterable[Task], hands: int) -> list[Slot]:
    """Each task as early as it can be after those before it."""
    hall = Hall.with_hands(hands)
    return [(task, *hall.place(task)) for task in tasks]


def late(slots: Iterable[Slot]) -> list[Task]:
    """Those that finish behind their deadline."""
    return [task for task, _, finish in slots if finish > task.due]


def lost(slots: Sequence[Slot]) -> int:
    """What is lost by them, in fen."""
    return sum(task.value for task in late(slots))
