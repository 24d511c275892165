"""The workshop of the scenarios: draws goods, orders, parcels and cases from one seeded source of chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from simulator.scenarios import texts
from simulator.scenarios.roads import forward_path
from simulator.scenarios.texts import Ware
from simulator.world.buyers import PACKAGING_G, PlannedAct
from simulator.world.courier import node_of
from simulator.world.evidence import picture_named
from simulator.world.model import (
    BuyerRecord,
    Case,
    CaseState,
    CaseType,
    Goods,
    GoodsStatus,
    NegotiationEntry,
    Order,
    Outbound,
    Parcel,
    ParcelState,
    PlannedScan,
    Role,
    ShipStatus,
    Shop,
    Truth,
)
from simulator.world.rules import SELLER_LIMITS, STATE_LIMITS
from simulator.world.wording import KEEP_GOODS_TAG, SAID_APPLIED, SEVEN_DAYS_TAG, TYPE_NAMES, yuan

T = TypeVar("T")
COST_PERCENT = 60
"""What goods cost the shop, in percent of what was paid for them (states the loss, nothing else)."""


SHORTEST, SHORT = 0.06, 0.2
"""How many fresh claims end within eight hours, and within a day: marked buyers and goods get less time (a guess)."""

CHEAP_FEN = 3_000
"""Orders up to this may carry 退款不退货."""


@dataclass(slots=True)
class Maker:
    """Makes the parts of cases for one shop; `now` is the start of the world."""

    rng: random.Random
    shop: Shop
    now: datetime
    parcels: list[Parcel] = field(default_factory=list)
    past: list[tuple[Case, CaseState]] = field(default_factory=list)
    """Earlier cases that a case of the scenario points to, and where they stand; they become rows of the shop's history."""
    acts: list[PlannedAct] = field(default_factory=list)
    """What buyers of these cases are going to do by themselves."""
    made: int = 0
    returned_numbers: list[tuple[str, datetime]] = field(default_factory=list)
    """Waybills of returns that a later buyer will claim as his own, and when they were made."""
    fresh: bool = False
    """The claims are made at this very moment, and most have all their time before them."""

    # ---- chance -----------------------------------------------------------------------------------------------

    def pick(self, items: Sequence[T]) -> T:
        """One of several."""
        return items[int(self.rng.random() * len(items))]

    def chance(self, percent: float) -> bool:
        """True in `percent` of the draws."""
        return self.rng.random() * 100 < percent

    def hours(self, low: float, high: float) -> timedelta:
        """A span between `low` and `high` hours, in whole seconds."""
        return timedelta(seconds=int(self.rng.uniform(low, high) * 3600))

    def ago(self, low: float, high: float) -> datetime:
        """A moment between `low` and `high` hours before the world begins."""
        return self.now - self.hours(low, high)

    def ahead(self, low: float, high: float) -> datetime:
        """A moment between `low` and `high` hours after the world begins."""
        return self.now + self.hours(low, high)

    def price(self, ware: Ware) -> int:
        """A price in fen as shops like them: ending in 9 or 0 jiao, sometimes odd fen after coupons."""
        fen = self.rng.randint(ware.low_fen, ware.high_fen)
        return fen if self.chance(12) else max(ware.low_fen, fen // 100 * 100 - 10)

    # ---- parts ------------------------------------------------------------------------------------------------

    def order(self, ware: Ware | None = None, *, ship: ShipStatus, quantity: int = 1, paid_ago: float = 60) -> Order:
        """An order of one line, paid about `paid_ago` hours before now (2 to 26 hours give or take)."""
        ware = ware or self.pick(_affordable(quantity))
        price = self.price(ware)
        paid = price * quantity
        goods = Goods(ware.title, self.pick(ware.specs), price, quantity, ware.weight_g)
        self.made += 1
        return Order(
            order_id=f"45{int(self.rng.random() * 10**11):011d}{self.made:06d}",
            buyer=f"{self.pick(texts.BUYERS)}{self.made:04d}",
            receiver_city=self.pick(texts.CITIES),
            paid_fen=paid,
            list_price_fen=paid + self.pick((0, 500, 1000, 2000)),
            paid_at=self.ago(paid_ago, paid_ago + 24),
            ship_status=ship,
            goods=(goods,),
            service_tags=(SEVEN_DAYS_TAG, KEEP_GOODS_TAG) if self._keeps_goods(ship, paid) else (SEVEN_DAYS_TAG,),
            buyer_record=self._record(),
        )

    def _keeps_goods(self, ship: ShipStatus, paid_fen: int) -> bool:
        """Some cheap shipped orders carry 退款不退货 (domain.md 42); without chance, so that the rest of a seed stays."""
        return ship is not ShipStatus.UNSHIPPED and paid_fen <= CHEAP_FEN and self.made % 3 == 0

    def _record(self) -> BuyerRecord:
        """Most buyers have a clean record; a few are close to the serial claimant's (5 claims and 2 refusals), not there."""
        if self.chance(6):
            return BuyerRecord(*self.pick(((6, 1), (8, 0), (4, 2), (3, 2), (5, 1))))
        return BuyerRecord(self.pick((0, 0, 0, 1, 1, 2, 3, 4)), 0)

    def full_weight(self, order: Order) -> int | None:
        """Grams of the packed order, all its lines; None where any of the goods were never weighed."""
        lines = [None if line.weight_g is None else line.weight_g * line.quantity for line in order.goods]
        return None if None in lines else sum(filter(None, lines)) + self.rng.randint(62, 138)

    def another_city(self, city: str) -> str:
        """Some city that is not this one."""
        return self.pick([other for other in texts.CITIES if other != city])

    def waybill(self, prefix: str) -> str:
        """A number that exists once."""
        self.made += 1
        return f"{prefix}{int(self.rng.random() * 10**7):07d}{self.made:06d}"

    def send(
        self, order: Order, state: ParcelState, *, contracted: bool = True, last_ago: float = 5, signer: str = "本人"
    ) -> Parcel:
        """A forward parcel that has got as far as `state`; its newest scan is about `last_ago` hours old."""
        courier, prefix = self.pick(texts.CONTRACTED if contracted else texts.FOREIGN)
        left = order.paid_at + self.hours(2, 12)
        home = self.shop.return_addresses[0].city
        parcel = Parcel(self.waybill(prefix), courier, home, order.receiver_city, left - timedelta(hours=1))
        parcel.fee_fen = self.pick((400, 500, 600, 800, 1000, 1200))
        parcel.shop_lag = self.pick((0, 0, 1, 1, 2))
        order.forward = parcel.waybill
        weight = self.full_weight(order)
        if order.ship_status is not ShipStatus.UNSHIPPED:
            order.outbound = Outbound(left, weight)
        parcel.pickup_weight_g = weight
        self._travel(parcel, left + timedelta(hours=2), self.now - self.hours(last_ago * 0.6, last_ago), state, signer)
        self.parcels.append(parcel)
        return parcel

    def _travel(self, parcel: Parcel, first: datetime, last: datetime, state: ParcelState, signer: str) -> None:
        path = forward_path(parcel, state, self.pick(texts.HUBS))
        for i, (step, city) in enumerate(path):
            at = last - (last - first) * ((len(path) - 1 - i) / len(path))
            self.scan(parcel, at.replace(microsecond=0), step, city, signer)

    @staticmethod
    def scan(parcel: Parcel, at: datetime, state: ParcelState, city: str, signer: str = "") -> None:
        """Add a scan that has happened already."""
        parcel.nodes.append(node_of(PlannedScan(at, city, state, signer)))
        parcel.state = state
        if state in {ParcelState.SIGNED, ParcelState.RETURN_SIGNED}:
            parcel.signer, parcel.signed_city = signer, city
            parcel.proof = texts.SIGN_PROOFS.get(signer, "")
            parcel.arrival_weight_g = parcel.pickup_weight_g

    def case(
        self,
        order: Order,
        kind: CaseType,
        truth: Truth,
        *,
        goods: GoodsStatus = GoodsStatus.NOT_RECEIVED,
        state: CaseState = CaseState.WAIT_SELLER,
        amount_fen: int | None = None,
        reason: str = "",
        words: str = "",
        applied_ago: float = 30,
    ) -> Case:
        """A claim on an order; the whole paid sum unless `amount_fen` says otherwise."""
        self.made += 1
        applied = self.now if self.fresh else min(self.ago(0.1, applied_ago), self.now - timedelta(minutes=6))
        case = Case(
            aftersale_id=f"26{int(self.rng.random() * 10**10):010d}{self.made:06d}",
            shop_id=self.shop.shop_id,
            order=order,
            type=kind,
            state=state,
            version=int(applied.timestamp() * 1000),
            goods_status=goods,
            amount_fen=order.paid_fen if amount_fen is None else amount_fen,
            reason=reason,
            quantity=order.goods[0].quantity,
            applied_at=max(applied, order.paid_at + timedelta(minutes=20)),
            truth=truth,
            words=words,
            urged=self.chance(8),
        )
        self._deadline(case)
        case.negotiation.append(self.applied(case))
        return case

    def _deadline(self, case: Case) -> None:
        limit, action = STATE_LIMITS.get(case.state) or SELLER_LIMITS[case.type]
        longest = min(limit.total_seconds() / 3600, 120)
        near = self.rng.random()
        low, high = (0.7, 2) if near < 0.05 else (2, 24) if near < 0.25 else (24, longest)
        if self.fresh:
            low, high = (3, 8) if near < SHORTEST else (8, 24) if near < SHORT else (longest, longest)
        case.deadline_at = self.ahead(low, high)
        case.deadline_action = action

    @staticmethod
    def applied(case: Case) -> NegotiationEntry:
        """The first line of the negotiation record."""
        said = SAID_APPLIED.format(
            type=TYPE_NAMES[case.type], amount=yuan(case.amount_fen), reason=case.reason, words=case.words
        )
        return NegotiationEntry(case.applied_at, Role.BUYER, said)

    def show(self, case: Case, count: int) -> None:
        """Let the buyer attach pictures."""
        captions = [self.pick(texts.shared_captions()) for _ in range(count)]
        case.pictures = tuple(picture_named(text, f"{case.aftersale_id}-{i}") for i, text in enumerate(captions))

    def truth(
        self, archetype: str, order: Order, goods_at: str, *, intent: str = "honest", owed_fen: int = -1
    ) -> Truth:
        """Hidden facts: the buyer is owed what was paid unless said otherwise; the goods cost 60 % of the price."""
        cost = 0 if goods_at == "none" else order.paid_fen * COST_PERCENT // 100
        owed = order.paid_fen if owed_fen < 0 else owed_fen
        works = self.chance(90)
        return Truth(archetype, intent, owed, cost, goods_at, intercept_works=works)


@lru_cache(maxsize=8)
def _affordable(quantity: int) -> tuple[Ware, ...]:
    """Wares of which `quantity` pieces stay below the sum at which a person must decide (¥2,000)."""
    return tuple(ware for ware in texts.WARES if ware.high_fen * quantity < 200_000)


def packed(order: Order) -> int:
    """Grams that a clerk expects of the complete order; 0 where the goods were never weighed."""
    line = order.goods[0]
    return 0 if line.weight_g is None else line.weight_g * line.quantity + PACKAGING_G
