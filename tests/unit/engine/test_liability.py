"""Claims on 售后有责率 and the takeover (domain.md 37 to 39): both to start, either to stop, exactly five times is normal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.books import takeover, warn_of_takeover
from bot.catalogue import Catalogue
from bot.config.settings import Shop
from bot.domain.action import Verb
from bot.domain.case import ShipStatus
from bot.domain.facts import Fact, Known
from bot.domain.figures import NO_FIGURES, Figures
from bot.domain.history import UNASKED
from bot.engine.decide import judge
from bot.engine.liability import Industry, Liability, cases_until_takeover, concerns, taken_over, takeover_near, touched
from bot.ports.notifier import Alarm, Urgency
from tests.unit.engine.builders import NOW, odd, shipped, unshipped
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy

calmly = settings(max_examples=60)

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


def told(fact: Fact[bool]) -> bool | None:
    return fact.value if isinstance(fact, Known) else None


@pytest.mark.parametrize(
    ("left", "on", "near", "unshipped_touched"),
    [(6, False, False, False), (5, False, True, False), (1, False, True, False), (0, True, True, True)],
)
def test_a_takeover_is_near_before_it_is_on_and_touches_unshipped_orders_only(
    left: int, *, on: bool, near: bool, unshipped_touched: bool
) -> None:
    figures = Figures(taken_over=on, until_takeover=left)
    for situation, touches in ((unshipped(), unshipped_touched), (shipped(), False)):
        assert told(takeover_near(situation.page, figures)) is near
        assert told(touched(situation.page, figures)) is touches


def test_without_the_shops_figures_nobody_knows_of_a_takeover_but_that_it_spares_what_was_shipped() -> None:
    assert told(takeover_near(unshipped().page, NO_FIGURES)) is None
    assert told(touched(unshipped().page, NO_FIGURES)) is None
    assert told(touched(shipped().page, NO_FIGURES)) is False
    strange = unshipped().shows(ship_status=odd("分仓调拨中")).page
    assert told(touched(strange, Figures(taken_over=True, until_takeover=0))) is None
    assert told(touched(strange, Figures(taken_over=False, until_takeover=9))) is False


def test_a_policy_asks_whether_a_takeover_is_near() -> None:
    policy = policy_of(strategy(HOLD, "by_hand", {"takeover_near": True}), strategy(REFUND, "pays"))
    for left, code in ((5, "hold.strategy"), (6, "decided.agree_refund"), (None, "hold.missing")):
        history = UNASKED.model_copy(update={"figures": Figures(until_takeover=left)})
        situation = unshipped()
        decision = judge(situation.page, situation.trails, policy, NOW, history)
        assert decision.reasons[0].code == code
        assert (decision.verb is Verb.AGREE_REFUND) is (left == 6)


def entry(cases: int | None, orders: int = 2000) -> Shop:
    """A shop of the settings with so many liable cases; None: it says nothing of them."""
    said = {
        "complaints_30d": cases or 0,
        "disputes_30d": 0,
        "orders_30d": orders,
        "industry_rate": "0.1",
        "industry_count": "2",
    }
    frame = {"platform": "taobao", "shop_id": "s", "name": "s", "url": "https://x.test", "account": "a"}
    return Shop.model_validate(frame | ({} if cases is None else {"liability": said}))


class Heard(list[Alarm]):
    def notify(self, alarm: Alarm) -> None:
        self.append(alarm)


@pytest.mark.parametrize(
    ("cases", "orders", "code", "left"),
    [
        (None, 2000, "", ""),
        (0, 0, "", ""),
        (5, 2000, "", ""),
        (6, 2000, "takeover.near", "5"),
        (10, 2000, "takeover.near", "1"),
        (11, 2000, "takeover.on", "0"),
        (11, 2200, "takeover.near", "1"),
    ],
)
def test_a_takeover_is_an_alarm_before_it_happens(cases: int | None, orders: int, code: str, left: str) -> None:
    heard, shop_ = Heard(), entry(cases, orders)
    warn_of_takeover(heard, shop_)
    assert [(one.urgency, one.reason.code, one.reason.params["left"]) for one in heard] == (
        [(Urgency.WARN, code, left)] if code else []
    )
    assert takeover(shop_) == (heard[0].reason if heard else None)
    assert not heard or "5" in Catalogue("en").text(heard[0].reason)


def test_the_settings_figures_are_what_a_policy_is_asked_with() -> None:
    assert entry(6).figures == Figures(taken_over=False, until_takeover=5)
    assert entry(None).figures == NO_FIGURES
