"""Whoever adds a condition has to tell the checker what it may conclude from it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

import bot.engine
from bot.domain.money import Money
from bot.engine import asking
from bot.engine.asking import Condition
from bot.engine.check import Kind, check_policy
from bot.engine.check.axes import CLOSED, EXACT, OPAQUE, axis_name, countable
from bot.engine.check.problem import problem_of
from bot.engine.conditions import TESTS, all_named, same
from tests.unit.engine.builders import shipped_policy
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy


def _kinds_of_conditions() -> set[type[Condition]]:
    for module in pkgutil.iter_modules(bot.engine.__path__, "bot.engine."):
        importlib.import_module(module.name)
    found, todo = set[type[Condition]](), [Condition]
    while todo:
        kinds = todo.pop().__subclasses__()
        found.update(kinds)
        todo.extend(kinds)
    return {kind for kind in found if kind.__module__.startswith("bot.")}


def test_every_test_is_counted_out_or_said_to_be_opaque() -> None:
    """A new one fails here: put it into EXACT where the values that it takes can be listed, else into OPAQUE."""
    assert {name for name, test in TESTS.items() if test.holds not in EXACT | OPAQUE} == set()
    assert not EXACT & OPAQUE


def test_every_kind_of_condition_is_known() -> None:
    """A new one fails here: put it into CLOSED, or give it an axis."""
    assert {kind.__qualname__ for kind in _kinds_of_conditions()} == {kind.__qualname__ for kind in CLOSED}


def test_what_is_said_to_be_exact_can_be_listed() -> None:
    asked = [condition for one in shipped_policy().strategies for condition in one.conditions]
    exact = [one for one in asked if type(one) is Condition and one.test.holds in EXACT]
    assert exact
    assert all(countable(one) for one in exact)


def test_a_test_that_nobody_told_the_checker_of_is_taken_to_answer_as_it_likes() -> None:
    new = Condition("moonlit", asking.Test("full", lambda value, wanted: value is wanted), wanted=True)
    assert not countable(new)
    assert axis_name(new) == axis_name(Condition("moonlit", new.test, wanted=True))
    assert axis_name(new) != axis_name(Condition("moonlit", new.test, wanted=False))
    assert countable(Condition("full", asking.Test("full", same), wanted=True))


OPEN: dict[str, Any] = {"goods_named": ["伞"]}


def test_free_words_cover_nothing_and_bar_nobody() -> None:
    """With a free condition in front, what follows is still reached; and what it leaves is still a hole."""
    base = {"type": ["refund_unshipped"]}
    policy = policy_of(
        strategy(HOLD, "umbrellas", {**base, **OPEN}), strategy(HOLD, "others", base), threat_words=["差评"]
    )
    found = check_policy(policy)
    assert not [one for one in found if one.kind in {Kind.COVERED, Kind.UNHEARD, Kind.CONTRADICTION}]
    alone = check_policy(policy_of(strategy(HOLD, "umbrellas", {**base, **OPEN}), threat_words=["差评"]))
    (hole,) = [one for one in alone if one.kind is Kind.HOLE and "aftersale_type.refund_unshipped" in _types(one)]
    assert {trait.asked for pattern in hole.patterns for trait in pattern.traits if trait.asked} == {"goods_named"}
    assert hole.proven, "the example has a line of goods without the word"


def _types(finding: Any) -> set[str]:
    return {value for trait in finding.patterns[0].traits if trait.fact == "type" for value in trait.values}


def test_the_same_free_words_twice_are_one_question() -> None:
    base = {"type": ["refund_unshipped"], **OPEN}
    policy = policy_of(strategy(HOLD, "a", base), strategy(REFUND, "b", base), threat_words=["差评"])
    assert ("b", "a") in [one.strategies for one in check_policy(policy) if one.kind is Kind.COVERED]


def test_detected_and_not_detected_are_two_answers_to_one_question() -> None:
    base = {"type": ["refund_unshipped"]}
    signs = ["duplicate_refund", "reused_picture"]
    policy = policy_of(
        strategy(HOLD, "some", {**base, "detected": signs}),
        strategy(HOLD, "none", {**base, "not_detected": signs[::-1]}),
        strategy(REFUND, "both", {**base, "detected": signs, "not_detected": signs}),
        threat_words=["差评"],
    )
    found = check_policy(policy)
    assert [one.strategies for one in found if one.kind is Kind.CONTRADICTION] == [("both",)]
    types = [_types(one) for one in found if one.kind is Kind.HOLE]
    assert not any("aftersale_type.refund_unshipped" in one for one in types)


def test_an_example_with_an_expression_answers_it_as_the_engine_does() -> None:
    base = {"type": ["refund_unshipped"], "state": ["wait_seller"]}
    policy = policy_of(
        strategy(HOLD, "a", base, expression="amount > 300 and not full"), strategy(HOLD, "b", {"state": ["platform"]})
    )
    (hole,) = [one for one in check_policy(policy) if "aftersale_type.refund_unshipped" in _types(one)]
    assert hole.proven


def test_an_expression_is_taken_to_answer_as_it_likes() -> None:
    base = {"type": ["refund_unshipped"]}
    policy = policy_of(
        strategy(HOLD, "a", base, expression="amount > 10 or full"), strategy(REFUND, "b", base), threat_words=["差评"]
    )
    assert [one for one in check_policy(policy) if one.kind is Kind.COVERED] == []


def test_more_than_the_cap_of_a_day_is_never_taken_at_once() -> None:
    """A cap below the largest claim: what lies between is no case of the strategy, spent or not."""
    policy = policy_of(strategy(REFUND, "a", {"type": ["refund_unshipped"]}, max_amount="2000.00", cap_day="500.00"))
    (box,) = problem_of(policy).boxes
    amounts = problem_of(policy).axes["amount"].among(box.yes["amount"])
    assert max(amounts) == Money(50_000)


@pytest.mark.parametrize("test", [all_named], ids=lambda test: test.__name__)
def test_opaque_tests_are_in_use(test: object) -> None:
    assert test in OPAQUE
