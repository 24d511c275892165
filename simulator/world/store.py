"""What the world remembers: cases, parcels, shops, effects; and the two ways in which a case is known to have changed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from simulator.world.clock import WorldClock
from simulator.world.effects import EffectsLog
from simulator.world.model import Case, NegotiationEntry, Parcel, Picture, Role, Shop


class Store:
    """The memory that every part of the world shares; `rng` drives what happens after the start."""

    def __init__(
        self,
        clock: WorldClock,
        shops: Iterable[Shop],
        cases: Iterable[Case],
        parcels: Iterable[Parcel],
        rng: random.Random,
    ) -> None:
        self.clock = clock
        self.rng = rng
        self.shops = {shop.shop_id: shop for shop in shops}
        self.cases = {case.aftersale_id: case for case in cases}
        self.parcels = {parcel.waybill: parcel for parcel in parcels}
        self.pictures: dict[str, Picture] = {p.sha: p for case in self.cases.values() for p in case.pictures}
        self.effects = EffectsLog()
        self.sms_codes: dict[str, str] = {}
        self.watchers: list[Callable[[Case], None]] = []
        self.revisions: dict[str, int] = defaultdict(int)
        """By shop: how often anything of it has changed."""
        self._by_shop: dict[str, list[Case]] = defaultdict(list)
        self._by_waybill: dict[str, list[Case]] = defaultdict(list)
        self._by_order: dict[str, list[Case]] = defaultdict(list)
        for case in self.cases.values():
            self._index(case)

    def _index(self, case: Case) -> None:
        self._by_shop[case.shop_id].append(case)
        self._by_order[case.order.order_id].append(case)
        for waybill in (case.order.forward, case.backward):
            if waybill and case not in self._by_waybill[waybill]:
                self._by_waybill[waybill].append(case)

    def of_shop(self, shop_id: str) -> list[Case]:
        """Every case of a shop, in the order of their coming."""
        return self._by_shop[shop_id]

    def of_waybill(self, waybill: str) -> tuple[Case, ...]:
        """The cases that a parcel belongs to, forward or return."""
        return tuple(self._by_waybill.get(waybill, ()))

    def of_order(self, order_id: str) -> tuple[Case, ...]:
        """The after-sales of an order: there may be several (domain.md 2.1)."""
        return tuple(self._by_order.get(order_id, ()))

    def add_parcel(self, parcel: Parcel, case: Case) -> None:
        """A new waybill, made by a buyer who sends goods back."""
        self.parcels[parcel.waybill] = parcel
        self._by_waybill[parcel.waybill].append(case)

    def add_case(self, case: Case, parcels: Iterable[Parcel]) -> None:
        """A buyer has applied: from now on the case exists, with the parcels of its order."""
        self.cases[case.aftersale_id] = case
        self.parcels.update((parcel.waybill, parcel) for parcel in parcels)
        self.pictures.update((picture.sha, picture) for picture in case.pictures)
        self._index(case)
        self.revisions[case.shop_id] += 1
        for one in self.of_order(case.order.order_id):
            self.noticed(one)

    def changed(self, case: Case) -> None:
        """Somebody changed the case: new version (milliseconds of the world's clock, always rising)."""
        case.version = max(case.version + 1, int(self.clock.now().timestamp() * 1000))
        self.revisions[case.shop_id] += 1
        for one in self.of_order(case.order.order_id):
            self.noticed(one)

    def noticed(self, case: Case) -> None:
        """Something about the case can be seen now that could not before, without a new version (courier, warehouse)."""
        for watcher in self.watchers:
            watcher(case)

    def say(self, case: Case, role: Role, text: str, pictures: tuple[str, ...] = ()) -> None:
        """Add a line to the negotiation record."""
        case.negotiation.append(NegotiationEntry(self.now(), role, text, pictures))

    def now(self) -> datetime:
        """The world's time."""
        return self.clock.now()
