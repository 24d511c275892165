"""The courier's network: scans that happen as planned, signatures, returns to the warehouse, and asynchronous intercepts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.world import wording
from simulator.world.machine import Machine
from simulator.world.model import (
    Case,
    CaseState,
    Inbound,
    Intercept,
    InterceptState,
    Parcel,
    ParcelState,
    PlannedScan,
    Role,
    ShipStatus,
    Shop,
    TrailNode,
)
from simulator.world.rules import INTERCEPTABLE
from simulator.world.store import Store

ACCEPT_AFTER = timedelta(minutes=2)
SEARCH_AFTER = timedelta(minutes=12)
DECIDE_AFTER = timedelta(hours=4)
HOME_AFTER = timedelta(hours=30)
CHECK_IN_AFTER = timedelta(hours=6)
"""How long the warehouse takes to unpack, weigh and count a return that was signed for."""

_SHIP_STATUS = {ParcelState.SIGNED: ShipStatus.SIGNED}


@dataclass(frozen=True, slots=True)
class InterceptQuote:
    """The answer to 查询 in the intercept dialog; `fee_fen` is fen, `reason` is empty when feasible."""

    waybill: str
    feasible: bool
    fee_fen: int
    reason: str
    other_goods: tuple[str, ...]


class CourierNetwork:
    """Moves parcels; tells the cases that a parcel belongs to when something about it can be seen."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self._store = store
        self._machine = machine

    def start(self) -> None:
        """Put every planned scan and every pending check-in of the warehouse on the agenda."""
        for parcel in list(self._store.parcels.values()):
            self.schedule(parcel)
        for case in self._store.cases.values():
            self.expect(case)

    def expect(self, case: Case) -> None:
        """The warehouse unpacks a return of the case that was signed for already."""
        if case.backward and self._store.parcels[case.backward].state is ParcelState.SIGNED:
            self._expect_check_in(case, self._store.parcels[case.backward])

    def schedule(self, parcel: Parcel) -> None:
        """Let the parcel's plan happen."""
        for scan in parcel.plan:
            self._store.clock.at(scan.at, lambda scan=scan: self._scan_planned(parcel, scan))  # type: ignore[misc]  # mypy cannot type a lambda default

    def shop_trace(self, parcel: Parcel | None) -> TrailNode | None:
        """The newest scan that the shop's page knows; it lags `shop_lag` scans behind."""
        if parcel is None or len(parcel.nodes) <= parcel.shop_lag:
            return None
        return parcel.nodes[-1 - parcel.shop_lag]

    # ---- scans ------------------------------------------------------------------------------------------------

    def _scan_planned(self, parcel: Parcel, scan: PlannedScan) -> None:
        if scan in parcel.plan:
            parcel.plan.remove(scan)
            self._scan(parcel, scan)

    def _scan(self, parcel: Parcel, scan: PlannedScan) -> None:
        parcel.nodes.append(node_of(scan))
        parcel.state = scan.state
        if scan.state in {ParcelState.SIGNED, ParcelState.RETURN_SIGNED}:
            parcel.signer, parcel.signed_city, parcel.proof = scan.signer, scan.city, scan.proof
        for case in self._store.of_waybill(parcel.waybill):
            self._tell(case, parcel)

    def _tell(self, case: Case, parcel: Parcel) -> None:
        if parcel.waybill == case.backward and parcel.state is ParcelState.SIGNED:
            self._machine.return_signed(case)
            self._expect_check_in(case, parcel)
        elif parcel.waybill == case.order.forward:
            case.order.ship_status = _SHIP_STATUS.get(parcel.state, case.order.ship_status)
            self._home_again(case, parcel)
        self._store.noticed(case)

    def _home_again(self, case: Case, parcel: Parcel) -> None:
        if parcel.state is ParcelState.RETURN_SIGNED and case.inbound.at is None:
            parcel.arrival_weight_g = parcel.pickup_weight_g
            case.inbound = Inbound(self._store.now(), case.quantity, parcel.pickup_weight_g)

    def _expect_check_in(self, case: Case, parcel: Parcel) -> None:
        new = parcel.created_at > case.applied_at
        if new and case.inbound.at is None and parcel.signed_city == case.return_city:
            self._store.clock.after(CHECK_IN_AFTER, lambda: self._check_in(case, parcel))

    def _check_in(self, case: Case, parcel: Parcel) -> None:
        if case.inbound.at is None and case.state is CaseState.WAIT_SELLER_RECEIVE:
            counted = {"nothing": 0, "short": case.quantity - 1}.get(case.truth.sent_back, case.quantity)
            case.inbound = Inbound(self._store.now(), counted, case.truth.sent_back_g or parcel.arrival_weight_g)
            self._store.noticed(case)

    # ---- intercepts -------------------------------------------------------------------------------------------

    def quote(self, case: Case, shop: Shop) -> InterceptQuote:
        """Feasible only for the shop's own contract, in transit, and once per waybill (domain.md 4.2)."""
        parcel = self._store.parcels.get(case.order.forward or "")
        if parcel is None:
            return InterceptQuote("", feasible=False, fee_fen=0, reason=wording.NO_PARCEL, other_goods=())
        reason = _obstacle(parcel, shop)
        return InterceptQuote(parcel.waybill, not reason, parcel.fee_fen, reason, case.order.other_goods)

    def intercept(self, case: Case) -> Parcel:
        """Register the request; the courier accepts, searches, and brings the parcel home or fails, hours later."""
        parcel = self._store.parcels[case.order.forward or ""]
        parcel.intercept = Intercept(InterceptState.REQUESTED, self._store.now(), parcel.fee_fen)
        parcel.intercept.history.append((self._store.now(), InterceptState.REQUESTED))
        works = case.truth.intercept_works
        outcome = InterceptState.RETURNING if works else InterceptState.FAILED
        self._step(case, parcel, ACCEPT_AFTER, InterceptState.ACCEPTED)
        self._step(case, parcel, SEARCH_AFTER, InterceptState.INTERCEPTING)
        self._step(case, parcel, DECIDE_AFTER, outcome)
        if works:
            parcel.plan.clear()
            self._step(case, parcel, HOME_AFTER, InterceptState.RETURNED_SIGNED)
        return parcel

    def _step(self, case: Case, parcel: Parcel, delay: timedelta, state: InterceptState) -> None:
        self._store.clock.after(delay, lambda: self._take_step(case, parcel, state))

    def _take_step(self, case: Case, parcel: Parcel, state: InterceptState) -> None:
        now, intercept = self._store.now(), parcel.intercept
        if intercept is None:
            return
        intercept.state = state
        intercept.history.append((now, state))
        if state is InterceptState.FAILED:
            intercept.reason = wording.INTERCEPT_FAILED
        text = wording.SAID_INTERCEPT_STEP[state].format(waybill=parcel.waybill, reason=intercept.reason)
        self._store.say(case, Role.PLATFORM, text)
        self._follow_home(parcel, state, now)
        self._store.noticed(case)

    def _follow_home(self, parcel: Parcel, state: InterceptState, now: datetime) -> None:
        if state is InterceptState.RETURNING:
            city = parcel.nodes[-1].city if parcel.nodes else parcel.from_city
            self._scan(parcel, PlannedScan(now, city, ParcelState.RETURNING))
        if state is InterceptState.RETURNED_SIGNED:
            signed = PlannedScan(now, parcel.from_city, ParcelState.RETURN_SIGNED, wording.WAREHOUSE_SIGNER)
            self._scan(parcel, signed)


def _obstacle(parcel: Parcel, shop: Shop) -> str:
    """Why a parcel cannot be intercepted; empty = it can."""
    if parcel.courier not in shop.contract_couriers:
        return wording.NOT_CONTRACTED
    if parcel.intercept is not None:
        return wording.ALREADY_INTERCEPTED
    return "" if parcel.state in INTERCEPTABLE else wording.NOT_INTERCEPTABLE_IN[parcel.state]


def node_of(scan: PlannedScan) -> TrailNode:
    """The scan as the courier prints it."""
    text = wording.SCAN_TEXTS[scan.state].format(city=scan.city, signer=scan.signer)
    return TrailNode(scan.at, scan.city, scan.state, text)
