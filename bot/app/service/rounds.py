"""How one round of the schedule follows on the ones before: what it need not do again, and in which shop it goes on (ADR 0022)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.alerts.outliving import outlived
from bot.app.ordering import tell_behind
from bot.app.planning import late_behind, work_plan
from bot.app.wiring import House
from bot.config.rhythm import Rhythm
from bot.domain.ids import ShopKey
from bot.ports.results import ShopSweep
from bot.ports.wanted import Sparing
from bot.scheduler.duties import Duty, Job
from bot.scheduler.regime import schedule_of


class Rounds:
    """Of one service, from its start: the first sweep of each shop reads the whole list."""

    def __init__(self) -> None:
        self._whole: dict[ShopKey, datetime] = {}
        self._read: set[ShopKey] = set()
        self._parts: dict[ShopKey, frozenset[str]] = {}

    def sparing(self, house: House, duty: Duty, now: datetime) -> Sparing:
        """What the duty need not do; cases that are asked for by their ids never rest."""
        assert duty.shop is not None, "errands of the schedule are a shop's"  # noqa: S101 - chores never come here
        schedule = schedule_of(house.home.settings, duty.shop)
        whole = self._whole.get(duty.shop)
        age = now - whole if whole else None
        quick = age is not None and timedelta(0) <= age < timedelta(minutes=schedule.full_list_minutes)
        if duty.job is not Job.SWEEP:
            return Sparing(quick=quick)
        return Sparing(
            recheck_s=60 * schedule.recheck_minutes,
            follow_s=_apart_s(schedule.follow_up, now),
            quick=quick,
            goes_on=self._parts.get(duty.shop, frozenset()),
        )

    def swept(self, shop: ShopKey, swept: ShopSweep, began: datetime, *, goes_on: bool = False) -> None:
        """A sweep of every case of the shop came to its end; what vanished from a list that was read whole is dealt with.

        `goes_on`: it gave way, and the next one does what it left.
        """
        if swept.whole_list:
            self._read.add(shop)
        if swept.whole_list and swept.stopped is None:
            self._whole[shop] = began
        before = self._parts.pop(shop, frozenset())
        if goes_on:
            self._parts[shop] = before | {swept.run}

    def unread(self, shop: ShopKey) -> bool:
        """Whether nobody knows what waits in the shop: its list was not read whole since the start."""
        return shop not in self._read

    def forget(self) -> None:
        """Shops or settings are others now: whole lists again."""
        self._whole.clear()
        self._parts.clear()


def _apart_s(rhythm: Rhythm, now: datetime) -> int:
    """Seconds between the next two times; 0 where there are none."""
    coming = rhythm.next_after(now)
    then = rhythm.next_after(coming) if coming else None
    return int((then - coming).total_seconds()) if coming and then else 0


def first_shop(house: House, due: Collection[ShopKey], now: datetime) -> ShopKey | None:
    """Of the shops that are due, where the least money is lost by beginning there; None where nothing is known to wait."""
    shops = [shop for shop in house.home.settings.shop if shop.key in due]
    return work_plan(house.ledger, shops, now).next_shop


def foretell(house: House, duty: Duty, now: datetime) -> None:
    """Before a shop is swept: what the others lose while they wait behind it. Raises nothing."""
    settings = house.home.settings
    shops = {shop.key: shop for shop in settings.shop}
    first = shops.pop(duty.shop, None) if duty.shop and duty.job is Job.SWEEP else None
    if first is not None:
        rests = {key: timedelta(minutes=schedule_of(settings, key).recheck_minutes) for key in (first.key, *shops)}
        tell_behind(house, first, tuple(shops.values()), rests, now)


def presses(house: House, duty: Duty, due: Collection[ShopKey], now: datetime) -> ShopKey | None:
    """Of shops that wait behind the duty's sweep, the one in which the plan would go on now, if the deadlines took something there meanwhile.

    Raises nothing: whatever breaks here, the sweep goes on.
    """
    with outlived("whether another shop presses cannot be told"):
        shops = {shop.key: shop for shop in house.home.settings.shop}
        if duty.shop not in shops or not due:
            return None
        first = first_shop(house, {duty.shop, *due}, now)
        if first is None or first == duty.shop or first not in shops:
            return None
        rests = {
            key: timedelta(minutes=schedule_of(house.home.settings, key).recheck_minutes) for key in (duty.shop, first)
        }
        late = late_behind(house.ledger, shops[duty.shop], {first: shops[first]}, now, rests)
        return first if first in late else None
    return None
