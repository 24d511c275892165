"""售后有责率 and the platform's takeover of unshipped orders (domain.md 37 to 39), projected before it happens."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TypeVar

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.case import ShipStatus, Snapshot
from bot.domain.facts import Fact, Known, Source
from bot.domain.figures import Figures
from bot.engine.combine import both, derive, known_or

T = TypeVar("T")

TIMES = 5
"""Above so many times the industry's mean, in rate and in count, the platform takes over; exactly so many is normal."""

NEAR = 5
"""So few more liable cases until the takeover are worth a warning."""


class Industry(Frozen):
    """The industry's means: `rate` in percent, `count` of liable cases in 30 days."""

    rate: Decimal
    count: Decimal


class Liability(Frozen):
    """A shop's last 30 days: complaints and disputes in which 小二 held the shop liable, and its orders.

    A refund that was ordered without liability counts in neither (domain.md 39).
    """

    complaints: int = Field(ge=0)
    disputes: int = Field(ge=0)
    orders: int = Field(ge=0)

    @property
    def cases(self) -> int:
        """Liable cases of both kinds; the seed's formula omits the brackets (domain.md 37)."""
        return self.complaints + self.disputes

    @property
    def rate(self) -> Fraction | None:
        """In percent, exact; None for a shop without orders."""
        return Fraction(100 * self.cases, self.orders) if self.orders else None


def over_rate(shop: Liability, industry: Industry) -> bool | None:
    """The rate is above five times the mean; None where there is no rate."""
    return None if shop.rate is None else shop.rate > TIMES * Fraction(industry.rate)


def over_count(shop: Liability, industry: Industry) -> bool:
    """The count is above five times the mean."""
    return shop.cases > TIMES * Fraction(industry.count)


def taken_over(shop: Liability, industry: Industry) -> bool | None:
    """Both are above: orders that come from now on and are unshipped are refunded by the platform at once.

    It starts with both and stops with either (domain.md 38), so no memory is needed. None where there is no rate.
    """
    rate = over_rate(shop, industry)
    return None if rate is None else rate and over_count(shop, industry)


def concerns(status: ShipStatus) -> bool:
    """A takeover never touches what was shipped (domain.md 38)."""
    return status is ShipStatus.UNSHIPPED


def cases_until_takeover(shop: Liability, industry: Industry) -> int | None:
    """How many more liable cases start it, with the orders as they are: 0 when it is on, None where there is no rate."""
    if not shop.orders:
        return None
    by_rate = TIMES * Fraction(industry.rate) * shop.orders / 100
    first = max(floor(by_rate), floor(TIMES * Fraction(industry.count))) + 1
    return max(0, first - shop.cases)


def near(left: int) -> bool:
    """So few liable cases are left that a person should know."""
    return left <= NEAR


def takeover_near(snapshot: Snapshot, figures: Figures) -> Fact[bool]:
    """A few more liable cases start the platform's takeover, or it is on."""
    return derive(_of_shop(snapshot, figures.until_takeover), near)


def touched(snapshot: Snapshot, figures: Figures) -> Fact[bool]:
    """The takeover is on and this order is one that it may touch: an unshipped one (domain.md 38)."""
    ours = derive(snapshot.ship_status, concerns)
    on = _of_shop(snapshot, figures.taken_over)
    settled = next((fact for fact in (ours, on) if isinstance(fact, Known) and not fact.value), None)
    return settled or both(on, ours, lambda is_on, unshipped: is_on and unshipped)


def _of_shop(snapshot: Snapshot, value: T | None) -> Fact[T]:
    return known_or(value, "unknown.no_liability", Source.SHOP, snapshot.seen_at)
