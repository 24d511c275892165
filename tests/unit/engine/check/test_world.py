"""The table of the world holds for every case that can be read: made-up mixtures, and whole simulated shops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from bot.catalogue.language import Language
from bot.catalogue.load import texts
from bot.domain.facts import Unknown
from bot.engine.check.problem import problem_of
from bot.engine.check.solve import meet, solve
from bot.engine.check.world import ALWAYS_KNOWN, MADE, TRADE, Rule, by_parameters, facts_named, rules_of
from bot.engine.facts import VALUE_TYPES, Facts, gather
from simulator.scenarios.build import build
from tests.judgement.bridge import Bridge
from tests.unit.engine.builders import NOW, Situation, shipped_policy
from tests.unit.engine.test_properties import situations

PARAMETERS = shipped_policy().parameters
RULES = rules_of(PARAMETERS)


def facts_of(situation: Situation) -> Facts:
    return gather(situation.page, situation.trails, PARAMETERS, NOW)


def broken(facts: Facts, rules: tuple[Rule, ...]) -> list[str]:
    return [rule.code for rule in rules if not rule.kept_by(facts)]


@settings(max_examples=100)
@given(situations())
def test_no_mixture_whatever_breaks_what_follows_from_how_facts_are_made(situation: Situation) -> None:
    facts = facts_of(situation)
    assert broken(facts, (*MADE, *by_parameters(PARAMETERS))) == []
    assert [name for name in sorted(ALWAYS_KNOWN) if isinstance(getattr(facts, name), Unknown)] == []


@pytest.mark.parametrize(("name", "cases"), [("mixed", 150), ("abuse", 40), ("returns", 40)])
def test_every_case_of_a_simulated_shop_keeps_to_the_whole_table(name: str, cases: int) -> None:
    built = build(name, 3, cases)
    bridge = Bridge(built)
    for case in built.world.store.cases.values():
        page = bridge.snapshot(case)
        facts = gather(page, bridge.trails(page), PARAMETERS, bridge.now())
        assert broken(facts, RULES) == [], (case.aftersale_id, case.truth.archetype)


def test_every_rule_speaks_of_facts_that_exist_and_can_be_told() -> None:
    assert set(facts_named((*RULES, *MADE, *TRADE))) <= set(VALUE_TYPES)
    for language in Language:
        assert {rule.code for rule in (*RULES, *MADE, *TRADE)} <= set(texts(language))


def test_no_rule_is_idle() -> None:
    """Each of them keeps out something that the others let in."""
    problem = problem_of(shipped_policy())
    for rule, clause in zip(problem.rules, problem.world, strict=True):
        others = tuple(one for one in problem.world if one is not clause)
        against = {axis: problem.axes[axis].whole & ~mask for axis, mask in clause}
        assert clause in others or solve(meet(problem.base, against), others) is not None, rule.code
