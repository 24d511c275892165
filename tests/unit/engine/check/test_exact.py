"""The search against brute force: on policies made by chance it finds what trying every single case finds, no more, no less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.facts import Fact, Source, Unknown
from bot.domain.money import Money
from bot.engine.check import Kind, check_policy
from bot.engine.check.solve import Clause, meet, needed, solve
from bot.engine.check.world import rules_of
from bot.engine.facts import Facts, gather
from bot.engine.policy import Policy
from bot.engine.ruling import Cause, Ruling, rule, stand_all
from tests.unit.engine.builders import NOW, shipped, shop
from tests.unit.engine.check.test_defects import PLANTED
from tests.unit.engine.policies import HOLD, REMARK, WAIT, policy_of, strategy
from tests.unit.engine.test_properties import situations

DEAD = {Kind.CONTRADICTION, Kind.NEVER_KNOWN, Kind.COVERED, Kind.UNHEARD}
FLAGS = ("keeps_goods", "platform_marked", "no_reason_excluded")
OPEN = "duplicate"
"""A fact that can be missing."""

AMOUNTS = (Money(999), Money(1000), Money(1001), Money(2000), Money(2001))
YUAN = ("10.00", "20.00")
GONE = Unknown(why="unknown.absent", source=Source.SHOP)

flags = st.fixed_dictionaries({}, optional={name: st.booleans() for name in (*FLAGS, OPEN)})
bounds = st.fixed_dictionaries(
    {}, optional={"amount_at_most": st.sampled_from(YUAN), "amount_over": st.sampled_from(YUAN)}
)
whens = st.builds(lambda left, right: {**left, **right}, flags, bounds).filter(bool)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Few facts, few strategies, often the same rank: what is wrong is near."""
    count = draw(st.integers(1, 6))
    base = st.sampled_from([HOLD, WAIT, REMARK])
    rank = st.sampled_from([1, 2, 3])
    return policy_of(
        *(strategy(draw(base), f"s{place}", draw(whens), priority=draw(rank)) for place in range(count)),
        threat_words=["差评"],
    )


@cache
def every_case() -> tuple[Facts, ...]:
    """All values of the facts that those policies ask, in an otherwise ordinary case."""
    page = shipped()
    facts = gather(page.page, page.trails, policy_of(strategy(HOLD, "a")).parameters, NOW)
    return tuple(replace(facts, **dict(chosen)) for chosen in product(*_choices()))


def _choices() -> Iterator[list[tuple[str, Fact[Any]]]]:
    yield [("amount", shop(amount)) for amount in AMOUNTS]
    yield [(OPEN, GONE), (OPEN, shop(True)), (OPEN, shop(False))]
    yield from ([(name, shop(True)), (name, shop(False))] for name in FLAGS)


def ruled(policy: Policy, facts: Facts) -> Ruling:
    return rule(stand_all(facts, policy), facts, policy.parameters)


def leads(ruling: Ruling) -> str:
    """Who has the last word, if a strategy has it."""
    decides = ruling.cause in {Cause.DECIDED, Cause.STRATEGY, Cause.WAITS, Cause.NOT_OFFERED}
    return ruling.standings[0].strategy.id if decides else ""


@settings(max_examples=15)
@given(policies())
def test_holes_conflicts_and_dead_strategies_are_those_of_brute_force(policy: Policy) -> None:
    rulings = [ruled(policy, facts) for facts in every_case()]
    found = check_policy(policy)
    kinds = {one.kind for one in found}
    assert (Kind.HOLE in kinds) == any(one.cause is Cause.NO_MATCH for one in rulings)
    assert (Kind.CONFLICT in kinds) == any(one.cause is Cause.CONFLICT for one in rulings)
    leading = {leads(one) for one in rulings}
    assert {one.strategies[0] for one in found if one.kind in DEAD} == {one.id for one in policy.strategies} - leading
    assert all(one.proven for one in found)
    examples = [pattern.case.facts for one in found if one.kind is Kind.HOLE for pattern in one.patterns]
    assert {ruled(policy, facts).cause for facts in examples} <= {Cause.NO_MATCH}


@settings(max_examples=40)
@given(situations(), st.sampled_from([name for name, one in PLANTED.items() if one.kind in DEAD]))
def test_a_dead_strategy_never_has_the_last_word_on_any_page(situation: Any, name: str) -> None:
    planted = PLANTED[name]
    facts = gather(situation.page, situation.trails, planted.policy.parameters, NOW)
    if all(one.kept_by(facts) for one in rules_of(planted.policy.parameters)):
        assert leads(ruled(planted.policy, facts)) != "bad"


AXES = {"a": 2, "b": 3, "c": 3, "d": 4}
clauses = st.lists(
    st.lists(
        st.sampled_from(sorted(AXES)).flatmap(
            lambda axis: st.tuples(st.just(axis), st.integers(0, (1 << AXES[axis]) - 1))
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    max_size=9,
)
WHOLE = {axis: (1 << size) - 1 for axis, size in AXES.items()}


def _points() -> Iterator[dict[str, int]]:
    for bits in product(*([1 << place for place in range(size)] for size in AXES.values())):
        yield dict(zip(AXES, bits, strict=True))


def _keeps(point: dict[str, int], some: list[Clause]) -> bool:
    return all(any(point[axis] & mask for axis, mask in clause) for clause in some)


@settings(max_examples=120)
@given(clauses)
def test_the_solver_finds_a_point_exactly_where_there_is_one(some: list[Clause]) -> None:
    found = solve(WHOLE, some)
    assert (found is not None) == any(_keeps(point, some) for point in _points())
    if found is not None:
        inside = [point for point in _points() if all(point[axis] & found[axis] for axis in AXES)]
        assert inside
        assert all(_keeps(point, some) for point in inside), "whatever is picked from it"


@settings(max_examples=100)
@given(clauses)
def test_what_is_needed_cannot_be_spared(some: list[Clause]) -> None:
    if solve(WHOLE, some) is None:
        kept = needed(some, lambda few: solve(WHOLE, few) is None)
        assert solve(WHOLE, kept) is None
        assert all(solve(WHOLE, [*kept[:place], *kept[place + 1 :]]) is not None for place in range(len(kept)))


def test_an_empty_axis_has_no_point() -> None:
    assert solve({**WHOLE, "a": 0}, []) is None
    assert meet({"a": 1}, {"a": 2, "b": 1}) == {"a": 0, "b": 1}
