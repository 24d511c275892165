"""The numbers and words that facts are made with; all of them come from the merchant's policy text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.courier import SignerKind

Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Words = tuple[Word, ...]


class Parameters(Frozen):
    """Grams, percents, minutes, counts and word lists; an empty word list makes the facts that need it unknown, never "no".

    `serial_*`: a buyer with at least so many after-sales and refusals in 90 days counts as serial. `clean_*`: a buyer with
    at most so many counts as clean. `quiet_roles`: who in 协商记录 is not listened to for threats (shop, platform).
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
    city_suffixes: Words = ()
    signer_words: dict[SignerKind, Word] = Field(default_factory=dict)
