"""Queues of work by seed, kind ones and nasty ones, and the best that any order could do, found by trying them all."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.engine.workplan import Job, Pace

NOW = datetime(2026, 11, 11, 0, 0, tzinfo=SHANGHAI)
SHOPS = tuple(ShopKey(platform="model", shop_id=f"s{number}") for number in range(3))

Paces = Mapping[ShopKey, Pace]


def job(
    number: int, value: int, seconds: float, due: float | None, release: float = 0, shop: ShopKey = SHOPS[0]
) -> Job:
    return Job(
        case=CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=f"{number:05d}"),
        value=Money(value),
        seconds=seconds,
        deadline=None if due is None else NOW + timedelta(seconds=due),
        release=NOW + timedelta(seconds=release) if release else None,
    )


def queue(seed: int, count: int, shops: int = 1, kind: str = "mixed") -> tuple[list[Job], Paces]:
    """`mixed`: anything; `equal`: all take as long; `greedy_trap`: a dear long one against several that together are dearer;
    `tight`: deadlines around the sum of what is before them; `released`: some cannot be begun yet."""
    draw = random.Random(f"{kind}/{seed}/{count}/{shops}")
    paces = {
        shop: Pace(every_s=draw.choice((0, 0, 3, 5)), enter_s=draw.choice((0, 0, 4)) if kind != "equal" else 0)
        for shop in SHOPS[:shops]
    }
    total = 0.0
    jobs = []
    for number in range(count):
        seconds = 3.0 if kind == "equal" else float(draw.randint(1, 9))
        value = draw.randint(1, 1_000)
        if kind == "greedy_trap":
            seconds, value = (9.0, 1_000) if number % 3 == 0 else (float(draw.randint(2, 4)), draw.randint(300, 500))
        total += seconds
        near = total + draw.randint(-6, 4) if kind == "tight" else draw.randint(1, max(2, int(count * 3.5)))
        due = None if draw.random() < 0.05 else max(1, near)
        release = draw.randint(0, 12) if kind == "released" and draw.random() < 0.5 else 0
        jobs.append(job(number, value, seconds, due, release, draw.choice(SHOPS[:shops])))
    return jobs, paces


class Bench:
    """Does jobs one after another and counts what it loses. Written a second time on purpose, and plainly."""

    def __init__(self, jobs: Sequence[Job], paces: Paces, at_once: int) -> None:
        self._told = {
            one.case: (
                SHOPS.index(one.shop),
                one.seconds,
                (one.release - NOW).total_seconds() if one.release else 0.0,
                (one.deadline - NOW).total_seconds() if one.deadline else float("inf"),
                one.value.fen,
            )
            for one in jobs
        }
        self._paces = [paces.get(shop, Pace()) for shop in SHOPS]
        self.hands = max(1, min(at_once, len({one.shop for one in jobs})))

    def begin(self) -> State:
        return (0.0,) * self.hands, (-1,) * self.hands, (0.0,) * len(SHOPS), 0

    def after(self, state: State, one: Job) -> State:
        free, where, again, lost = state
        shop, seconds, release, due, fen = self._told[one.case]
        pace = self._paces[shop]
        earliest = max(again[shop], release)
        starts = [max(earliest, at + (0 if where[hand] == shop else pace.enter_s)) for hand, at in enumerate(free)]
        hand = min(range(self.hands), key=lambda number: (starts[number], where[number] != shop, number))
        done = starts[hand] + seconds
        next_ = max(done, starts[hand] + pace.every_s)
        return (
            (*free[:hand], done, *free[hand + 1 :]),
            (*where[:hand], shop, *where[hand + 1 :]),
            (*again[:shop], next_, *again[shop + 1 :]),
            lost + (fen if done > due else 0),
        )


State = tuple[tuple[float, ...], tuple[int, ...], tuple[float, ...], int]


def loss_of(order: Sequence[Job], paces: Paces, at_once: int) -> int:
    """The fen that an order loses."""
    bench = Bench(order, paces, at_once)
    return functools.reduce(bench.after, order, bench.begin())[-1]


def least_loss(jobs: Sequence[Job], paces: Paces, at_once: int, known: int | None = None) -> int:
    """Over every order there is; one is left off where it has lost as much already as the best one, or `known`, loses in all."""
    bench = Bench(jobs, paces, at_once)
    best = loss_of(jobs, paces, at_once) if known is None else known

    def go_on(state: State, left: frozenset[int]) -> None:
        nonlocal best
        if not left:
            best = min(best, state[-1])
        for number in sorted(left):
            if (after := bench.after(state, jobs[number]))[-1] < best:
                go_on(after, left - {number})

    go_on(bench.begin(), frozenset(range(len(jobs))))
    return best


def by_deadline(jobs: Sequence[Job]) -> list[Job]:
    return sorted(jobs, key=lambda one: (one.deadline or NOW + timedelta(days=999), str(one.case)))
