"""An exact search over finite axes: is there a point on which every clause holds?

A region gives each axis a bit mask of values that are still possible. A clause is "the value of one of these axes lies in
this mask". That is all that strategies and the table of the world need, and small enough for branch and bound by hand:
docs/adr/0010 says why no SAT library is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

Region = Mapping[str, int]
"""Axis to the values that are possible there, one bit each; an axis that is not named is free."""

Clause = tuple[tuple[str, int], ...]
"""Any of: the axis's value is one of the mask's."""


def solve(
    region: Region, goals: Sequence[Clause], rules: Sequence[Clause] = (), *, roomy: bool = True
) -> dict[str, int] | None:
    """The region narrowed until every clause holds for whatever is picked from it; None where nothing can be.

    `region` names every axis that a clause names. `rules` are clauses that hardly ever stand in the way: they are followed
    but not searched while a goal is open. Not `roomy`: any single point will do.
    """
    if not all(region.values()):
        return None
    narrowed = dict(region)
    pending = _narrow(narrowed, goals, rules)
    if pending is None:
        return None
    goals, rules = pending
    if not goals and not rules:
        return narrowed
    if not roomy and lies(point := _last_of_each(narrowed), {}, (*goals, *rules)):
        return point
    return _first(solve(part, goals, rules, roomy=roomy) for part in _halves(narrowed, goals or rules))


def _last_of_each(region: Region) -> dict[str, int]:
    """The point with the last value of each axis: a fact that nobody knows breaks the fewest rules."""
    return {axis: 1 << (mask.bit_length() - 1) for axis, mask in region.items()}


def lies(point: Region, region: Region, clauses: Sequence[Clause]) -> bool:
    """The point is inside, and keeps to all clauses."""
    return all(point[axis] & mask for axis, mask in region.items()) and all(
        any(point[axis] & mask for axis, mask in clause) for clause in clauses
    )


def forced(region: Region, clauses: Sequence[Clause]) -> dict[str, int]:
    """The region without the values that clauses rule out one by one; no more than a bound."""
    narrowed = dict(region)
    _narrow(narrowed, clauses)
    return narrowed


def _first(found: Iterator[dict[str, int] | None]) -> dict[str, int] | None:
    return next((one for one in found if one is not None), None)


def _narrow(region: dict[str, int], *groups: Sequence[Clause]) -> list[list[Clause]] | None:
    """Follow what is forced, in place: of each group what is still open, None where a clause cannot hold any more."""
    pending = [list(group) for group in groups]
    before: Region = {}
    while before != region:
        before = dict(region)
        for place, group in enumerate(pending):
            kept = _still_open(region, group)
            if kept is None:
                return None
            pending[place] = kept
    return pending


def _still_open(region: dict[str, int], clauses: Sequence[Clause]) -> list[Clause] | None:
    pending = []
    for clause in clauses:
        ways = _ways(region, clause)
        if ways is None:
            continue
        if not ways:
            return None
        if len(ways) == 1:
            region.update(ways)
        else:
            pending.append(clause)
    return pending


def _ways(region: Region, clause: Clause) -> list[tuple[str, int]] | None:
    """How the clause can still come to hold; None where it holds already."""
    ways = []
    for axis, mask in clause:
        possible = region[axis]
        meeting = possible & mask
        if meeting == possible:
            return None
        if meeting:
            ways.append((axis, meeting))
    return ways


def _halves(region: dict[str, int], pending: Sequence[Clause]) -> Iterator[dict[str, int]]:
    """Split at the clause with the fewest ways: first the way, then all but it."""
    tightest = min((_ways(region, clause) or [] for clause in pending), key=len)
    axis, mask = tightest[0]
    yield region | {axis: mask}
    yield region | {axis: region[axis] & ~mask}


def meet(left: Region, right: Region) -> dict[str, int]:
    """What lies in both."""
    return {axis: left.get(axis, -1) & right.get(axis, -1) for axis in {**left, **right}}


def disjoint(left: Region, right: Region) -> bool:
    """No value of some axis is in both."""
    return any(axis in right and not mask & right[axis] for axis, mask in left.items())


def needed(parts: Sequence[T], impossible: Callable[[Sequence[T]], bool]) -> list[T]:
    """A smallest choice of `parts` that is still impossible: leave out one after the other (none can be spared at the end)."""
    kept = list(parts)
    for part in parts:
        fewer = [one for one in kept if one is not part]
        kept = fewer if impossible(fewer) else kept
    return kept
