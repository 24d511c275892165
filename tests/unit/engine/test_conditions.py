"""Claims on three-valued answers and on the table of conditions."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.courier import ParcelStatus
from bot.domain.decision import Answer, Verdict
from bot.domain.facts import Source, Unknown
from bot.domain.money import Money
from bot.engine.asking import all_of
from bot.engine.conditions import TESTS, When, conditions_of
from bot.engine.facts import Facts, gather
from tests.unit.engine.builders import NOW, courier, shipped, shipped_policy, shop

NOTHING = Unknown(why="unknown.signer", source=Source.COURIER)


def facts() -> Facts:
    situation = shipped(ParcelStatus.SIGNED)
    return gather(situation.page, situation.trails, shipped_policy().parameters, NOW)


@pytest.mark.parametrize("answers", list(product(Answer, repeat=3)))
def test_one_no_settles_it_and_an_unknown_never_matches(answers: tuple[Answer, ...]) -> None:
    expected = Verdict.MATCHED
    if Answer.UNKNOWN in answers:
        expected = Verdict.UNDECIDED
    if Answer.NO in answers:
        expected = Verdict.LOST
    assert all_of(answers) is expected


@pytest.mark.parametrize("name", TESTS)
def test_every_condition_asks_a_fact_that_exists(name: str) -> None:
    assert TESTS[name].fact in {field.name for field in fields(Facts)}


@pytest.mark.parametrize("name", TESTS)
def test_a_missing_fact_is_neither_yes_nor_no(name: str) -> None:
    wanted: dict[str, Any] = {
        "amount_at_most": "1.00",
        "amount_over": "1.00",
        "hours_left_over": 1,
        "hours_left_at_most": 1,
        "applied_between": "22:00-06:00",
        "valid_from": "2026-11-22",
        "valid_to": "2026-11-22",
    }
    kinds = [
        wanted.get(name),
        True,
        1,
        ["雨伞"] if name == "goods_named" else None,
        ["wait_seller"],
        ["close"],
        ["received"],
        ["signed"],
        ["quality"],
        ["none"],
        ["buyer"],
        ["repair"],
    ]
    for value in kinds:
        try:
            when = When.model_validate({name: value})
        except ValidationError:
            continue
        missing = replace(facts(), **{TESTS[name].fact: NOTHING})
        assert [one.answer(missing) for one in conditions_of(when)] == [Answer.UNKNOWN] * len(conditions_of(when))
        if conditions_of(when):
            return
    pytest.fail("no value fits this condition")


@pytest.mark.parametrize(
    ("when", "fact", "value", "answer"),
    [
        ({"amount_over": "10.00"}, "amount", Money(1000), "no"),
        ({"amount_over": "10.00"}, "amount", Money(1001), "yes"),
        ({"amount_at_most": "10.00"}, "amount", Money(1000), "yes"),
        ({"amount_at_most": "10.00"}, "amount", Money(1001), "no"),
        ({"hours_left_over": 12}, "hours_left", 12, "no"),
        ({"hours_left_over": 12}, "hours_left", 13, "yes"),
        ({"hours_left_at_most": 12}, "hours_left", 12, "yes"),
        ({"hours_left_at_most": 12}, "hours_left", 13, "no"),
        ({"full": True}, "full", True, "yes"),
        ({"full": True}, "full", False, "no"),
        ({"full": False}, "full", False, "yes"),
        ({"parcel": ["signed", "rejected"]}, "parcel_status", ParcelStatus.REJECTED, "yes"),
        ({"parcel": ["signed", "rejected"]}, "parcel_status", ParcelStatus.NO_SCAN, "no"),
        ({"scanned": True}, "parcel_status", ParcelStatus.NO_SCAN, "no"),
        ({"scanned": True}, "parcel_status", ParcelStatus.PICKED_UP, "yes"),
        ({"scanned": False}, "parcel_status", ParcelStatus.NO_SCAN, "yes"),
        ({"scanned": False}, "parcel_status", ParcelStatus.SIGNED, "no"),
    ],
)
def test_a_known_fact_is_answered(when: dict[str, Any], fact: str, value: Any, answer: str) -> None:
    changed = replace(facts(), **{fact: shop(value)})
    (condition,) = conditions_of(When.model_validate(when))
    assert condition.answer(changed).value == answer


def test_lists_mean_the_same_in_any_order_and_with_repeats() -> None:
    one, other = ({"parcel": order} for order in (["signed", "rejected"], ["rejected", "signed", "signed"]))
    assert When.model_validate(one) == When.model_validate(other)


@pytest.mark.parametrize(
    "bad",
    [
        {"full": "true"},
        {"full": 1},
        {"parcel": []},
        {"parcel": "signed"},
        {"parcel": ["gone"]},
        {"amount_over": 10.5},
        {"amount_over": True},
        {"amount_over": "10.005"},
        {"amount_over": "1e3"},
        {"hours_left_over": "12"},
        {"hours_left_over": -1},
        {"no_such": True},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        When.model_validate(bad)


def test_whole_yuan_may_stand_without_quotes() -> None:
    assert When.model_validate({"amount_over": 10}).amount_over == Money(1000)


def test_answers_of_numbers_change_exactly_between_their_edges() -> None:
    (condition,) = conditions_of(When.model_validate({"amount_over": "10.00"}))
    low, high = condition.edges
    answers = [condition.answer(replace(facts(), amount=courier(value))) for value in (low, high)]
    assert (high - low, answers) == (Money(1), [Answer.NO, Answer.YES])
