"""The plan of work over all shops of a home, from what the ledger saw last: where to sweep next, what will not be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.config import Shop
from bot.domain.ids import ShopKey
from bot.engine.workplan import Forecast, Job, Pace, WorkPlan, at_stake, in_time, workplan
from bot.ledger.reader import Reading
from bot.ledger.workload import Pending

SECONDS_PER_CASE: Final = 2.0
"""Where nothing was measured yet (docs/benchmarks.md)."""

ENTER_S: Final = 10.0
"""What signing in and reading a list take."""


def work_plan(
    reader: Reading,
    shops: Sequence[Shop],
    now: datetime,
    at_once: int = 1,
) -> WorkPlan:
    """Of every case that a sweep of these shops would work on; `next_shop` says where to begin, `by_shop` what is lost where.

    Args:
        reader: the ledger; a shop that was never listed has nothing in it.
        shops: of the settings.
        now: on the shops' clock; deadlines are counted on it.
        at_once: shops that are swept side by side; 1: one after the other.

    Raises:
        LedgerError.
    """
    return workplan((job for shop in shops for job in _jobs(reader, shop)), _paces(shops), now, at_once)


def late_behind(
    reader: Reading, first: Shop, others: Mapping[ShopKey, Shop], now: datetime, rests: Mapping[ShopKey, timedelta]
) -> Mapping[ShopKey, Forecast]:
    """What the deadlines take in other shops while `first` is swept to its end, and then in the order of the plan.

    Only what is on a list, is still in time and does not rest counts: what nobody can work on any more is no forecast.

    Args:
        reader: the ledger.
        first: the shop whose turn it is.
        others: those that wait behind it, whenever their own turn comes.
        now: on the shops' clock.
        rests: how long a case of a shop that waits for somebody stays unread.

    Raises:
        LedgerError.
    """

    def to_do(shop: Shop) -> Iterator[Job]:
        return _jobs(reader, shop, lambda one: _is_due(one, now, rests.get(shop.key, timedelta())))

    busy = sum(max(job.seconds, first.seconds_between_actions) for job in to_do(first))
    begins = now + timedelta(seconds=ENTER_S + busy)
    jobs = (job for shop in others.values() for job in to_do(shop))
    return workplan(jobs, _paces(others.values()), begins).by_shop()


def _paces(shops: Iterable[Shop]) -> Mapping[ShopKey, Pace]:
    return {shop.key: Pace(every_s=shop.seconds_between_actions, enter_s=ENTER_S) for shop in shops}


def _is_due(one: Pending, now: datetime, rest: timedelta) -> bool:
    return one.listed and in_time(one.deadline, now) and (one.waits_since is None or now - one.waits_since >= rest)


def _jobs(reader: Reading, shop: Shop, counts: Callable[[Pending], bool] = lambda _: True) -> Iterator[Job]:
    seconds = pace_of(reader, shop.key, shop.posture)
    for one in filter(counts, reader.pending(shop.key)):
        yield Job(one.case, at_stake(one.amount, one.verb), seconds, one.deadline, verb=one.verb)


def pace_of(reader: Reading, shop: ShopKey, posture: str) -> float:
    """Seconds per case, as measured in the shop's last runs."""
    return reader.seconds_per_case(shop, posture) or SECONDS_PER_CASE
