"""One shop with a writer of its own: which deadlines to keep, so that the least is lost (weighted tardy jobs on one machine)."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from bot.engine.workplan.jobs import Task

_BUDGET = 150_000
"""States that the table of one shop may look at: 0.2 s at most. Few tasks are solved exactly, many very nearly."""

_WIDEST = 4_096

_TRIES = 500_000
"""Comparisons that putting dropped tasks back in may take."""

Path: TypeAlias = "tuple[Task, Path] | None"
_State = tuple[float, int, Path]
"""When the writer is free, what is lost by then, and which tasks were kept."""


def keep(tasks: Sequence[Task]) -> list[Task]:
    """Those with a deadline that is kept, earliest first: in that order none of them is late; the others are given up."""
    line = sorted((task for task in tasks if task.due != float("inf")), key=lambda task: task.by_due)
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
    tries = _TRIES // max(1, len(line))
    for task in sorted((one for one in line if one.number not in inside), key=lambda one: (-one.value, one.number)):
        if tries <= 0:
            break
        tries -= 1
        with_it = kept.copy()
        with_it.insert(bisect_left(kept, task.by_due, key=lambda one: one.by_due), task)
        if _in_time(with_it, entered):
            kept = with_it
    return kept


def _table(line: Sequence[Task], entered: float, bound: int) -> list[Task] | None:
    """Lawler's table over (free at, lost), without states that another beats in both; None: nothing below `bound`.

    Exact as long as the table is not wider than `_BUDGET` lets it be; then it is thinned out evenly.
    """
    width = max(2, min(_WIDEST, _BUDGET // len(line)))
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
        states = _thinned(_unbeaten(heapq.merge(kept, dropped, key=lambda state: state[:2])), width)
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
