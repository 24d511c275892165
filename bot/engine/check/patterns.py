"""From regions to what people read: the traits that tell a kind of case from an ordinary one, and an example of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from bot.domain.money import Money
from bot.engine.check.axes import ABSENT, ORDINARY, Axis
from bot.engine.check.example import fact_of, facts_of, ordinary
from bot.engine.check.finding import Case, Pattern, Trait
from bot.engine.check.problem import Problem
from bot.engine.check.solve import Region, meet
from bot.engine.flip import as_code

WHAT = (
    "type",
    "state",
    "goods_status",
    "ship_status",
    "parcel_status",
    "return_status",
    "intercept_state",
    "full",
    "amount",
)
"""Facts by which people tell kinds of cases apart, the first ones first; any other is told where it is not ordinary."""

_ALWAYS_TOLD = {*WHAT} - {"intercept_state", "amount"}
_IDENTITY = ("type", "state", "amount", "goods_status", "parcel_status", "return_status")


def weight(name: str) -> int:
    """How much a fact says about what kind of case it is; 0 for a detail."""
    return len(WHAT) - WHAT.index(name) if name in WHAT else 0


def pattern_of(problem: Problem, region: Region, point: Mapping[str, Any]) -> Pattern:
    """The region in words, with the point as its example."""
    axes = [problem.axes[name] for name in (*WHAT, *problem.axes) if name in region]
    told = [axis for axis in dict.fromkeys(axes) if _tells(problem, axis, region, point)]
    traits = tuple(trait_of(axis, _possible(problem, region, axis)) for axis in told)
    names = dict.fromkeys([*_IDENTITY, *(axis.name for axis in told if not axis.opaque)])
    telling = tuple(name for name in names if point.get(name) is not ABSENT or name in region)
    return Pattern(traits, Case(facts_of(problem, point), telling))


def _tells(problem: Problem, axis: Axis, region: Region, point: Mapping[str, Any]) -> bool:
    """Not what nearly every case has anyway, such as "no threat"."""
    mask = region[axis.name] & problem.base[axis.name]
    if mask == problem.base[axis.name] or axis.name in problem.unspent:
        return False
    if axis.opaque or axis.name in _ALWAYS_TOLD:
        return True
    usual = ORDINARY.get(axis.name, (ordinary(axis.name, point),))
    return not all(mask & axis.bit(value) for value in usual)


def _possible(problem: Problem, region: Region, axis: Axis) -> int:
    """The values that a real case of the region can have."""
    mask = region[axis.name] & problem.base[axis.name]
    bits = (1 << place for place in range(len(axis.values)) if mask >> place & 1)
    return sum(bit for bit in bits if problem.possible(meet(region, {axis.name: bit})))


def trait_of(axis: Axis, mask: int) -> Trait:
    """Words as codes of the catalogue, numbers as spans."""
    if axis.opaque:
        return Trait(axis.opaque.test.fact, tuple(_codes(axis.among(mask))), asked=axis.opaque.name)
    if isinstance(axis.values[0], bool | StrEnum):
        others = (value for value in axis.among(~mask) if value is not ABSENT)
        return Trait(axis.name, tuple(_codes(axis.among(mask))), others=tuple(_codes(others)))
    return Trait(axis.name, spans=tuple(_spans(axis, mask)))


def _codes(values: Iterable[Any]) -> Iterator[str]:
    return (as_code(fact_of(value)) for value in values)


def _spans(axis: Axis, mask: int) -> Iterator[tuple[str, str]]:
    """Runs of neighbouring values; each value stands for all up to the next one."""
    numbers = [value for value in axis.values if value is not ABSENT]
    runs = groupby(range(len(numbers)), key=lambda place: bool(mask >> place & 1))
    for chosen, run in runs:
        if chosen:
            places = [*run]
            low, after = places[0], places[-1] + 1
            yield str(numbers[low]) if low else "", str(_just_below(numbers[after])) if after < len(numbers) else ""


def _just_below(number: Any) -> Any:
    if isinstance(number, Money):
        return number - Money(1)
    return number - timedelta(days=1) if isinstance(number, date) else number - 1
