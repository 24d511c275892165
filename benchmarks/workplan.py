"""The plan of work beside a plain sort by deadline and the rule of before: what each loses, and what planning costs.

    uv run python -m benchmarks.workplan [--jobs 10000] [--seed 1]

CPU seconds of this process. Losses are of the same queue, laid into time under the same limits.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.engine.workplan import LAST_CALL_S, Job, Pace, workplan
from bot.engine.workplan.jobs import tasks_of
from bot.engine.workplan.layout import lay_out, lost

NOW = datetime(2026, 11, 11, tzinfo=SHANGHAI)
MONTH_S = 30 * 24 * 3600
PACE = Pace(every_s=3, enter_s=10)


class Load(NamedTuple):
    """So many shops, so many of them at once, deadlines over so many hours."""

    shops: int
    at_once: int
    hours: float


LOADS = (Load(1, 1, 24), Load(1, 1, 6), Load(5, 5, 24), Load(5, 5, 1.5), Load(5, 1, 24), Load(5, 1, 6))


def queue(count: int, load: Load, seed: int) -> list[Job]:
    """Amounts as refunds have them: many small, few large."""
    draw = random.Random(seed)
    shops = [ShopKey(platform="model", shop_id=str(number)) for number in range(load.shops)]
    return [
        Job(
            case=CaseKey(**draw.choice(shops).model_dump(), aftersale_id=f"{number:06d}"),
            value=Money(int(draw.lognormvariate(8.5, 1))),
            seconds=draw.choice((2.0, 3.0, 4.0)),
            deadline=NOW + timedelta(seconds=draw.uniform(0, load.hours * 3600)),
        )
        for number in range(count)
    ]


def _left(job: Job) -> float:
    return (job.deadline - NOW).total_seconds() if job.deadline else MONTH_S


def by_deadline(job: Job) -> tuple[float, str]:
    return _left(job), str(job.case)


def rule_of_before(job: Job) -> tuple[int, float, str]:
    """Last calls by deadline, then fen at risk per second left."""
    left = _left(job)
    return (0, left, str(job.case)) if left < LAST_CALL_S else (1, -job.value.fen / left, str(job.case))


def planned(jobs: Sequence[Job], load: Load) -> Sequence[Job]:
    return workplan(jobs, {job.shop: PACE for job in jobs}, NOW, load.at_once).jobs


def race(count: int, load: Load, seed: int) -> Iterator[str]:
    jobs = queue(count, load, seed)
    rivals: dict[str, Callable[[], Sequence[Job]]] = {
        "sort by deadline": lambda: sorted(jobs, key=by_deadline),
        "rule of before": lambda: sorted(jobs, key=rule_of_before),
        "workplan": lambda: planned(jobs, load),
    }
    told = {name: _run(order, load) for name, order in rivals.items()}
    best = told["workplan"][0]
    yield f"{count} jobs, {load.shops} shops, {load.at_once} at once, deadlines over {load.hours} h"
    for name, (loses, spent) in told.items():
        ratio = (
            "" if name == "workplan" else f"  {loses / best:8.1f} x as much" if best else "  (workplan loses nothing)"
        )
        yield f"  {name:18} loses {Money(loses)!s:>14}  in {spent:6.2f} s{ratio}"


def _run(order: Callable[[], Sequence[Job]], load: Load) -> tuple[int, float]:
    began = time.process_time()
    jobs = order()
    spent = time.process_time() - began
    return lost(lay_out(tasks_of(jobs, {job.shop: PACE for job in jobs}, NOW), load.at_once)), spent


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--jobs", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    for load in LOADS:
        print(*race(options.jobs, load, options.seed), sep="\n")


if __name__ == "__main__":
    main()
