"""The plan of work over all shops of a home, from what the ledger saw last: where to sweep next, what will not be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.config import Shop
from bot.domain.ids import ShopKey
from bot.engine.workplan import Job, Pace, WorkPlan, at_stake, workplan
from bot.ledger.reader import Reading

SECONDS_PER_CASE: Final = 2.0
"""Where nothing was measured yet (docs/benchmarks.md)."""

EVERYWHERE: Final = Pace(enter_s=10.0)
"""What signing in and reading a list take; a shop's own limits come in its place."""


def work_plan(
    reader: Reading,
    shops: Sequence[Shop],
    now: datetime,
    paces: Mapping[ShopKey, Pace] | None = None,
    at_once: int = 1,
) -> WorkPlan:
    """Of every case that a sweep of these shops would work on; `next_shop` says where to begin, `by_shop` what is lost where.

    Args:
        reader: the ledger; a shop that was never listed has nothing in it.
        shops: of the settings.
        now: on the shops' clock; deadlines are counted on it.
        paces: limits of single shops; the others have `EVERYWHERE`.
        at_once: shops that are swept side by side; 1: one after the other.

    Raises:
        LedgerError.
    """
    limits = {shop.key: (paces or {}).get(shop.key, EVERYWHERE) for shop in shops}
    return workplan((job for shop in shops for job in _jobs(reader, shop)), limits, now, at_once)


def _jobs(reader: Reading, shop: Shop) -> Iterator[Job]:
    seconds = pace_of(reader, shop.key, shop.posture)
    for one in reader.pending(shop.key):
        yield Job(one.case, at_stake(one.amount, one.verb), seconds, one.deadline, verb=one.verb)


def pace_of(reader: Reading, shop: ShopKey, posture: str) -> float:
    """Seconds per case, as measured in the shop's last runs."""
    return reader.seconds_per_case(shop, posture) or SECONDS_PER_CASE
