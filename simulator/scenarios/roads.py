"""The ways of parcels: which scans lead to which state, and what the courier is going to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from simulator.world.courier import node_of
from simulator.world.model import (
    Case,
    Intercept,
    InterceptState,
    NegotiationEntry,
    Parcel,
    ParcelState,
    PlannedScan,
    Role,
)
from simulator.world.wording import INTERCEPT_FAILED, SAID_INTERCEPT, SAID_INTERCEPT_STEP, WAREHOUSE_SIGNER, yuan


def forward_path(parcel: Parcel, state: ParcelState, hub: str) -> list[tuple[ParcelState, str]]:
    """The scans that lead to a state, oldest first, each with its city."""
    start, end, moving = parcel.from_city, parcel.to_city, ParcelState.IN_TRANSIT
    there = [(ParcelState.PICKED_UP, start), (moving, start), (moving, hub)]
    back = [(ParcelState.RETURNING, end), (ParcelState.RETURNING, hub)]
    paths: dict[ParcelState, list[tuple[ParcelState, str]]] = {
        ParcelState.NO_TRACE: [],
        ParcelState.PICKED_UP: there[:1],
        moving: there,
        ParcelState.DELIVERING: [*there, (ParcelState.DELIVERING, end)],
        ParcelState.SIGNED: [*there, (ParcelState.DELIVERING, end), (ParcelState.SIGNED, end)],
        ParcelState.REJECTED: [*there, (ParcelState.DELIVERING, end), (ParcelState.REJECTED, end)],
        ParcelState.RETURNING: [*there, *back],
        ParcelState.RETURN_SIGNED: [*there, *back, (ParcelState.RETURN_SIGNED, start)],
    }
    return paths[state]


def will_arrive(parcel: Parcel, at: datetime) -> None:
    """Plan delivery at `at` and the signature six hours later."""
    parcel.plan = [
        PlannedScan(at, parcel.to_city, ParcelState.DELIVERING),
        PlannedScan(at + timedelta(hours=6), parcel.to_city, ParcelState.SIGNED, "本人", "签名照片"),
    ]


def will_be_picked_up(parcel: Parcel, at: datetime) -> None:
    """Plan the first scan at `at`, and the rest of the way."""
    will_arrive(parcel, at + timedelta(hours=30))
    parcel.plan[:0] = [
        PlannedScan(at, parcel.from_city, ParcelState.PICKED_UP),
        PlannedScan(at + timedelta(hours=5), parcel.from_city, ParcelState.IN_TRANSIT),
    ]


def will_come_home(parcel: Parcel, at: datetime) -> None:
    """Plan the signature of a returning parcel at the shop's own city."""
    parcel.plan = [PlannedScan(at, parcel.from_city, ParcelState.RETURN_SIGNED, WAREHOUSE_SIGNER)]


def sign_elsewhere(parcel: Parcel, city: str) -> None:
    """Move the signature that happened to another city."""
    parcel.nodes[-1] = node_of(PlannedScan(parcel.nodes[-1].at, city, ParcelState.SIGNED, parcel.signer))
    parcel.signed_city = city


def age(parcel: Parcel, span: timedelta) -> None:
    """Let everything about the parcel have happened earlier."""
    parcel.nodes = [replace(node, at=node.at - span) for node in parcel.nodes]
    parcel.created_at -= span


def tell_intercept(case: Case, parcel: Parcel, steps: Iterable[tuple[datetime, InterceptState]]) -> None:
    """Write an intercept that has happened into the courier's book and the negotiation record."""
    history = list(steps)
    reason = INTERCEPT_FAILED if history[-1][1] is InterceptState.FAILED else ""
    parcel.intercept = Intercept(history[-1][1], history[0][0], parcel.fee_fen, reason, history)
    said = SAID_INTERCEPT.format(waybill=parcel.waybill, fee=yuan(parcel.fee_fen))
    case.negotiation.append(NegotiationEntry(history[0][0], Role.SELLER, said))
    for at, state in history[1:]:
        text = SAID_INTERCEPT_STEP[state].format(waybill=parcel.waybill, reason=reason)
        case.negotiation.append(NegotiationEntry(at, Role.PLATFORM, text))
