"""More shops than hands: which deadlines to keep and in which visits, by rounds of dropping what is in the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.engine.workplan import alone
from bot.engine.workplan.jobs import MS, Task
from bot.engine.workplan.layout import Slot, late, lay_out, lost

_SPANS = (0.0, *(minutes * 60 * MS for minutes in (5, 30, 120, 480)), math.inf)
"""How far apart deadlines may be that one visit to a shop serves: from strictly by deadline to one visit for all."""

_ROUNDS = 6
_REPAIRS = 400_000
"""Placements that putting dropped tasks back in may take."""


def keep(tasks: Sequence[Task], hands: int) -> list[Task]:
    """Those with a deadline that is kept, in an order in which none of them is late."""
    chosen = _by_relaxation(tasks, hands)
    tried = [_repaired(tasks, visits(chosen, span), hands, span) for span in _SPANS]
    return min(tried, key=lambda kept: (-sum(task.value for task in kept), _ends(kept, hands)))


def _ends(order: Sequence[Task], hands: int) -> float:
    return max((finish for _, _, finish in lay_out(order, hands)), default=0.0)


def _by_relaxation(tasks: Sequence[Task], hands: int) -> list[Task]:
    """First each shop as if it had a hand of its own, then all that is left as if it were one shop with so many times the hands."""
    shops: dict[int, list[Task]] = {}
    for task in tasks:
        shops.setdefault(task.shop, []).append(task)
    feasible = [task for shop in shops.values() for task in alone.keep(shop)]
    as_one = [replace(task, takes=task.takes / hands, every=0.0, enter=0.0) for task in feasible]
    kept = {task.number for task in alone.keep(as_one)}
    return [task for task in feasible if task.number in kept]


def visits(tasks: Sequence[Task], span: float = math.inf) -> list[Task]:
    """By windows of the deadline; in each, shop after shop, the one that is due first before the others."""
    first: dict[tuple[float, int], float] = {}
    for task in tasks:
        visit = _visit(task, span)
        first[visit] = min(first.get(visit, math.inf), task.due)
    return sorted(tasks, key=lambda task: (_visit(task, span)[0], first[_visit(task, span)], task.shop, task.by_due))


def _visit(task: Task, span: float) -> tuple[float, int]:
    if span == 0:
        return (task.due, task.shop)
    return (0.0 if math.isinf(span) else task.due // span, task.shop)


def _repaired(tasks: Sequence[Task], order: list[Task], hands: int, span: float) -> list[Task]:
    """Rounds: for each that is late the cheapest before it is dropped, or itself; then the dearest dropped are put back."""
    for _ in range(_ROUNDS):
        slots = lay_out(order, hands)
        if not late(slots):
            break
        dropped = set(_in_the_way(slots, hands))
        order = [task for task in order if task.number not in dropped]
    else:
        order = _in_time(order, hands)
    return _refilled(tasks, order, hands, span)


def _in_the_way(slots: Sequence[Slot], hands: int) -> Iterator[int]:
    placed: list[Task] = []
    freed = 0.0
    for task, _, finish in slots:
        placed.append(task)
        behind = finish - freed - task.due
        if behind <= 0:
            continue
        least = min((one for one in placed if hands == 1 or one.shop == task.shop), key=_worth)
        placed.remove(least)
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
    tries = _REPAIRS // max(1, len(tasks)) // len(_SPANS)
    given_up = sorted(
        (task for task in tasks if task.number not in inside and task.due != math.inf),
        key=lambda task: (-task.value, task.number),
    )
    for task in given_up[:tries]:
        with_it = visits([*order, task], span)
        if not lost(lay_out(with_it, hands)):
            order = with_it
    return order
