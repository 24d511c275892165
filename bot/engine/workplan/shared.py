"""More shops than hands: which deadlines to keep and in which visits, by rounds of dropping what is in the way."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.engine.workplan import alone
from bot.engine.workplan.jobs import MS, Task
from bot.engine.workplan.layout import Slot, late, lay_out, lost

_SPANS = (math.inf, *(minutes * 60.0 * MS for minutes in (480, 120, 30, 5)), 0.0)
"""How far apart deadlines may be that one visit to a shop serves: from one visit for all to strictly by deadline."""

_ROUNDS, _FEWEST = 6, 2
"""Rounds of dropping, of a short queue and of a long one."""

_LONG = 2_000
"""Tasks from which on visits are not made shorter still once that was worse."""

_PLACEMENTS = 40_000
"""Tasks that may be laid into time, over and over, for the rounds of one span, and for putting dropped ones back in."""


def keep(tasks: Sequence[Task], hands: int) -> list[Task]:
    """Those with a deadline that is kept, in an order in which none of them is late."""
    chosen = _by_relaxation(tasks, hands)
    best: list[Task] = []
    for span in _SPANS if any(task.enter for task in tasks) else reversed(_SPANS):
        kept = _repaired(tasks, visits(chosen, span), hands, span)
        worse = _worth_of(kept) < _worth_of(best)
        if _worth_of(kept) > _worth_of(best) or not best:
            best = kept
        if _worth_of(best) >= _worth_of(chosen) or (worse and len(tasks) > _LONG):
            break
    return best


def _worth_of(tasks: Sequence[Task]) -> int:
    return sum(task.value for task in tasks)


def _by_relaxation(tasks: Sequence[Task], hands: int) -> list[Task]:
    """First each shop as if it had a hand of its own, then all that is left as if it were one shop with so many times the hands."""
    shops: dict[int, list[Task]] = {}
    for task in tasks:
        shops.setdefault(task.shop, []).append(task)
    feasible = [task for shop in shops.values() for task in alone.keep(shop)]
    as_one = [_as_one(task, hands) for task in feasible]
    kept = {task.number for task in alone.keep(as_one)}
    return [task for task in feasible if task.number in kept]


def _as_one(task: Task, hands: int) -> Task:
    takes = task.takes / hands
    return replace(task, takes=takes, every=0.0, enter=0.0, occupies=takes, due_free=task.due)


def visits(tasks: Sequence[Task], span: float = math.inf) -> list[Task]:
    """By windows of the deadline; in each, shop after shop, the one that is due first before the others."""
    first: dict[tuple[float, int], float] = {}
    of = [(_visit(task, span), task) for task in tasks]
    for visit, task in of:
        first[visit] = min(first.get(visit, math.inf), task.due)
    return [
        task for _, _, _, _, task in sorted((visit[0], first[visit], visit[1], task.by_due, task) for visit, task in of)
    ]


def _visit(task: Task, span: float) -> tuple[float, int]:
    if span == 0:
        return (task.due, task.shop)
    return (0.0 if math.isinf(span) else task.due // span, task.shop)


def _repaired(tasks: Sequence[Task], order: list[Task], hands: int, span: float) -> list[Task]:
    """Rounds: for each that is late the cheapest before it is dropped, or itself; then the dearest dropped are put back."""
    for _ in range(max(_FEWEST, min(_ROUNDS, _PLACEMENTS // max(1, len(order)) // 2))):
        slots = lay_out(order, hands)
        if not late(slots):
            break
        dropped = set(_in_the_way(slots, hands))
        order = [task for task in order if task.number not in dropped]
    else:
        order = _in_time(order, hands)
    return _refilled(tasks, order, hands, span)


def _in_the_way(slots: Sequence[Slot], hands: int) -> Iterator[int]:
    """One hand serves all, so that whatever is dropped helps; of several, what is dropped in the same shop."""
    before: dict[int, list[tuple[float, int, Task]]] = {}
    freed = 0.0
    for task, _, finish in slots:
        heap = before.setdefault(0 if hands == 1 else task.shop, [])
        heapq.heappush(heap, (*_worth(task), task))
        if finish - freed > task.due:
            least = heapq.heappop(heap)[-1]
            freed += least.takes / hands
            yield least.number


def _worth(task: Task) -> tuple[float, int]:
    return task.value / max(task.takes, 1), task.number


def _in_time(order: Sequence[Task], hands: int) -> list[Task]:
    """What is late even then is dropped, again and again until nothing is."""
    while dropped := {task.number for task in late(lay_out(order, hands))}:
        order = [task for task in order if task.number not in dropped]
    return list(order)


def _refilled(tasks: Sequence[Task], order: list[Task], hands: int, span: float) -> list[Task]:
    inside = {task.number for task in order}
    tries = _PLACEMENTS // (4 * len(tasks))
    given_up = sorted(
        (task for task in tasks if task.number not in inside and task.due != math.inf),
        key=lambda task: (-task.value, task.number),
    )
    for task in given_up[:tries]:
        with_it = visits([*order, task], span)
        if not lost(lay_out(with_it, hands)):
            order = with_it
    return order
