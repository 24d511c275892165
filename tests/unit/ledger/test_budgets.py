"""Claims on budgets: bounds are never passed, equal is allowed, an unknown outcome keeps its money, a void gives it back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain.action import Action, Intercept, Remark
from bot.domain.base import SHANGHAI
from bot.domain.ids import RunId, ShopKey
from bot.domain.money import ZERO, Money
from bot.errors import OverCap
from bot.ports.ledger import Caps
from tests.unit.ledger.story import AMPLE, BUYER, SHOP, WHY, Story, refuse

WIDE = Money(10_000_000)
BOUNDS = {
    "error.case.over_cap.strategy": Caps(Money(1_500), WIDE, WIDE),
    "error.case.over_cap.shop": Caps(WIDE, Money(1_500), WIDE),
    "error.case.over_cap.buyer": Caps(WIDE, WIDE, Money(1_500)),
}


@pytest.mark.parametrize("code", BOUNDS)
def test_the_order_that_crosses_a_cap_is_no_hit_and_the_exactly_equal_one_is(story: Story, code: str) -> None:
    story.arm(1, 1_000, BOUNDS[code])
    with pytest.raises(OverCap) as refused:
        story.arm(2, 501, BOUNDS[code])
    assert refused.value.reason_code == code
    assert refused.value.raw == "¥10.00 + ¥5.01 > ¥15.00"
    assert story.spent() == (0, 1_000)
    story.arm(2, 500, BOUNDS[code])
    assert story.spent() == (0, 1_500)


def test_a_refused_reservation_leaves_nothing_behind(story: Story) -> None:
    before = story.ledger.head()
    with pytest.raises(OverCap):
        story.arm(1, 1_501, BOUNDS["error.case.over_cap.shop"])
    assert story.ledger.head() == before
    assert story.ledger.open_intents(SHOP) == ()
    assert story.ledger.counts() == {}
    assert story.ledger.budgets(story.clock.now().date().isoformat()) == ()


def test_the_names_in_a_refusal_are_the_operators_own(story: Story) -> None:
    named = {"strategy": "s-unshipped", "shop": "", "buyer": BUYER}
    for code, caps in BOUNDS.items():
        with pytest.raises(OverCap) as refused:
            story.arm(1, 1_501, caps)
        assert refused.value.target == named[code.rpartition(".")[2]]


def test_other_strategies_buyers_and_shops_have_budgets_of_their_own(story: Story) -> None:
    story.arm(1, 1_500, BOUNDS["error.case.over_cap.strategy"])
    story.arm(2, 1_500, BOUNDS["error.case.over_cap.strategy"], strategy="s-other")
    story.arm(3, 1_500, BOUNDS["error.case.over_cap.buyer"], buyer="李**", strategy="s-3")
    other = story.under(story.ledger.acquire(ShopKey(platform="taobao", shop_id="s2"), "pc-1", 60))
    other.arm(4, 1_500, BOUNDS["error.case.over_cap.shop"])


def test_posted_and_pending_count_together(story: Story) -> None:
    story.settle(story.send(1, 600), 600)
    story.arm(2, 600)
    assert story.spent() == (600, 600)
    with pytest.raises(OverCap):
        story.arm(3, 301, BOUNDS["error.case.over_cap.shop"])


def test_a_posting_counts_what_the_receipt_shows(story: Story) -> None:
    story.settle(story.send(1, 1_000), 1_400)
    assert story.spent() == (1_400, 0)
    with pytest.raises(OverCap):
        story.arm(2, 101, BOUNDS["error.case.over_cap.shop"])


def test_a_void_gives_the_reservation_back(story: Story) -> None:
    intent = story.arm(1, 1_500, BOUNDS["error.case.over_cap.shop"])
    story.ledger.void(intent.id, WHY, story.lease)
    assert story.spent() == (0, 0)
    story.arm(2, 1_500, BOUNDS["error.case.over_cap.shop"])


def test_an_unknown_outcome_keeps_its_reservation_until_somebody_knows(story: Story) -> None:
    intent = story.send(1, 1_500)
    story.ledger.leave_unknown(intent.id, story.hold(), story.lease)
    assert story.spent() == (0, 1_500)
    with pytest.raises(OverCap):
        story.arm(2, 1, BOUNDS["error.case.over_cap.shop"])
    story.ledger.void(intent.id, WHY, story.lease)
    assert story.spent() == (0, 0)


def test_an_order_is_bounded_by_what_was_paid_whatever_the_case_number_and_the_day(story: Story) -> None:
    """F25: the buyer withdraws and applies anew under another number; F38: yesterday's refund still counts (I6)."""
    story.settle(story.send(1, 3_000, order_id="o-same"), 3_000)
    story.clock.pass_s(timedelta(days=1).total_seconds())
    story.ledger.renew(story.lease, 60)
    with pytest.raises(OverCap) as refused:
        story.arm(2, 2_001, order_id="o-same")
    assert refused.value.reason_code == "error.case.over_cap.order"
    assert refused.value.target == "o-same"
    story.arm(3, 2_000, order_id="o-same")


def test_an_order_counts_across_buyers_and_strategies(story: Story) -> None:
    story.arm(1, 4_000, order_id="o-same")
    with pytest.raises(OverCap):
        story.arm(2, 2_000, order_id="o-same", strategy="s-2", buyer="李**")


def test_a_courier_fee_counts_for_the_shop_but_not_against_what_the_order_paid(story: Story) -> None:
    story.settle(story.send(1, action=Intercept(waybill="SF1", fee=Money(1_000))), 1_000)
    assert story.spent() == (1_000, 0)
    story.arm(1, 5_000)


def test_a_free_intercept_reserves_a_place_for_the_fee_that_comes_anyway(story: Story) -> None:
    story.settle(story.send(1, action=Intercept(waybill="SF1", fee=ZERO)), 700)
    assert story.spent() == (700, 0)


@pytest.mark.parametrize("action", [refuse(()), Remark(text="备注")], ids=lambda action: action.verb)
def test_what_moves_no_money_takes_no_budget(story: Story, action: Action) -> None:
    story.arm(1, action=action, caps=Caps(ZERO, ZERO, ZERO))
    assert story.ledger.budgets(story.clock.now().date().isoformat()) == ()


@pytest.mark.parametrize("fen", [0, -1, -1_000_000])
def test_an_amount_that_is_none_is_refused(story: Story, fen: int) -> None:
    with pytest.raises(OverCap) as refused:
        story.arm(1, fen)
    assert refused.value.reason_code == "error.case.amount"


def test_a_negative_fee_is_refused(story: Story) -> None:
    with pytest.raises(OverCap):
        story.arm(1, action=Intercept(waybill="SF1", fee=Money(-1)))


def test_midnight_needs_no_reset_and_each_action_belongs_to_the_day_it_was_armed_for(story: Story) -> None:
    story.clock.at = datetime(2026, 3, 9, 23, 59, 30, tzinfo=SHANGHAI)
    story.ledger.renew(story.lease, 120)
    late = story.send(1, 1_000, caps=BOUNDS["error.case.over_cap.shop"])
    story.clock.pass_s(60)
    story.settle(late)
    story.arm(2, 1_500, BOUNDS["error.case.over_cap.shop"])
    assert story.spent(day="2026-03-09") == (1_000, 0)
    assert story.spent(day="2026-03-10") == (0, 1_500)


def test_budget_lines_name_shop_scopes_and_leave_out_orders(story: Story) -> None:
    story.arm(1)
    story.settle(story.send(2))
    lines = story.ledger.budgets(story.clock.now().date().isoformat())
    assert [line.scope for line in lines] == [f"buyer:{BUYER}", "shop", "strategy:s-unshipped"]
    assert {(line.posted.fen, line.pending.fen, line.shop) for line in lines} == {(1_000, 1_000, SHOP)}


def test_another_run_of_the_day_spends_from_the_same_budget(story: Story) -> None:
    story.whole()
    again = RunId("run-2")
    story.ledger.open_run(again, SHOP, "act", "c" * 64, "p" * 64)
    with pytest.raises(OverCap):
        story.arm(2, 501, BOUNDS["error.case.over_cap.shop"], run=again)
    story.arm(2, 500, AMPLE, run=again)
