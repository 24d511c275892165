"""A made-up case as a courier and a warehouse know it, by seed: what good proofs show and bad ones do not."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.base import SHANGHAI
from bot.domain.proofs import ProofFacts

CITIES = ("杭州", "郑州", "成都", "义乌", "深圳", "武汉", "石家庄")
_FIRST = datetime(2026, 3, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Truth:
    """`grams`: what the returned parcel weighs; `scans`: newest first, with their words."""

    waybill: str
    return_waybill: str
    order_id: str
    grams: int
    counted: int
    city: str
    signed_at: datetime
    scans: tuple[tuple[datetime, str, str], ...]

    def facts(self) -> ProofFacts:
        return ProofFacts(
            waybill=self.waybill,
            return_waybill=self.return_waybill,
            ids=frozenset({self.order_id}),
            weights_g=frozenset({self.grams}),
            other_weights_g=frozenset({self.grams + 1500}),
            signed_at=self.signed_at,
            moments=tuple(at for at, _, _ in self.scans),
            until=self.signed_at + timedelta(days=3),
            city=f"{self.city}市",
            counted=self.counted,
        )


def truth(dice: random.Random) -> Truth:
    city, origin = dice.sample(CITIES, 2)
    at = _FIRST + timedelta(minutes=dice.randrange(200 * 24 * 60))
    words = (
        (0, city, "已签收"),
        (dice.randrange(90, 500), city, "派送中"),
        (dice.randrange(600, 1500), origin, "运输中"),
        (dice.randrange(1600, 2800), origin, "已揽收"),
    )
    return Truth(
        waybill=number(dice),
        return_waybill=number(dice),
        order_id="".join(dice.choices("0123456789", k=19)),
        grams=dice.choice((dice.randrange(8, 60), dice.randrange(100, 6000))),
        counted=dice.randrange(3),
        city=city,
        signed_at=at,
        scans=tuple((at - timedelta(minutes=back), where, word) for back, where, word in words),
    )


def number(dice: random.Random) -> str:
    """As the big couriers write them."""
    head, digits = dice.choice((("SF", 13), ("YT", 13), ("JT", 13), ("7", 14), ("4", 14), ("JDX", 12)))
    return head + "".join(dice.choices("0123456789", k=digits))


def one_digit_off(dice: random.Random, text: str) -> str:
    place = dice.choice([place for place, letter in enumerate(text) if letter.isdigit()])
    other = dice.choice([digit for digit in "0123456789" if digit != text[place]])
    return text[:place] + other + text[place + 1 :]


def two_swapped(dice: random.Random, text: str) -> str:
    """Neighbours that differ change places."""
    places = [p for p in range(len(text) - 1) if text[p : p + 2].isdigit() and text[p] != text[p + 1]]
    if not places:
        return one_digit_off(dice, text)
    place = dice.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def with_wrong_number(dice: random.Random, true: Truth) -> Truth:
    spoil = dice.choice((one_digit_off, two_swapped))
    return replace(true, waybill=spoil(dice, true.waybill), return_waybill=spoil(dice, true.return_waybill))


def with_wrong_weight(dice: random.Random, true: Truth) -> Truth:
    """Another one than any scale showed: not the right one by chance."""
    grams = true.grams
    while grams in {true.grams, true.grams + 1500}:
        grams = int(one_digit_off(dice, f"{true.grams:04}"))
    return replace(true, grams=grams)
