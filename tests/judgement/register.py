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
from bot.domain.pictures import ALIKE, bands, distance

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One after-sale as it was last seen."""

    case: PastCase
    buyer: str
    pictures: tuple[str, ...]


class Register:
    """Answers as `Ledger.history` does: others only, the newest first, nothing that was seen later."""

    def __init__(self, since: datetime | None = None) -> None:
        self._entries: dict[str, _Entry] = {}
        self._spent: dict[tuple[str, str], Money] = defaultdict(lambda: ZERO)
        self._since = since
        self._by: dict[tuple[str, str], set[str]] = defaultdict(set)

    def saw(self, snapshot: Snapshot, now: datetime) -> None:
        """A page was read."""
        self._since = self._since or now
        key = snapshot.key.aftersale_id
        before = self._entries.get(key)
        case = _past(snapshot, now)
        if before is not None:
            case = case.model_copy(update={"refunded": before.case.refunded, "refused": before.case.refused})
        self._entries[key] = _Entry(case, snapshot.buyer.name, _looks(snapshot))
        for index, value in _indexed(snapshot):
            self._by[index, value].add(key)

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """All that is known beside this case."""
        day, back = _day(now), snapshot.returned.waybill if snapshot.returned else ""
        recent = now - timedelta(days=BUYER_DAYS)
        return History(
            since=self._since,
            of_order=self._others("order", snapshot.order_id, snapshot),
            of_buyer=tuple(
                one for one in self._others("buyer", snapshot.buyer.name, snapshot) if one.applied_at >= recent
            ),
            of_waybill=self._others("waybill", back, snapshot) if back else (),
            of_pictures=self._likes(snapshot),
            day=day,
            spent={strategy: money for (strategy, of_day), money in self._spent.items() if of_day == day},
        )

    def _others(self, index: str, value: str, snapshot: Snapshot) -> tuple[PastCase, ...]:
        keys = self._by.get((index, value), set()) - {snapshot.key.aftersale_id}
        found = (self._told(key, snapshot) for key in keys)
        return tuple(sorted(found, key=lambda one: (one.applied_at, one.aftersale_id), reverse=True)[:MOST])

    def _told(self, key: str, snapshot: Snapshot) -> PastCase:
        entry = self._entries[key]
        return entry.case.model_copy(update={"same_buyer": entry.buyer == snapshot.buyer.name})

    def _likes(self, snapshot: Snapshot) -> tuple[Likeness, ...]:
        """As the ledger: hashes that share a band are compared, the nearest first."""
        mine = _looks(snapshot)
        keys = {key for one in mine for band in bands(one) for key in self._by.get(("band", band), ())}
        found: dict[str, int] = {}
        for key in keys - {snapshot.key.aftersale_id}:
            bits = min(distance(one, other) for one in mine for other in self._entries[key].pictures)
            if bits <= ALIKE:
                found[key] = bits
        nearest = sorted(found.items(), key=lambda like: (like[1], like[0]))[:MOST]
        return tuple(Likeness(case=self._told(key, snapshot), distance=bits) for key, bits in nearest)

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
    hashes = snapshot.picture_hashes
    return tuple(one for one in hashes.value if one) if isinstance(hashes, Known) else ()


def _indexed(snapshot: Snapshot) -> list[tuple[str, str]]:
    waybills = {parcel.waybill for parcel in (snapshot.forward, snapshot.returned) if parcel}
    pieces = [("band", band) for picture in _looks(snapshot) for band in bands(picture)]
    return [
        ("order", snapshot.order_id),
        ("buyer", snapshot.buyer.name),
        *(("waybill", one) for one in waybills),
        *pieces,
    ]
