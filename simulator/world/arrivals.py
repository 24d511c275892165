"""Cases that come while the world runs: an after-sale exists from its application on, and a parcel is only as far as its day is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from simulator.world.buyers import Buyers, PlannedAct
from simulator.world.courier import CourierNetwork
from simulator.world.machine import Machine
from simulator.world.model import (
    Case,
    CaseState,
    Inbound,
    Intercept,
    InterceptState,
    NegotiationEntry,
    Parcel,
    ParcelState,
    PlannedScan,
    TrailNode,
)
from simulator.world.store import Store

Later = Callable[[Case], object]
"""What happens to a case when its time has come."""

SIGNATURES = frozenset({ParcelState.SIGNED, ParcelState.RETURN_SIGNED})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case written for a later hour, with the parcels of its order and what its buyer is going to do."""

    case: Case
    parcels: tuple[Parcel, ...] = ()
    acts: tuple[PlannedAct, ...] = ()


@dataclass(slots=True)
class Rewound:
    """A case put back to the start of the world, and what then still has to happen to it, when."""

    case: Case
    later: list[tuple[datetime, Later]] = field(default_factory=list)


class Arrivals:
    """The agenda's part of coming cases; `left` = those that no page shows yet."""

    def __init__(self, store: Store, machine: Machine, courier: CourierNetwork, buyers: Buyers) -> None:
        self._store = store
        self._machine = machine
        self._courier = courier
        self._buyers = buyers
        self.left = 0

    def expect(self, arrivals: Iterable[Arrival]) -> None:
        """Let each case come at its application."""
        for arrival in arrivals:
            self.left += 1
            self._store.clock.at(arrival.case.applied_at, lambda arrival=arrival: self._arrive(arrival))  # type: ignore[misc]  # mypy cannot type a lambda default

    def _arrive(self, arrival: Arrival) -> None:
        case = arrival.case
        self.left -= 1
        self._store.add_case(case, arrival.parcels)
        self._machine.watch_deadline(case)
        for parcel in arrival.parcels:
            self._courier.schedule(parcel)
        self._courier.expect(case)
        for act in arrival.acts:
            self._buyers.plan(act)

    def resume(self, rewound: Iterable[Rewound]) -> None:
        """Let happen what was taken back."""
        for one in rewound:
            for at, happen in one.later:
                self._store.clock.at(at, lambda one=one, happen=happen: self._happen(one.case, happen))  # type: ignore[misc]  # as above

    def _happen(self, case: Case, happen: Later) -> None:
        happen(case)
        self._store.noticed(case)


def rewind(case: Case, parcels: Iterable[Parcel], start: datetime) -> Rewound:
    """Put a case that was applied for before `start` back to that moment: scans, records and the warehouse's count come later."""
    rewound = Rewound(case)
    for parcel in parcels:
        _rewind_scans(parcel, start)
        rewound.later += _rewind_intercept(parcel, start)
    told = [entry for entry in case.negotiation if entry.at > start]
    case.negotiation[:] = [entry for entry in case.negotiation if entry.at <= start]
    rewound.later += [(entry.at, _say(entry)) for entry in told]
    counted = case.inbound
    if counted.at is not None and counted.at > start:
        case.inbound = Inbound()
        rewound.later.append((counted.at, _count(counted)))
    return rewound


def _rewind_scans(parcel: Parcel, start: datetime) -> None:
    coming = [node for node in parcel.nodes if node.at > start]
    if not coming:
        return
    parcel.plan[:0] = [_scan_to_come(parcel, node) for node in coming]
    parcel.nodes = [node for node in parcel.nodes if node.at <= start]
    parcel.state = parcel.nodes[-1].state if parcel.nodes else ParcelState.NO_TRACE
    if parcel.state not in SIGNATURES:
        parcel.signer = parcel.signed_city = parcel.proof = ""
        parcel.arrival_weight_g = None


def _scan_to_come(parcel: Parcel, node: TrailNode) -> PlannedScan:
    signed = node.state in SIGNATURES
    return PlannedScan(node.at, node.city, node.state, *((parcel.signer, parcel.proof) if signed else ()))


def _rewind_intercept(parcel: Parcel, start: datetime) -> list[tuple[datetime, Later]]:
    intercept = parcel.intercept
    if intercept is None:
        return []
    coming = [step for step in intercept.history if step[0] > start]
    intercept.history = [step for step in intercept.history if step[0] <= start]
    if coming and intercept.history:
        intercept.state = intercept.history[-1][1]
    return [(step[0], _step(intercept, step)) for step in coming]


def _step(intercept: Intercept, step: tuple[datetime, InterceptState]) -> Later:
    def go_on(_case: Case) -> None:
        intercept.history.append(step)
        intercept.state = step[1]

    return go_on


def _say(entry: NegotiationEntry) -> Later:
    return lambda case: case.negotiation.append(entry)


def _count(counted: Inbound) -> Later:
    def check_in(case: Case) -> None:
        """Unless the warehouse has done so by itself, or the case is over."""
        if case.inbound.at is None and case.state in {CaseState.WAIT_SELLER, CaseState.WAIT_SELLER_RECEIVE}:
            case.inbound = counted

    return check_in
