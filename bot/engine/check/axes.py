"""A policy as boxes: every fact an axis of finitely many values, every strategy the values that it takes on each axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any, Final

from bot.domain.action import Verb
from bot.domain.money import Money
from bot.engine.asking import CapDay, Condition, Detected, Scored, Test
from bot.engine.check.solve import Clause, Region
from bot.engine.conditions import all_named, among, at_least, at_most, below, over, same, was_scanned
from bot.engine.expressions import FreeCondition
from bot.engine.facts import VALUE_TYPES
from bot.engine.moments import in_window, since, until
from bot.engine.policy import Ranked
from bot.engine.strategies import HoldStrategy, Strategy


class Gone(Enum):
    """The value of a fact that nobody can know."""

    ABSENT = "absent"


ABSENT: Final = Gone.ABSENT

EXACT = frozenset({among, same, at_most, over, at_least, below, in_window, since, until, was_scanned})
"""Tests that answer by the fact's value alone, and whose fact has finitely many values or edges: counted out exactly."""

OPAQUE = frozenset({all_named})
"""Tests whose values nobody can list (free words)."""

CLOSED: tuple[type[Condition], ...] = (CapDay, Detected, FreeCondition, Scored)
"""Conditions of more than one fact: sums of a day, detectors, scores, free expressions.

Whatever is opaque or closed is taken to answer yes, no or unknown as it likes: it never helps to cover a case, and never
keeps a strategy from one.
"""

ORDINARY: Mapping[str, tuple[Any, ...]] = {
    "amount": tuple(map(Money, (12900, 58800, 5800, 880))),
    "offers_made": (0,),
    "hours_left": (48,),
    "applied_minute": (10 * 60,),
    "waited_s": (20 * 3600,),
    "hours_after_payment": (24,),
    "hours_after_shipping": (24,),
    "today": (date(2026, 1, 1),),
}
"""Values that a number has beside the edges of the policy, the most usual first, so that an example looks like a case."""

RULED: Mapping[str, tuple[Any, ...]] = {"amount": (Money(0), Money(1)), "offers_made": (1,), "hours_left": (0,)}
"""Values at which a rule of the world changes."""

NATURAL = frozenset({"amount", "good_review_bp", "offers_made", "waited_s", "hours_after_payment", "applied_minute"})
"""Numbers that are never below zero; a countdown is, once it has ended."""

_ANY = (1,)


@dataclass(frozen=True, slots=True)
class Axis:
    """A fact and its values, each of them one bit: `values[i]` is bit i. Numbers stand for all up to the next one."""

    name: str
    values: tuple[Any, ...]
    opaque: Condition | None = None

    @property
    def whole(self) -> int:
        return (1 << len(self.values)) - 1

    @property
    def absent(self) -> int:
        return self.mask(lambda value: value is ABSENT)

    def mask(self, holds: Callable[[Any], bool]) -> int:
        """The bits of the values for which it holds."""
        return sum(1 << place for place, value in enumerate(self.values) if holds(value))

    def bit(self, value: object) -> int:
        return self.mask(lambda one: one is value or one == value)

    def among(self, mask: int) -> tuple[Any, ...]:
        """The values of a mask."""
        return tuple(value for place, value in enumerate(self.values) if mask >> place & 1)


def countable(condition: Condition) -> bool:
    """The values on which it holds can be listed."""
    kind = VALUE_TYPES.get(condition.test.fact)
    if kind is None or condition.test.holds not in EXACT or type(condition) is not Condition:
        return False
    return kind is bool or issubclass(kind, StrEnum) or bool(condition.edges)


def axis_name(condition: Condition) -> str:
    """The fact; for what cannot be counted out an axis of its own, shared by conditions that ask the very same."""
    if countable(condition):
        return condition.test.fact
    asked = _plainly(condition)
    values = (getattr(asked, one.name) for one in fields(asked))
    return "?" + " ".join(repr(value) for value in values if not callable(value) and not isinstance(value, Test))


def _plainly(condition: Condition) -> Condition:
    """`not_detected` is the other answer to the question of `detected`."""
    return replace(condition, name="detected") if isinstance(condition, Detected) else condition


def asked_by(strategy: Strategy) -> Iterator[Condition]:
    """All conditions; of a day's cap also what it asks of the case alone: more than the cap itself is never taken."""
    for condition in strategy.conditions:
        yield condition
        most = condition.last(condition.wanted) if isinstance(condition, CapDay) else None
        if most is not None:
            yield Condition(condition.name, condition.test, most)


def axes_of(
    conditions: Iterable[Condition], facts: Iterable[str], known: frozenset[str], today: date | None
) -> dict[str, Axis]:
    """An axis for each fact named or asked, and for each condition that cannot be counted out; `known` are never absent."""
    asked = list(conditions)
    edges: dict[str, set[Any]] = {name: set() for name in facts}
    for condition in filter(countable, asked):
        edges.setdefault(condition.test.fact, set()).update(condition.edges)
    if today and "today" in edges:
        edges["today"].add(today)
    axes = {name: Axis(name, _values(name, edges[name], name in known)) for name in VALUE_TYPES if name in edges}
    closed = {axis_name(one): _plainly(one) for one in asked if not countable(one)}
    return axes | {name: Axis(name, (False, True, ABSENT), one) for name, one in closed.items()}


def _values(name: str, edges: set[Any], known: bool) -> tuple[Any, ...]:  # noqa: FBT001 - one of three parts of an axis
    kind = VALUE_TYPES[name]
    listed: tuple[Any, ...] = (False, True)
    if issubclass(kind, StrEnum):
        listed = tuple(kind)
    elif kind is not bool:
        numbers = {*edges, *ORDINARY.get(name, _ANY), *RULED.get(name, ())}
        listed = tuple(sorted(one for one in numbers if name not in NATURAL or one >= type(one)(0)))
    return listed if known else (*listed, ABSENT)


@dataclass(frozen=True)
class Box:
    """A strategy as a region: `yes` where its conditions hold; on every other axis it takes anything."""

    rank: float
    place: int
    strategy: Strategy
    yes: Region
    no: Region

    @property
    def id(self) -> str:
        return self.strategy.id

    @property
    def calls(self) -> bool:
        """It calls a person."""
        return isinstance(self.strategy, HoldStrategy) and not self.strategy.waits

    @property
    def waits(self) -> bool:
        """It looks again later, and calls nobody."""
        return isinstance(self.strategy, HoldStrategy) and self.strategy.waits

    @property
    def acts(self) -> bool:
        return self.strategy.verb is not Verb.HOLD

    @cached_property
    def lost(self) -> Clause:
        """One of its conditions says no."""
        return tuple(self.no.items())

    @cached_property
    def unmatched(self) -> Clause:
        """One of its conditions does not say yes."""
        return tuple((axis, ~mask) for axis, mask in self.yes.items())

    @cached_property
    def not_lost(self) -> Region:
        """None of its conditions says no: it holds, or nobody knows."""
        return {axis: ~mask for axis, mask in self.no.items()}


def box_of(ranked: Ranked, place: int, axes: Mapping[str, Axis]) -> Box:
    """The region of a strategy; `place` is its position in the file, which decides between equal ranks."""
    yes: dict[str, int] = {}
    for condition in asked_by(ranked.strategy):
        axis = axes[axis_name(condition)]
        yes[axis.name] = yes.get(axis.name, -1) & holding(axis, condition)
    no = {name: axes[name].whole & ~mask & ~axes[name].absent for name, mask in yes.items()}
    return Box(ranked.rank, place, ranked.strategy, yes, no)


def holding(axis: Axis, condition: Condition) -> int:
    """The values of its axis with which the condition says yes."""
    if axis.opaque:
        return axis.bit(value=condition.name != "not_detected")
    return axis.mask(lambda value: value is not ABSENT and condition.test.holds(value, condition.wanted))
