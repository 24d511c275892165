"""Claims on free conditions: typed on load, decimal, three-valued, and nothing in them that a decision cannot repeat."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import AftersaleType
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Decision
from bot.domain.money import Money
from bot.engine import expressions
from bot.engine.policy import Policy
from bot.errors import ConfigError
from tests.unit.engine.builders import NOW, Situation, shipped, shop, unshipped
from tests.unit.engine.policies import REFUND, policy_of, strategy

calmly = settings(max_examples=60)


def asking(text: str, **changes: Any) -> Policy:
    return policy_of(strategy(REFUND, "free", expression=text, **changes))


def decided(text: str, situation: Situation | None = None) -> Decision:
    return (situation or unshipped()).judged(asking(text))


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("amount <= 129.00", Verb.AGREE_REFUND),
        ("amount < 129.00", Verb.HOLD),
        ("amount * 3 == 387", Verb.AGREE_REFUND),
        ("type == 'refund_unshipped' and not platform_marked", Verb.AGREE_REFUND),
        ("type in ['exchange', 'refund_unshipped']", Verb.AGREE_REFUND),
        ("type in ['exchange', 'repair']", Verb.HOLD),
        ("hours_left > 12 or amount <= 5", Verb.AGREE_REFUND),
        ("full ? amount > 100 : false", Verb.AGREE_REFUND),
        ("today >= d'2026-11-22' and today < d'2026-11-23'", Verb.AGREE_REFUND),
        ("'晴雨伞 藏蓝' in goods_titles", Verb.AGREE_REFUND),
        ("waited_s / 3600 == 20", Verb.AGREE_REFUND),
    ],
)
def test_an_expression_is_one_more_condition(text: str, verb: Verb) -> None:
    assert decided(text).verb is verb


@calmly
@given(fen=st.integers(1, 200_000), cents=st.integers(1, 200_000))
def test_sums_are_compared_to_the_fen(fen: int, cents: int) -> None:
    amount = Money(fen)
    situation = unshipped().shows(amount=amount, paid=Money(300_000))
    verb = decided(f"amount <= {Money(cents).yuan}", situation).verb
    assert (verb is Verb.AGREE_REFUND) is (fen <= cents)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amout > 1", "amout is no fact (did you mean amount?)"),
        ("type == 'refund_unshiped'", "did you mean refund_unshipped?"),
        ("type in ['exchange', 'refunds']", '"refunds" is no such word'),
        ("amount > 'much'", "not an expression"),
        ("amount + full > 1", "not an expression"),
        ("amount >", "not an expression"),
        ("amount", "answers yes or no"),
        ("1 > 0", "asks of at least one fact"),
        ("$now > d'2026-01-01' and full", "is not in it"),
        ("amount > $random(5)", "is not in it"),
        ("type =~ '(r+)+$'", "is not in it"),
        ("amount ** 9 > 1", "is not in it"),
        ("goods_titles.length > 1", "is not in it"),
        ("goods_titles[0] == 'x'", "is not in it"),
        ("any([full for x in goods_titles])", "no fact"),
        ("__import__ == 1", "no fact"),
        ("amount > 1" + " " * 500, "500"),
        ("", ""),
    ],
)
def test_what_is_no_plain_question_is_refused_on_load(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        asking(text)
    assert caught.value.target == "strategy[0].expression"
    assert words in str(caught.value)


def test_one_unknown_fact_makes_the_answer_unknown() -> None:
    text = "hours_after_payment <= 48 or full"
    decision = decided(text, unshipped())
    assert decision.reasons[0].code == "hold.missing"
    assert decision.reasons[1].params["fact"] == "hours_after_payment"
    paid = unshipped().page.applied_at
    assert decided(text, unshipped().shows(paid_at=paid)).verb is Verb.AGREE_REFUND


def test_a_raised_error_holds_the_case() -> None:
    decision = decided("100 / hours_after_payment > 1", unshipped().shows(paid_at=unshipped().page.applied_at))
    assert decision.reasons[0].code == "hold.broken"
    assert decision.reasons[0].params["strategy"] == "free"


def test_a_strategy_needs_a_typed_condition_beside_it() -> None:
    with pytest.raises(ConfigError):
        policy_of({**REFUND, "id": "a", "name": "a", "when": {}, "expression": "full"})


def test_the_answer_is_told_with_the_facts_it_rests_on() -> None:
    decision = decided("amount > 200")
    (trace,) = decision.traces
    (reason,) = trace.because
    assert reason.code == "test.expression.no"
    assert reason.params == {"wanted": "amount > 200", "value": "amount = ¥129.00"}


def test_the_nearest_flip_crosses_the_number_that_the_expression_writes() -> None:
    flip = decided("amount > 130.5 and full").flip
    assert flip is not None
    assert (flip.fact, flip.would_be) == ("amount", "¥130.51")


def test_a_word_of_an_expression_flips_too() -> None:
    situation = shipped(ParcelStatus.SIGNED).shows(type=shop(AftersaleType.REFUND_SHIPPED))
    flip = decided("goods_status == 'received' or amount > 100000", situation).flip
    assert flip is not None
    assert (flip.fact, flip.verb) == ("goods_status", Verb.AGREE_REFUND)


def test_a_policy_without_expressions_does_not_load_the_library() -> None:
    expressions.compiled.cache_clear()
    policy_of(strategy(REFUND, "plain")).ranked[0].strategy.conditions  # noqa: B018 - asked for its side effect
    assert unshipped().judged(policy_of(strategy(REFUND, "plain")), NOW).verb is Verb.AGREE_REFUND
    assert expressions.compiled.cache_info().misses == 0
