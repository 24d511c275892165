"""Claims on the fast path: without its explanation, the verdict is the full engine's, whatever the facts and the policy."""

from __future__ import annotations

import copy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.situations import known, stream
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.engine.asking import Condition
from bot.engine.facts import Facts
from bot.engine.fast import Compiled, Gist, gist_of, verdict_of
from bot.engine.past import Spent
from bot.engine.policy import Policy, parse_policy
from bot.engine.ruling import Cause, rule, stand_all
from tests.unit.engine.builders import shipped_policy, shipped_policy_data
from tests.unit.engine.policies import HOLD, INTERCEPT, REFUND, REFUSE, REMARK, RETURN, WAIT, strategy

SHIPPED = shipped_policy()
BASES = (HOLD, WAIT, REFUND, REFUSE, RETURN, INTERCEPT, REMARK)
MORE_WHENS: tuple[dict[str, Any], ...] = (
    {"amount_over": "129.00"},
    {"amount_at_most": "599.00", "hours_left_over": 12},
    {"hours_left_at_most": 49},
    {"applied_between": "22:00-06:00"},
    {"valid_from": "2026-11-22", "valid_to": "2026-11-23"},
    {"goods_named": ["晴雨伞"]},
    {"waited_at_least_s": 60, "waited_at_most_s": 900},
    {"scanned": True, "parcel": ["in_transit", "signed"]},
    {"state": ["wait_seller", "platform"]},
)
WHENS = (*(one["when"] for one in shipped_policy_data()["strategy"]), *MORE_WHENS)
EXPRESSIONS = (
    None,
    None,
    None,
    "amount > 100 and hours_left < 24",
    "counted / expected_weight > 1",
    "amount / counted > 1",
)
quick = settings(max_examples=60)


def full(facts: Facts, policy: Policy) -> Gist:
    return gist_of(rule(stand_all(facts, policy), facts, policy.parameters))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any mixture of conditions, verbs, ranks, caps and expressions, sense or no sense."""
    made = []
    for number in range(draw(st.integers(1, 9))):
        when: dict[str, Any] = {}
        for one in draw(st.lists(st.sampled_from(WHENS), min_size=1, max_size=2)):
            when |= one
        more: dict[str, Any] = {"priority": draw(st.integers(1, 4))}
        base = draw(st.sampled_from(BASES))
        if expression := draw(st.sampled_from(EXPRESSIONS)):
            more["expression"] = expression
        if base is REFUND:
            more["cap_day"] = draw(st.sampled_from(["200.00", "50000.00"]))
        if base is REFUSE:
            more["message"] = draw(st.sampled_from(["已签收", "{city}已签收", "已" * 200, "{waybill}" + "已" * 199]))
            when |= {"parcel": ["signed"], "goods": ["not_received"]}  # a refusal names something that happened
        made.append(strategy(base, f"s{number}", when, **more))
    return parse_policy({"name": "any", "strategy": made})


def spent(random: Random) -> Any:
    return known(Spent({f"s{n}": Money(random.choice([0, 7_099, 7_100, 7_101, 19_999])) for n in range(9)}))


@quick
@given(policies(), st.integers(0, 2**32))
def test_any_facts_under_any_policy_get_the_full_engines_verdict(policy: Policy, seed: int) -> None:
    random = Random(seed)
    for facts in stream(policy, random, 40, missing=30):
        told = replace(facts, spent=random.choice([facts.spent, spent(random)]))
        assert verdict_of(told, policy) == full(told, policy)


@pytest.mark.parametrize("seed", range(4))
def test_the_shipped_policy_is_judged_alike(seed: int) -> None:
    causes = set()
    for facts in stream(SHIPPED, Random(seed), 400):
        told = full(facts, SHIPPED)
        assert verdict_of(facts, SHIPPED) == told
        causes.add(told.cause)
    assert {Cause.DECIDED, Cause.STRATEGY, Cause.MISSING, Cause.NO_MATCH} <= causes


def test_a_rule_that_raises_holds_the_case_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = next(stream(SHIPPED, Random(1), 1))
    policy = parse_policy({**copy.deepcopy(dict(shipped_policy_data())), "name": "broken"})

    def bug(condition: Condition, facts: Facts) -> None:
        raise ZeroDivisionError

    strategies = [*policy.ranked]
    test = replace(strategies[-1].strategy.conditions[0].test, holds=lambda *_: 1 / 0)
    broken = replace(strategies[-1].strategy.conditions[0], test=test)
    strategies[-1].strategy.__dict__["conditions"] = (broken,)
    assert full(facts, policy).cause is Cause.BROKEN
    assert Compiled(policy).verdict(facts) == full(facts, policy)


def test_what_is_remembered_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engine.fast._PAIRS", 50)
    fast = Compiled(SHIPPED)
    for facts in stream(SHIPPED, Random(5), 500, missing=40):
        assert fast.verdict(facts).verb in Verb
        assert len(fast._told) <= 50
