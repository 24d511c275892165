"""Another order of strategies, made safely: all off, then the change, then on one by one, the first first (domain.md 49)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.action import Verb
from bot.engine.policy import RANK_STEP, Policy
from bot.engine.scenes import by_priority
from bot.engine.strategies import StrategyBase


class Move(StrEnum):
    """What a step does."""

    OFF = "off"
    ORDER = "order"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the file: keys by strategy; `active` are the acting strategies of the group that are on after it."""

    move: Move
    changes: Mapping[str, Mapping[str, bool | int]]
    active: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Strategies among which an order is made, first things first, with their places; `on` are those that act today.

    `fixed`: the places are the ranks that other strategies are compared with; else they are numbered anew.
    """

    places: Mapping[str, int]
    on: frozenset[str]
    fixed: bool = field(default=False)


def steps(policy: Policy, wanted: Sequence[str]) -> tuple[Step, ...]:
    """The steps after which `wanted` stand in this order in the places that they have among themselves.

    Raises:
        ValueError: an id that is not there (with the nearest one), named twice, strategies of different scenes or of none,
            or places that are the same.
    """
    group = _group(policy, wanted)
    order = _reordered(tuple(group.places), wanted)
    ranks = sorted(group.places.values())
    if group.fixed and len({group.places[one] for one in wanted}) < len(wanted):
        raise ValueError(
            "strategies that share a priority have no order of their own: give each one its priority first"
        )
    fresh = dict(
        zip(order, ranks if group.fixed else range(RANK_STEP, RANK_STEP * (len(order) + 1), RANK_STEP), strict=True)
    )
    moved = {name: {"priority": fresh[name]} for name in order if name in wanted or not group.fixed}
    return tuple(_steps(moved, [name for name in order if name in group.on]))


def _steps(moved: Mapping[str, Mapping[str, bool | int]], on: Sequence[str]) -> Iterator[Step]:
    """All that act are switched off before anything moves, and on again one by one."""
    if on:
        yield Step(Move.OFF, {name: {"active": False} for name in on})
    yield Step(Move.ORDER, moved)
    for count, name in enumerate(on, start=1):
        yield Step(Move.ON, {name: {"active": True}}, tuple(on[:count]))


def _reordered(order: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted ones take, in their new order, the places that they had among them; all others stay."""
    turn = iter(wanted)
    return tuple(next(turn) if name in wanted else name for name in order)


def _group(policy: Policy, wanted: Sequence[str]) -> Group:
    forms = {form.id: form for form in policy.scene}
    own = {one.id: one for one in policy.strategy}
    for name in wanted:
        if name not in forms and name not in own:
            near = difflib.get_close_matches(name, [*forms, *own], n=1, cutoff=0.5)
            raise ValueError(f"{name} is no strategy" + (f" (did you mean {near[0]}?)" if near else ""))
    if len(set(wanted)) < max(2, len(wanted)):
        raise ValueError("an order names two strategies or more, each once")
    scenes = {forms[name].scene if name in forms else None for name in wanted}
    if len(scenes) > 1:
        raise ValueError("an order is made inside one scene, or among strategies that are of no scene")
    scene = next(iter(scenes))
    if scene is not None:
        members = [form for form in by_priority(policy.scene) if form.scene is scene]
        return Group(
            {form.id: n for n, form in enumerate(members)}, frozenset(form.id for form in members if form.active)
        )
    ranked = sorted((one.priority or n * RANK_STEP, n, one) for n, one in enumerate(policy.strategy, start=1))
    return Group(
        {one.id: rank for rank, _, one in ranked}, frozenset(map(_id, filter(_acts, policy.strategy))), fixed=True
    )


def _acts(one: StrategyBase) -> bool:
    """A hold moves nothing and stays on: without it, more would be done, not less."""
    return one.on and one.verb is not Verb.HOLD


def _id(one: StrategyBase) -> str:
    return one.id
