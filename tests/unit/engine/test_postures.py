"""Claims on the three ready policies: whole, complete, each for what it says it is for."""

from __future__ import annotations

import tomllib
from functools import cache

import pytest

from bot.config.scaffold import POLICIES
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.engine.check import Severity, check_policy
from bot.engine.policy import Policy, parse_policy
from bot.engine.strategies import Strategy
from bot.resources import shipped
from tests.unit.engine.situations import ROWS, decided

NAMES = pytest.mark.parametrize("name", POLICIES)
NEVER = {
    "unknown_label",
    "marked",
    "threat",
    "platform",
    "too_much",
    "duplicate",
    "other_claims",
    "service",
    "large",
    "serial",
}
"""What calls a person before anything else is asked, in all three."""


@cache
def ready(name: str) -> Policy:
    return parse_policy(tomllib.loads(shipped(POLICIES[name]).read_text(encoding="utf-8")))


def acts(policy: Policy) -> list[Strategy]:
    return [one.strategy for one in policy.ranked if one.strategy.verb is not Verb.HOLD]


def most(policy: Policy) -> Money:
    return max(cap for one in acts(policy) if (cap := getattr(one, "max_amount", None)))


@NAMES
def test_each_is_a_policy_with_every_strategy_on_and_comments_in_both_languages(name: str) -> None:
    policy = ready(name)
    assert len(policy.ranked) == len(policy.strategies)
    text = shipped(POLICIES[name]).read_text(encoding="utf-8")
    assert sum(line.startswith("#") for line in text.splitlines()) > 60
    assert all(" / " in one.name for one in policy.strategies), "a Chinese and an English name"


@NAMES
def test_what_is_never_for_the_robot_is_the_same_in_all_three(name: str) -> None:
    policy = ready(name)
    first = [one.strategy.id for one in policy.ranked][: len(NEVER)]
    assert set(first) == NEVER
    assert all(one.proofs and not one.without_proof_allowed for one in acts(policy) if one.verb is Verb.REFUSE)


@NAMES
def test_each_passes_the_check_without_an_error(name: str) -> None:
    assert [found for found in check_policy(ready(name)) if found.severity is Severity.ERROR] == []


@NAMES
def test_words_and_weights_are_the_same_in_all_three(name: str) -> None:
    theirs, ours = ready(name).parameters, ready("balanced").parameters
    assert theirs.model_copy(update={key: getattr(ours, key) for key in _BUYER}) == ours


_BUYER = ("serial_aftersales", "serial_refusals", "clean_aftersales", "clean_refusals")


@NAMES
def test_large_sums_begin_where_the_robots_end(name: str) -> None:
    policy = ready(name)
    (large,) = (one for one in policy.strategy if one.id == "large")
    assert large.when.amount_over == most(policy)


def test_they_grow_from_cautious_to_fast() -> None:
    cautious, balanced, fast = map(ready, ("cautious", "balanced", "fast"))
    assert most(cautious) < most(balanced) < most(fast) < Money(300_000), "from ¥3,000 on the platform asks for a code"
    assert len(acts(cautious)) < len(acts(balanced)) < len(acts(fast))


def test_cautious_never_refuses_and_never_gives_up_goods() -> None:
    assert {one.verb for one in acts(ready("cautious"))} == {Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.INTERCEPT}
    for one in acts(ready("cautious")):
        received = one.when.goods is not None and "received" in {str(goods) for goods in one.when.goods}
        assert not (one.verb is Verb.AGREE_REFUND and received), one.id


@pytest.mark.parametrize("row", ROWS)
def test_what_cautious_does_balanced_would_do_too(row: str) -> None:
    verb = ROWS[row][0].judged(ready("cautious")).verb
    assert verb in {Verb.HOLD, decided(row).verb}


def test_fast_pays_tagged_orders_by_a_scene_behind_every_call_for_a_person() -> None:
    policy = ready("fast")
    assert policy.scene_of == {"tagged": "tagged_keep_goods"}
    ranks = {one.strategy.id: one.rank for one in policy.ranked}
    assert max(ranks[name] for name in NEVER) < ranks["tagged"] < ranks["unshipped_full"]


@NAMES
def test_the_example_of_a_scene_in_the_comments_can_be_switched_on(name: str) -> None:
    text = shipped(POLICIES[name]).read_text(encoding="utf-8")
    example = "\n".join(line.removeprefix("# ") for line in text[text.index("# [[scene]]") :].splitlines())
    assert "cheap_umbrellas" in parse_policy(tomllib.loads(f"{text}\n{example}")).scene_of
