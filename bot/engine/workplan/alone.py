"""One shop with a writer of its own: which deadlines to keep, so that the least is lost (weighted tardy jobs on one machine)."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Self, TypeAlias

from bot.engine.workplan.jobs import Task

_BUDGET = 150_000
"""States that the table of one shop may look at: 0.2 s at most. Few tasks are solved exactly, many very nearly."""

_WIDEST = 4_096

_NARROWEST = 64
"""A table thinner than this finds nothing that the greedy choice has not found."""

_STEPS, _TRIES = 500_000, 1_000
"""How many of the dropped ones are tried again: all of a short line, the dearest of a long one."""

Path: TypeAlias = "tuple[Task, Path] | None"
_State = tuple[float, int, Path]
"""When the writer is free, what is lost by then, and which tasks were kept."""


def keep(tasks: Sequence[Task]) -> list[Task]:
    """Those with a deadline that is kept, earliest first: in that order none of them is late; the others are given up."""
    line = sorted((task for task in tasks if not math.isinf(task.due)), key=lambda task: task.by_due)
    entered = line[0].enter if line else 0.0
    if _in_time(line, entered):
        return line
    candidates = [_filled(line, kept, entered) for kept in _greedy(line, entered)]
    best = min(candidates, key=lambda kept: (_missed(line, kept), [task.number for task in kept]))
    exact = _table(line, entered, _missed(line, best))
    return best if exact is None else exact


def _in_time(line: Iterable[Task], free: float) -> bool:
    for task in line:
        free = max(free, task.release) + task.occupies
        if free > task.due_free:
            return False
    return True


def _missed(line: Sequence[Task], kept: Sequence[Task]) -> int:
    return sum(task.value for task in line) - sum(task.value for task in kept)


def _greedy(line: Sequence[Task], entered: float) -> list[list[Task]]:
    """Moore and Hodgson, with worth: whenever one is late, the least worthy of those before it is given up.

    By worth it is exact where all take equally long, by worth per second it is near where they do not.
    """
    if any(task.release for task in line):
        return [_by_turn(line, entered)]
    rules: tuple[Callable[[Task], float], ...] = (
        lambda task: task.value,
        lambda task: task.value / max(task.occupies, 1),
    )
    return [_given_up(line, entered, worth) for worth in rules]


def _given_up(line: Sequence[Task], entered: float, worth: Callable[[Task], float]) -> list[Task]:
    free, given_up = entered, set[int]()
    heap: list[tuple[float, float, int, Task]] = []
    for task in line:
        if entered + task.occupies > task.due_free:
            given_up.add(task.number)
            continue
        free += task.occupies
        heapq.heappush(heap, (worth(task), -task.occupies, task.number, task))
        while free > task.due_free:
            worst = heapq.heappop(heap)[-1]
            given_up.add(worst.number)
            free -= worst.occupies
    return [task for task in line if task.number not in given_up]


def _by_turn(line: Sequence[Task], free: float) -> list[Task]:
    """Where some have to be waited for: each one that still comes in time."""
    kept = []
    for task in line:
        after = max(free, task.release) + task.occupies
        if after <= task.due_free:
            free = after
            kept.append(task)
    return kept


def _filled(line: Sequence[Task], kept: list[Task], entered: float) -> list[Task]:
    """With the dearest of those given up put back, as long as one fits without making another late."""
    inside = {task.number for task in kept}
    given_up = sorted((task for task in line if task.number not in inside), key=lambda one: (-one.value, one.number))
    room = _Room.of(kept, entered)
    for task in given_up[: max(_TRIES, _STEPS // len(line))]:
        if room.takes(task):
            kept = [*kept[: (place := room.place(task))], task, *kept[place:]]
            room = _Room.of(kept, entered)
    return kept


@dataclass(frozen=True, slots=True)
class _Room:
    """How much later each of the kept ones, and all behind it, could be."""

    turns: list[tuple[float, int, int]]
    free: list[float]
    slack: list[float]

    @classmethod
    def of(cls, kept: Sequence[Task], entered: float) -> Self:
        free = [entered]
        for task in kept:
            free.append(max(free[-1], task.release) + task.occupies)
        slack = [math.inf]
        for task, after in zip(reversed(kept), reversed(free), strict=False):
            slack.append(min(slack[-1], task.due_free - after))
        return cls([task.by_due for task in kept], free, slack[::-1])

    def place(self, task: Task) -> int:
        return bisect_left(self.turns, task.by_due)

    def takes(self, task: Task) -> bool:
        """Waiting for a release could only leave more room than is reckoned here."""
        place = self.place(task)
        before = self.free[place]
        after = max(before, task.release) + task.occupies
        return after <= task.due_free and after - before <= self.slack[place]


def _table(line: Sequence[Task], entered: float, bound: int) -> list[Task] | None:
    """Lawler's table over (free at, lost), without states that another beats in both; None: nothing below `bound`.

    Exact as long as the table is not wider than `_BUDGET` lets it be; then it is thinned out evenly.
    """
    width = min(_WIDEST, _BUDGET // len(line))
    if width < _NARROWEST:
        return None
    states: list[_State] = [(entered, 0, None)]
    for task in line:
        kept = [
            (after, given_up, (task, path))
            for free, given_up, path in states
            if (after := max(free, task.release) + task.occupies) <= task.due_free
        ]
        dropped = [
            (free, given_up + task.value, path) for free, given_up, path in states if given_up + task.value < bound
        ]
        states = _thinned(_unbeaten(sorted(kept + dropped, key=itemgetter(0, 1))), width)
    if not states:
        return None
    return _walked(min(states, key=lambda state: state[1])[2])


def _unbeaten(states: Iterable[_State]) -> list[_State]:
    """Of states in the order of time, those that lose less than every earlier one."""
    found: list[_State] = []
    for state in states:
        if not found or state[1] < found[-1][1]:
            found.append(state)
    return found


def _thinned(states: list[_State], width: int) -> list[_State]:
    if len(states) <= width:
        return states
    step = (len(states) - 1) / (width - 1)
    return [states[round(place * step)] for place in range(width)]


def _walked(path: Path) -> list[Task]:
    kept = []
    while path is not None:
        task, path = path
        kept.append(task)
    return kept[::-1]
