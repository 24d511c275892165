"""What the shop's ledger would know, kept in memory: the after-sales seen so far, and what each strategy spent on a business day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.base import SHANGHAI
from bot.domain.case import Snapshot
from bot.domain.facts import Fact, Known
from bot.domain.history import BUYER_DAYS, MOST, History, Likeness, PastCase
from bot.domain.money import ZERO, Money

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One after-sale as it was last seen."""

    case: PastCase
    buyer: str
    pictures: tuple[str, ...]


class Register:
    """Answers as `Ledger.history` does: others only, the newest first, nothing that was seen later."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._spent: dict[tuple[str, str], Money] = defaultdict(lambda: ZERO)
        self._since: datetime | None = None
        self._by: dict[tuple[str, str], set[str]] = defaultdict(set)

    def saw(self, snapshot: Snapshot, now: datetime) -> None:
        """A page was read."""
        self._since = self._since or now
        key = snapshot.key.aftersale_id
        before = self._entries.get(key)
        case = _past(snapshot, now)
        if before is not None:
            case = case.model_copy(update={"refunded": before.case.refunded, "refused": before.case.refused})
        self._entries[key] = _Entry(case, snapshot.buyer.name, snapshot.buyer_pictures)
        for index, value in _indexed(snapshot):
            self._by[index, value].add(key)

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """All that is known beside this case."""
        key, day = snapshot.key.aftersale_id, _day(now)
        back = snapshot.returned.waybill if snapshot.returned else ""
        alike = {other for look in _looks(snapshot) for other in self._by["picture", look]} - {key}
        recent = now - timedelta(days=BUYER_DAYS)
        of_buyer = [one for one in self._others("buyer", snapshot.buyer.name, key) if one.applied_at >= recent]
        return History(
            since=self._since,
            of_order=tuple(self._others("order", snapshot.order_id, key)),
            of_buyer=tuple(one.model_copy(update={"same_buyer": True}) for one in of_buyer[:MOST]),
            of_waybill=tuple(self._others("waybill", back, key)) if back else (),
            of_pictures=tuple(Likeness(case=self._entries[one].case, distance=0) for one in sorted(alike)),
            day=day,
            spent={strategy: money for (strategy, of_day), money in self._spent.items() if of_day == day},
        )

    def _others(self, index: str, value: str, key: str) -> list[PastCase]:
        found = [self._entries[one].case for one in self._by.get((index, value), ()) if one != key]
        return sorted(found, key=lambda one: (one.applied_at, one.aftersale_id), reverse=True)[:MOST]

    def paid(self, key: str, strategy: str, amount: Money, now: datetime) -> None:
        """Money moved on a case."""
        self.spend(strategy, amount, now)
        entry = self._entries[key]
        self._entries[key] = replace(entry, case=entry.case.model_copy(update={"refunded": amount}))

    def refused(self, key: str) -> None:
        """A claim was refused."""
        entry = self._entries[key]
        self._entries[key] = replace(entry, case=entry.case.model_copy(update={"refused": True}))

    def spend(self, strategy: str, amount: Money, now: datetime) -> None:
        """A strategy's budget of the day."""
        self._spent[strategy, _day(now)] += amount

    def spent(self, strategy: str, now: datetime) -> Money:
        """What a strategy has spent on the business day of `now`."""
        return self._spent[strategy, _day(now)]


def _day(now: datetime) -> str:
    return now.astimezone(SHANGHAI).date().isoformat()


def _known(fact: Fact[T]) -> T | None:
    return fact.value if isinstance(fact, Known) else None


def _past(snapshot: Snapshot, now: datetime) -> PastCase:
    return PastCase(
        aftersale_id=snapshot.key.aftersale_id,
        order_id=snapshot.order_id,
        same_buyer=None,
        type=_known(snapshot.type),
        state=_known(snapshot.state),
        amount=snapshot.amount,
        applied_at=snapshot.applied_at,
        seen_at=now,
        forward_waybill=snapshot.forward.waybill if snapshot.forward else "",
        return_waybill=snapshot.returned.waybill if snapshot.returned else "",
    )


def _looks(snapshot: Snapshot) -> tuple[str, ...]:
    return snapshot.picture_hashes.value if isinstance(snapshot.picture_hashes, Known) else ()


def _indexed(snapshot: Snapshot) -> list[tuple[str, str]]:
    waybills = {parcel.waybill for parcel in (snapshot.forward, snapshot.returned) if parcel}
    pictures = [("picture", look) for look in _looks(snapshot)]
    return [
        ("order", snapshot.order_id),
        ("buyer", snapshot.buyer.name),
        *(("waybill", one) for one in waybills),
        *pictures,
    ]
