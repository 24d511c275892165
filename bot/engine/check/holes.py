"""Holes: kinds of cases that no strategy covers, each as large as it can be told in few words.

The engine holds what nothing matches, and says so: nothing is lost. Yet a person who finds "no strategy applies" does not
know whether somebody thought of the case. So a policy is asked to name every kind it leaves to a person, by a hold of its
own; "no hold expects it" means: not even that. A hold that takes all cases of a state whatever they are about names
nothing: it is told with the kinds that only it takes (see `catch_alls`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.case import PENDING
from bot.engine.check.axes import ABSENT, Box
from bot.engine.check.example import example
from bot.engine.check.patterns import weight
from bot.engine.check.problem import Problem
from bot.engine.check.solve import Clause, Region, meet

MOST = 60
"""Kinds after which the search ends: a policy with more of them is told so, and mended first where it is worst."""


@dataclass(frozen=True)
class Hole:
    """No strategy takes a case of this region; `point` is one of them."""

    region: Region
    point: dict[str, Any]


def holes(problem: Problem, boxes: Sequence[Box], within: Region | None = None) -> Iterator[Hole]:
    """Until nothing is left uncovered, at most `MOST`: a case that all `boxes` lose, widened to its whole kind."""
    lost, told = tuple(box.lost for box in boxes), list[Clause]()
    for _ in range(MOST):
        point = example(problem, within or {}, (*lost, *told))
        if point is None:
            return
        region = _widened(problem, boxes, point, within or {})
        told.append(tuple((name, ~mask) for name, mask in region.items()))
        yield Hole(region, point)


def _widened(problem: Problem, boxes: Sequence[Box], point: dict[str, Any], within: Region) -> Region:
    region = _because(problem, boxes, point)
    for name in sorted(region, key=weight):
        region = _without(problem, boxes, region, name, within)
    return {name: _wider(problem, boxes, region, name, within) for name in region}


def _because(problem: Problem, boxes: Sequence[Box], point: dict[str, Any]) -> dict[str, int]:
    """For each box one fact that keeps it from the point; as few facts as greed finds."""
    bits = {name: axis.bit(point[name]) for name, axis in problem.axes.items()}
    against = [{name: mask for name, mask in box.no.items() if mask & bits[name]} for box in boxes]
    region: dict[str, int] = {}
    while against:
        names = {name for one in against for name in one}
        best = max(sorted(names), key=lambda name: (sum(name in one for one in against), weight(name)))
        for one in against:
            if best in one:
                region[best] = region.get(best, problem.axes[best].whole) & one[best]
        against = [one for one in against if best not in one]
    return region


def _uncovered(problem: Problem, boxes: Sequence[Box], region: Region) -> bool:
    return all(problem.apart(region, box.not_lost) for box in boxes)


def _without(
    problem: Problem, boxes: Sequence[Box], region: dict[str, int], name: str, within: Region
) -> dict[str, int]:
    """The region without one of its facts, where no box gets a case by that."""
    fewer = {one: mask for one, mask in region.items() if one != name}
    return fewer if _uncovered(problem, boxes, meet(fewer, within)) else region


def _wider(problem: Problem, boxes: Sequence[Box], region: Region, name: str, within: Region) -> int:
    """All values of one fact with which the region stays uncovered."""
    axis, mask = problem.axes[name], region[name]
    for place in range(len(axis.values)):
        slab = meet({**region, name: 1 << place}, within)
        if not mask >> place & 1 and axis.values[place] is not ABSENT and _uncovered(problem, boxes, slab):
            mask |= 1 << place
    return mask


def catch_alls(problem: Problem) -> tuple[Box, ...]:
    """Holds that take every case of a pending state, whatever it is about."""
    return tuple(box for box in problem.sound if not box.acts and _takes_all(problem, box))


def _takes_all(problem: Problem, box: Box) -> bool:
    axis = problem.axes["state"]
    states = [{"state": axis.bit(state)} for state in PENDING]
    return any(not problem.possible(state, [box.lost]) for state in states)
