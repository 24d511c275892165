"""Claims on reading policy.toml: whatever stands in it, a problem with file and line comes out, never an exception (S19)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.catalogue import Catalogue, Language
from bot.config import rules
from bot.config.documents import parse_document
from bot.config.problems import Problem
from bot.config.rules import read_rules
from bot.errors import LedgerError

WHOLE = """name = "t"
[[strategy]]
id = "a"
name = "a"
verb = "hold"
when.type = ["exchange"]
"""
DEEP, LONG = "[" * 5000, "9" * 5000


def problems_of(text: str) -> list[Problem]:
    policy, problems = read_rules(parse_document("policy.toml", text))
    assert policy is None
    assert all(one.told(Catalogue(language)) for one in problems for language in Language)
    return problems


def test_a_whole_policy_has_no_problem() -> None:
    policy, problems = read_rules(parse_document("policy.toml", WHOLE))
    assert (policy is not None, problems) == (True, [])


@pytest.mark.parametrize(
    ("added", "line", "code"),
    [
        (f"x = {DEEP}", 7, "config.nested"),
        ("x = " + "{a=" * 3000, 7, "config.nested"),
        ("x = " + "[\n" * 3000, 7 + 2999, "config.nested"),
        (f"x = {LONG}", 7, "config.digits"),
        (f"when.amount_over = 0x{LONG}", 7, "config.money"),
        (f"priority = 0x{LONG}", 7, "config.at_most"),
        ('expression = "amount > inf"', 7, "config.expression"),
        ('expression = "amount > nan"', 7, "config.expression"),
        ('expression = "hours_left > 1e999999"', 7, "config.expression"),
        ('expression = \'t"P99999999999999D" > t"P1D"\'', 7, "config.expression"),
        ('expression = "1 / 0 > amount"', 7, "config.expression"),
    ],
)
def test_what_nobody_can_read_is_a_problem_with_its_line(added: str, line: int, code: str) -> None:
    (problem,) = problems_of(WHOLE + added + "\n")
    assert (problem.file, problem.line, problem.reason.code) == ("policy.toml", line, code)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('["exchange"]', '["exchange", "exchnge"]', "config.choice"),
        ('"hold"', '"remark"\nremark = "{nobody}"', "config.place"),
        ('"hold"', '"remark"\nremark = "{"', "config.place"),
        ('"hold"', '"hold"\nexpression = "amont > 1"', "config.expression"),
        ('"hold"', '"agree_refund"\nmax_amount = "0"', "config.more_than_nothing"),
        ('when.type = ["exchange"]', "when = {}", "config.no_condition"),
        ('name = "t"', 'name = "t"\nparameters.weights.rivl = 1', "config.choice"),
        ('id = "a"\nname = "a"', f'id = "a"\nname = "{"a" * 81}"', "config.too_long"),
        (WHOLE.partition("\n")[2], "strategy = []", "config.no_strategy"),
    ],
)
def test_what_is_wrong_is_told_in_the_operators_language(old: str, new: str, code: str) -> None:
    (problem,) = problems_of(WHOLE.replace(old, new, 1))
    assert problem.reason.code == code
    assert not problem.key.endswith("]]")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.told(Catalogue(Language.ZH)))


def test_an_id_that_is_used_twice_is_told_where_it_stands_again() -> None:
    second = WHOLE.partition("\n")[2]
    (problem,) = problems_of(WHOLE + second)
    assert (problem.line, problem.key, problem.reason.code) == (9 - 1, "strategy[2].id", "config.twice")


@pytest.mark.parametrize("error", [OverflowError("far"), RecursionError("deep"), LedgerError("odd")])
def test_no_exception_of_reading_escapes(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def breaks(_data: Any) -> Any:
        raise error

    monkeypatch.setattr(rules, "parse_policy", breaks)
    (problem,) = problems_of(WHOLE)
    assert (problem.line, problem.reason.code) == (1, "config.puzzling")
