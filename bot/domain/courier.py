"""A parcel as its courier tells it: the trail, the weights and the state of an intercept (domain.md 4)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.domain.base import Frozen
from bot.domain.case import InterceptState
from bot.domain.facts import Fact
from bot.domain.money import Money


class ParcelStatus(StrEnum):
    """Where the courier says the parcel is."""

    NO_SCAN = "no_scan"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    SIGNED = "signed"
    RETURNING = "returning"
    RETURNED_SIGNED = "returned_signed"
    REJECTED = "rejected"


class SignerKind(StrEnum):
    """Who signed, as far as the courier says."""

    BUYER = "buyer"
    FAMILY = "family"
    LOCKER_TAKEN = "locker_taken"
    STATION_TAKEN = "station_taken"
    NOT_TAKEN = "not_taken"
    DOORSTEP = "doorstep"
    OTHER = "other"


class TrailNode(Frozen):
    """One scan."""

    at: datetime
    city: str
    status: str
    text: str


class Trail(Frozen):
    """All that the courier's portal shows of one waybill; nodes newest first, weights in grams."""

    waybill: str
    courier: str
    status: Fact[ParcelStatus]
    origin_city: str
    destination_city: str
    picked_up_weight_g: int | None
    arrival_weight_g: int | None
    created_at: datetime | None
    signer: Fact[SignerKind] | None
    sign_city: str
    intercept: Fact[InterceptState]
    nodes: tuple[TrailNode, ...]
    seen_at: datetime


class InterceptQuote(Frozen):
    """What an intercept would be, before anything is committed (two steps: quote, then commit)."""

    waybill: str
    feasible: bool
    fee: Money
    why_not: str
    other_goods: tuple[str, ...]
