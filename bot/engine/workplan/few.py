"""A few tasks: every order that could be the best one, without those that another beats at every point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.engine.workplan.jobs import Task
from bot.engine.workplan.layout import Hall

FEW = 12
"""Up to so many tasks the best order is searched for: some milliseconds."""

_MOST = 10_000
"""Steps of one search, a quarter of a second at the most: up to ten tasks take fewer; of more the best order so far is taken."""


def best_of(tasks: Sequence[Task], hands: int, bound: int) -> list[Task] | None:
    """The tasks that are kept, in their order, where less than `bound` fen is lost by it; None where nothing does better."""
    line = sorted(tasks, key=lambda task: task.by_due)
    search = _Search(line, sum(task.value for task in line) - bound)
    search.go_on(Hall.with_hands(hands), 0, 0, [])
    return search.best


@dataclass(slots=True)
class _Search:
    line: Sequence[Task]
    saves: int
    """What the best order so far saves."""
    best: list[Task] | None = None
    met: dict[tuple[int, tuple[int, ...]], list[tuple[float, ...]]] = field(default_factory=dict)
    steps: int = 0

    def go_on(self, hall: Hall, done: int, saved: int, order: list[Task]) -> None:
        """Depth first: only what is in time is ever placed, what is late goes to the end and costs nobody anything."""
        self.steps += 1
        if saved > self.saves:
            self.saves, self.best = saved, order.copy()
        open_ = [one for one in enumerate(self.line) if not done >> one[0] & 1 and _in_time(hall, one[1])]
        if saved + sum(task.value for _, task in open_) <= self.saves or self._beaten(hall, done) or self.steps > _MOST:
            return
        for number, task in open_:
            after = hall.copy()
            after.place(task)
            order.append(task)
            self.go_on(after, done | 1 << number, saved + task.value, order)
            order.pop()

    def _beaten(self, hall: Hall, done: int) -> bool:
        """The same tasks were done before, and every hand and every shop was free no later."""
        shops = tuple(sorted(hall.open))
        times = (*hall.free, *(hall.open[shop] for shop in shops))
        known = self.met.setdefault((done, tuple(hall.at)), [])
        if any(all(a <= b for a, b in zip(one, times, strict=True)) for one in known):
            return True
        known.append(times)
        return False


def _in_time(hall: Hall, task: Task) -> bool:
    """What is late as things stand never comes in time again: whatever is done before it makes it later."""
    start, _ = hall.start(task)
    return start + task.takes <= task.due
