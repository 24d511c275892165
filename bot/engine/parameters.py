"""The numbers and words that facts are made with; all of them come from the merchant's policy text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.courier import SignerKind
from bot.domain.decision import Detector

Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Words = tuple[Word, ...]


class Parameters(Frozen):
    """Grams, percents, minutes, counts and word lists; an empty word list makes the facts that need it unknown, never "no".

    `serial_*`: a buyer with at least so many after-sales and refusals in 90 days counts as serial. `clean_*`: a buyer with
    at most so many counts as clean. `quiet_roles`: who in 协商记录 is not listened to for threats (shop, platform).

    `delivery_words`: a scan that says the parcel is out for delivery. `rival_words`: a competitor's. `stale_days`: days
    without a scan. `history_days`: a ledger younger than this cannot say that something never happened. `burst_orders`:
    claims on so many orders of one buyer within `burst_hours`. `insured_claims`: so many after-sales in 90 days on claims of
    at most `insured_yuan` look like a harvest of freight insurance. `weights`: points of each detector that says yes.
    """

    packaging_g: Count = 100
    weight_tolerance_g: Count = 50
    weight_tolerance_percent: Percent = 10
    empty_weight_percent: Percent = 20
    fastest_hop_minutes: Count = 30
    serial_aftersales: Count = 5
    serial_refusals: Count = 2
    clean_aftersales: Count = 4
    clean_refusals: Count = 0
    threat_words: Words = ()
    quiet_roles: Words = ()
    no_reason_words: Words = ()
    quality_words: Words = ()
    pickup_words: Words = ()
    delivery_words: Words = ()
    rival_words: Words = ()
    city_suffixes: Words = ()
    stale_days: Count = 3
    history_days: Count = 30
    burst_orders: Annotated[int, Field(ge=2, le=100, strict=True)] = 3
    burst_hours: Count = 24
    insured_claims: Count = 5
    insured_yuan: Count = 100
    weights: dict[Detector, Count] = Field(default_factory=dict)
    signer_words: dict[SignerKind, Word] = Field(default_factory=dict)
