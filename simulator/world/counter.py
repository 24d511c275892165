"""The courier's counter: what is asked and ordered by waybill, in the courier's own client; the rules are those of the shop's page."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.world import wording
from simulator.world.courier import CourierNetwork, InterceptQuote
from simulator.world.errors import Code, WorldError
from simulator.world.model import FINISHED, Actor, Case, Intercept, Parcel
from simulator.world.seller import SellerDesk
from simulator.world.store import Store


@dataclass(frozen=True, slots=True)
class Booked:
    """One line of the courier's book: a parcel and what was ordered for it."""

    parcel: Parcel
    intercept: Intercept


class CourierCounter:
    """Knows parcels, not after-sales: whoever sent a parcel may have it brought back, once."""

    def __init__(self, store: Store, courier: CourierNetwork, seller: SellerDesk) -> None:
        self._store = store
        self._courier = courier
        self._seller = seller

    def parcel(self, waybill: str) -> Parcel:
        """What the courier knows now about a waybill.

        Raises:
            WorldError: NOT_FOUND.
        """
        self._store.clock.catch_up()
        parcel = self._store.parcels.get(waybill)
        if parcel is None:
            raise WorldError(Code.NOT_FOUND, wording.NO_SUCH_WAYBILL)
        return parcel

    def quote(self, waybill: str) -> InterceptQuote:
        """Whether and for how much (fen) a parcel can be brought back; changes nothing. Raises as `parcel`."""
        case = self._sent_for(self.parcel(waybill))
        if case is None:
            return InterceptQuote(waybill, feasible=False, fee_fen=0, reason=wording.NOT_OURS, other_goods=())
        return self._courier.quote(case, self._store.shops[case.shop_id])

    def order(self, actor: Actor, waybill: str, fee_fen: int) -> Parcel:
        """Order the intercept at the quoted fee (fen).

        Raises:
            WorldError: NOT_FOUND, NOT_INTERCEPTABLE (also when the parcel has one already, or costs something else).
        """
        parcel = self.parcel(waybill)
        case = self._sent_for(parcel)
        if case is None:
            raise WorldError(Code.NOT_INTERCEPTABLE, wording.NOT_OURS)
        self._seller.intercept_at_courier(actor, case, waybill, fee_fen)
        return parcel

    def book(self) -> list[Booked]:
        """Every intercept there is, newest first."""
        self._store.clock.catch_up()
        booked = [Booked(one, one.intercept) for one in self._store.parcels.values() if one.intercept is not None]
        return sorted(booked, key=lambda line: (line.intercept.requested_at, line.parcel.waybill), reverse=True)

    def twins(self, waybill: str) -> list[str]:
        """The waybills that exist and differ from this one in one digit."""
        near = (
            f"{waybill[:place]}{digit}{waybill[place + 1 :]}"
            for place, old in enumerate(waybill)
            if old.isdigit()
            for digit in "0123456789"
            if digit != old
        )
        return [number for number in near if number in self._store.parcels]

    def _sent_for(self, parcel: Parcel) -> Case | None:
        """The after-sale of the order that the parcel carries, an open one before a finished one; None = a buyer's return."""
        mine = [case for case in self._store.of_waybill(parcel.waybill) if case.order.forward == parcel.waybill]
        return max(mine, key=lambda case: (case.state not in FINISHED, case.applied_at), default=None)
