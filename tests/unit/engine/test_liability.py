"""Claims on 售后有责率 and the takeover (domain.md 37 to 39): both to start, either to stop, exactly five times is normal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.case import ShipStatus
from bot.engine.liability import Industry, Liability, cases_until_takeover, concerns, taken_over

calmly = settings(deadline=None, max_examples=60)

MEAN = Industry(rate=Decimal("0.1"), count=Decimal(2))
"""Five times: 0.5 % and 10 cases."""


def shop(cases: int, orders: int = 2000) -> Liability:
    return Liability(complaints=cases // 2, disputes=cases - cases // 2, orders=orders)


def test_the_rate_is_of_both_kinds_of_cases() -> None:
    assert Liability(complaints=3, disputes=4, orders=1400).rate == Fraction(1, 2)


@pytest.mark.parametrize(
    ("cases", "orders", "over"),
    [
        (10, 2000, False),  # exactly five times in both
        (11, 2000, True),
        (10, 1999, False),  # over in rate, exactly five times in count
        (11, 2200, False),  # over in count, exactly five times in rate
        (11, 2199, True),
        (0, 5, False),
    ],
)
def test_exactly_five_times_is_normal_and_both_have_to_be_over(cases: int, orders: int, *, over: bool) -> None:
    assert taken_over(shop(cases, orders), MEAN) is over


def test_either_falling_back_to_five_times_stops_it() -> None:
    assert taken_over(shop(11, 2000), MEAN) is True
    assert taken_over(shop(10, 2000), MEAN) is False
    assert taken_over(shop(11, 2200), MEAN) is False


def test_without_orders_nobody_can_tell() -> None:
    assert shop(3, 0).rate is None
    assert taken_over(shop(3, 0), MEAN) is None
    assert cases_until_takeover(shop(3, 0), MEAN) is None


def test_only_unshipped_orders_are_concerned() -> None:
    assert [status for status in ShipStatus if concerns(status)] == [ShipStatus.UNSHIPPED]


numbers = st.integers(0, 60)


@calmly
@given(
    cases=numbers,
    orders=st.integers(1, 20_000),
    rate=st.decimals("0", "1", places=3),
    count=st.decimals("0", "6", places=1),
)
def test_the_forecast_is_the_first_case_that_starts_it(cases: int, orders: int, rate: Decimal, count: Decimal) -> None:
    mean = Industry(rate=rate, count=count)
    left = cases_until_takeover(shop(cases, orders), mean)
    assert left is not None
    assert taken_over(shop(cases + left, orders), mean) is True
    assert left == 0 or taken_over(shop(cases + left - 1, orders), mean) is False
