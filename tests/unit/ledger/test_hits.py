"""Claims on 策略监控: one hit a case, strategy and day, and sums that are the budgets' to the fen (domain.md 51)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import AgreeReturn, Intercept, Mark, Remark, Verb
from bot.domain.decision import Reason
from bot.domain.money import ZERO, Money
from tests.unit.ledger.story import BUYER, SHOP, START, Story, key, story_at

DAY = date(2026, 3, 9)
WHY = Reason(code="test.void")


def test_a_decision_is_a_hit_before_anything_is_clicked(story: Story) -> None:
    story.judge(1)
    (hit,) = story.ledger.hits(DAY)
    assert (hit.day, hit.case, hit.order_id, hit.strategy) == ("2026-03-09", key(1), "o1", "s-unshipped")
    assert (hit.verb, hit.reason, hit.asked) == (Verb.AGREE_REFUND, "不想要了", Money(1_000))
    assert (hit.posted, hit.pending, hit.mark) == (ZERO, ZERO, None)


def test_a_hold_is_no_hit(story: Story) -> None:
    story.judge(1, Verb.HOLD)
    assert story.ledger.hits(DAY) == ()


def test_the_same_case_looked_at_again_is_one_hit(story: Story) -> None:
    for _ in range(3):
        story.judge(1)
    assert len(story.ledger.hits(DAY)) == 1


def test_money_follows_the_receipt(story: Story) -> None:
    story.judge(1)
    intent = story.send(1)
    (pending,) = story.ledger.hits(DAY)
    assert (pending.posted, pending.pending, pending.mark) == (ZERO, Money(1_000), Mark.SENT)
    story.settle(intent, 990)
    (posted,) = story.ledger.hits(DAY)
    assert (posted.posted, posted.pending, posted.mark) == (Money(990), ZERO, Mark.SETTLED)


def test_what_came_to_nothing_is_still_a_hit_without_money(story: Story) -> None:
    story.judge(1)
    story.ledger.void(story.send(1).id, WHY, story.lease)
    (hit,) = story.ledger.hits(DAY)
    assert (hit.posted, hit.pending, hit.mark) == (ZERO, ZERO, Mark.VOID)


def test_a_second_click_on_the_same_case_is_the_same_hit(story: Story) -> None:
    story.judge(1)
    story.ledger.void(story.send(1).id, WHY, story.lease)
    story.settle(story.send(1))
    (hit,) = story.ledger.hits(DAY)
    assert (hit.posted, hit.mark) == (Money(1_000), Mark.SETTLED)


def test_a_promise_is_a_hit_with_its_sum_and_a_note_that_follows_is_none(story: Story) -> None:
    story.judge(1, Verb.AGREE_RETURN)
    story.settle(story.send(1, action=AgreeReturn(amount=Money(1_000))), 0)
    story.settle(story.send(1, action=Remark(text="看过")), 0)
    (hit,) = story.ledger.hits(DAY)
    assert (hit.verb, hit.mark, hit.posted) == (Verb.AGREE_RETURN, Mark.SETTLED, Money(1_000))


def test_two_days_are_two_hits_and_earlier_days_are_left_out(story: Story) -> None:
    story.lease = story.ledger.renew(story.lease, 10**6)
    story.judge(1)
    story.settle(story.send(1))
    story.clock.pass_s(24 * 3600)
    story.settle(story.send(2, action=Intercept(waybill="SF1", fee=Money(800))), 800)
    assert [(hit.day, hit.case.aftersale_id) for hit in story.ledger.hits(DAY)] == [
        ("2026-03-09", "a1"),
        ("2026-03-10", "a2"),
    ]
    (second,) = story.ledger.hits(DAY + timedelta(days=1))
    assert (second.case, second.posted) == (key(2), Money(800))


def test_an_erased_buyer_leaves_hits_and_sums(story: Story) -> None:
    story.whole(1)
    story.ledger.erase_buyer(SHOP, BUYER)
    (hit,) = story.ledger.hits(DAY)
    assert (hit.reason, hit.posted, hit.strategy) == ("", Money(1_000), "s-unshipped")


fates = st.sampled_from(["settled", "void", "sent", "decided", "unknown"])
acts = st.tuples(st.sampled_from(["s1", "s2", "s3"]), st.integers(1, 5_000), fates, st.integers(0, 26 * 3600))


@settings(max_examples=15)
@given(st.lists(acts, min_size=1, max_size=12))
def test_sums_a_day_and_strategy_are_the_budgets_of_the_ledger(drawn: list[tuple[str, int, str, int]]) -> None:
    story = story_at(":memory:")
    for number, (strategy, fen, fate, later) in enumerate(drawn, 1):
        story.lease = story.ledger.renew(story.lease, 10**7)
        story.judge(number, strategy=strategy, amount=Money(fen))
        if fate != "decided":
            _act(story, number, strategy, fen, fate)
        story.clock.pass_s(later)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for hit in story.ledger.hits(DAY):
        posted, pending = found.get((hit.day, hit.strategy), (0, 0))
        found[hit.day, hit.strategy] = (posted + hit.posted.fen, pending + hit.pending.fen)
    days = [(START + timedelta(days=n)).date().isoformat() for n in range(16)]
    books = {
        (day, line.scope.removeprefix("strategy:")): (line.posted.fen, line.pending.fen)
        for day in days
        for line in story.ledger.budgets(day)
        if line.scope.startswith("strategy:")
    }
    assert {name: sums for name, sums in found.items() if sums != (0, 0)} == {
        name: sums for name, sums in books.items() if sums != (0, 0)
    }
    story.ledger.close()


def _act(story: Story, number: int, strategy: str, fen: int, fate: str) -> None:
    intent = story.send(number, fen, strategy=strategy, buyer=f"b{number}")
    match fate:
        case "settled":
            story.settle(intent, fen)
        case "void":
            story.ledger.void(intent.id, WHY, story.lease)
        case "sent" | "unknown":
            # one may be in flight at a time
            story.ledger.leave_unknown(intent.id, story.hold(number), story.lease)
        case _:
            raise AssertionError(fate)
